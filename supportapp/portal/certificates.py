"""«Мои сертификаты»: what the customer has registered."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from supportapp import clock
from supportapp.certificates import queries
from supportapp.certificates.models import Registration
from supportapp.certificates.rules import State
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


def _row(registration: Registration, today: Any) -> dict[str, Any]:
    certificate = registration.certificate
    state = certificate.state(today)
    left = (certificate.valid_to - today).days
    return {
        "certificate": certificate,
        "registered_at": registration.registered_at,
        "state": state,
        "look": STATE_LOOKS[state],
        "days_left": left if state is State.VALID and left <= SOON_DAYS else None,
        "seats_taken": queries.taken_seats(certificate),
    }
