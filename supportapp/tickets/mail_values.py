"""What a ticket mail may say of the ticket and its customer: plain values and nothing behind them.

Words that staff change see these and no rows of the database, so no text of theirs can reach a password or a session.
"""

from __future__ import annotations

from types import SimpleNamespace

from supportapp.accounts.models import Customer
from supportapp.i18n import N_, gettext
from supportapp.tickets.models import Ticket
from supportapp.tickets.rules import Status

STATUS_WORDS = {
    Status.NEW: N_("new"),
    Status.IN_PROGRESS: N_("in progress"),
    Status.AWAITING_INFO: N_("awaiting your answer"),
    Status.SOLUTION_PROPOSED: N_("solution proposed"),
    Status.CLOSED: N_("closed"),
}


def ticket_values(ticket: Ticket, language: str) -> SimpleNamespace:
    """``ticket`` in a mail; what it does not have is None."""
    return SimpleNamespace(
        reference=ticket.reference,
        subject=ticket.subject,
        product=ticket.product.name if ticket.product else None,
        product_version=ticket.product_version or None,
        status=gettext(STATUS_WORDS[ticket.status], language),
        level=ticket.level.name(language) if ticket.level else None,
        certificate=ticket.certificate.number if ticket.certificate else None,
        created_at=ticket.created_at,
        closes_at=ticket.closes_at,
        close_note=ticket.close_note or None,
    )


def customer_values(customer: Customer) -> SimpleNamespace:
    """``customer`` in a mail."""
    return SimpleNamespace(name=customer.name, organisation=customer.organisation or None)
