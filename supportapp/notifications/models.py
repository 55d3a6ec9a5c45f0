"""The outbox: a mail is a row first."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from supportapp.database import Model, UtcDateTime, str_enum


class NotificationState(enum.StrEnum):
    """``failed`` will be retried; ``undeliverable`` was given up and staff are shown it."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    UNDELIVERABLE = "undeliverable"


class Notification(Model):
    """A mail to one recipient, rendered in that person's language, written in the transaction of its cause.

    ``about`` names what it belongs to ("ticket:12") for whoever wants to show its fate; this feature does not read it.
    ``claimed_until`` is held by the process that is sending it; a dead process's claim runs out.
    """

    __tablename__ = "notification"
    __table_args__ = (Index("ix_notification_due", "state", "next_attempt_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    about: Mapped[str] = mapped_column(String(60), default="", index=True)
    recipient: Mapped[str] = mapped_column(String(254), index=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    language: Mapped[str] = mapped_column(String(2))
    subject: Mapped[str] = mapped_column(String(300))
    text_body: Mapped[str] = mapped_column(Text)
    html_body: Mapped[str] = mapped_column(Text)
    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    state: Mapped[NotificationState] = mapped_column(str_enum(NotificationState), default=NotificationState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    next_attempt_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    def __repr__(self) -> str:
        return self.subject
