"""Signed links in mails: they work without signing in, for one ticket, one purpose and one round of waiting."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer

from supportapp.errors import Refused
from supportapp.extensions import settings
from supportapp.i18n import N_
from supportapp.tickets.models import Ticket

LIFETIME = timedelta(days=60)


class AnswerPurpose(enum.StrEnum):
    """What the one button behind a link does."""

    SOLVED = "solved"
    MORE_TIME = "more_time"
    NOT_SOLVED = "not_solved"
    REOPEN = "reopen"


@dataclass(frozen=True)
class AnswerLink:
    """What a genuine link says. It grants nothing by itself: the operation asks the rules again."""

    ticket_id: int
    purpose: AnswerPurpose
    waiting_round: int


def make_link(ticket: Ticket, purpose: AnswerPurpose, *, at: datetime) -> str:
    """The full address to put into a mail."""
    payload = [ticket.id, purpose.value, ticket.waiting_round, int(at.timestamp())]
    return f"{settings.PUBLIC_BASE_URL}/answer/{_serializer().dumps(payload)}"


def read_link(token: str, *, at: datetime) -> AnswerLink:
    """What a token says; Refused("link_unknown") when it was not made here, Refused("link_expired") after 60 days."""
    try:
        ticket_id, purpose, waiting_round, issued = _serializer().loads(token)
        link = AnswerLink(int(ticket_id), AnswerPurpose(purpose), int(waiting_round))
        made_at = datetime.fromtimestamp(issued, UTC)
    except (BadData, ValueError, TypeError):
        raise Refused("link_unknown", N_("This link is incomplete. Copy it whole from the mail.")) from None
    if at > made_at + LIFETIME:
        raise Refused("link_expired", N_("This link has expired. Sign in to see the ticket."))
    return link


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(settings.SECRET_KEY, salt="answer-link")
