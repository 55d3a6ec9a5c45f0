"""Assignment rules judged over what really came, closed and came back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from supportapp.extensions import db
from supportapp.reports.assignment_dry_run import BACK, CAME, ENDED, Past, People, Result, replay, saved_rules, simulate
from supportapp.reports.rules import Days
from supportapp.tickets import operations
from supportapp.tickets.assigning.rules import Rule
from tests.factories import make_customer, make_product, make_staff, make_ticket
from tests.tickets.test_absence import go_away
from tests.tickets.test_assignment_rules import make_rule

NOW = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
DAYS = Days(date(2026, 8, 23), date(2026, 11, 20))
FOR_ALL = Rule(1, None, None, frozenset({1, 2}))


def past(key: int, person: int | None = 9, *, product: int | None = None, was_open: bool = False) -> Past:
    return Past(key, product, None, person, was_open)


def lived(
    tickets: list[Past], *events: tuple[int, str], rules: Any = (FOR_ALL,), people: People | None = None
) -> Result:
    """Live through (ticket, what happened), an hour apart."""
    moments = [(NOW + timedelta(hours=number), key, kind) for number, (key, kind) in enumerate(events)]
    return replay(rules, {one.id: one for one in tickets}, moments, people or People({1, 2, 9}))


@pytest.fixture(autouse=True)
def zone(session: object) -> None:
    """Days are counted in the time zone of the settings."""


def test_tickets_go_round_by_the_fewest_open_ones() -> None:
    result = lived([past(key) for key in (1, 2, 3)], (1, CAME), (2, CAME), (3, CAME))
    assert [one.would for one in result.judged] == [1, 2, 1]
    assert [(line.person, line.real, line.would) for line in result.lines()] == [(1, 0, 2), (2, 0, 1), (9, 3, 0)]
    assert [(line.real_peak, line.would_peak) for line in result.lines()] == [(0, 2), (0, 1), (3, 0)]


def test_who_has_closed_one_gets_the_next() -> None:
    result = lived([past(key) for key in (1, 2, 3)], (1, CAME), (2, CAME), (2, ENDED), (3, CAME))
    assert [one.would for one in result.judged] == [1, 2, 2]


def test_a_ticket_that_came_back_counts_again_for_him_who_would_have_had_it() -> None:
    result = lived([past(key) for key in (1, 2)], (1, CAME), (1, ENDED), (1, BACK), (2, CAME))
    assert [one.would for one in result.judged] == [1, 2]


def test_what_was_open_before_weighs_from_the_beginning() -> None:
    before = [past(key, 1, was_open=True) for key in (11, 12)]
    result = lived([*before, past(1), past(2), past(3)], (1, CAME), (11, ENDED), (12, ENDED), (2, CAME), (3, CAME))
    assert [one.would for one in result.judged] == [2, 1, 1]


def test_tickets_without_a_rule_stay_with_whom_they_really_are() -> None:
    rule = Rule(1, 7, None, frozenset({1}))
    result = lived(
        [past(1, product=7), past(2, product=8), past(3, None)], (1, CAME), (2, CAME), (3, CAME), rules=[rule]
    )
    assert [one.ticket_id for one in result.unruled] == [2, 3]
    assert [one.ticket_id for one in result.differing] == [1]
    assert [(line.person, line.would) for line in result.lines()] == [(9, 1), (1, 1), (None, 1)]


def test_while_somebody_was_away_his_deputy_would_have_got_it() -> None:
    friday = NOW.date()
    rule = Rule(1, None, None, frozenset({1}))
    away = People({1, 2, 9}, [(friday, friday, 1, 2)])
    assert [one.would for one in lived([past(1)], (1, CAME), rules=[rule], people=away).judged] == [2]
    nobody = People({1, 9}, [(friday, friday, 1, 2)])
    result = lived([past(1)], (1, CAME), rules=[rule], people=nobody)
    assert [one.ticket_id for one in result.unmanned] == [1]


def test_what_went_to_the_same_person_does_not_differ() -> None:
    assert lived([past(1, 1)], (1, CAME)).differing == []


def test_real_tickets_are_lived_through(at: datetime) -> None:
    first, second, product = make_staff(), make_staff(), make_product()
    make_rule(first, second)
    begun = at - timedelta(days=10)
    rule = saved_rules()
    tickets = [make_ticket(at=begun + timedelta(hours=number), product=product) for number in range(3)]
    for ticket in tickets:
        ticket.assignee = first
    operations.close(tickets[0], "Готово", by=first, at=begun + timedelta(minutes=30))
    result = simulate(rule, DAYS)
    assert [(one.ticket_id, one.real) for one in result.judged] == [(ticket.id, first.id) for ticket in tickets]
    assert [one.would for one in result.judged] == [first.id, first.id, second.id]


def test_a_merged_ticket_ends_and_the_other_goes_on(at: datetime) -> None:
    first, second = make_staff(), make_staff()
    customer, begun = make_customer(), at - timedelta(days=5)
    source, target = make_ticket(customer, at=begun), make_ticket(customer, at=begun + timedelta(hours=1))
    operations.merge(source, target, by=first, at=begun + timedelta(hours=2))
    last = make_ticket(at=begun + timedelta(hours=3))
    make_rule(first, second)
    result = simulate(saved_rules(), DAYS)
    assert [(one.ticket_id, one.would) for one in result.judged] == [
        (source.id, first.id),
        (target.id, second.id),
        (last.id, first.id),
    ]


def test_a_ticket_closed_before_and_reopened_in_the_period_weighs_only_after_that(at: datetime) -> None:
    first, second = make_staff(), make_staff()
    old = make_ticket(at=at - timedelta(days=200))
    operations.take(old, by=first, at=at - timedelta(days=199))
    operations.accept_solution(old, by=old.customer, at=at - timedelta(days=100))
    early = make_ticket(at=at - timedelta(days=50))
    operations.close(early, "Готово", by=first, at=at - timedelta(days=49))
    old.closed_at = at - timedelta(days=41)  # as if within the days in which it can be reopened
    db.session.flush()
    operations.reopen(old, by=old.customer, at=at - timedelta(days=40))
    late = make_ticket(at=at - timedelta(days=30))
    make_rule(first, second)
    result = simulate(saved_rules(), DAYS)
    assert [(one.ticket_id, one.would) for one in result.judged] == [(early.id, first.id), (late.id, second.id)]


def test_absences_are_read_day_by_day(at: datetime) -> None:
    first, second = make_staff(), make_staff()
    make_rule(first)
    go_away(first, second)
    tickets = [make_ticket(at=at - timedelta(days=1)), make_ticket(at=at)]
    result = simulate(saved_rules(), DAYS)
    assert [(one.ticket_id, one.would) for one in result.judged] == [
        (tickets[0].id, first.id),
        (tickets[1].id, second.id),
    ]


def test_a_rule_that_is_not_saved_stands_beside_the_others_or_instead_of_its_saved_state() -> None:
    one, off = make_rule(make_staff(), place=1), make_rule(make_staff(), place=2, active=False)
    assert [rule.id for rule in saved_rules()] == [one.id]
    assert [rule.id for rule in saved_rules(Rule(5, None, None, frozenset({1})))] == [one.id, 0]
    other = Rule(5, None, None, frozenset({1}), one.id)
    assert saved_rules(other) == [other]
    assert off.id not in {rule.id for rule in saved_rules()}
