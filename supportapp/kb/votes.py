"""«Помогла ли статья?»: one answer a reader, which he may change, and a few words with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from supportapp.accounts.models import Customer
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.i18n import N_
from supportapp.kb.models import Article, ArticleVote

MAX_COMMENT = 1000
MAX_READER = 64


def vote(
    article: Article,
    *,
    reader: str | None,
    customer: Customer | None,
    helped: bool,
    comment: str | None = None,
    at: datetime,
) -> ArticleVote:
    """Keep what a reader answered; his earlier answer is changed, and without a ``comment`` its words stay.

    ``reader`` is the key of a visitor's cookie, already hashed. Who voted as a visitor and has signed in since keeps
    that one vote as a customer. Refused: too_long. ValueError when there is neither a key nor a customer.
    """
    comment = comment.replace("\0", "").strip() if comment is not None else None
    if comment and len(comment) > MAX_COMMENT:
        sentence = N_("At most %(limit)s characters fit here; there are %(length)s.")
        raise Refused("too_long", sentence, field="comment", limit=MAX_COMMENT, length=len(comment))
    earlier = _earlier(article, reader, customer)
    row = earlier[0] if earlier else _first(article, _key(reader, customer), helped=helped, at=at)
    for doubled in earlier[1:]:
        db.session.delete(doubled)
    db.session.flush()
    row.reader, row.customer_id = _key(reader, customer), customer.id if customer else None
    row.helped, row.at = helped, at
    row.comment = row.comment if comment is None else comment
    db.session.flush()
    return row


def find_vote(article: Article, *, reader: str | None, customer: Customer | None) -> ArticleVote | None:
    """What this reader has answered, as a customer or before he signed in."""
    earlier = _earlier(article, reader, customer) if reader or customer else []
    return earlier[0] if earlier else None


def votes_of(article: Article) -> tuple[int, int]:
    """How many readers said yes, and how many no."""
    counted = select(ArticleVote.helped, func.count()).where(ArticleVote.article_id == article.id)
    numbers = {row[0]: row[1] for row in db.session.execute(counted.group_by(ArticleVote.helped))}
    return numbers.get(True, 0), numbers.get(False, 0)


def recent_comments(limit: int) -> Sequence[ArticleVote]:
    """The newest votes that say something, with their articles. For staff: articles of every state."""
    chosen = select(ArticleVote).where(ArticleVote.comment != "").options(joinedload(ArticleVote.article))
    return db.session.scalars(chosen.order_by(ArticleVote.at.desc(), ArticleVote.id.desc()).limit(limit)).all()


def _key(reader: str | None, customer: Customer | None) -> str:
    if customer is not None:
        return f"customer:{customer.id}"
    if not reader or len(reader) > MAX_READER or reader.startswith("customer:"):
        raise ValueError("a visitor votes under the hash of his cookie")
    return reader


def _earlier(article: Article, reader: str | None, customer: Customer | None) -> list[ArticleVote]:
    """The customer's own vote first, then the one he gave as a visitor."""
    keys = {_key(reader, customer)} | ({reader} if reader else set())
    chosen = select(ArticleVote).where(ArticleVote.article_id == article.id, ArticleVote.reader.in_(keys))
    return sorted(db.session.scalars(chosen), key=lambda row: row.customer_id is None)


def _first(article: Article, key: str, *, helped: bool, at: datetime) -> ArticleVote:
    row = ArticleVote(article_id=article.id, reader=key, helped=helped, at=at, comment="")
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:  # the second of two clicks
        same = ArticleVote.article_id == article.id, ArticleVote.reader == key
        return db.session.scalars(select(ArticleVote).where(*same)).one()
    return row
