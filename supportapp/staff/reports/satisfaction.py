"""What customers thought of our work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from supportapp.reports.figures.flow import Answers, Verdicts, answers, verdicts
from supportapp.reports.rules import Days
from supportapp.staff.picture import chart
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
    share,
    short_name,
    told,
)

ASKED = _l(
    "On the page of a ticket that was closed as solved or by itself customers are asked whether they are satisfied."
    " Answering is up to them, and no mail asks for it."
)
ACTS_COUNT = _l(
    "Counted is what customers did: pressed “solved”, or brought a closed ticket back. Who says nothing is not counted."
)


def satisfaction(days: Days, at: datetime) -> Report:
    """What customers answer when they are asked, and what they did with our solutions."""
    said, said_before = answers([days, days.before])
    parts = verdicts(days.parts())
    earlier = verdicts([part.days.shifted(len(days)) for part in parts])
    total, before = verdicts([days])[0], verdicts([days.before])[0]
    picture = Picture(
        _("Accepted solutions and reopened tickets"),
        chart([[part.accepted, part.reopened] for part in parts]),
        [short_name(part.days) for part in parts],
        [_("accepted the solution"), _("reopened the ticket")],
    )
    rows = [(days_name(part.days), _verdict_numbers(part, old)) for part, old in newest_first(parts, earlier)]
    return Report(
        _("Satisfaction"),
        [
            (_("satisfied"), compared(said.yes, said_before.yes, _answered("yes"), days)),
            (_("of all answers"), told(share(said.share), share(said_before.share), _answered("any"), days)),
            (_("accepted the solution"), compared(total.accepted, before.accepted, during("accepted"), days)),
            (_("reopened the ticket"), compared(total.reopened, before.reopened, during("reopened"), days)),
            (_("accepted, of both"), told(share(total.share), share(before.share), during("judged"), days)),
        ],
        [
            _answers_by_time(days),
            Section(
                _("What customers did"),
                ACTS_COUNT,
                picture,
                Table([_("Days"), _("Accepted"), _("Reopened"), _("Accepted, of both")], rows),
            ),
        ],
    )


def _verdict_numbers(part: Verdicts, old: Verdicts) -> Sequence[Number]:
    return [
        compared(part.accepted, old.accepted, during("accepted"), part.days, old.days),
        compared(part.reopened, old.reopened, during("reopened"), part.days, old.days),
        told(share(part.share), share(old.share), during("judged"), part.days, old.days),
    ]


def _answers_by_time(days: Days) -> Section:
    parts = answers(days.parts())
    earlier = answers([part.days.shifted(len(days)) for part in parts])
    picture = Picture(
        _("Are customers satisfied?"),
        chart([[part.yes, part.partly, part.no] for part in parts]),
        [short_name(part.days) for part in parts],
        [_("satisfied"), _("partly satisfied"), _("not satisfied")],
    )
    rows = [(days_name(part.days), _answer_numbers(part, old)) for part, old in newest_first(parts, earlier)]
    heads = [_("Days"), _("Satisfied"), _("Partly satisfied"), _("Not satisfied"), _("Satisfied, of all answers")]
    return Section(_("What customers answered"), ASKED, picture, Table(heads, rows))


def _answer_numbers(part: Answers, old: Answers) -> Sequence[Number]:
    counts = [
        compared(getattr(part, kind), getattr(old, kind), _answered(kind), part.days, old.days)
        for kind in ("yes", "partly", "no")
    ]
    return [*counts, told(share(part.share), share(old.share), _answered("any"), part.days, old.days)]


def _answered(kind: str) -> Figures:
    return lambda days: (f"opinion:{kind}/{days}",)
