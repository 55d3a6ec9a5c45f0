"""Articles beside the conversation: what the customer has already read, and what may answer now."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import current_app, request
from markupsafe import Markup
from werkzeug.routing import MapAdapter

from supportapp.errors import NotFound
from supportapp.extensions import settings
from supportapp.kb.learning.operations import apart, tell
from supportapp.kb.learning.queries import Seen, told_in_replies
from supportapp.kb.queries import get_published_by_id
from supportapp.kb.search import suggest
from supportapp.staff.interface import readable_id
from supportapp.staff.tickets.composer import Draft
from supportapp.tickets.desk.acts import sent
from supportapp.tickets.models import Message, Ticket


@dataclass(frozen=True)
class Offer:
    """A public article that may answer the ticket; ``link`` is what the reply gets."""

    article_id: int
    title: str
    language: str
    extract: Markup
    address: str
    link: str
    read: bool
    told: bool


def offers(ticket: Ticket, messages: Sequence[Message], seen: Iterable[Seen]) -> list[Offer]:
    """Up to five articles for the ticket's subject, its question and the customer's last words, in his language.

    As on the form he wrote it in, the certificate's products help where the ticket names none.
    """
    said = [message.body for message in messages if message.customer_id is not None and not message.is_internal]
    text = "\n".join(dict.fromkeys(said[:1] + said[-1:]))
    covered = [product.id for product in ticket.certificate.products] if ticket.certificate else []
    found = suggest(
        ticket.subject, text, product_id=ticket.product_id, covered=covered, language=ticket.customer.language
    )
    read = {one.article.id for one in seen if one.opened_at}
    told = told_in_replies(ticket.id) if found else set()
    return [
        Offer(
            article_id=one.article_id,
            title=one.title,
            language=one.language,
            extract=one.extract,
            address=address(one.slug),
            link=link_text(one.title, one.slug),
            read=one.article_id in read,
            told=one.article_id in told,
        )
        for one in found
    ]


def insert_article(draft: Draft) -> None:
    """Append the chosen article's link to what stands in the composer. One that was withdrawn meanwhile is left out."""
    key = readable_id(request.form.get("article", ""))
    try:
        article = get_published_by_id(key) if key else None
    except NotFound:
        return
    if article is not None:
        draft.body = "\n\n".join(filter(None, (draft.body.rstrip(), link_text(article.title, article.slug))))


@sent.connect
def note_told(message: Message, *, at: datetime) -> None:
    """Remember which articles' addresses the customer was sent, whoever it was that let the message go."""
    ticket, slugs = message.ticket, _links().findall(message.body)
    if slugs:
        with apart():
            tell(ticket.id, slugs, language=ticket.customer.language, product_id=ticket.product_id, at=at)


def link_text(title: str, slug: str) -> str:
    """A link as a message holds it: plain text."""
    return f"{title}: {address(slug)}"


def address(slug: str) -> str:
    """The article's address for everybody, as in a mail."""
    return settings.PUBLIC_BASE_URL.rstrip("/") + _routes().build("portal.article", {"slug": slug})


def _routes() -> MapAdapter:
    """The addresses of the application, for jobs as well, which have no request."""
    return current_app.url_map.bind("")


def _links() -> re.Pattern[str]:
    return re.compile(re.escape(address("x").removesuffix("x")) + r"([a-z0-9-]{1,120})")
