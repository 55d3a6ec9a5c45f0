"""Other terms of the automatic closing, judged over what really happened."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from supportapp.reports.dry_run import Change, Round, judge, read_rounds, simulate
from supportapp.tickets import operations
from supportapp.tickets.rules import EventKind as Kind
from supportapp.tickets.waiting import IN_FORCE, Terms
from supportapp.worktime.official import official_calendar
from tests.factories import deliver_mails, make_staff, make_ticket

MSK = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
MONDAY = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)  # three working days: until the end of Thursday 12 November
CLOSED = datetime(2026, 11, 12, 21, 1, tzinfo=UTC)


def change(one: Round, terms: Terms) -> Change:
    return judge(one, terms, at=NOW, calendar=official_calendar(), tz=MSK).change


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (IN_FORCE, Change.SAME),
        (Terms(reaction_days=2), Change.EARLIER),
        (Terms(reaction_days=5), Change.LATER),
        (Terms(reaction_days=30), Change.NOT),  # it would wait still
    ],
)
def test_what_was_closed_would_have_closed_at_another_time(terms: Terms, expected: Change) -> None:
    assert change(Round(1, MONDAY, ended_at=CLOSED, closed=True), terms) is expected


def test_a_customer_who_came_back_would_have_come_in_time() -> None:
    one = Round(1, MONDAY, ended_at=CLOSED, closed=True, back_at=CLOSED + timedelta(hours=12))
    assert change(one, Terms(reaction_days=5)) is Change.NOT
    assert change(one, Terms(reaction_days=2)) is Change.EARLIER


def test_an_answer_on_the_third_day_would_have_come_too_late() -> None:
    answered = Round(1, MONDAY, ended_at=MONDAY + timedelta(days=3))
    assert change(answered, IN_FORCE) is Change.SAME
    assert change(answered, Terms(reaction_days=2)) is Change.INSTEAD


def test_more_time_counts_by_the_other_terms_too() -> None:
    asked = Round(1, MONDAY, extended_at=MONDAY + timedelta(days=2), ended_at=MONDAY + timedelta(days=7))
    assert change(asked, Terms(extension_days=3)) is Change.SAME
    assert change(asked, Terms(extension_days=1)) is Change.INSTEAD


def test_rounds_are_read_from_the_timelines() -> None:
    hour = timedelta(hours=1)
    entries = [
        (1, Kind.INFO_REQUESTED, MONDAY, False),
        (1, Kind.RECEIVED, MONDAY + hour, False),
        (1, Kind.REPLIED, MONDAY + 2 * hour, False),  # by staff: it goes on waiting
        (1, Kind.REPLIED, MONDAY + 3 * hour, True),
        (1, Kind.SOLUTION_PROPOSED, MONDAY + 4 * hour, False),
        (1, Kind.RECEIVED, MONDAY + 5 * hour, False),
        (1, Kind.CLOSED_AUTOMATICALLY, CLOSED, False),
        (1, Kind.REOPENED, CLOSED + hour, True),
        (2, Kind.RECEIVED, MONDAY, False),
        (3, Kind.RECEIVED, MONDAY, False),
        (3, Kind.CLOSED_AUTOMATICALLY, CLOSED, False),
    ]
    assert list(read_rounds(entries)) == [
        Round(1, MONDAY + hour, ended_at=MONDAY + 3 * hour),
        Round(1, MONDAY + 5 * hour, ended_at=CLOSED, closed=True, back_at=CLOSED + hour),
        Round(2, MONDAY),
        Round(3, MONDAY, ended_at=CLOSED, closed=True),
    ]


def test_a_real_ticket_is_judged(session: object, at: datetime) -> None:
    ticket, engineer = make_ticket(), make_staff()
    asked = at - timedelta(days=10)
    operations.request_information(ticket, "Журнал?", by=engineer, at=asked)
    deliver_mails(at=asked)
    (outcome,) = simulate(IN_FORCE, at=at)
    assert (outcome.round.ticket_id, outcome.change) == (ticket.id, Change.INSTEAD)  # the job did not run in this test
    assert simulate(Terms(reaction_days=20), at=at)[0].change is Change.SAME
