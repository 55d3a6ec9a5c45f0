"""The reports, each a function of a period."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from supportapp.certificates.models import SupportLevel
from supportapp.extensions import settings
from supportapp.kb.learning import figures as learning
from supportapp.reports.figures.flow import AGES, Closings, Flow, ages, closings, flow
from supportapp.reports.figures.load import Share, load
from supportapp.reports.figures.speed import OUTCOMES, Times, level_times, promises
from supportapp.reports.rules import DAY, Days
from supportapp.staff.frame import language
from supportapp.staff.picture import chart, rows_chart
from supportapp.staff.reports.satisfaction import satisfaction
from supportapp.staff.reports.shown import (
    Figures,
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
    time,
    told,
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
NO_LONGER = _l("A time leads to the tickets that took no longer.")
WHOLE_WEEKS = _l(
    "Whole weeks. No ticket stands behind these numbers: the page of the knowledge base shows the questions."
)


def inflow(days: Days, at: datetime) -> Report:
    """What came, what went, what stayed, and how old that is."""
    parts = flow(days.parts())
    earlier = flow([part.days.shifted(len(days)) for part in parts])
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
    rows = [(days_name(part.days), _flow_numbers(part, old)) for part, old in newest_first(parts, earlier)]
    old, older = ages(min(days.ends(settings.timezone), at)), ages(days.begins(settings.timezone))
    names = [_age_name(*age) for age in AGES]
    ages_picture = Picture(
        _("Age of the tickets open at the end of the period"), rows_chart([[n] for n in old]), names, [_("tickets")]
    )
    return Report(
        _("Inflow, backlog and age"),
        [
            (_("came in"), compared(created, before.created, during("created"), days)),
            (_("closed"), compared(closed, before.closed, during("closed"), days)),
            (_("open at the end"), compared(left, before.open, _open, days)),
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
                        (name, [compared(number, past, _aged(*age), days)])
                        for name, number, past, age in zip(names, old, older, AGES, strict=True)
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
    for heading, note, kind in ((_("First response"), CAME_IN, "response"), (_("Solution"), WORKED_ON, "solution")):
        rows, bars, marks, names = [], [], [], []
        for one in now:
            times: Times = getattr(one, kind)
            past = earlier.get(one.level.id if one.level else None)
            old: Times | None = getattr(past, kind) if past else None
            hours = _promised(one.level, kind)
            names.append(_level_name(one.level))
            bars.append([times.median or 0, times.ninth or 0])
            marks.append(hours * 60 if hours else None)
            rows.append((names[-1], [*_times(kind, one.level, times, old, days), Number(time(hours and hours * 60))]))
        picture = Picture(
            heading,
            rows_chart(bars, marks, stacked=False),
            names,
            [_("median"), _("nine of ten")],
            mark_legend=_("target"),
        )
        heads = [_("Support level"), _("Tickets"), _("Median"), _("Nine of ten within"), _("Target")]
        sections.append(Section(heading, f"{note} {NO_LONGER}", picture, Table(heads, rows)))
    return Report(_("First response and solution in working time"), sections=sections)


def targets(days: Days, at: datetime) -> Report:
    """Kept and missed promises by level."""
    now, earlier = promises(days), {one.level.id: one for one in promises(days.before)}
    sections = []
    for heading, kind in ((_("First response"), "response"), (_("Solution"), "resolution")):
        rows, bars = [], []
        for one in now:
            numbers = getattr(one, kind)
            old = getattr(earlier[one.level.id], kind)
            bars.append(list(numbers))
            counts = [
                compared(number, past, _promised_in(one.level, f"{kind}:{how}"), days)
                for how, number, past in zip(OUTCOMES, numbers, old, strict=True)
            ]
            part, past_part = _part(numbers[0], numbers[1]), _part(old[0], old[1])
            decided = told(part, past_part, _promised_in(one.level, f"decided:{kind}"), days)
            rows.append((_level_name(one.level), [*counts, decided]))
        names = [_level_name(one.level) for one in now]
        legend = [_("kept"), _("missed"), _("still running")]
        picture = Picture(heading, rows_chart(bars), names, legend)
        heads = [_("Support level"), _("Kept"), _("Missed"), _("Still running"), _("Kept, of those decided")]
        sections.append(Section(heading, "", picture, Table(heads, rows)))
    return Report(_("Kept and missed targets"), sections=sections)


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


def _open(days: Days) -> Sequence[str]:
    return (f"open:{days.last}",)


def _aged(youngest: int, oldest: int | None) -> Figures:
    return lambda days: (f"open:{days.last}", f"age:{days.last}/{_age_key(youngest, oldest)}")


def _promised_in(level: SupportLevel, outcome: str) -> Figures:
    return lambda days: (f"created:{days}", f"level:{level.id}", outcome)


def _flow_numbers(part: Flow, old: Flow) -> Sequence[Number]:
    return [
        compared(part.created, old.created, during("created"), part.days, old.days),
        compared(part.closed, old.closed, during("closed"), part.days, old.days),
        compared(part.open, old.open, _open, part.days, old.days),
    ]


def _times(kind: str, level: SupportLevel | None, times: Times, old: Times | None, days: Days) -> list[Number]:
    """How many tickets, the median, and what nine of ten did not exceed."""
    key = f"level:{level.id if level else 'none'}"

    def behind_it(some: Days) -> list[str]:
        return [f"created:{some}", "answered:", key] if kind == "response" else [f"closed:{some}", "finished:", key]

    return [
        compared(times.number, old.number if old else 0, behind_it, days),
        _spent(kind, times.median, old.median if old else None, behind_it, days),
        _spent(kind, times.ninth, old.ninth if old else None, behind_it, days),
    ]


def _spent(kind: str, now: int | None, then: int | None, behind_it: Figures, days: Days) -> Number:
    """A time with the tickets that took no longer."""

    def no_longer(some: Days) -> list[str]:
        return [*behind_it(some), f"minutes:{kind}/0/{now if some is days else then}"]

    return told(time(now), time(then), no_longer, days)


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
