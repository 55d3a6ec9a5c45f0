"""What people asked without finding an article that helped, grouped by likeness. Their private data is left out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import joinedload, load_only

from supportapp.accounts.models import Customer
from supportapp.certificates.models import Product
from supportapp.database import GREATEST_ID
from supportapp.extensions import db, settings
from supportapp.kb.learning import likeness
from supportapp.kb.models import Article, Impression, SearchOutcome, SearchPlace, SearchSession
from supportapp.kb.redaction import Known, redact_line

MOST_ASKINGS = 3_000
MOST_EXAMPLES = 4
LONGEST_EXAMPLE = 300
ASKED_AT = [SearchPlace.TICKET_FORM, SearchPlace.SEARCH_PAGE]
STILL_OPEN = timedelta(hours=1)  # somebody may still be writing


@dataclass
class Question:
    """Askings that are alike. ``told`` are articles whose address staff sent in reply, the most frequent first.

    ``keys`` are those of ``examples``, by which ``wording`` finds them again.
    """

    count: int
    sent: int
    last_at: datetime
    words: list[str]
    keys: list[int]
    examples: list[str]
    products: list[str]
    languages: list[str]
    tickets: list[int]
    told: list[Article] = field(default_factory=list)

    @property
    def title(self) -> str:
        """The first line of the first example."""
        return first_line(self.examples[0])


class _Asked(NamedTuple):
    """What is needed of a session; of its text the beginning."""

    key: int
    query: str
    outcome: SearchOutcome
    started_at: datetime
    language: str
    customer_id: int | None
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


def wording(keys: Sequence[int]) -> list[str]:
    """The first lines of these askings, as ``examples`` has them; unknown keys are left out."""
    known = [key for key in keys[:MOST_EXAMPLES] if 0 < key <= GREATEST_ID]
    chosen = select(SearchSession).where(SearchSession.id.in_(known), SearchSession.place.in_(ASKED_AT))
    found = {row.id: row for row in db.session.scalars(chosen)} if known else {}
    asked = [found[key] for key in known if key in found]
    texts = [_without_names(row.query[:LONGEST_EXAMPLE], row.customer_id, row.language) for row in asked]
    return list(dict.fromkeys(line for line in map(first_line, texts) if line))


def first_line(text: str) -> str:
    return text.partition("\n")[0].strip()


def _without_names(text: str, customer_id: int | None, language: str) -> str:
    """The text without private data, line by line; of its writer we know how he is called."""
    writer = db.session.get(Customer, customer_id) if customer_id else None
    known = Known(ticket_prefix=settings.TICKET_PREFIX)
    if writer is not None:
        organisations = (writer.organisation,) if writer.organisation else ()
        known = replace(known, names=(writer.name,), organisations=organisations, addresses=(writer.email,))
    return "\n".join(redact_line(line, known, language=language).text for line in text.split("\n"))


def _askings(since: datetime, at: datetime) -> Sequence[_Asked]:
    opened = exists().where(Impression.session_id == SearchSession.id, Impression.opened_at.is_not(None))
    left = and_(SearchSession.outcome == SearchOutcome.LEFT, SearchSession.updated_at < at - STILL_OPEN, ~opened)
    chosen = (
        select(
            SearchSession.id,
            func.substr(SearchSession.query, 1, LONGEST_EXAMPLE),
            SearchSession.outcome,
            SearchSession.started_at,
            SearchSession.language,
            SearchSession.customer_id,
            SearchSession.product_id,
            SearchSession.ticket_id,
        )
        .where(SearchSession.place.in_(ASKED_AT))
        .where(SearchSession.started_at >= since, SearchSession.query != "")
        .where(or_(SearchSession.outcome == SearchOutcome.SENT, left))
        .order_by(SearchSession.started_at.desc(), SearchSession.id.desc())
        .limit(MOST_ASKINGS)
    )
    return [_Asked(*row) for row in db.session.execute(chosen)]


def _question(askings: Sequence[_Asked], words: list[str]) -> Question:
    shown = list({asking.query: asking for asking in reversed(askings)}.values())[: -MOST_EXAMPLES - 1 : -1]
    examples = [_without_names(asking.query, asking.customer_id, asking.language) for asking in shown]
    products = Counter(asking.product_id for asking in askings if asking.product_id)
    return Question(
        count=len(askings),
        sent=sum(asking.outcome is SearchOutcome.SENT for asking in askings),
        last_at=max(asking.started_at for asking in askings),
        words=[word for word in words if word in examples[0]],
        keys=[asking.key for asking in shown],
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
