"""What customers say when they are asked whether they are satisfied: on the page of a closed ticket, never by mail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supportapp.accounts.models import Customer
from supportapp.database import Model, UtcDateTime, str_enum
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.guard.texts import without_secrets
from supportapp.i18n import N_
from supportapp.tickets.models import Ticket
from supportapp.tickets.operations.record import clean_body, lock_for_customer
from supportapp.tickets.rules import ASKED_AFTER, NOTE_LENGTH, Satisfied


class Opinion(Model):
    """One answer a closing, which the customer may change; a ticket that was reopened is asked about anew.

    ``closed_at`` names the closing.
    """

    __tablename__ = "opinion"
    __table_args__ = (
        UniqueConstraint("ticket_id", "closed_at", name="uq_opinion_closing"),
        Index("ix_opinion_given", "given_at", "answer", "ticket_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    closed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer: Mapped[Satisfied] = mapped_column(str_enum(Satisfied))
    comment: Mapped[str] = mapped_column(Text, default="")
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)

    ticket: Mapped[Ticket] = relationship()


def is_asked(ticket: Ticket) -> bool:
    """Whether its customer is asked: it was closed as solved or by itself."""
    return ticket.close_reason in ASKED_AFTER and ticket.closed_at is not None


def give_opinion(ticket: Ticket, answer: Satisfied, comment: str, *, by: Customer, at: datetime) -> Opinion:
    """Say it, or say something else about the same closing. Refused "not_asked", and a comment that is too long."""
    lock_for_customer(ticket, by)
    if not is_asked(ticket):
        raise Refused("not_asked", N_("This ticket is not closed as solved: no answer about it is needed now."))
    text = clean_body(comment, field="comment", limit=NOTE_LENGTH) if comment.strip() else ""
    opinion = find_opinion(ticket)
    if opinion is None:
        opinion = Opinion(ticket_id=ticket.id, closed_at=ticket.closed_at)
        db.session.add(opinion)
    opinion.answer, opinion.comment, opinion.given_at = answer, without_secrets(text, by.language), at
    db.session.flush()
    return opinion


def find_opinion(ticket: Ticket) -> Opinion | None:
    """What was said about the last closing; None while it is open."""
    said = select(Opinion).where(Opinion.ticket_id == ticket.id, Opinion.closed_at == ticket.closed_at)
    return db.session.scalars(said).one_or_none() if ticket.closed_at is not None else None


def opinions_on(ticket: Ticket) -> Sequence[Opinion]:
    """What was said about all closings of the ticket, the last first."""
    said = select(Opinion).where(Opinion.ticket_id == ticket.id).order_by(Opinion.closed_at.desc())
    return db.session.scalars(said).all()
