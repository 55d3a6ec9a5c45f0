"""The reports, each a function of a period."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from supportapp.extensions import settings
from supportapp.kb.learning import figures as learning
from supportapp.reports.figures.flow import Closings, closings
from supportapp.reports.figures.load import Share, load
from supportapp.reports.rules import DAY, Days
from supportapp.staff.picture import chart, rows_chart
from supportapp.staff.reports.inflow import inflow
from supportapp.staff.reports.levels import speed, targets
from supportapp.staff.reports.satisfaction import satisfaction
from supportapp.staff.reports.shown import (
    Number,
    Picture,
    Report,
    Section,
    Table,
    behind,
    compared,
    counted,
    days_name,
    during,
    newest_first,
    share,
    short_name,
    told,
    whole,
)

DIMENSIONS: dict[str, Any] = {
    "assignee": _l("Engineers"),
    "product": _l("Products"),
    "certificate": _l("Certificates"),
    "organisation": _l("Organisations"),
}

WHOLE_WEEKS = _l(
    "Whole weeks. No ticket stands behind these numbers: the page of the knowledge base shows the questions."
)


def automatic(days: Days, at: datetime) -> Report:
    """Automatic closings, and how many of them were not meant."""
    parts = closings(days.parts())
    earlier = closings([part.days.shifted(len(days)) for part in parts])
    whole_period, before = closings([days])[0], closings([days.before])[0]
    picture = Picture(
        _("Automatic closings"),
        chart([[part.closed - part.returned, part.returned] for part in parts]),
        [short_name(part.days) for part in parts],
        [_("stayed closed"), _("reopened")],
    )
    rows = [(days_name(part.days), _closing_numbers(part, old)) for part, old in newest_first(parts, earlier)]
    return Report(
        _("Automatic closings"),
        [
            (_("closed automatically"), compared(whole_period.closed, before.closed, during("automatic"), days)),
            (_("of these reopened"), compared(whole_period.returned, before.returned, during("returned"), days)),
            (_("reopened"), told(_rate(whole_period), _rate(before), during("automatic"), days)),
        ],
        [Section(_("By time"), "", picture, Table([_("Days"), _("Closed"), _("Reopened"), _("Part")], rows))],
    )


def knowledge(days: Days, at: datetime) -> Report:
    """Tickets that articles spared."""
    tz = settings.timezone
    weeks = learning.weeks(since=days.begins(tz), until=min(days.ends(tz), at), tz=tz)
    before = learning.total(learning.weeks(since=days.before.begins(tz), until=days.begins(tz), tz=tz))
    total, page = learning.total(weeks), url_for("DeflectionPage.show", days=90)
    every = [Days(week.begins, week.begins + 6 * DAY) for week in weeks]
    picture = Picture(
        _("Ticket forms with suggestions by week, and how they ended"),
        chart([_endings(week) for week in weeks]),
        [short_name(one) for one in every],
        [_("solved"), _("sent"), _("left")],
    )
    rows = [
        (days_name(one), [*(Number(whole(n), page) for n in _endings(week)), Number(share(week.rate))])
        for one, week in reversed(list(zip(every, weeks, strict=True)))
    ]
    return Report(
        _("Solved without a ticket"),
        [
            (_("solved without a ticket"), Number(whole(total.solved), page, whole(before.solved))),
            (_("sent all the same"), Number(whole(total.sent), page, whole(before.sent))),
            (_("of the forms with suggestions"), Number(share(total.rate), before=share(before.rate))),
        ],
        [
            Section(
                _("By week"),
                WHOLE_WEEKS,
                picture,
                Table([_("Week"), _("Solved"), _("Sent"), _("Left"), _("Rate")], rows),
            )
        ],
    )


def load_of(by: str, days: Days) -> Report:
    """The rows with the most tickets of one dimension."""
    rows = load(by, days)
    names = [row.name or _nobody(by) for row in rows]
    figures = [f"{by}:{row.key}" for row in rows]
    picture = Picture(_("Tickets that came in"), rows_chart([[row.created] for row in rows]), names, [_("came in")])
    table = [
        (
            name,
            [
                compared(row.created, row.created_before, during("created", figure), days),
                compared(row.closed, row.closed_before, during("closed", figure), days),
                _open_now(row, figure, days),
            ],
        )
        for row, name, figure in zip(rows, names, figures, strict=True)
    ]
    heads = [DIMENSIONS[by], _("Came in"), _("Closed"), _("Open now")]
    note = _("The twenty with the most tickets.") if len(rows) == 20 else ""
    return Report(_("Load"), sections=[Section(DIMENSIONS[by], note, picture, Table(heads, table))])


REPORTS: dict[str, tuple[Any, Callable[[Days, datetime], Report]]] = {
    "inflow": (_l("Inflow and backlog"), inflow),
    "speed": (_l("Response and solution"), speed),
    "targets": (_l("Targets"), targets),
    "closings": (_l("Automatic closings"), automatic),
    "satisfaction": (_l("Satisfaction"), satisfaction),
    "knowledge": (_l("Without a ticket"), knowledge),
}


def _open_now(row: Share, figure: str, days: Days) -> Number:
    """Open at this moment, beside those open at the end of the period before."""
    number = counted(row.open, "now:open", figure)
    past = behind(f"open:{days.before.last}", figure) if row.open_before else ""
    return replace(number, before=whole(row.open_before), before_link=past)


def _closing_numbers(part: Closings, old: Closings) -> Sequence[Number]:
    return [
        compared(part.closed, old.closed, during("automatic"), part.days, old.days),
        compared(part.returned, old.returned, during("returned"), part.days, old.days),
        told(_rate(part), _rate(old), during("automatic"), part.days, old.days),
    ]


def _endings(week: learning.Week) -> list[int]:
    return [week.solved, week.sent, week.left]


def _rate(part: Closings) -> str:
    return share(part.returned / part.closed if part.closed else None)


def _nobody(by: str) -> str:
    return str({"assignee": _("nobody"), "certificate": _("no certificate")}.get(by, _("not named")))


__all__ = ["DIMENSIONS", "REPORTS", "behind", "load_of"]
