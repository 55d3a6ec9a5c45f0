"""Receipt, warning, extension."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from supportapp.errors import NotFound, Refused
from supportapp.extensions import db
from supportapp.tickets import operations, queries
from supportapp.tickets.models import Ticket
from supportapp.tickets.rules import EventKind, ReceivedBy
from supportapp.worktime.models import CalendarCorrection
from tests.factories import deliver_mails, mails, make_customer, make_staff, make_ticket

pytestmark = pytest.mark.usefixtures("session")

THURSDAY = datetime(2026, 11, 25, 21, 0, tzinfo=UTC)  # Thursday 26 November, 00:00 in Moscow
TUESDAY_MORNING = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


def asked(at: datetime) -> Ticket:
    ticket: Ticket = make_ticket()
    deliver_mails(at=at)
    operations.request_information(ticket, "Пришлите журнал.", by=make_staff(), at=at)
    return ticket


def test_nothing_runs_before_the_request_was_received(at: datetime) -> None:
    ticket = asked(at)
    assert ticket.closes_at is None
    assert queries.deadline_of(ticket) is None


def test_the_clock_starts_when_the_mail_server_accepts_the_request(at: datetime) -> None:
    ticket = asked(at)
    deliver_mails(at=at)
    assert (ticket.received_at, ticket.received_by) == (at, ReceivedBy.MAIL)
    assert ticket.closes_at == THURSDAY


def test_a_delivered_mail_looks_only_among_tickets_that_await_their_customer(at: datetime) -> None:
    ticket = asked(at)
    asked_for: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: asked_for.append(args[2]))
    deliver_mails(at=at)
    looked_up = [statement for statement in asked_for if "request_id = " in statement.partition("WHERE")[2]]
    assert looked_up
    assert all("status IN" in statement for statement in looked_up)
    assert ticket.received_at == at


def test_the_clock_starts_when_the_customer_opens_the_ticket_first(at: datetime) -> None:
    ticket = asked(at)
    assert operations.mark_seen(ticket, by=ticket.customer, at=at + timedelta(minutes=5))
    deliver_mails(at=at + timedelta(days=4))
    assert ticket.received_at == at + timedelta(minutes=5)
    assert ticket.received_by is ReceivedBy.PORTAL


def test_opening_it_again_writes_nothing(at: datetime) -> None:
    ticket = asked(at)
    operations.mark_seen(ticket, by=ticket.customer, at=at)
    assert not operations.mark_seen(ticket, by=ticket.customer, at=at + timedelta(hours=1))
    assert [e.kind for e in ticket.timeline].count(EventKind.RECEIVED) == 1


def test_a_stranger_opening_it_starts_nothing(at: datetime) -> None:
    ticket = asked(at)
    with pytest.raises(NotFound):
        operations.mark_seen(ticket, by=make_customer(), at=at)
    assert ticket.received_at is None


def test_another_mail_that_arrives_starts_nothing(at: datetime) -> None:
    ticket = asked(at)
    request = ticket.request
    operations.reply(ticket, "Забыл сказать", by=make_staff(), at=at)
    from supportapp.notifications.operations import delivered

    delivered.send(mails("ticket_replied")[0], at=at)
    assert ticket.received_at is None
    assert ticket.request is request


def test_a_new_request_starts_a_new_count(at: datetime) -> None:
    ticket = asked(at)
    deliver_mails(at=at)
    later = at + timedelta(days=3)
    operations.propose_solution(ticket, "Решение", by=make_staff(), at=later)
    assert (ticket.received_at, ticket.closes_at, ticket.waiting_round) == (None, None, 2)


def test_the_warning_comes_one_working_day_before_and_once(at: datetime) -> None:
    ticket = asked(at)
    deliver_mails(at=at)
    assert not operations.warn(ticket, at=TUESDAY_MORNING - timedelta(seconds=1))
    assert operations.warn(ticket, at=TUESDAY_MORNING)
    assert not operations.warn(ticket, at=TUESDAY_MORNING)
    [mail] = mails("ticket_closing_soon")
    assert mail.text_body.count("/answer/") == 3
    assert "26 ноября 2026" in mail.text_body
    assert "25 ноября 2026" in mail.text_body


def test_the_warning_counts_when_it_is_received(at: datetime) -> None:
    ticket = asked(at)
    deliver_mails(at=at)
    operations.warn(ticket, at=TUESDAY_MORNING)
    assert ticket.warned_at is None
    deliver_mails(at=TUESDAY_MORNING)
    assert ticket.warned_at == TUESDAY_MORNING
    assert ticket.closes_at == THURSDAY


def test_a_warning_read_in_the_portal_counts_too(at: datetime) -> None:
    ticket = asked(at)
    deliver_mails(at=at)
    operations.warn(ticket, at=TUESDAY_MORNING)
    operations.mark_seen(ticket, by=ticket.customer, at=TUESDAY_MORNING)
    assert ticket.warned_at == TUESDAY_MORNING


def test_after_a_downtime_the_late_warning_names_the_later_day(at: datetime) -> None:
    ticket = asked(at)
    deliver_mails(at=at)
    late = datetime(2026, 12, 3, 12, 0, tzinfo=UTC)  # a Thursday, a week too late
    operations.warn(ticket, at=late)
    deliver_mails(at=late)
    assert ticket.closes_at == datetime(2026, 12, 4, 21, 0, tzinfo=UTC)
    assert "5 декабря 2026" in mails("ticket_closing_soon")[0].text_body


def test_more_time_adds_three_working_days_once(at: datetime) -> None:
    ticket = asked(at)
    deliver_mails(at=at)
    operations.ask_for_more_time(ticket, by=ticket.customer, at=TUESDAY_MORNING)
    assert ticket.closes_at == datetime(2026, 11, 30, 21, 0, tzinfo=UTC)
    assert "1 декабря 2026" in mails("ticket_extended")[0].text_body
    with pytest.raises(Refused, match="extended_already"):
        operations.ask_for_more_time(ticket, by=ticket.customer, at=TUESDAY_MORNING)


def test_more_time_asked_for_after_a_late_warning_is_more_time(at: datetime) -> None:
    ticket = asked(at)
    deliver_mails(at=at)
    late = datetime(2026, 12, 7, 9, 0, tzinfo=UTC)  # a Monday, long after the third day
    operations.warn(ticket, at=late)
    deliver_mails(at=late)
    before = ticket.closes_at
    operations.ask_for_more_time(ticket, by=ticket.customer, at=late)
    assert (before, ticket.closes_at) == (
        datetime(2026, 12, 8, 21, 0, tzinfo=UTC),
        datetime(2026, 12, 10, 21, 0, tzinfo=UTC),
    )
    assert "11 декабря 2026" in mails("ticket_extended")[0].text_body
    assert not operations.warn(ticket, at=late)


def test_after_more_time_there_is_a_second_warning_without_that_offer(at: datetime) -> None:
    ticket = asked(at)
    deliver_mails(at=at)
    operations.warn(ticket, at=TUESDAY_MORNING)
    deliver_mails(at=TUESDAY_MORNING)
    operations.ask_for_more_time(ticket, by=ticket.customer, at=TUESDAY_MORNING)
    assert not operations.warn(ticket, at=TUESDAY_MORNING)
    assert operations.warn(ticket, at=datetime(2026, 11, 27, 6, 0, tzinfo=UTC))
    assert mails("ticket_closing_soon")[1].text_body.count("/answer/") == 2


def test_there_is_nothing_to_extend_before_the_receipt(at: datetime) -> None:
    ticket = asked(at)
    with pytest.raises(Refused, match="nothing_to_extend"):
        operations.ask_for_more_time(ticket, by=ticket.customer, at=at)


def test_a_new_day_off_in_the_calendar_moves_the_deadline(at: datetime) -> None:
    ticket = asked(at)
    deliver_mails(at=at)
    db.session.add(CalendarCorrection(day=datetime(2026, 11, 24).date(), working=False, changed_at=at))  # noqa: DTZ001
    db.session.flush()
    assert operations.recount_deadlines(at=at) == 1
    assert ticket.closes_at == THURSDAY + timedelta(days=1)
