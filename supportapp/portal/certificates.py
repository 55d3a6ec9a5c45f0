"""«Мои сертификаты»: what the customer has registered."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from supportapp import clock
from supportapp.certificates import operations, queries
from supportapp.certificates.models import Registration
from supportapp.certificates.rules import CertificateKind, State
from supportapp.extensions import db
from supportapp.portal import blueprint
from supportapp.portal.session import customer_required, the_customer

STATE_LOOKS = {
    State.VALID: "badge-good",
    State.NOT_YET_VALID: "badge-wait",
    State.EXPIRED: "",
    State.REVOKED: "badge-bad",
}
SOON_DAYS = 60


@blueprint.get("/certificates")
@customer_required
def certificates() -> ResponseReturnValue:
    """Every registered certificate with its state, its dates and what it entitles to."""
    today = queries.today(clock.now())
    rows = [_row(registration, today) for registration in queries.registrations_of(the_customer())]
    rows.sort(key=lambda row: row["state"] is not State.VALID)
    return render_template("portal/certificates.html", rows=rows)


@blueprint.post("/certificates/<int:registration_id>/release")
@customer_required
def release_certificate(registration_id: int) -> ResponseReturnValue:
    """Give the seat back, so that somebody else (or a new account of the same person) can register it."""
    registration = queries.get_registration(the_customer(), registration_id)
    number = registration.certificate.number
    operations.release(registration, at=clock.now())
    db.session.commit()
    flash(_("%(number)s is released. Its seat is free now.", number=number), "success")
    return redirect(url_for("portal.certificates"), 303)


def _row(registration: Registration, today: Any) -> dict[str, Any]:
    certificate = registration.certificate
    state = certificate.state(today)
    left = (certificate.valid_to - today).days
    return {
        "certificate": certificate,
        "registration_id": registration.id,
        "registered_at": registration.registered_at,
        "state": state,
        "look": STATE_LOOKS[state],
        "days_left": left if state is State.VALID and left <= SOON_DAYS else None,
        "seats_taken": queries.taken_seats(certificate) if certificate.kind is CertificateKind.CONTRACT else None,
    }
