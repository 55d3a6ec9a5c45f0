"""What people asked without finding an article that helped, grouped by likeness."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import joinedload, load_only

from supportapp.certificates.models import Product
from supportapp.extensions import db
from supportapp.kb.learning import likeness
from supportapp.kb.models import Article, Impression, SearchOutcome, SearchPlace, SearchSession

MOST_ASKINGS = 3_000
MOST_EXAMPLES = 4
LONGEST_EXAMPLE = 300
STILL_OPEN = timedelta(hours=1)  # somebody may still be writing


@dataclass
class Question:
    """Askings that are alike. ``told`` are articles whose address staff sent in reply, the most frequent first."""

    count: int
    sent: int
    last_at: datetime
    words: list[str]
    examples: list[str]
    products: list[str]
    languages: list[str]
    tickets: list[int]
    told: list[Article] = field(default_factory=list)

    @property
    def title(self) -> str:
        """The first line of the first example."""
        return self.examples[0].partition("\n")[0].strip()

    @property
    def phrases(self) -> str:
        """What was asked, one a line, as an article's "what customers write" takes it."""
        return "\n".join(dict.fromkeys(example.partition("\n")[0].strip() for example in self.examples))


class _Asked(NamedTuple):
    """What is needed of a session; of its text the beginning."""

    query: str
    outcome: SearchOutcome
    started_at: datetime
    language: str
    product_id: int | None
    ticket_id: int | None


def unanswered(*, since: datetime, at: datetime, limit: int = 20) -> list[Question]:
    """The biggest groups of askings that ended with a ticket, or were left with nothing opened; newest examples first.

    Of more than MOST_ASKINGS the newest are looked at.
    """
    askings = _askings(since, at)
    groups = likeness.group([asking.query for asking in askings])[:limit]
    found = [_question([askings[place] for place in like.members], like.words) for like in groups]
    _tell(found)
    return found


def _askings(since: datetime, at: datetime) -> Sequence[_Asked]:
    opened = exists().where(Impression.session_id == SearchSession.id, Impression.opened_at.is_not(None))
    left = and_(SearchSession.outcome == SearchOutcome.LEFT, SearchSession.updated_at < at - STILL_OPEN, ~opened)
    chosen = (
        select(
            func.substr(SearchSession.query, 1, LONGEST_EXAMPLE),
            SearchSession.outcome,
            SearchSession.started_at,
            SearchSession.language,
            SearchSession.product_id,
            SearchSession.ticket_id,
        )
        .where(SearchSession.place.in_([SearchPlace.TICKET_FORM, SearchPlace.SEARCH_PAGE]))
        .where(SearchSession.started_at >= since, SearchSession.query != "")
        .where(or_(SearchSession.outcome == SearchOutcome.SENT, left))
        .order_by(SearchSession.started_at.desc(), SearchSession.id.desc())
        .limit(MOST_ASKINGS)
    )
    return [_Asked(*row) for row in db.session.execute(chosen)]


def _question(askings: Sequence[_Asked], words: list[str]) -> Question:
    examples = list(dict.fromkeys(asking.query for asking in askings))[:MOST_EXAMPLES]
    products = Counter(asking.product_id for asking in askings if asking.product_id)
    return Question(
        count=len(askings),
        sent=sum(asking.outcome is SearchOutcome.SENT for asking in askings),
        last_at=max(asking.started_at for asking in askings),
        words=words,
        examples=examples,
        products=_names([number for number, _count in products.most_common(3)]),
        languages=[language for language, _count in Counter(asking.language for asking in askings).most_common()],
        tickets=[asking.ticket_id for asking in askings if asking.ticket_id is not None],
    )


def _names(numbers: Collection[int]) -> list[str]:
    found = {number: db.session.get(Product, number) for number in numbers}
    return [product.name for product in found.values() if product is not None]


def _tell(questions: Sequence[Question]) -> None:
    """Add the articles that staff sent in reply to these tickets."""
    tickets = [number for question in questions for number in question.tickets]
    replies = (
        select(Impression)
        .join(SearchSession)
        .where(SearchSession.ticket_id.in_(tickets), SearchSession.place == SearchPlace.REPLY)
        .options(joinedload(Impression.session).load_only(SearchSession.ticket_id))
        .options(joinedload(Impression.article).options(load_only(Article.title, Article.slug)))
    )
    told: dict[int | None, list[Article]] = defaultdict(list)
    for row in db.session.scalars(replies) if tickets else ():
        told[row.session.ticket_id].append(row.article)
    for question in questions:
        counted = Counter(article for number in question.tickets for article in told[number])
        question.told = [article for article, _count in counted.most_common(3)]
