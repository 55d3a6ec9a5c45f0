"""What stands under the words of a ticket mail: whose turn it is and by when, articles named, what was said before.

Internal notes never come into a mail: they are left out by the look-up itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from supportapp.extensions import db, settings
from supportapp.guard.texts import without_secrets
from supportapp.i18n import N_, gettext
from supportapp.notifications import moments
from supportapp.notifications.mail import Below, Said
from supportapp.tickets import queries
from supportapp.tickets.models import Message, Ticket
from supportapp.tickets.rules import MessageKind, Turn
from supportapp.tickets.waiting import REACTION_DAYS

EARLIER_MESSAGES = 3
EARLIER_LENGTH = 1_500
MOST_ARTICLES = 10

# The public articles whose addresses stand in a text, as (title, address).
Articles = Callable[[str], Sequence[tuple[str, str]]]


def _no_articles(_text: str) -> Sequence[tuple[str, str]]:
    return ()


_articles: Articles = _no_articles


def name_articles_with(articles: Articles) -> None:
    """Let ``articles`` find the articles named in a message; the application joins it in ``wiring``."""
    global _articles
    _articles = articles


def below(ticket: Ticket, message: Message | None, *, language: str, at: datetime, last_day: date | None) -> Below:
    """Everything under the words of a mail that carries ``message``, when it carries one. ``last_day`` is for a mail
    that knows the closing better than the ticket's row does."""
    return Below(
        turn=turn_words(ticket, language, at=at, last_day=last_day),
        links=list(_articles(message.body))[:MOST_ARTICLES] if message else (),
        earlier=[_said(one, language) for one in earlier_messages(ticket, before=message)],
    )


def turn_words(ticket: Ticket, language: str, *, at: datetime, last_day: date | None = None) -> tuple[str, str]:
    """Whose move it is and by when, as far as that is known at ``at``."""
    match ticket.turn:
        case Turn.CUSTOMER:
            return _say(N_("It is your turn"), language), _until(ticket, language, last_day)
        case Turn.SUPPORT:
            return _say(N_("It is our turn"), language), _target(ticket, language, at)
        case Turn.NOBODY:
            return _say(N_("The ticket is closed"), language), _say(N_("Nobody has to do anything."), language)


def earlier_messages(ticket: Ticket, *, before: Message | None) -> Sequence[Message]:
    """The newest public messages, newest first; those before ``before`` when it is given."""
    messages = (
        select(Message)
        .where(Message.ticket_id == ticket.id, Message.kind != MessageKind.NOTE)
        .options(joinedload(Message.customer), joinedload(Message.staff))
        .order_by(Message.id.desc())
        .limit(EARLIER_MESSAGES)
    )
    if before is not None:
        messages = messages.where(Message.id < before.id)
    return db.session.scalars(messages).all()


def newest_answer(ticket: Ticket) -> Message | None:
    """What staff last wrote to the customer; None when they have not yet."""
    return _newest(ticket, Message.kind != MessageKind.NOTE, Message.staff_id.is_not(None))


def newest_request(ticket: Ticket) -> Message | None:
    """What the customer was last asked, or the solution that was last proposed; None when nothing was."""
    return _newest(ticket, Message.kind.in_((MessageKind.INFO_REQUEST, MessageKind.SOLUTION)))


def _newest(ticket: Ticket, *conditions: ColumnElement[bool]) -> Message | None:
    wanted = select(Message).where(Message.ticket_id == ticket.id, *conditions)
    return db.session.scalars(wanted.order_by(Message.id.desc()).limit(1)).one_or_none()


def _until(ticket: Ticket, language: str, last_day: date | None) -> str:
    deadline = queries.deadline_of(ticket)
    if last_day is None and deadline is not None:
        last_day = deadline.last_day
    if last_day is None:
        sentence = N_(
            "The ticket closes if nobody answers within %(days)s working days after the day you receive this."
        )
        return _say(sentence, language, days=REACTION_DAYS)
    sentence = N_("Please answer up to and including %(day)s. Without an answer the ticket closes after that.")
    return _say(sentence, language, day=last_day)


def _target(ticket: Ticket, language: str, at: datetime) -> str:
    """The nearest promise that can still be kept; of one that was missed a mail better says nothing."""
    if ticket.target_at is None or ticket.target_at <= at:
        return _say(N_("You need do nothing now; we shall write to you."), language)
    answers = ticket.first_responded_at is None and ticket.target_at == ticket.first_response_due
    first, solved = N_("You get the first answer by %(moment)s."), N_("We mean to solve it by %(moment)s.")
    moment = moments.moment(ticket.target_at, language, settings.timezone)
    return _say(first if answers else solved, language, moment=moment)


def _said(message: Message, language: str) -> Said:
    who = _say(N_("You"), language) if message.customer_id is not None else message.author.display_name
    words = _cut(without_secrets(message.body, language))
    return Said(who, moments.moment(message.created_at, language, settings.timezone), words)


def _cut(words: str) -> str:
    """The beginning of a long text, cut between two words."""
    if len(words) <= EARLIER_LENGTH:
        return words
    short = words[: EARLIER_LENGTH - 1]
    return (short.rpartition(" ")[0] or short).rstrip() + "…"


def _say(sentence: str, language: str, **values: object) -> str:
    return gettext(sentence, language, **values)
