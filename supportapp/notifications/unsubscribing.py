"""Signed links that switch an optional mail off without signing in (RFC 8058); the page behind them is the portal's.

A link stands in old mails for years, so it has no end. All it can do is to switch one kind of mail off for one person,
which that person can undo in his settings.
"""

from __future__ import annotations

from dataclasses import dataclass

from itsdangerous import BadData, URLSafeSerializer

from supportapp.errors import Refused
from supportapp.extensions import settings
from supportapp.i18n import N_
from supportapp.notifications.models import OptionalMail

PATH = "/mails/off/"


@dataclass(frozen=True)
class OffLink:
    """What a genuine link says."""

    customer_id: int
    kind: OptionalMail


def make_off_link(customer_id: int, kind: OptionalMail) -> str:
    """The full address for a mail and its List-Unsubscribe header; always the same for one person and kind."""
    return f"{settings.PUBLIC_BASE_URL}{PATH}{_serializer().dumps([customer_id, kind.value])}"


def read_off_link(token: str) -> OffLink:
    """What the token behind PATH says; Refused("link_unknown") when it was not made here."""
    try:
        customer_id, kind = _serializer().loads(token)
        return OffLink(int(customer_id), OptionalMail(kind))
    except (BadData, ValueError, TypeError):
        raise Refused("link_unknown", N_("This link is incomplete. Copy it whole from the mail.")) from None


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(settings.SECRET_KEY, salt="mail-off-link")
