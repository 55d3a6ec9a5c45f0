"""The outbox: a mail is a row first."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from supportapp.database import Model, UtcDateTime, str_enum
from supportapp.notifications.rules import Failure as Failure


class NotificationState(enum.StrEnum):
    """``failed`` will be retried; ``undeliverable`` was given up and staff are shown it."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    UNDELIVERABLE = "undeliverable"


class OptionalMail(enum.StrEnum):
    """Mails that a customer may switch off. What the user guide promises is not among them."""

    STATUS = "status"
    REMINDERS = "reminders"
    CERTIFICATES = "certificates"


# Nobody is reminded who has not asked for it: the promised mails come in any case.
MUTED_AT_FIRST = OptionalMail.REMINDERS


class Notification(Model):
    """A mail to one recipient, rendered in that person's language, written in the transaction of its cause.

    ``about`` names what it belongs to ("ticket:12") for whoever wants to show its fate; the keys in its Message-ID and
    its Reply-To are made from it (``notifications.keys``). ``in_reply_to`` and ``mail_references`` are Message-IDs as
    they stand in the headers. ``optional`` is the kind that the recipient may switch off, empty for a promised mail.
    ``claimed_until`` is held by the process that is sending it; a dead process's claim runs out. ``joined_to`` is the
    mail that carried this one along, when several acts became one mail: they share one fate. ``gathers`` while it waits
    for others to go with it, and only until somebody first tries to send it. ``tried_since`` is that moment.
    """

    __tablename__ = "notification"
    __table_args__ = (
        Index("ix_notification_due", "state", "next_attempt_at"),
        Index("ix_notification_recipient", "recipient", "sent_at"),
        Index("ix_notification_sent_at", "sent_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    about: Mapped[str] = mapped_column(String(60), default="", index=True)
    recipient: Mapped[str] = mapped_column(String(254))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    language: Mapped[str] = mapped_column(String(2))
    subject: Mapped[str] = mapped_column(String(300))
    text_body: Mapped[str] = mapped_column(Text)
    html_body: Mapped[str] = mapped_column(Text)
    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    in_reply_to: Mapped[str] = mapped_column(String(300), default="", server_default="")
    mail_references: Mapped[str] = mapped_column(Text, default="", server_default="")
    reply_to: Mapped[str] = mapped_column(String(254), default="", server_default="")
    optional: Mapped[OptionalMail | None] = mapped_column(str_enum(OptionalMail))
    joined_to_id: Mapped[int | None] = mapped_column(ForeignKey("notification.id"), index=True)
    gathers: Mapped[bool] = mapped_column(default=False, server_default=false())
    state: Mapped[NotificationState] = mapped_column(str_enum(NotificationState), default=NotificationState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(Text, default="")
    failure: Mapped[Failure | None] = mapped_column(str_enum(Failure))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    tried_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_attempt_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    bounced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    def __repr__(self) -> str:
        return self.subject


class MailTemplate(Model):
    """The words of a mail as staff changed them; without a row the ones in ``templates/mail`` are used.

    ``problem`` says why a saved text could not be used when a mail was made from it: the built-in words were sent.
    """

    __tablename__ = "mail_template"
    __table_args__ = (UniqueConstraint("name", "language", name="uq_mail_template"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    language: Mapped[str] = mapped_column(String(2))
    subject: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    problem: Mapped[str] = mapped_column(String(300), default="", server_default="")
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[str] = mapped_column(String(150), default="", server_default="")

    def __repr__(self) -> str:
        return f"{self.name}.{self.language}"
