"""What a ticket's certificate gives it: support level, priority and time targets."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from supportapp.accounts.models import Customer
from supportapp.certificates.queries import get_registered_certificate, today
from supportapp.errors import NotFound, Refused
from supportapp.extensions import db, settings
from supportapp.i18n import N_
from supportapp.tickets import messages, rules, targets
from supportapp.tickets.models import Ticket
from supportapp.tickets.operations.by_rule import assign_by_rule
from supportapp.tickets.operations.record import lock_for_customer, record, require_open
from supportapp.tickets.rules import EventKind


def apply(ticket: Ticket, certificate_id: int | None, *, at: datetime) -> None:
    """Set certificate, level, priority and targets; Refused or NotFound when it does not cover the product today."""
    ticket.certificate = (
        get_registered_certificate(ticket.customer, certificate_id, today=today(at))
        if certificate_id is not None
        else None
    )
    _require_cover(ticket, at=at)
    ticket.level = ticket.certificate.level if ticket.certificate else None
    ticket.priority = ticket.level.priority if ticket.level else rules.LOWEST_PRIORITY
    targets.start(ticket, at=at)


def choosable_certificate(ticket: Ticket, *, at: datetime) -> int | None:
    """The key of the ticket's certificate, when its customer could choose it for the same product today."""
    if ticket.certificate_id is None:
        return None
    day = today(at)
    try:
        certificate = get_registered_certificate(ticket.customer, ticket.certificate_id, today=day)
    except (NotFound, Refused):
        return None
    return certificate.id if certificate.can_cover(ticket.product_id, day) else None


def _require_cover(ticket: Ticket, *, at: datetime) -> None:
    """A certificate entitles to support for its products alone; without a named product staff find out."""
    certificate = ticket.certificate
    if certificate is None or certificate.can_cover(ticket.product.id if ticket.product else None, today(at)):
        return
    raise Refused(
        "product_not_covered",
        N_("The certificate %(number)s covers %(products)s. Choose the certificate of your product, or none."),
        field="certificate",
        number=certificate.number,
        products=", ".join(covered.name for covered in certificate.products),
    )


def choose_certificate(ticket: Ticket, certificate_id: int, *, by: Customer, at: datetime) -> None:
    """The customer puts an open ticket under one of his certificates; its targets count from now.
    A confirmation is mailed to who wants such ones."""
    lock_for_customer(ticket, by)
    require_open(ticket)
    before = ticket.priority
    if certificate_id == ticket.certificate_id:
        return
    apply(ticket, certificate_id, at=at)
    if ticket.awaits_customer:
        ticket.paused_at = at
        targets.pause(ticket, at=at)
    number = ticket.certificate.number if ticket.certificate else ""
    record(ticket, EventKind.CERTIFICATE_CHOSEN, by=by, at=at, number=number, before=before, after=ticket.priority)
    if ticket.assignee is None:
        assign_by_rule(ticket, at=at)
    messages.certificate_chosen(ticket, at=at)
    db.session.flush()


def keep_tickets(old: Customer, *, successor: Customer, **_more: object) -> None:
    """After a change of e-mail the tickets stay with the old account (user guide, section 1), unless the setting
    EMAIL_CHANGE_KEEPS_HISTORY says that they follow the person."""
    if settings.EMAIL_CHANGE_KEEPS_HISTORY:
        db.session.execute(update(Ticket).where(Ticket.customer_id == old.id).values(customer_id=successor.id))


def move_tickets(old: Customer, *, successor: Customer, **_more: object) -> None:
    """Staff merged two accounts of one person: tickets go over, and keep who wrote what under which address."""
    db.session.execute(update(Ticket).where(Ticket.customer_id == old.id).values(customer_id=successor.id))
