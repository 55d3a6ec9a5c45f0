"""Mails that came in, and who may be answered by a machine when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supportapp.accounts.models import StaffUser
from supportapp.database import Model, UtcDateTime, str_enum
from supportapp.mailbox.rules import Door, MailState
from supportapp.tickets.models import Message, Ticket


class ReceivedMail(Model):
    """A mail as it came: its bytes lie in the storage under ``storage_key`` before the row exists.

    ``fingerprint`` makes the same mail twice one row: a digest of its Message-ID and of what it says, without the lines
    that servers add on the way. ``reason`` names why it is where it is, in one word; ``details`` holds what people are
    shown about it. ``message_id`` is the header; ``entry`` is what it became in the conversation.
    """

    __tablename__ = "received_mail"
    __table_args__ = (
        Index("ix_received_mail_due", "state", "next_attempt_at"),
        Index("ix_received_mail_sender", "sender", "received_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    message_id: Mapped[str] = mapped_column(String(300), default="", index=True)
    sender: Mapped[str] = mapped_column(String(254), default="")
    subject: Mapped[str] = mapped_column(String(300), default="")
    size: Mapped[int] = mapped_column()
    door: Mapped[Door] = mapped_column(str_enum(Door))
    envelope_sender: Mapped[str | None] = mapped_column(String(254))
    envelope_recipients: Mapped[list[str]] = mapped_column(JSON, default=list)
    storage_key: Mapped[str | None] = mapped_column(String(100))
    state: Mapped[MailState] = mapped_column(str_enum(MailState), default=MailState.RECEIVED)
    reason: Mapped[str] = mapped_column(String(40), default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(Text, default="")
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    next_attempt_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"), index=True)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    ticket: Mapped[Ticket | None] = relationship()
    entry: Mapped[Message | None] = relationship()
    decided_by: Mapped[StaffUser | None] = relationship()

    def __repr__(self) -> str:
        return self.subject or self.message_id or f"mail {self.id}"


class Correspondent(Model):
    """An address that writes to us: what keeps two robots from talking to each other.

    ``told_at`` is when it last got a mail that nobody but a machine wrote (at most one a day for a stranger);
    ``counted`` mails came since ``counted_since``, and ``opened`` tickets since ``opened_since``. All are moved by
    conditional UPDATEs: two workers count right.
    """

    __tablename__ = "mail_correspondent"

    address: Mapped[str] = mapped_column(String(254), primary_key=True)
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    counted: Mapped[int] = mapped_column(default=0)
    counted_since: Mapped[datetime] = mapped_column(UtcDateTime)
    opened: Mapped[int] = mapped_column(default=0, server_default="0")
    opened_since: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MailBox(Model):
    """A box that is looked into, and how far it was: every mail up to ``last_uid`` was taken or is ``unfetched``.

    UIDs mean something as long as the server's ``uid_validity`` stays the same (RFC 9051, 2.3.1.1).
    """

    __tablename__ = "mail_box"

    name: Mapped[str] = mapped_column(String(300), primary_key=True)
    uid_validity: Mapped[int] = mapped_column(BigInteger)
    last_uid: Mapped[int] = mapped_column(BigInteger)
    unfetched: Mapped[list[int]] = mapped_column(JSON)
