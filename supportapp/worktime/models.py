"""Staff's corrections of the production calendar, and the calendar that deadlines were counted by."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from supportapp.database import Model, UtcDateTime


class CalendarCorrection(Model):
    """One day on which the official calendar differs from what the ``holidays`` library knows."""

    __tablename__ = "calendar_correction"

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(Date, unique=True)
    working: Mapped[bool] = mapped_column()
    source: Mapped[str] = mapped_column(String(200), default="")
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))


class CountedCalendar(Model):
    """The calendar by which all stored deadlines were counted, one row: whoever recounts them knows what has changed.

    ``exceptions`` are the days (ISO) of the years ``first``..``last`` on which it differs from a plain week of five
    working days.
    """

    __tablename__ = "counted_calendar"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first: Mapped[int] = mapped_column()
    last: Mapped[int] = mapped_column()
    exceptions: Mapped[list[str]] = mapped_column(JSON)
