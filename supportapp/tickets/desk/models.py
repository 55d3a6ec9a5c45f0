"""What lies on an engineer's desk: unsent texts, acts held back for a moment, tags, links between tickets."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supportapp.accounts.models import StaffUser
from supportapp.database import Model, UtcDateTime, str_enum
from supportapp.tickets.desk.rules import HeldKind, Relation
from supportapp.tickets.models import Ticket
from supportapp.tickets.rules import MessageKind


class ReplyDraft(Model):
    """What a colleague has typed on a ticket and not sent: one a ticket and person.

    ``token`` is the form under which his files wait, ``seen_version`` the ticket as he saw it when he wrote,
    ``revision`` counts the savings, so that an old window cannot write over a newer one. ``note`` is the reason of a
    closing and ``target`` the reference of a merging that was taken back or came back; they stay while the text beside
    them is sent. ``problem`` is why something that had been sent came back.
    """

    __tablename__ = "reply_draft"
    __table_args__ = (UniqueConstraint("staff_id", "ticket_id", name="uq_reply_draft_owner"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    kind: Mapped[MessageKind | None] = mapped_column(str_enum(MessageKind))
    body: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    target: Mapped[str] = mapped_column(String(24), default="", server_default="")
    token: Mapped[str] = mapped_column(String(64))
    seen_version: Mapped[int | None] = mapped_column()
    revision: Mapped[int] = mapped_column(default=1)
    problem: Mapped[str] = mapped_column(String(300), default="", server_default="")
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)

    ticket: Mapped[Ticket] = relationship()
    staff: Mapped[StaffUser] = relationship()


class HeldAct(Model):
    """An act that was sent and leaves at ``due_at``; until then it can be taken back. ``body`` is a message or the
    reason of a closing, ``target`` the ticket into which this one is merged.

    The row is the truth: whoever deletes it first (the job, the sweep, a page, the undo) has it, and nobody else.
    """

    __tablename__ = "held_act"
    __table_args__ = (
        UniqueConstraint("staff_id", "ticket_id", name="uq_held_act_owner"),
        Index("ix_held_act_due", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    kind: Mapped[HeldKind] = mapped_column(str_enum(HeldKind))
    body: Mapped[str] = mapped_column(Text)
    target_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    token: Mapped[str] = mapped_column(String(64))
    seen_version: Mapped[int | None] = mapped_column()
    take: Mapped[bool] = mapped_column(default=False)
    held_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)

    ticket: Mapped[Ticket] = relationship(foreign_keys="HeldAct.ticket_id")
    target: Mapped[Ticket | None] = relationship(foreign_keys="HeldAct.target_id")
    staff: Mapped[StaffUser] = relationship()


class TicketTag(Model):
    """A word that staff put on a ticket. Customers never see it."""

    __tablename__ = "ticket_tag"
    __table_args__ = (Index("ix_ticket_tag_name", "name", "ticket_id"),)

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)


class TicketLink(Model):
    """One ticket has to do with another; shown on both."""

    __tablename__ = "ticket_link"
    __table_args__ = (UniqueConstraint("ticket_id", "other_id", name="uq_ticket_link_pair"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    other_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    relation: Mapped[Relation] = mapped_column(str_enum(Relation))
    staff_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    ticket: Mapped[Ticket] = relationship(foreign_keys="TicketLink.ticket_id")
    other: Mapped[Ticket] = relationship(foreign_keys="TicketLink.other_id")
