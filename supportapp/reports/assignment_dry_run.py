"""What the assignment rules, as they are or otherwise, would have done to the tickets of the last 90 days.

Every ticket that came, closed or came back is lived through again in the order of the days, and the open tickets of
everybody are counted as they would have been. A ticket is judged by the product and level that it has now; absences are
those that are written down; who works here is taken as it is today. A ticket that no rule gives to anybody goes to the
one who really has it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import itemgetter

from sqlalchemy import or_, select
from sqlalchemy.orm import load_only

from supportapp.extensions import db, settings
from supportapp.reports.dry_run import ENDS
from supportapp.reports.rules import Days
from supportapp.tickets.assigning import rules
from supportapp.tickets.assigning.absences import absences_during
from supportapp.tickets.assigning.models import AssignmentRule, StaffAbsence
from supportapp.tickets.assigning.queries import desk
from supportapp.tickets.assigning.rules import Rule
from supportapp.tickets.models import Ticket, TimelineEntry
from supportapp.tickets.rules import EventKind
from supportapp.worktime.rules import local_date

CAME, ENDED, BACK = "came", "ended", "back"
Event = tuple[datetime, int, str]  # the moment, the ticket's key, what happened


@dataclass(frozen=True)
class Past:
    """One ticket; ``was_open`` at the beginning of the period, ``person`` is who really has it."""

    id: int
    product_id: int | None
    level_id: int | None
    person: int | None
    was_open: bool


@dataclass
class People:
    """Who is at the desk, and who stood in for whom on which day."""

    here: set[int]
    absences: Sequence[tuple[date, date, int, int]] = ()
    _found: dict[tuple[Rule, date], set[int]] = field(default_factory=dict)

    def candidates(self, rule: Rule, day: date) -> set[int]:
        """Who could have got a ticket by the rule on that day."""
        if (rule, day) not in self._found:
            away = {who: deputy for first, last, who, deputy in self.absences if first <= day <= last}
            self._found[rule, day] = rules.candidates(rule, lambda key: rules.stand_in(key, here=self.here, away=away))
        return self._found[rule, day]


@dataclass
class World:
    """Who has which open ticket, and the most that anybody had at once."""

    holders: dict[int, int | None] = field(default_factory=dict)
    load: Counter[int] = field(default_factory=Counter)
    peak: Counter[int] = field(default_factory=Counter)

    def open(self, ticket: int, person: int | None) -> None:
        """The ticket is in the hands of ``person`` from now on."""
        self.close(ticket)
        self.holders[ticket] = person
        if person is not None:
            self.load[person] += 1
            self.peak[person] = max(self.peak[person], self.load[person])

    def close(self, ticket: int) -> None:
        """The ticket is in nobody's hands any more."""
        person = self.holders.pop(ticket, None)
        if person is not None:
            self.load[person] -= 1


@dataclass(frozen=True)
class Judged:
    """A ticket that came: who really has it, the rule that fits, and to whom it would have gone."""

    ticket_id: int
    at: datetime
    real: int | None
    rule: Rule | None
    would: int | None

    @property
    def differs(self) -> bool:
        return self.would is not None and self.would != self.real


@dataclass(frozen=True)
class Line:
    """What became of one person: tickets that came to him, and the most open ones at once."""

    person: int | None
    real: int
    would: int
    real_peak: int
    would_peak: int


@dataclass(frozen=True)
class Result:
    judged: list[Judged]
    real: World
    would: World

    @property
    def unruled(self) -> list[Judged]:
        """No rule fits them."""
        return [one for one in self.judged if one.rule is None]

    @property
    def unmanned(self) -> list[Judged]:
        """A rule fits them, and nobody of it was there."""
        return [one for one in self.judged if one.rule is not None and one.would is None]

    @property
    def differing(self) -> list[Judged]:
        """They would have gone to somebody else than has them."""
        return [one for one in self.judged if one.differs]

    def lines(self) -> list[Line]:
        """By person, those with the most tickets by the rules first; nobody last."""
        real = Counter(one.real for one in self.judged)
        would = Counter(one.real if one.would is None else one.would for one in self.judged)
        people = sorted(real.keys() | would.keys(), key=lambda key: (key is None, -would[key], -real[key], key or 0))
        peaks = self.real.peak, self.would.peak
        return [
            Line(key, real[key], would[key], *(0 if key is None else peak[key] for peak in peaks)) for key in people
        ]


def saved_rules(trial: Rule | None = None) -> list[Rule]:
    """The rules in force, with ``trial`` instead of the one with its key, or beside them when its key is 0."""
    active = db.session.scalars(select(AssignmentRule).where(AssignmentRule.active.is_(True)))
    found = [row.plain for row in active if trial is None or row.id != trial.id]
    return [*found, trial] if trial is not None else found


def simulate(judging: Sequence[Rule], days: Days) -> Result:
    """Live through ``days`` again under the rules ``judging``."""
    begin, end = days.begins(settings.timezone), days.ends(settings.timezone)
    past = {one.id: one for one in _tickets(begin, end)}
    came = ((moment, key, CAME) for key, moment in _came(begin, end) if key in past)
    turns = (event for event in _turns(begin, end) if event[1] in past)
    events = sorted((*came, *turns), key=itemgetter(0, 1))
    return replay(judging, _reopened_first(past, events), events, _people(days))


def replay(judging: Sequence[Rule], past: dict[int, Past], events: Iterable[Event], people: People) -> Result:
    """Live through ``events``, which are in order; pure."""
    real, would, judged = World(), World(), []
    for one in past.values():
        if one.was_open:
            real.open(one.id, one.person)
            would.open(one.id, one.person)
    last: dict[int, int | None] = {}
    for at, key, kind in events:
        one = past[key]
        if kind == ENDED:
            last[key] = would.holders.get(key, one.person)
            real.close(key)
            would.close(key)
            continue
        real.open(key, one.person)
        if kind == CAME:
            verdict = _judge(judging, one, at, would, people)
            judged.append(verdict)
            would.open(key, one.person if verdict.would is None else verdict.would)
        else:
            would.open(key, last.get(key, one.person))
    return Result(judged, real, would)


def references(judged: Iterable[Judged]) -> dict[int, Ticket]:
    """The tickets of these verdicts."""
    wanted = select(Ticket).where(Ticket.id.in_({one.ticket_id for one in judged}))
    return {row.id: row for row in db.session.scalars(wanted.options(load_only(Ticket.reference, Ticket.subject)))}


def _judge(judging: Sequence[Rule], one: Past, at: datetime, would: World, people: People) -> Judged:
    rule, chosen = rules.fitting(judging, one.product_id, one.level_id), None
    if rule is not None:
        chosen = rules.choose(people.candidates(rule, local_date(at, settings.timezone)), would.load)
    return Judged(one.id, at, one.person, rule, chosen)


def _tickets(begin: datetime, end: datetime) -> Iterator[Past]:
    columns = Ticket.id, Ticket.product_id, Ticket.level_id, Ticket.assignee_id, Ticket.created_at
    there = select(*columns).where(Ticket.created_at < end, or_(Ticket.closed_at.is_(None), Ticket.closed_at >= begin))
    for key, product, level, person, created in db.session.execute(there):
        yield Past(key, product, level, person, created < begin)


def _came(begin: datetime, end: datetime) -> Iterator[tuple[int, datetime]]:
    wanted = select(Ticket.id, Ticket.created_at).where(Ticket.created_at >= begin, Ticket.created_at < end)
    yield from ((key, moment) for key, moment in db.session.execute(wanted))


def _turns(begin: datetime, end: datetime) -> Iterator[Event]:
    """Endings and returns. A merge stands on both tickets, and ends the one that went ``into`` the other."""
    kinds = ENDS | {EventKind.REOPENED}
    columns = TimelineEntry.at, TimelineEntry.ticket_id, TimelineEntry.kind, TimelineEntry.details
    wanted = select(*columns).where(TimelineEntry.kind.in_(kinds), TimelineEntry.at >= begin, TimelineEntry.at < end)
    for moment, key, kind, details in db.session.execute(wanted.order_by(TimelineEntry.id)):
        if kind is EventKind.REOPENED:
            yield moment, key, BACK
        elif kind is not EventKind.MERGED or "into" in (details or {}):
            yield moment, key, ENDED


def _reopened_first(past: dict[int, Past], events: Iterable[Event]) -> dict[int, Past]:
    """A ticket of before that came back without ending first was closed at the beginning."""
    seen: set[int] = set()
    closed = set()
    for _at, key, kind in events:
        if key not in seen and kind == BACK:
            closed.add(key)
        seen.add(key)
    return {
        key: Past(one.id, one.product_id, one.level_id, one.person, False) if key in closed else one
        for key, one in past.items()
    }


def _people(days: Days) -> People:
    columns = StaffAbsence.first_day, StaffAbsence.last_day, StaffAbsence.staff_id, StaffAbsence.deputy_id
    rows = db.session.execute(select(*columns).where(absences_during(days.first, days.last)))
    return People({person.id for person in desk()}, [(first, last, who, deputy) for first, last, who, deputy in rows])
