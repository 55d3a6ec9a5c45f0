"""Tickets, their conversation and their timeline."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, Index, String, Table, Text, event, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supportapp.accounts.models import Customer, StaffUser
from supportapp.certificates.models import Certificate, Product, SupportLevel
from supportapp.database import Model, UtcDateTime, keep_final, str_enum
from supportapp.files.models import StoredFile
from supportapp.notifications.models import Notification
from supportapp.tickets import rules
from supportapp.tickets.rules import CloseReason, EventKind, MessageKind, ReceivedBy, Status, Turn

# The targets of tickets that have none lie at the end of time: a sort key that is never empty can be asked for "after".
END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)
OPEN_ONLY = text("status != 'closed'")


def _created_at(row: Any) -> Any:
    return row.get_current_parameters()["created_at"]


def _target_or_end(row: Any) -> Any:
    return row.get_current_parameters().get("target_at") or END_OF_TIME


message_file = Table(
    "message_file",
    Model.metadata,
    Column("message_id", ForeignKey("message.id", ondelete="CASCADE"), primary_key=True),
    Column("file_id", ForeignKey("stored_file.id"), primary_key=True, unique=True),
)


class Ticket(Model):
    """A customer's request for help.

    While it awaits the customer, ``waiting_round`` numbers the request, ``asked_at`` is when staff asked,
    ``received_at`` when the customer received it, ``closes_at`` the first moment at which the automatic closing
    may happen (None until it was received), ``warning`` the mail that announces it, and ``reminder`` the optional one
    that comes before. ``version`` counts acts of
    people, so that one who acts on an old page is told what has changed since. ``due_order`` is what the queue sorts
    by: it follows ``target_at``, and is END_OF_TIME without one. ``last_message_at`` knows no internal notes.
    ``continues`` is the ticket, closed long ago, that a mail was written in reply to.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        Index("ix_ticket_queue", "priority", "due_order", "created_at", "id"),
        Index(
            "ix_ticket_queue_open",
            *("priority", "due_order", "created_at", "id"),
            sqlite_where=OPEN_ONLY,
            postgresql_where=OPEN_ONLY,
        ),
        Index(
            "ix_ticket_queue_of",
            *("assignee_id", "priority", "due_order", "created_at", "id"),
            sqlite_where=OPEN_ONLY,
            postgresql_where=OPEN_ONLY,
        ),
        Index(
            "ix_ticket_queue_status",
            *("status", "priority", "due_order", "created_at", "id"),
            sqlite_where=OPEN_ONLY,
            postgresql_where=OPEN_ONLY,
        ),
        Index("ix_ticket_due", "due_order", "id"),
        Index("ix_ticket_last_message", "last_message_at", "id"),
        Index("ix_ticket_status", "status", "last_message_at", "id"),
        Index("ix_ticket_subject", "subject", "id"),
        Index("ix_ticket_product", "product_id", "last_message_at", "id"),
        Index("ix_ticket_assignee", "assignee_id", "last_message_at", "id", "product_id"),  # lists by both are counted
        Index("ix_ticket_auto_close", "status", "closes_at"),
        Index("ix_ticket_customer", "customer_id", "updated_at"),
        # what reports are counted from, without reading the tickets themselves
        Index("ix_ticket_closed", "closed_at", "created_at", "close_reason", "level_id", "resolution_minutes"),
        Index(
            "ix_ticket_figures",
            *("created_at", "level_id", "first_response_minutes", "certificate_id", "assignee_id", "product_id"),
            "customer_id",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(24), unique=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    subject: Mapped[str] = mapped_column(String(200))
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"))
    product_version: Mapped[str] = mapped_column(String(100), default="")
    operating_system: Mapped[str] = mapped_column(String(100), default="")
    certificate_id: Mapped[int | None] = mapped_column(ForeignKey("certificate.id"), index=True)
    level_id: Mapped[int | None] = mapped_column(ForeignKey("support_level.id"))
    priority: Mapped[int] = mapped_column(default=rules.LOWEST_PRIORITY)
    status: Mapped[Status] = mapped_column(str_enum(Status), default=Status.NEW)
    close_reason: Mapped[CloseReason | None] = mapped_column(str_enum(CloseReason))
    close_note: Mapped[str] = mapped_column(Text, default="")
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    continues_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    form_token: Mapped[str | None] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_message_at: Mapped[datetime] = mapped_column(UtcDateTime, default=_created_at)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    customer_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    # Time targets. ``target_at`` is the nearest one still to be kept, for the queue; None while paused or without one.
    first_response_due: Mapped[datetime | None] = mapped_column(UtcDateTime)
    first_responded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resolution_due: Mapped[datetime | None] = mapped_column(UtcDateTime)
    target_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_order: Mapped[datetime] = mapped_column(UtcDateTime, default=_target_or_end)
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    # What it took, in minutes of the level's support hours; for the reports, written once when it is known.
    paused_minutes: Mapped[int] = mapped_column(default=0, server_default="0")
    first_response_minutes: Mapped[int | None] = mapped_column()
    resolution_minutes: Mapped[int | None] = mapped_column()

    # Waiting for the customer, and the automatic closing.
    waiting_round: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    request_id: Mapped[int | None] = mapped_column(ForeignKey("notification.id"))
    received_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    received_by: Mapped[ReceivedBy | None] = mapped_column(str_enum(ReceivedBy))
    extended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    warning_id: Mapped[int | None] = mapped_column(ForeignKey("notification.id"))
    warned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reminder_id: Mapped[int | None] = mapped_column(ForeignKey("notification.id"))
    closes_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    customer: Mapped[Customer] = relationship()
    product: Mapped[Product | None] = relationship()
    certificate: Mapped[Certificate | None] = relationship()
    level: Mapped[SupportLevel | None] = relationship()
    assignee: Mapped[StaffUser | None] = relationship()
    merged_into: Mapped[Ticket | None] = relationship(remote_side="Ticket.id", foreign_keys="Ticket.merged_into_id")
    continues: Mapped[Ticket | None] = relationship(remote_side="Ticket.id", foreign_keys="Ticket.continues_id")
    request: Mapped[Notification | None] = relationship(foreign_keys="Ticket.request_id")
    warning: Mapped[Notification | None] = relationship(foreign_keys="Ticket.warning_id")
    reminder: Mapped[Notification | None] = relationship(foreign_keys="Ticket.reminder_id")
    messages: Mapped[list[Message]] = relationship(back_populates="ticket", order_by="Message.id")
    timeline: Mapped[list[TimelineEntry]] = relationship(back_populates="ticket", order_by="TimelineEntry.id")

    @property
    def is_open(self) -> bool:
        return self.status is not Status.CLOSED

    @property
    def awaits_customer(self) -> bool:
        return self.status in rules.AWAITING_CUSTOMER

    @property
    def turn(self) -> Turn:
        return rules.turn(self.status)

    @property
    def has_certificate(self) -> bool:
        return self.certificate_id is not None

    @property
    def has_news(self) -> bool:
        """Whether the customer's opening it would tell us something: news, a request or a warning not seen yet."""
        unseen = self.customer_seen_at is None or self.customer_seen_at < self.updated_at
        unreceived = self.awaits_customer and self.received_at is None
        return unseen or unreceived or (self.warning_id is not None and self.warned_at is None)

    @property
    def about(self) -> str:
        """The key under which this ticket's mails are found in the outbox."""
        return f"ticket:{self.id}"

    def __repr__(self) -> str:
        return self.reference


@event.listens_for(Ticket, "before_insert")
@event.listens_for(Ticket, "before_update")
def _settle(_mapper: Any, _connection: Any, ticket: Ticket) -> None:
    """Whoever writes the row: the order in the queue follows the target."""
    ticket.due_order = ticket.target_at or END_OF_TIME
    ticket.last_message_at = ticket.last_message_at or ticket.created_at


class Message(Model):
    """One entry of the conversation; exactly one of ``customer`` and ``staff`` wrote it.

    ``secrets`` names the kinds of secrets that were let through in its text (``guard.findings``). What came by mail has
    that mail's Message-ID in ``mail_id``: the answer is threaded to it.
    """

    __tablename__ = "message"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    kind: Mapped[MessageKind] = mapped_column(str_enum(MessageKind))
    body: Mapped[str] = mapped_column(Text)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    secrets: Mapped[str] = mapped_column(String(100), default="", server_default="")
    mail_id: Mapped[str | None] = mapped_column(String(300))

    ticket: Mapped[Ticket] = relationship(back_populates="messages")
    customer: Mapped[Customer | None] = relationship()
    staff: Mapped[StaffUser | None] = relationship()
    files: Mapped[list[StoredFile]] = relationship(secondary=message_file, order_by="StoredFile.id")

    @property
    def is_internal(self) -> bool:
        return self.kind is MessageKind.NOTE

    @property
    def came_by_mail(self) -> bool:
        return self.mail_id is not None

    @property
    def author(self) -> Customer | StaffUser:
        author = self.customer or self.staff
        assert author is not None
        return author


class TimelineEntry(Model):
    """Who did what and when; append-only, as the database sees to. Without a customer or staff user it was the system.

    ``version`` is the ticket's version after the act.
    """

    __tablename__ = "timeline_entry"
    __table_args__ = (
        Index("ix_timeline_entry_kind", "kind", "at", "ticket_id"),
        Index("ix_timeline_entry_staff", "staff_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    kind: Mapped[EventKind] = mapped_column(str_enum(EventKind))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    version: Mapped[int] = mapped_column(default=0)
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    ticket: Mapped[Ticket] = relationship(back_populates="timeline")
    customer: Mapped[Customer | None] = relationship()
    staff: Mapped[StaffUser | None] = relationship()

    @property
    def is_internal(self) -> bool:
        """Whether only staff may see it."""
        return self.kind in rules.FOR_STAFF_ALONE


keep_final(TimelineEntry, "timeline entries")


class CannedReply(Model):
    """A prepared answer that staff insert into a reply."""

    __tablename__ = "canned_reply"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(120), unique=True)
    text_ru: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text, default="")

    def __repr__(self) -> str:
        return self.title
