"""What came, what went, what stayed, and how old that is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _

from supportapp.extensions import settings
from supportapp.reports.figures.flow import AGES, Flow, ages, flow
from supportapp.reports.rules import Days
from supportapp.staff.picture import chart, rows_chart
from supportapp.staff.reports.shown import (
    Figures,
    Number,
    Picture,
    Report,
    Section,
    Table,
    compared,
    days_name,
    during,
    newest_first,
    short_name,
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


def _open(days: Days) -> Sequence[str]:
    return (f"open:{days.last}",)


def _aged(youngest: int, oldest: int | None) -> Figures:
    return lambda days: (f"open:{days.last}", f"age:{days.last}/{_age_key(youngest, oldest)}")


def _flow_numbers(part: Flow, old: Flow) -> Sequence[Number]:
    return [
        compared(part.created, old.created, during("created"), part.days, old.days),
        compared(part.closed, old.closed, during("closed"), part.days, old.days),
        compared(part.open, old.open, _open, part.days, old.days),
    ]


def _age_name(youngest: int, oldest: int | None) -> str:
    if oldest is None:
        return str(_("over %(days)s days", days=youngest))
    return str(_("up to a day") if oldest == 1 else _("%(first)s to %(last)s days", first=youngest, last=oldest))


def _age_key(youngest: int, oldest: int | None) -> str:
    return f"{youngest}-{'' if oldest is None else oldest}"
