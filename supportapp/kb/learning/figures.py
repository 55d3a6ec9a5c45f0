"""Figures for editors and managers: how many tickets the articles spared, and how each article fares."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, case, cast, exists, extract, func, select
from sqlalchemy.orm import load_only

from supportapp.extensions import db
from supportapp.kb.learning.rules import weight_of_visitor
from supportapp.kb.models import (
    Article,
    ArticleState,
    ArticleVote,
    Impression,
    SearchOutcome,
    SearchPlace,
    SearchSession,
)

WEEK = 7 * 24 * 3600


@dataclass
class Week:
    """The ticket forms that were begun in the week from Monday ``begins`` and had at least one article suggested."""

    begins: date
    solved: int = 0
    sent: int = 0
    left: int = 0

    @property
    def shown(self) -> int:
        return self.solved + self.sent + self.left

    @property
    def rate(self) -> float | None:
        """Of these forms, the part that ended with "this solved my problem" and without a ticket."""
        return self.solved / self.shown if self.shown else None


def weeks(*, since: datetime, until: datetime, tz: ZoneInfo) -> list[Week]:
    """Every week that has a day of the period, oldest first, those without a form included."""
    first = since.astimezone(tz).date()
    monday = first - timedelta(days=first.weekday())
    start = int(datetime.combine(monday, datetime.min.time(), tz).timestamp())
    number = (cast(extract("epoch", SearchSession.started_at), BigInteger) - start) // WEEK
    suggested = exists().where(Impression.session_id == SearchSession.id)
    begun = datetime.fromtimestamp(start, tz)
    counted = (
        select(number, SearchSession.outcome, func.count())
        .where(SearchSession.place == SearchPlace.TICKET_FORM, suggested)
        .where(SearchSession.started_at >= begun, SearchSession.started_at <= until)
        .group_by(number, SearchSession.outcome)
    )
    length = int((until.timestamp() - start) // WEEK) + 1
    found = [Week(monday + timedelta(days=7 * place)) for place in range(length)]
    for place, outcome, count in db.session.execute(counted):
        setattr(found[int(place)], outcome.value, count)
    return found


def total(of: list[Week]) -> Week:
    """All of them as one."""
    return Week(
        of[0].begins, sum(week.solved for week in of), sum(week.sent for week in of), sum(week.left for week in of)
    )


@dataclass
class Record:
    """How a public article fared: votes, and in how many searches and forms it was shown, opened and so on."""

    article: Article
    yes: int = 0
    no: int = 0
    shown: int = 0
    opened: int = 0
    solved: int = 0
    sent: int = 0
    told: int = 0
    solvers: int = 0  # customers, each once
    visitors_yes: int = 0  # those of the votes that came without an account
    visitors_no: int = 0
    comments: list[ArticleVote] = field(default_factory=list)

    @property
    def votes(self) -> int:
        return self.yes + self.no

    @property
    def good(self) -> float:
        """What speaks for it: customers, and visitors with the small weight that ``rules`` give them."""
        return self.yes - self.visitors_yes + self.solvers + self._visitor * self.visitors_yes

    @property
    def bad(self) -> float:
        """What speaks against it, weighed alike."""
        return self.no - self.visitors_no + self._visitor * self.visitors_no

    @property
    def standing(self) -> float:
        """The share of the good with two votes of each kind added, so that one vote alone ranks nobody first or last,
        and one visitor with many votes does not either."""
        return (self.good + 2) / (self.good + self.bad + 4)

    @property
    def _visitor(self) -> float:
        return weight_of_visitor(self.visitors_yes + self.visitors_no)


def records(*, since: datetime) -> list[Record]:
    """Every public article with what happened to it since then, by title."""
    shown = load_only(Article.title, Article.slug, Article.language, Article.published_at, Article.usefulness)
    public = select(Article).where(Article.state == ArticleState.PUBLISHED).options(shown).order_by(Article.title)
    found = {article.id: Record(article) for article in db.session.scalars(public)}
    for row in db.session.execute(_uses(since)):
        if record := found.get(row.article_id):
            record.shown, record.opened, record.solved = row.shown, row.opened, row.solved
            record.sent, record.told, record.solvers = row.sent, row.told, row.solvers
    for number, helped, count, visitors in db.session.execute(_votes(since)):
        if record := found.get(number):
            answer = "yes" if helped else "no"
            setattr(record, answer, count)
            setattr(record, f"visitors_{answer}", visitors)
    return list(found.values())


def comments(articles: list[int], *, since: datetime, limit: int = 50) -> list[ArticleVote]:
    """The latest comments of readers who were not helped."""
    said = select(ArticleVote).where(ArticleVote.article_id.in_(articles), ArticleVote.comment != "")
    said = said.where(ArticleVote.at >= since).order_by(ArticleVote.at.desc(), ArticleVote.id.desc()).limit(limit)
    return list(db.session.scalars(said)) if articles else []


def _uses(since: datetime) -> Any:
    reply = SearchSession.place == SearchPlace.REPLY
    sent = SearchSession.outcome == SearchOutcome.SENT
    solver = case((Impression.solved_at.is_not(None), SearchSession.customer_id))
    return (
        select(
            Impression.article_id,
            _number(~reply).label("shown"),
            _number(Impression.opened_at.is_not(None)).label("opened"),
            _number(Impression.solved_at.is_not(None)).label("solved"),
            func.count(solver.distinct()).label("solvers"),
            _number(Impression.opened_at.is_not(None) & sent).label("sent"),
            _number(reply).label("told"),
        )
        .join(SearchSession)
        .where(SearchSession.place.in_(list(SearchPlace)), SearchSession.started_at >= since)
        .group_by(Impression.article_id)
    )


def _votes(since: datetime) -> Any:
    counted = select(
        ArticleVote.article_id, ArticleVote.helped, func.count(), _number(ArticleVote.customer_id.is_(None))
    )
    return counted.where(ArticleVote.at >= since).group_by(ArticleVote.article_id, ArticleVote.helped)


def _number(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))
