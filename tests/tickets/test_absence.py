"""A colleague is away, and his deputy does his work; a colleague leaves, and somebody gets his tickets."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from supportapp.accounts.models import StaffUser
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.tickets import operations
from supportapp.tickets.assigning.absences import is_here, whose_tickets
from supportapp.tickets.assigning.going_away import enter_absence
from supportapp.tickets.assigning.models import StaffAbsence
from supportapp.tickets.assigning.rules import stand_in
from supportapp.tickets.rules import EventKind, Status
from tests.conftest import NOON
from tests.factories import mails, make_staff, make_ticket
from tests.tickets.test_assignment_rules import make_rule

TODAY = date(2026, 11, 20)
usefixtures = pytest.mark.usefixtures("session")


def days(number: int) -> date:
    return TODAY + timedelta(days=number)


def go_away(staff: StaffUser, deputy: StaffUser, first: date = TODAY, last: date = TODAY, **more: Any) -> StaffAbsence:
    return enter_absence(
        more.pop("absence", None), staff=staff, deputy=deputy, first_day=first, last_day=last, by=staff, at=NOON, **more
    )


def test_who_works_for_whom() -> None:
    here, away = {1, 2, 3}, {1: 2}
    assert stand_in(3, here=here, away=away) == 3
    assert stand_in(1, here=here, away=away) == 2
    assert stand_in(9, here=here, away={9: 2}) is None  # he has gone
    assert stand_in(1, here={1, 3}, away=away) is None  # the deputy has gone
    assert stand_in(1, here=here, away={1: 2, 2: 3}) is None  # there are no chains


@usefixtures
@pytest.mark.parametrize(
    ("first", "last", "reason"),
    [
        (days(1), days(0), "ends_before_it_begins"),
        (days(-9), days(-1), "over_already"),
        (days(4), days(6), "absent_already"),
        (days(6), days(9), "absent_already"),
        (days(1), days(99), "absent_already"),
    ],
)
def test_days_that_cannot_be(first: date, last: date, reason: str) -> None:
    engineer, deputy = make_staff(), make_staff()
    go_away(engineer, deputy, days(5), days(6))
    with pytest.raises(Refused, match=reason):
        go_away(engineer, deputy, first, last)


@usefixtures
def test_absences_may_follow_each_other_and_be_changed() -> None:
    engineer, deputy = make_staff(), make_staff()
    go_away(engineer, deputy, days(5), days(6))
    absence = go_away(engineer, deputy, days(7), days(8))
    go_away(engineer, deputy, days(7), days(9), absence=absence, note="  отпуск ")
    assert (absence.last_day, absence.note) == (days(9), "отпуск")


@usefixtures
def test_an_absence_of_the_past_can_still_get_another_note(at: datetime) -> None:
    engineer, deputy = make_staff(), make_staff()
    absence = StaffAbsence(staff=engineer, deputy=deputy, first_day=days(-9), last_day=days(-5))
    db.session.add(absence)
    go_away(engineer, deputy, days(-9), days(-5), absence=absence, note="был болен")
    with pytest.raises(Refused, match="over_already"):
        go_away(engineer, deputy, days(-9), days(-4), absence=absence)


@usefixtures
@pytest.mark.parametrize("case", ["oneself", "gone", "editor", "away", "deputy of another", "ring"])
def test_who_cannot_stand_in(case: str) -> None:
    engineer, deputy, third = make_staff(), make_staff(), make_staff()
    reason, field = "deputy_not_here", "deputy"
    if case == "oneself":
        deputy, reason = engineer, "own_deputy"
    if case == "gone":
        deputy.active = False
    if case == "editor":
        deputy = make_staff("Editor")
    if case == "away":
        go_away(deputy, third, days(1), days(3))
        reason = "deputy_absent"
    if case == "deputy of another":
        go_away(third, engineer, days(1), days(3))
        reason, field = "stands_in", "first_day"
    if case == "ring":
        go_away(deputy, engineer, days(1), days(3))
        reason, field = "deputy_absent", "deputy"
    with pytest.raises(Refused, match=reason) as refused:
        go_away(engineer, deputy, days(3), days(5))
    assert refused.value.field == field
    go_away(make_staff(), make_staff(), days(3), days(5))


@usefixtures
def test_an_absence_counts_from_the_first_to_the_last_day_in_moscow() -> None:
    engineer = make_staff()
    go_away(engineer, make_staff(), days(1), days(2))
    midnight = NOON + timedelta(hours=10)  # 00:00 in Moscow of the 21st
    assert is_here(engineer, at=midnight - timedelta(seconds=1))
    assert not is_here(engineer, at=midnight)
    assert not is_here(engineer, at=midnight + timedelta(hours=47, minutes=59))
    assert is_here(engineer, at=midnight + timedelta(hours=48))


@usefixtures
def test_a_new_ticket_for_somebody_who_is_away_goes_to_the_deputy(at: datetime) -> None:
    engineer, deputy, busy = make_staff(), make_staff(), make_staff()
    operations.take(make_ticket(), by=busy, at=at)
    make_rule(engineer, busy)
    go_away(engineer, deputy)
    ticket = make_ticket(at=at)
    assert ticket.assignee is deputy
    assert [mail.recipient for mail in mails("staff_ticket_assigned")] == [deputy.email]


@usefixtures
def test_the_deputy_hears_what_the_engineer_hears_while_he_is_away(at: datetime) -> None:
    engineer, deputy, ticket = make_staff(), make_staff(), make_ticket()
    operations.take(ticket, by=engineer, at=at)
    go_away(engineer, deputy, last=days(3))
    operations.reply(ticket, "Ещё вопрос", by=ticket.customer, at=at)
    first, second = mails("staff_ticket_replied")
    assert (first.recipient, second.recipient) == (engineer.email, deputy.email)
    assert "замещаете" in second.text_body
    assert engineer.display_name in second.text_body
    assert "замещаете" not in first.text_body
    operations.reply(ticket, "И ещё", by=ticket.customer, at=at + timedelta(days=4))
    assert [mail.recipient for mail in mails("staff_ticket_replied")][2:] == [engineer.email]


@usefixtures
@pytest.mark.parametrize("case", ["absent", "gone"])
def test_the_ticket_of_somebody_who_is_not_here_can_be_taken_over(at: datetime, case: str) -> None:
    engineer, colleague, ticket = make_staff(), make_staff(), make_ticket()
    operations.take(ticket, by=engineer, at=at)
    if case == "absent":
        go_away(engineer, colleague)
    else:
        engineer.active = False
    assert operations.can_take(ticket, colleague, at=at)
    operations.take(ticket, by=colleague, at=at)
    assert ticket.assignee is colleague
    assert ticket.timeline[-1].details == {"instead_of": engineer.display_name}
    assert not operations.can_take(ticket, colleague, at=at)


@usefixtures
def test_the_ticket_of_somebody_who_is_here_cannot(at: datetime) -> None:
    engineer, ticket = make_staff(), make_ticket()
    operations.take(ticket, by=engineer, at=at)
    go_away(engineer, make_staff(), days(1), days(2))
    assert not operations.can_take(ticket, make_staff(), at=at)
    with pytest.raises(Refused, match="already_taken"):
        operations.take(ticket, by=make_staff(), at=at)


@usefixtures
def test_assigning_to_somebody_who_is_away_names_the_deputy_first(at: datetime) -> None:
    engineer, deputy, manager, ticket = make_staff(), make_staff(), make_staff("Manager"), make_ticket()
    go_away(engineer, deputy, last=days(7))
    with pytest.raises(Refused, match="assignee_absent") as refused:
        operations.assign(ticket, engineer, by=manager, at=at)
    assert refused.value.text("ru") == (
        f"{engineer.display_name} отсутствует до 27 ноября 2026 включительно, замещает {deputy.display_name}."
    )
    assert ticket.assignee is None
    operations.assign(ticket, engineer, by=manager, at=at, although_absent=True)
    assert ticket.assignee is engineer
    told = mails("staff_ticket_assigned")
    assert [mail.recipient for mail in told] == [engineer.email, deputy.email]
    assert f"исполнитель {engineer.display_name}" in told[1].subject


@usefixtures
def test_a_deputy_who_has_gone_is_not_offered(at: datetime) -> None:
    engineer, deputy = make_staff(), make_staff()
    go_away(engineer, deputy)
    deputy.active = False
    with pytest.raises(Refused, match="nobody stands in") as refused:
        operations.assign(make_ticket(), engineer, by=make_staff("Manager"), at=at)
    assert refused.value.params["deputy_id"] is None


@usefixtures
def test_the_tickets_of_those_one_stands_in_for_are_ones_own(at: datetime) -> None:
    engineer, deputy = make_staff(), make_staff()
    go_away(engineer, deputy)
    assert whose_tickets(deputy, at=at) == [deputy.id, engineer.id]
    assert whose_tickets(deputy, at=at + timedelta(days=1)) == [deputy.id]
    assert whose_tickets(engineer, at=at) == [engineer.id]


@usefixtures
def test_all_open_tickets_of_one_who_leaves_go_to_a_colleague_with_one_mail(at: datetime) -> None:
    engineer, heir, admin = make_staff(), make_staff(), make_staff("Admin")
    tickets = [make_ticket() for _ in range(3)]
    for ticket in tickets:
        operations.take(ticket, by=engineer, at=at)
    operations.close(tickets[2], "Готово", by=engineer, at=at)
    assert operations.count_held(engineer) == 2
    assert operations.hand_over(engineer, heir, by=admin, at=at) == 2
    assert [ticket.assignee for ticket in tickets] == [heir, heir, engineer]
    assert tickets[0].timeline[-1].kind is EventKind.ASSIGNED
    assert tickets[0].status is Status.IN_PROGRESS
    (mail,) = mails("staff_tickets_handed_over")
    assert mail.recipient == heir.email
    assert all(ticket.reference in mail.text_body for ticket in tickets[:2])
    assert tickets[2].reference not in mail.text_body


@usefixtures
def test_the_tickets_of_one_who_leaves_can_go_back_to_the_queue(at: datetime) -> None:
    engineer, ticket = make_staff(), make_ticket()
    operations.take(ticket, by=engineer, at=at)
    operations.hand_over(engineer, None, by=make_staff("Admin"), at=at)
    assert ticket.assignee is None
    assert ticket.timeline[-1].details == {"released": engineer.display_name}
    assert not mails("staff_tickets_handed_over")


@usefixtures
def test_nobody_who_is_away_gets_the_tickets_of_one_who_leaves(at: datetime) -> None:
    engineer, heir, ticket = make_staff(), make_staff(), make_ticket()
    operations.take(ticket, by=engineer, at=at)
    go_away(heir, make_staff())
    with pytest.raises(Refused, match="assignee_absent"):
        operations.hand_over(engineer, heir, by=make_staff("Admin"), at=at)


def test_two_who_enter_absences_at_once_do_not_become_each_others_deputies(own_app: Flask) -> None:
    for _ in range(3):
        with own_app.app_context():
            people = [make_staff().id, make_staff().id]
            db.session.commit()
        start, said = threading.Barrier(2), []

        def enter(staff: int, deputy: int, start: threading.Barrier = start, said: list[str] = said) -> None:
            with own_app.app_context():
                pair = db.session.get_one(StaffUser, staff), db.session.get_one(StaffUser, deputy)
                db.session.rollback()
                start.wait()
                try:
                    go_away(*pair, TODAY, days(3))
                    db.session.commit()
                    said.append("entered")
                except Refused as refused:
                    db.session.rollback()
                    said.append(refused.reason)

        threads = [threading.Thread(target=enter, args=pair) for pair in (people, people[::-1])]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sorted(said) == ["deputy_absent", "entered"]
