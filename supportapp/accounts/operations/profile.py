"""What customers tell about themselves, and the Regulation they agree to."""

from __future__ import annotations

from datetime import datetime

from supportapp.accounts import checks, queries
from supportapp.accounts.models import Customer, RegulationVersion
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.i18n import N_


def update_profile(customer: Customer, *, name: str, organisation: str, phone: str, language: str) -> None:
    """Keep what the customer wrote; nothing changes when one field is refused."""
    checked = {
        "name": checks.check_name(name),
        "organisation": checks.check_organisation(organisation),
        "phone": checks.check_phone(phone),
        "language": checks.check_language(language),
    }
    for field, value in checked.items():
        setattr(customer, field, value)
    db.session.flush()


def accept_regulation(customer: Customer, *, at: datetime, regulation_id: int | None = None) -> None:
    """Record that the customer accepts the Regulation in force; accepting it again changes nothing.

    ``regulation_id`` is the version the person saw, if the edge knows it. Refused: no_regulation, regulation_changed.
    """
    regulation = regulation_to_accept(regulation_id)
    if customer.regulation_id == regulation.id:
        return
    customer.regulation_id = regulation.id
    customer.regulation_accepted_at = at
    db.session.flush()


def regulation_to_accept(seen_id: int | None) -> RegulationVersion:
    """The Regulation in force, which must be the one the person saw. Refused: no_regulation, regulation_changed."""
    regulation = queries.current_regulation()
    if regulation is None:
        raise Refused(
            "no_regulation", N_("The Regulation has not been published yet, so it cannot be accepted. Try again later.")
        )
    if seen_id is not None and seen_id != regulation.id:
        raise Refused(
            "regulation_changed",
            N_("A new version of the Regulation has come into force meanwhile. Please read and accept it."),
            field="accept",
        )
    return regulation
