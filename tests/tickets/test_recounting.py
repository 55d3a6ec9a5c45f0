"""Deadlines follow the corrections of the calendar, and only where a correction touches them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from supportapp.extensions import db
from supportapp.tickets import operations
from supportapp.tickets.models import Ticket
from supportapp.tickets.operations.recounting import Which
from supportapp.worktime.models import CalendarCorrection
from supportapp.worktime.queries import current_calendar
from tests.factories import deliver_mails, make_certificate, make_customer, make_level, make_registration, make_staff
from tests.factories import make_ticket as make_any_ticket

pytestmark = pytest.mark.usefixtures("session")

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
DAY = timedelta(days=1)


def moscow(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - timedelta(hours=3)


def promised(at: datetime, **level: object) -> Ticket:
    """Sent on Friday at 14:00: the first answer is due on Monday at 13:00, the solution on Wednesday at 11:00."""
    customer = make_customer()
    certificate = make_certificate(level=make_level(**level))
    make_registration(customer, certificate)
    ticket: Ticket = make_any_ticket(customer, certificate_id=certificate.id, product=certificate.products[0], at=at)
    return ticket


def correct(day: date, *, working: bool, at: datetime) -> int:
    operations.remember_calendar(at=at)
    db.session.add(CalendarCorrection(day=day, working=working, changed_at=at))
    db.session.flush()
    return operations.recount_deadlines(at=at)


def test_a_new_day_off_moves_what_was_promised(at: datetime) -> None:
    ticket = promised(at)
    assert (ticket.first_response_due, ticket.resolution_due) == (moscow(23, 13), moscow(25, 11))
    assert correct(MONDAY, working=False, at=at) == 2
    assert (ticket.first_response_due, ticket.resolution_due) == (moscow(24, 13), moscow(26, 11))
    assert ticket.target_at == ticket.due_order == ticket.first_response_due


def test_a_working_saturday_brings_it_forward(at: datetime) -> None:
    ticket = promised(at)
    correct(date(2026, 11, 21), working=True, at=at)
    assert ticket.first_response_due == moscow(21, 13)


def test_taking_the_correction_back_puts_everything_where_it_was(at: datetime) -> None:
    ticket = promised(at)
    before = ticket.first_response_due, ticket.resolution_due
    correct(MONDAY, working=False, at=at)
    db.session.query(CalendarCorrection).delete()
    assert operations.recount_deadlines(at=at) == 2
    assert (ticket.first_response_due, ticket.resolution_due) == before


def test_what_the_correction_does_not_touch_stays(at: datetime) -> None:
    ticket = promised(at)
    before = ticket.resolution_due
    assert correct(date(2026, 12, 15), working=False, at=at) == 0
    assert ticket.resolution_due == before


def test_around_the_clock_knows_no_days_off(at: datetime) -> None:
    promised(at, around_the_clock=True, resolution_hours=100)
    assert correct(MONDAY, working=False, at=at) == 0


def test_pauses_are_kept(at: datetime) -> None:
    """Answered on Friday, the customer has his turn until Tuesday 10:00: 20 of 24 hours are left then."""
    ticket = promised(at)
    operations.request_information(ticket, "Пришлите журнал.", by=make_staff(), at=moscow(20, 18))
    operations.reply(ticket, "Вот он.", by=ticket.customer, at=moscow(24, 10))
    assert ticket.resolution_due == moscow(26, 12)
    assert correct(date(2026, 11, 25), working=False, at=moscow(24, 11)) == 1
    assert ticket.resolution_due == moscow(27, 12)
    assert correct(MONDAY, working=False, at=moscow(24, 11)) == 0  # nothing ran on that day


def test_while_the_customer_has_his_turn_the_remaining_time_stays_the_same(at: datetime) -> None:
    ticket = promised(at)
    operations.request_information(ticket, "Пришлите журнал.", by=make_staff(), at=moscow(20, 18))
    correct(MONDAY, working=False, at=at)
    operations.reply(ticket, "Вот он.", by=ticket.customer, at=moscow(24, 10))
    assert ticket.resolution_due == moscow(26, 12)


def test_what_counts_from_a_chosen_certificate_goes_on_counting_from_it(at: datetime) -> None:
    ticket = make_any_ticket(at=datetime(2026, 11, 2, 9, tzinfo=UTC))
    certificate = make_certificate()
    make_registration(ticket.customer, certificate)
    operations.choose_certificate(ticket, certificate.id, by=ticket.customer, at=at)
    assert ticket.first_response_due == moscow(23, 13)
    assert correct(date(2026, 11, 10), working=False, at=at) == 0
    assert correct(MONDAY, working=False, at=at) == 2
    assert ticket.first_response_due == moscow(24, 13)


def test_a_level_that_was_changed_since_changes_nothing(at: datetime) -> None:
    ticket = promised(at)
    assert ticket.level is not None
    ticket.level.resolution_hours = 100
    correct(MONDAY, working=False, at=at)
    assert ticket.resolution_due == moscow(26, 11)


def test_an_answer_that_was_given_is_not_promised_any_more(at: datetime) -> None:
    ticket = promised(at)
    operations.reply(ticket, "Смотрим.", by=make_staff(), at=at)
    assert correct(MONDAY, working=False, at=at) == 1
    assert ticket.first_response_due == moscow(23, 13)


def test_a_closed_ticket_keeps_its_dates(at: datetime) -> None:
    ticket = promised(at)
    operations.withdraw(ticket, by=ticket.customer, at=at)
    assert correct(MONDAY, working=False, at=at) == 0
    assert ticket.resolution_due == moscow(25, 11)


def test_what_would_move_is_told_before_and_nothing_is_changed(at: datetime) -> None:
    ticket, other = promised(at), promised(at)
    operations.request_information(other, "Пришлите журнал.", by=make_staff(), at=at)
    deliver_mails(at=at)
    calendar = current_calendar().corrected({MONDAY: False})
    moved = [(one.ticket.id, one.which, one.before, one.after) for one in operations.moved_by(calendar, at=at)]
    assert sorted(moved) == sorted(
        [
            (ticket.id, Which.FIRST_RESPONSE, moscow(23, 13), moscow(24, 13)),
            (ticket.id, Which.SOLUTION, moscow(25, 11), moscow(26, 11)),
            (other.id, Which.SOLUTION, moscow(25, 11), moscow(26, 11)),
            (other.id, Which.CLOSING, moscow(26, 0), moscow(27, 0)),
        ]
    )
    assert ticket.first_response_due == moscow(23, 13)


def test_with_the_calendar_of_the_last_count_no_ticket_is_read(at: datetime) -> None:
    ticket = promised(at)
    operations.recount_deadlines(at=at)
    ticket.closes_at = at  # whoever read it would put it right
    assert operations.recount_deadlines(at=at) == 0
    assert ticket.closes_at == at
