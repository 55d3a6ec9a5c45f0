"""What was promised by level, and what became of it."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from supportapp.certificates.models import SupportLevel
from supportapp.reports.figures.speed import OUTCOMES, Times, level_times, promises
from supportapp.reports.rules import Days
from supportapp.staff.frame import language
from supportapp.staff.picture import rows_chart
from supportapp.staff.reports.shown import (
    Figures,
    Number,
    Picture,
    Report,
    Section,
    Table,
    compared,
    share,
    time,
    told,
)

CAME_IN = _l("Of tickets that came in during the period.")
WORKED_ON = _l(
    "Of tickets that were closed in the period as solved, without a reaction or by staff. The time in which we waited"
    " for the customer is left out."
)
NO_LONGER = _l("A time leads to the tickets that took no longer.")


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


def _promised_in(level: SupportLevel, outcome: str) -> Figures:
    return lambda days: (f"created:{days}", f"level:{level.id}", outcome)


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


def _part(kept: int, missed: int) -> str:
    return share(kept / (kept + missed) if kept + missed else None)


def _promised(level: SupportLevel | None, kind: str) -> int | None:
    if level is None:
        return None
    return level.first_response_hours if kind == "response" else level.resolution_hours


def _level_name(level: SupportLevel | None) -> str:
    return level.name(language()) if level is not None else str(_("without a level"))
