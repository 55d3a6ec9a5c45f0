"""What the pages tell the knowledge base of its use. None of it may stand in the way of the page.

The script of the ticket form reports what stood before the customer; a form without a script and the search page are
followed here. A search is remembered in the session cookie, so that the opening of a hit and a ticket sent afterwards
belong to it. Of a visitor nothing is kept but what was asked.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from flask import request, session
from flask_limiter import RateLimitExceeded
from flask_login import current_user
from sqlalchemy.exc import OperationalError

from supportapp import clock, database
from supportapp.extensions import db, limiter
from supportapp.kb.learning import operations, queries
from supportapp.kb.learning.operations import MOST_IMPRESSIONS, Asking, apart
from supportapp.kb.models import Article, SearchPlace
from supportapp.kb.search import Suggestion
from supportapp.portal.forms.tickets import is_token
from supportapp.portal.kept_text import is_prefetch
from supportapp.portal.language import language
from supportapp.portal.limits import visitor
from supportapp.portal.session import SEARCH, current_customer, the_customer
from supportapp.tickets.models import Ticket

log = logging.getLogger(__name__)

SAME_SEARCH = timedelta(hours=1)
LONGEST_ID = 10
_ROBOT = re.compile(r"bot|crawl|spider|slurp|preview|monitor|curl|wget|python", re.IGNORECASE)


def asking_of_form() -> Asking:
    """What the ticket form that was posted asks, whichever of its buttons sent it."""
    subject, text = request.form.get("subject", ""), request.form.get("body", "")
    token = request.form.get("form_token", "")
    product = request.form.get("product", "")
    return Asking(
        token=token if is_token(token) else "",
        place=SearchPlace.TICKET_FORM,
        customer=the_customer(),
        text=f"{subject.strip()}\n{text.strip()}",
        language=language(),
        product_id=_number(product),
    )


def note_form(asking: Asking, *, at: datetime) -> None:
    """What the form's script says to have shown, and what was opened of it."""
    shown = _numbers("shown")
    if shown:
        operations.show(asking, shown, opened=set(_numbers("opened")), at=at)


def note_first_look(asking: Asking, found: Sequence[Suggestion], *, at: datetime) -> None:
    """A form without a script shows these before it is sent; what is opened of them belongs to it."""
    with apart():
        operations.show(asking, [suggestion.article_id for suggestion in found], at=at)
    _remember(asking.token, "", at)


def note_ticket(asking: Asking, ticket: Ticket, *, at: datetime) -> None:
    """The form became a ticket, and so did the search that led to it."""
    with apart():
        note_form(asking, at=at)
        operations.send(asking, ticket_id=ticket.id, at=at)
    search = _search()
    if search and search["token"] != asking.token:
        with apart():
            operations.carry_on(search["token"], ticket_id=ticket.id, since=at - SAME_SEARCH, at=at)


def note_search(text: str, articles: Sequence[int], *, product_id: int | None = None) -> None:
    """A reader searched the knowledge base; the same search within an hour is one. ``articles`` are its best hits.

    For the end of the view, when the page is made: it leaves the transaction that the page has read in.
    """
    customer = current_customer()
    is_staff = customer is None and current_user.is_authenticated
    if request.method != "GET" or is_staff or is_robot() or is_prefetch():
        return
    try:
        with limiter.limit("60 per hour", key_func=visitor):
            at = clock.now()
    except RateLimitExceeded:
        return
    what = sha256(f"{customer.id if customer else ''}|{product_id}|{text.casefold()}".encode()).hexdigest()[:16]
    search = _search()
    same = search is not None and search["what"] == what and at.timestamp() - search["at"] < SAME_SEARCH.total_seconds()
    token = str(search["token"]) if search and same else secrets.token_urlsafe(24)
    asking = Asking(token, SearchPlace.SEARCH_PAGE, customer, text, language(), product_id)
    _write(lambda: operations.show(asking, articles[:MOST_IMPRESSIONS], at=at))
    if not same:
        _remember(token, what, at)


def note_opening(article: Article) -> None:
    """The article's page was opened; it counts when the search before it had found the article. Called last, too."""
    search = _search()
    if search is None or is_prefetch() or queries.opened_yet(search["token"], article.id) is not False:
        return
    token = search["token"]
    _write(lambda: operations.open_article(token, article, at=clock.now()))


def _write(act: Callable[[], object]) -> None:
    """Write after a page that reads; when others are writing, this is forgotten at once rather than waited for."""
    try:
        with database.writing_if_free(db.session):
            act()
    except OperationalError as error:
        log.debug("the use of a page was not recorded: %s", error.orig)
    except Exception:  # whatever it is, the page is made already
        log.exception("the use of a page was not recorded")


def _search() -> dict[str, Any] | None:
    found = session.get(SEARCH)
    return found if isinstance(found, dict) and {"token", "what", "at"} <= found.keys() else None


def _remember(token: str, what: str, at: datetime) -> None:
    session[SEARCH] = {"token": token, "what": what, "at": at.timestamp()}


def is_robot() -> bool:
    """Whether a program asks for this page, and no person."""
    agent = request.headers.get("User-Agent", "")
    return not agent or _ROBOT.search(agent) is not None


def _numbers(field: str) -> list[int]:
    """Keys by comma, as the script writes them; what is no key is left out."""
    parts = request.form.get(field, "")[: MOST_IMPRESSIONS * (LONGEST_ID + 1)].split(",")
    return [number for number in map(_number, parts) if number is not None]


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_ID else None
