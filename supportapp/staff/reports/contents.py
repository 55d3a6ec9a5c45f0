"""The reports, each a function of a period."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from supportapp.certificates.models import SupportLevel
from supportapp.extensions import settings
from supportapp.kb.learning import figures as learning
from supportapp.reports.figures.flow import AGES, Closings, Flow, Verdicts, ages, closings, flow, verdicts
from supportapp.reports.figures.load import load
from supportapp.reports.figures.speed import Times, level_times, promises
from supportapp.reports.rules import DAY, Days
from supportapp.staff.frame import language
from supportapp.staff.picture import chart, rows_chart
from supportapp.staff.reports.shown import (
    Number,
    Picture,
    Report,
    Section,
    Table,
    behind,
    counted,
    days_name,
    share,
    short_name,
    time,
    whole,
)

DIMENSIONS: dict[str, Any] = {
    "assignee": _l("Engineers"),
    "product": _l("Products"),
    "certificate": _l("Certificates"),
    "organisation": _l("Organisations"),
}

CAME_IN = _l("Of tickets that came in during the period.")
WORKED_ON = _l(
    "Of tickets that were closed in the period as solved, without a reaction or by staff. The time in which we waited"
    " for the customer is left out."
)
ACTS_COUNT = _l(
    "Customers are not asked for a mark. Counted is what they did: pressed “solved”, or brought a closed ticket back."
    " Who says nothing is not counted."
)
WHOLE_WEEKS = _l(
    "Whole weeks. No ticket stands behind these numbers: the page of the knowledge base shows the questions."
)


def inflow(days: Days, at: datetime) -> Report:
    """What came, what went, what stayed, and how old that is."""
    parts = flow(days.parts())
    before = flow([days.before])[0]
    created, closed, left = sum(part.created for part in parts), sum(part.closed for part in parts), parts[-1].open
    picture = Picture(
        _("Tickets that came in, and those closed"),
        chart([[part.created] for part in parts], [[part.closed for part in parts]]),
        [short_name(part.days) for part in parts],
        [_("came in")],
        _("closed"),
    )
    backlog = Picture(
        _("Open at the end"),
        chart([[part.open] for part in parts]),
        [short_name(part.days) for part in parts],
        [_("tickets")],
    )
    rows = [(days_name(part.days), _flow_numbers(part)) for part in reversed(parts)]
    ended = min(days.ends(settings.timezone), at)
    old = ages(ended)
    names = [_age_name(*age) for age in AGES]
    ages_picture = Picture(
        _("Age of the tickets open at the end of the period"), rows_chart([[n] for n in old]), names, [_("tickets")]
    )
    return Report(
        _("Inflow, backlog and age"),
        [
            (_("came in"), counted(created, f"created:{days}", before=before.created)),
            (_("closed"), counted(closed, f"closed:{days}", before=before.closed)),
            (_("open at the end"), counted(left, f"open:{days.last}", before=before.open)),
        ],
        [
            Section(
                _("By time"),
                _("A ticket that was reopened counts as if it had never been closed: only its last closing is known."),
                picture,
                Table([_("Days"), _("Came in"), _("Closed"), _("Open at the end")], rows),
            ),
            Section(_("Backlog"), _("The numbers stand in the table above, in its last column."), backlog),
            Section(
                _("Age of the open ones"),
                picture=ages_picture,
                table=Table(
                    [_("Age"), _("Tickets")],
                    [
                        (name, [counted(number, f"open:{days.last}", f"age:{days.last}/{_age_key(*age)}")])
                        for name, number, age in zip(names, old, AGES, strict=True)
                    ],
                ),
            ),
        ],
    )


def speed(days: Days, at: datetime) -> Report:
    """First response and solution in working time, against the promises of each level."""
    now = level_times(days)
    earlier = {one.level.id if one.level else None: one for one in level_times(days.before)}
    sections = []
    for heading, note, kind, figures in (
        (_("First response"), CAME_IN, "response", (f"created:{days}", "answered:")),
        (_("Solution"), WORKED_ON, "solution", (f"closed:{days}", "finished:")),
    ):
        rows, bars, marks, names = [], [], [], []
        for one in now:
            times: Times = getattr(one, kind)
            past = earlier.get(one.level.id if one.level else None)
            old: Times | None = getattr(past, kind) if past else None
            hours = _promised(one.level, kind)
            names.append(_level_name(one.level))
            bars.append([times.median or 0, times.ninth or 0])
            marks.append(hours * 60 if hours else None)
            key = f"level:{one.level.id if one.level else 'none'}"
            numbers = [
                counted(times.number, *figures, key, before=old.number if old else 0),
                Number(time(times.median), before=time(old.median) if old else "—"),
                Number(time(times.ninth), before=time(old.ninth) if old else "—"),
                Number(time(hours * 60) if hours else "—"),
            ]
            rows.append((names[-1], numbers))
        picture = Picture(
            heading,
            rows_chart(bars, marks, stacked=False),
            names,
            [_("median"), _("nine of ten")],
            mark_legend=_("target"),
        )
        heads = [_("Support level"), _("Tickets"), _("Median"), _("Nine of ten within"), _("Target")]
        sections.append(Section(heading, note, picture, Table(heads, rows)))
    return Report(_("First response and solution in working time"), sections=sections)


def targets(days: Days, at: datetime) -> Report:
    """Kept and missed promises by level."""
    now, earlier = promises(days), {one.level.id: one for one in promises(days.before)}
    sections = []
    for heading, kind in ((_("First response"), "response"), (_("Solution"), "resolution")):
        rows, bars = [], []
        for one in now:
            kept, missed, running = numbers = getattr(one, kind)
            old = getattr(earlier[one.level.id], kind)
            bars.append(list(numbers))
            key = (f"created:{days}", f"level:{one.level.id}")
            rows.append(
                (
                    _level_name(one.level),
                    [
                        counted(kept, *key, f"{kind}:kept", before=old[0]),
                        counted(missed, *key, f"{kind}:missed", before=old[1]),
                        counted(running, *key, f"{kind}:running", before=old[2]),
                        Number(_part(kept, missed), before=_part(old[0], old[1])),
                    ],
                )
            )
        names = [_level_name(one.level) for one in now]
        legend = [_("kept"), _("missed"), _("still running")]
        picture = Picture(heading, rows_chart(bars), names, legend)
        heads = [_("Support level"), _("Kept"), _("Missed"), _("Still running"), _("Kept, of those decided")]
        sections.append(Section(heading, "", picture, Table(heads, rows)))
    return Report(_("Kept and missed targets"), sections=sections)


def automatic(days: Days, at: datetime) -> Report:
    """Automatic closings, and how many of them were not meant."""
    parts = closings(days.parts())
    whole_period, before = closings([days])[0], closings([days.before])[0]
    picture = Picture(
        _("Automatic closings"),
        chart([[part.closed - part.returned, part.returned] for part in parts]),
        [short_name(part.days) for part in parts],
        [_("stayed closed"), _("reopened")],
    )
    rows = [(days_name(part.days), _closing_numbers(part)) for part in reversed(parts)]
    return Report(
        _("Automatic closings"),
        [
            (_("closed automatically"), counted(whole_period.closed, f"automatic:{days}", before=before.closed)),
            (_("of these reopened"), counted(whole_period.returned, f"returned:{days}", before=before.returned)),
            (_("reopened"), Number(_rate(whole_period), before=_rate(before))),
        ],
        [Section(_("By time"), "", picture, Table([_("Days"), _("Closed"), _("Reopened"), _("Part")], rows))],
    )


def satisfaction(days: Days, at: datetime) -> Report:
    """What customers did with our solutions: nobody is asked for a mark, so their acts are counted."""
    parts = verdicts(days.parts())
    total, before = verdicts([days])[0], verdicts([days.before])[0]
    picture = Picture(
        _("Accepted solutions and reopened tickets"),
        chart([[part.accepted, part.reopened] for part in parts]),
        [short_name(part.days) for part in parts],
        [_("accepted the solution"), _("reopened the ticket")],
    )
    rows = [(days_name(part.days), _verdict_numbers(part)) for part in reversed(parts)]
    return Report(
        _("Satisfaction"),
        [
            (_("accepted the solution"), counted(total.accepted, f"accepted:{days}", before=before.accepted)),
            (_("reopened the ticket"), counted(total.reopened, f"reopened:{days}", before=before.reopened)),
            (_("accepted, of both"), Number(share(total.share), before=share(before.share))),
        ],
        [
            Section(
                _("By time"),
                ACTS_COUNT,
                picture,
                Table([_("Days"), _("Accepted"), _("Reopened"), _("Accepted, of both")], rows),
            )
        ],
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
                counted(row.created, f"created:{days}", figure, before=row.before),
                counted(row.closed, f"closed:{days}", figure),
                counted(row.open, "now:open", figure),
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


def _flow_numbers(part: Flow) -> Sequence[Number]:
    return [
        counted(part.created, f"created:{part.days}"),
        counted(part.closed, f"closed:{part.days}"),
        counted(part.open, f"open:{part.days.last}"),
    ]


def _closing_numbers(part: Closings) -> Sequence[Number]:
    return [
        counted(part.closed, f"automatic:{part.days}"),
        counted(part.returned, f"returned:{part.days}"),
        Number(_rate(part)),
    ]


def _verdict_numbers(part: Verdicts) -> Sequence[Number]:
    return [
        counted(part.accepted, f"accepted:{part.days}"),
        counted(part.reopened, f"reopened:{part.days}"),
        Number(share(part.share)),
    ]


def _endings(week: learning.Week) -> list[int]:
    return [week.solved, week.sent, week.left]


def _rate(part: Closings) -> str:
    return share(part.returned / part.closed if part.closed else None)


def _part(kept: int, missed: int) -> str:
    return share(kept / (kept + missed) if kept + missed else None)


def _promised(level: SupportLevel | None, kind: str) -> int | None:
    if level is None:
        return None
    return level.first_response_hours if kind == "response" else level.resolution_hours


def _level_name(level: SupportLevel | None) -> str:
    return level.name(language()) if level is not None else str(_("without a level"))


def _nobody(by: str) -> str:
    return str({"assignee": _("nobody"), "certificate": _("no certificate")}.get(by, _("not named")))


def _age_name(youngest: int, oldest: int | None) -> str:
    if oldest is None:
        return str(_("over %(days)s days", days=youngest))
    return str(_("up to a day") if oldest == 1 else _("%(first)s to %(last)s days", first=youngest, last=oldest))


def _age_key(youngest: int, oldest: int | None) -> str:
    return f"{youngest}-{'' if oldest is None else oldest}"


__all__ = ["DIMENSIONS", "REPORTS", "behind", "load_of"]
