"""Files that managers asked for, and those that are made for them again and again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supportapp.accounts.models import StaffUser
from supportapp.database import Model, UtcDateTime, str_enum
from supportapp.files.models import StoredFile
from supportapp.reports.rules import ExportForm, ExportState, Period

saved_export_recipient = Table(
    "saved_export_recipient",
    Model.metadata,
    Column("saved_export_id", ForeignKey("saved_export.id", ondelete="CASCADE"), primary_key=True),
    Column("staff_id", ForeignKey("ab_user.id"), primary_key=True),
)


class SavedExport(Model):
    """An export that is made at ``hour`` (in the support's time zone) of every day, Monday or first of a month.

    ``query`` is the address of the ticket list after the "?". ``next_at`` is moved on by whoever makes the next one,
    by a conditional UPDATE: each period is made once, however many schedulers there are. ``stopped_at`` is when it was
    found, and told, that its owner or all recipients may not have exports any more.
    """

    __tablename__ = "saved_export"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    owner_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), index=True)
    query: Mapped[str] = mapped_column(Text, default="")
    form: Mapped[ExportForm] = mapped_column(str_enum(ExportForm))
    conversation: Mapped[bool] = mapped_column(default=False)
    working_time: Mapped[bool] = mapped_column(default=True)
    language: Mapped[str] = mapped_column(String(2), default="ru")
    period: Mapped[Period] = mapped_column(str_enum(Period))
    hour: Mapped[int] = mapped_column(default=8)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    owner: Mapped[StaffUser] = relationship()
    recipients: Mapped[list[StaffUser]] = relationship(secondary=saved_export_recipient, order_by=StaffUser.last_name)

    def __repr__(self) -> str:
        return self.name


class Export(Model):
    """One file: asked for, being made, ready, gone.

    ``claim`` names the worker that is at it; ``beat_at`` is its last sign of life. A worker that finds another claim in
    the row has been given up and stops. The file exists for others only when ``state`` is ready.
    """

    __tablename__ = "export"
    __table_args__ = (Index("ix_export_state", "state", "beat_at"), Index("ix_export_owner", "owner_id", "created_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    saved_id: Mapped[int | None] = mapped_column(ForeignKey("saved_export.id", ondelete="SET NULL"), index=True)
    query: Mapped[str] = mapped_column(Text, default="")
    form: Mapped[ExportForm] = mapped_column(str_enum(ExportForm))
    conversation: Mapped[bool] = mapped_column(default=False)
    working_time: Mapped[bool] = mapped_column(default=True)
    language: Mapped[str] = mapped_column(String(2), default="ru")
    state: Mapped[ExportState] = mapped_column(str_enum(ExportState), default=ExportState.QUEUED)
    reason: Mapped[str] = mapped_column(String(40), default="")
    rows_done: Mapped[int] = mapped_column(default=0)
    rows_total: Mapped[int | None] = mapped_column()
    attempts: Mapped[int] = mapped_column(default=0)
    claim: Mapped[str] = mapped_column(String(32), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    beat_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"), index=True)

    owner: Mapped[StaffUser] = relationship()
    saved: Mapped[SavedExport | None] = relationship()
    file: Mapped[StoredFile | None] = relationship()

    @property
    def is_unfinished(self) -> bool:
        return self.state in (ExportState.QUEUED, ExportState.RUNNING)

    @property
    def percent(self) -> int:
        """How much of it is written, as far as that is known."""
        return min(99, self.rows_done * 100 // self.rows_total) if self.rows_total else 0

    def __repr__(self) -> str:
        return f"export {self.id}"
