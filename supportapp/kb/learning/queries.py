"""What is known about one ticket's articles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import joinedload

from supportapp.extensions import db
from supportapp.kb.models import Article, Impression, SearchPlace, SearchSession

MOST_SHOWN = 20


@dataclass(frozen=True)
class Seen:
    """An article that stood before the customer before the ticket was sent, at its best place."""

    article: Article
    rank: int
    shown_at: datetime
    opened_at: datetime | None


def seen_before(ticket_id: int) -> list[Seen]:
    """What was suggested to the customer or found by him before he sent the ticket: what he opened comes first."""
    wanted = db.session.scalars(_before(), {"ticket": ticket_id})
    seen: dict[int, Seen] = {}
    for row in wanted:
        known = seen.get(row.article_id)
        if known is None or (known.opened_at is None and row.opened_at is not None):
            seen[row.article_id] = Seen(row.article, row.rank, row.shown_at, row.opened_at)
    return sorted(seen.values(), key=lambda one: (one.opened_at is None, one.opened_at or one.shown_at, one.rank))[
        :MOST_SHOWN
    ]


def told_in_replies(ticket_id: int) -> set[int]:
    """Keys of the articles whose addresses staff have sent to the customer of the ticket."""
    told = select(Impression.article_id).join(SearchSession).where(SearchSession.ticket_id == ticket_id)
    return set(db.session.scalars(told.where(SearchSession.place == SearchPlace.REPLY)))


def was_shown(token: str) -> bool:
    """Whether anything was suggested to this form yet."""
    shown = select(Impression.id).join(SearchSession).where(SearchSession.token == token).limit(1)
    return db.session.scalar(shown) is not None


def opened_yet(token: str, article_id: int) -> bool | None:
    """Whether this search's reader has opened the article; None when it was not among the hits."""
    found = select(Impression.opened_at).join(SearchSession)
    rows = db.session.execute(found.where(SearchSession.token == token, Impression.article_id == article_id)).all()
    return rows[0][0] is not None if rows else None


@cache
def _before() -> Select[Impression]:
    """The statement alone: a ticket's page builds it once."""
    article = joinedload(Impression.article).load_only(Article.title, Article.slug, Article.state, Article.language)
    of_ticket = SearchSession.ticket_id == bindparam("ticket"), SearchSession.place != SearchPlace.REPLY
    chosen = select(Impression).join(SearchSession).where(*of_ticket).options(article)
    return chosen.order_by(Impression.rank, Impression.id)
