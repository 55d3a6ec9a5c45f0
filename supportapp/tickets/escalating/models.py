"""Which promises were told to be near or missed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supportapp.database import Model, UtcDateTime, str_enum
from supportapp.tickets.escalating.rules import Promise, Stage


class Escalation(Model):
    """One notice, claimed by its INSERT; ``due_at`` is the moment that was promised then. Rows go when new promises
    are made (``targets.start``), and stay through pauses, which move a promise and make no new one."""

    __tablename__ = "escalation"
    __table_args__ = (UniqueConstraint("ticket_id", "promise", "stage", name="uq_escalation_notice"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    promise: Mapped[Promise] = mapped_column(str_enum(Promise))
    stage: Mapped[Stage] = mapped_column(str_enum(Stage))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    noted_at: Mapped[datetime] = mapped_column(UtcDateTime)
