"""The number ``Article.usefulness``: reckoned anew from all that is known, by a job. See ``rules`` for the formula."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import case, func, select, update

from supportapp.extensions import db
from supportapp.kb.learning.rules import SENT_BY_STAFF, Reading, usefulness
from supportapp.kb.models import Article, ArticleVote, Impression, SearchOutcome, SearchPlace, SearchSession

NOTICEABLE = 0.001


def weigh_articles() -> int:
    """Write what is learnt into the articles; how many changed. Their revision does not: the text is the same."""
    learnt = _learnt()
    changed = 0
    for number, known in db.session.execute(select(Article.id, Article.usefulness)).all():
        now = learnt.get(number, 0.0)
        if abs(now - known) >= NOTICEABLE or (known and not now):
            db.session.execute(update(Article).where(Article.id == number).values(usefulness=now))
            changed += 1
    return changed


def _learnt() -> dict[int, float]:
    readings: dict[int, dict[int, Reading]] = defaultdict(lambda: defaultdict(Reading))
    visitors: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for row in db.session.execute(_customers_acts()):
        reading = readings[row.article_id][row.customer_id]
        reading.solved, reading.left, reading.sent = bool(row.solved), row.left, row.sent
    for number, customer, helped, count in db.session.execute(_votes()):
        if customer is None:
            visitors[number][0 if helped else 1] += count
        else:
            readings[number][customer].vote = helped
    told = {row[0]: row[1] for row in db.session.execute(_tickets_told())}
    return {number: _weigh(readings[number], visitors[number], told.get(number, 0)) for number in
            readings.keys() | visitors.keys() | told.keys()}  # fmt: skip


def _weigh(customers: dict[int, Reading], visitors: list[int], told: int) -> float:
    opinions = [reading.opinion for reading in customers.values()] + [SENT_BY_STAFF] * told
    return usefulness(opinions, visitors_yes=visitors[0], visitors_no=visitors[1])


def _customers_acts() -> Any:
    opened, outcome = Impression.opened_at.is_not(None), SearchSession.outcome
    return (
        select(
            Impression.article_id,
            SearchSession.customer_id,
            func.max(case((Impression.solved_at.is_not(None), 1), else_=0)).label("solved"),
            func.sum(case((outcome == SearchOutcome.LEFT, 1), else_=0)).label("left"),
            func.sum(case((outcome == SearchOutcome.SENT, 1), else_=0)).label("sent"),
        )
        .join(SearchSession)
        .where(opened, SearchSession.customer_id.is_not(None), SearchSession.place != SearchPlace.REPLY)
        .group_by(Impression.article_id, SearchSession.customer_id)
    )


def _votes() -> Any:
    counted = select(ArticleVote.article_id, ArticleVote.customer_id, ArticleVote.helped, func.count())
    return counted.group_by(ArticleVote.article_id, ArticleVote.customer_id, ArticleVote.helped)


def _tickets_told() -> Any:
    """For each article, how many tickets were answered with it."""
    counted = select(Impression.article_id, func.count(SearchSession.ticket_id.distinct())).join(SearchSession)
    return counted.where(SearchSession.place == SearchPlace.REPLY).group_by(Impression.article_id)
