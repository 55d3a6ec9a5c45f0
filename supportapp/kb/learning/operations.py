"""Recording what people do with articles. Twice is once, and a token belongs to the customer who came with it first."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from supportapp.accounts.models import Customer
from supportapp.certificates.models import Product
from supportapp.database import GREATEST_ID
from supportapp.extensions import db
from supportapp.guard.texts import without_secrets
from supportapp.kb.models import Article, Impression, SearchOutcome, SearchPlace, SearchSession, SolvedWithoutTicket
from supportapp.kb.operations import record_solved
from supportapp.kb.queries import published_among

log = logging.getLogger(__name__)

LONGEST_QUERY = 2_000
MOST_IMPRESSIONS = 50
MOST_SESSIONS_A_DAY = 200  # of one customer
KEPT_DAYS = 400
SWEPT_AT_ONCE = 500


@dataclass(frozen=True)
class Asking:
    """Who asked what, where. ``token`` names the form or the search."""

    token: str
    place: SearchPlace
    customer: Customer | None
    text: str
    language: str = "ru"
    product_id: int | None = None


@contextmanager
def apart() -> Iterator[None]:
    """What is recorded in the block is worth less than what it accompanies: when it fails, it alone is undone."""
    try:
        with db.session.begin_nested():
            yield
    except SQLAlchemyError:
        log.exception("what a reader did was not recorded")


def show(asking: Asking, articles: Sequence[int], *, opened: Collection[int] = (), at: datetime) -> bool:
    """These articles stood before the reader, best first, and he opened some of them; whether it was recorded.

    A form whose end is known keeps its text and its outcome. Articles that are not public are left out.
    """
    session = _session(asking, at)
    if session is None:
        return False
    if session.outcome is SearchOutcome.LEFT:
        _describe(session, asking)
    session.updated_at = at
    _add_impressions(session, articles, at)
    for impression in session.impressions:
        if impression.article_id in opened and impression.opened_at is None:
            impression.opened_at = at
    db.session.flush()
    return True


def open_article(token: str, article: Article, *, at: datetime) -> None:
    """The reader of this search opened an article that it had shown."""
    session = _find(token)
    for impression in session.impressions if session else ():
        if impression.article_id == article.id and impression.opened_at is None:
            impression.opened_at = at
    db.session.flush()


def solve(asking: Asking, article: Article, *, at: datetime) -> bool:
    """The article answered and no ticket is sent; whether it was counted now. A form that was sent solved nothing."""
    session = _session(asking, at)
    if session is None or session.outcome is SearchOutcome.SENT:
        return False
    _describe(session, asking)
    _add_impressions(session, [article.id], at, rank=len(session.impressions) + 1)
    session.outcome, session.updated_at = SearchOutcome.SOLVED, at
    for impression in session.impressions:
        if impression.article_id == article.id:
            impression.opened_at, impression.solved_at = impression.opened_at or at, impression.solved_at or at
    db.session.flush()
    return record_solved(article, customer=asking.customer, form_token=asking.token, at=at)


def send(asking: Asking, *, ticket_id: int, at: datetime) -> None:
    """The form became a ticket all the same. What it had been counted to solve is taken back."""
    session = _session(asking, at)
    if session is None or session.ticket_id is not None:
        return
    _describe(session, asking)
    _end_with_ticket(session, ticket_id, at)
    db.session.execute(delete(SolvedWithoutTicket).where(SolvedWithoutTicket.form_token == asking.token))


def carry_on(token: str, *, ticket_id: int, since: datetime, at: datetime) -> None:
    """The reader of this search, if it was begun after ``since``, went on to send a ticket."""
    session = _find(token)
    if session is not None and session.ticket_id is None and session.started_at >= since:
        _end_with_ticket(session, ticket_id, at)


def tell(ticket_id: int, slugs: Collection[str], *, language: str, product_id: int | None, at: datetime) -> None:
    """Staff sent the customer of a ticket the addresses of these articles.

    The colon keeps its token apart from those of forms and searches, which have none.
    """
    known = [slug for slug in dict.fromkeys(slugs) if slug.isascii() and "\0" not in slug][:MOST_IMPRESSIONS]
    articles = list(db.session.scalars(select(Article.id).where(Article.slug.in_(known)))) if known else []
    if not articles:
        return
    asking = Asking(f"reply:{ticket_id}", SearchPlace.REPLY, None, "", language, product_id)
    session = _session(asking, at)
    if session is not None:
        session.ticket_id, session.updated_at = ticket_id, at
        _add_impressions(session, articles, at)
        db.session.flush()


def forget_old(*, at: datetime) -> int:
    """Delete sessions that began KEPT_DAYS ago, some at a time; how many went."""
    old = SearchSession.place.in_(list(SearchPlace)), SearchSession.started_at < at - timedelta(days=KEPT_DAYS)
    some = list(db.session.scalars(select(SearchSession.id).where(*old).limit(SWEPT_AT_ONCE)))
    if some:
        db.session.execute(delete(SearchSession).where(SearchSession.id.in_(some)))
    return len(some)


def _find(token: str) -> SearchSession | None:
    """The session of the token, locked, so that two requests of one form follow one another."""
    if not token or len(token) > 64 or "\0" in token:
        return None
    return db.session.scalar(select(SearchSession).where(SearchSession.token == token).with_for_update())


def _session(asking: Asking, at: datetime) -> SearchSession | None:
    """The session of the token, new if there is none; None for a bad or foreign token, and for too many."""
    owner = asking.customer.id if asking.customer else None
    found = _find(asking.token) or _begin(asking, owner, at)
    if found is None or (found.customer_id, found.place) != (owner, asking.place):
        return None
    return found


def _begin(asking: Asking, owner: int | None, at: datetime) -> SearchSession | None:
    if not asking.token or len(asking.token) > 64 or "\0" in asking.token or _asks_too_much(owner, at):
        return None
    session = SearchSession(token=asking.token, place=asking.place, customer_id=owner, query="")
    session.started_at = session.updated_at = at
    session.outcome = SearchOutcome.LEFT
    _describe(session, asking)
    try:
        with db.session.begin_nested():
            db.session.add(session)
    except IntegrityError:  # the other of two requests was faster
        return _find(asking.token)
    return session


def _asks_too_much(owner: int | None, at: datetime) -> bool:
    if owner is None:
        return False
    begun = SearchSession.customer_id == owner, SearchSession.started_at > at - timedelta(days=1)
    number = db.session.scalar(select(func.count()).select_from(SearchSession).where(*begun)) or 0
    return number >= MOST_SESSIONS_A_DAY


def _describe(session: SearchSession, asking: Asking) -> None:
    """What was asked last; an empty text says nothing new."""
    text = without_secrets(asking.text.replace("\0", " ").strip()[:LONGEST_QUERY], asking.language)
    session.query = text or session.query
    session.language = asking.language
    number = asking.product_id
    known = number is not None and 0 < number <= GREATEST_ID and db.session.get(Product, number) is not None
    session.product_id = number if known else None


def _add_impressions(session: SearchSession, articles: Sequence[int], at: datetime, *, rank: int = 1) -> None:
    wanted = [number for number in dict.fromkeys(articles) if 0 < number <= GREATEST_ID][:MOST_IMPRESSIONS]
    public = published_among(wanted)
    known = {impression.article_id: impression for impression in session.impressions}
    for place, number in enumerate(wanted, rank):
        if number in known:
            known[number].rank = min(known[number].rank, place)
        elif number in public and len(session.impressions) < MOST_IMPRESSIONS:
            session.impressions.append(Impression(article_id=number, rank=place, shown_at=at))
    db.session.flush()


def _end_with_ticket(session: SearchSession, ticket_id: int, at: datetime) -> None:
    session.outcome, session.ticket_id, session.updated_at = SearchOutcome.SENT, ticket_id, at
    for impression in session.impressions:
        impression.solved_at = None
    db.session.flush()
