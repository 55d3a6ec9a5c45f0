"""«База знаний: польза»: how many tickets the articles spared, and what readers miss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import lazy_gettext as _l

from supportapp import clock
from supportapp.certificates.queries import today
from supportapp.extensions import settings
from supportapp.kb.learning import figures, questions
from supportapp.kb.learning.figures import Record
from supportapp.kb.models import ArticleVote
from supportapp.kb.queries import due_for_review
from supportapp.staff.frame import StaffScreen
from supportapp.staff.picture import Picture, draw
from supportapp.staff.roles import WRITE
from supportapp.staff.security import may

PERIODS = {30: _l("30 days"), 90: _l("90 days"), 365: _l("a year")}
USUAL_PERIOD = 90
LONGEST_LIST = 10
MOST_QUESTIONS = 20
MOST_UNOPENED = 30
TIME_TO_BE_FOUND = timedelta(days=30)


class DeflectionPage(StaffScreen):
    """Read by every role; what can be done about it is done on the articles' own pages."""

    route_base = "/staff/knowledge-use"
    default_view = "show"

    @expose("/")
    @has_access
    @permission_name("read")
    def show(self) -> ResponseReturnValue:
        at = clock.now()
        days = chosen_period()
        since = at - timedelta(days=days)
        return self.render_template(
            "staff/deflection.html",
            periods=PERIODS,
            days=days,
            may_write=may(WRITE, "ArticleView"),
            questions=questions.unanswered(since=since, at=at, limit=MOST_QUESTIONS),
            due=due_for_review(today=today(at), limit=MOST_UNOPENED),
            today=today(at),
            **_deflection(since, at),
            **_articles(since, at),
        )


def chosen_period() -> int:
    """The days that were asked for; the usual ones when that is no period of ours."""
    asked = request.args.get("days", "")
    return next((days for days in PERIODS if str(days) == asked), USUAL_PERIOD)


def _deflection(since: datetime, at: datetime) -> dict[str, Any]:
    weeks = figures.weeks(since=since, until=at, tz=settings.timezone)
    picture: Picture = draw(weeks)
    return {"weeks": weeks, "total": figures.total(weeks), "picture": picture}


@dataclass(frozen=True)
class Voted:
    """An article in the list of the best or the worst, with what readers wrote about it."""

    record: Record
    comments: Sequence[ArticleVote]


def _articles(since: datetime, at: datetime) -> dict[str, Any]:
    records = figures.records(since=since)
    voted = [record for record in records if record.votes or record.solved]
    best = sorted(voted, key=lambda record: (-record.standing, -record.votes))[:LONGEST_LIST]
    poor = [record for record in voted if record.bad > record.good or record.standing < 0.5]
    worst = sorted(poor, key=lambda record: (record.standing, -record.no))[:LONGEST_LIST]
    best = [record for record in best if record not in worst]
    said = figures.comments([record.article.id for record in best + worst], since=since)
    unopened = [record for record in records if not record.opened and not record.votes and _had_time(record, at)]
    return {
        "best": [_with_comments(record, said) for record in best],
        "worst": [_with_comments(record, said) for record in worst],
        "unopened": sorted(unopened, key=lambda record: -record.shown)[:MOST_UNOPENED],
        "number_unopened": len(unopened),
        "number_of_articles": len(records),
    }


def _with_comments(record: Record, said: Sequence[ArticleVote]) -> Voted:
    return Voted(record, [vote for vote in said if vote.article_id == record.article.id][:3])


def _had_time(record: Record, at: datetime) -> bool:
    published = record.article.published_at
    return published is None or published <= at - TIME_TO_BE_FOUND
