"""A ticket ends, and comes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from supportapp.errors import NotFound, Refused
from supportapp.tickets import operations
from supportapp.tickets.models import Ticket
from supportapp.tickets.rules import CloseReason, EventKind, Status
from tests.factories import (
    deliver_mails,
    mails,
    make_certificate,
    make_customer,
    make_level,
    make_registration,
    make_staff,
    make_ticket,
)

pytestmark = pytest.mark.usefixtures("session")

TUESDAY_MORNING = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
THURSDAY = datetime(2026, 11, 25, 21, 0, tzinfo=UTC)


def unanswered(at: datetime) -> Ticket:
    """A ticket whose request was received on Friday and whose warning was received on Tuesday."""
    ticket: Ticket = make_ticket()
    deliver_mails(at=at)
    operations.propose_solution(ticket, "Обновите продукт.", by=make_staff(), at=at)
    deliver_mails(at=at)
    operations.warn(ticket, at=TUESDAY_MORNING)
    deliver_mails(at=TUESDAY_MORNING)
    return ticket


def test_accepting_the_solution_closes_it_solved(at: datetime) -> None:
    ticket = make_ticket()
    operations.propose_solution(ticket, "Решение", by=make_staff(), at=at)
    operations.accept_solution(ticket, by=ticket.customer, at=at)
    assert (ticket.status, ticket.close_reason, ticket.closed_at) == (Status.CLOSED, CloseReason.SOLVED, at)
    assert len(mails("ticket_closed_solved")) == 1


def test_the_customer_may_withdraw(at: datetime) -> None:
    ticket = make_ticket()
    operations.withdraw(ticket, by=ticket.customer, at=at)
    assert ticket.close_reason is CloseReason.WITHDRAWN


def test_staff_must_give_a_reason_and_the_customer_reads_it(at: datetime) -> None:
    ticket = make_ticket()
    with pytest.raises(Refused) as refused:
        operations.close(ticket, "  ", by=make_staff(), at=at)
    assert refused.value.field == "note"
    assert ticket.is_open
    operations.close(ticket, "Дубликат по телефону", by=make_staff(), at=at)
    assert ticket.close_reason is CloseReason.BY_STAFF
    assert "Дубликат по телефону" in mails("ticket_closed_by_staff")[0].text_body


@pytest.mark.parametrize("act", [operations.accept_solution, operations.withdraw, operations.reopen])
def test_only_its_own_customer_may(at: datetime, act: object) -> None:
    with pytest.raises(NotFound):
        act(make_ticket(), by=make_customer(), at=at)  # type: ignore[operator]


def test_without_reaction_it_closes_after_the_third_working_day_and_not_before(at: datetime) -> None:
    ticket = unanswered(at)
    assert not operations.close_unanswered(ticket, at=THURSDAY - timedelta(microseconds=1))
    assert ticket.is_open
    assert operations.close_unanswered(ticket, at=THURSDAY)
    assert ticket.close_reason is CloseReason.NO_REACTION
    assert ticket.timeline[-1].kind is EventKind.CLOSED_AUTOMATICALLY
    assert "/answer/" in mails("ticket_closed_no_reaction")[0].text_body


def test_a_second_run_closes_nothing_again_and_mails_nothing_again(at: datetime) -> None:
    ticket = unanswered(at)
    operations.close_unanswered(ticket, at=THURSDAY)
    assert not operations.close_unanswered(ticket, at=THURSDAY)
    assert len(mails("ticket_closed_no_reaction")) == 1


def test_nobody_is_closed_without_a_received_warning(at: datetime) -> None:
    ticket = make_ticket()
    operations.propose_solution(ticket, "Решение", by=make_staff(), at=at)
    deliver_mails(at=at)
    operations.warn(ticket, at=TUESDAY_MORNING)
    assert not operations.close_unanswered(ticket, at=THURSDAY + timedelta(days=30))
    assert ticket.is_open


def test_nobody_is_closed_whose_request_was_not_delivered(at: datetime) -> None:
    ticket = make_ticket()
    operations.request_information(ticket, "Вопрос", by=make_staff(), at=at)
    assert not operations.warn(ticket, at=THURSDAY + timedelta(days=30))
    assert not operations.close_unanswered(ticket, at=THURSDAY + timedelta(days=30))


def test_after_a_downtime_a_full_working_day_follows_the_late_warning(at: datetime) -> None:
    ticket = make_ticket()
    operations.propose_solution(ticket, "Решение", by=make_staff(), at=at)
    deliver_mails(at=at)
    late = datetime(2026, 12, 4, 14, 0, tzinfo=UTC)  # Friday
    operations.warn(ticket, at=late)
    deliver_mails(at=late)
    assert not operations.close_unanswered(ticket, at=datetime(2026, 12, 7, 20, 59, tzinfo=UTC))
    assert operations.close_unanswered(ticket, at=datetime(2026, 12, 7, 21, 0, tzinfo=UTC))


def test_a_reply_of_the_same_second_wins(at: datetime) -> None:
    ticket = unanswered(at)
    operations.reply(ticket, "Я здесь", by=ticket.customer, at=THURSDAY)
    assert not operations.close_unanswered(ticket, at=THURSDAY)
    assert ticket.status is Status.IN_PROGRESS


def test_what_staff_do_stops_no_closing(at: datetime) -> None:
    ticket = unanswered(at)
    staff = make_staff()
    operations.add_note(ticket, "Звонил, не берёт", by=staff, at=TUESDAY_MORNING)
    operations.reply(ticket, "Напоминаю", by=staff, at=TUESDAY_MORNING)
    operations.assign(ticket, make_staff(), by=staff, at=TUESDAY_MORNING)
    assert operations.close_unanswered(ticket, at=THURSDAY)


def test_an_automatically_closed_ticket_is_reopened_and_back_in_the_queue(at: datetime) -> None:
    ticket = unanswered(at)
    operations.close_unanswered(ticket, at=THURSDAY)
    operations.reopen(ticket, by=ticket.customer, at=THURSDAY + timedelta(days=400), body="Снова не работает")
    assert ticket.status is Status.IN_PROGRESS
    assert (ticket.close_reason, ticket.closed_at) == (None, None)
    assert ticket.messages[-1].body == "Снова не работает"
    assert len(mails("ticket_reopened")) == 1


def test_a_solved_one_is_not_reopened_after_fourteen_days(at: datetime) -> None:
    ticket = make_ticket()
    operations.accept_solution(ticket, by=ticket.customer, at=at)
    with pytest.raises(Refused, match="too_late"):
        operations.reopen(ticket, by=ticket.customer, at=at + timedelta(days=15))


def test_an_open_one_cannot_be_reopened(at: datetime) -> None:
    ticket = make_ticket()
    with pytest.raises(Refused, match="not_closed"):
        operations.reopen(ticket, by=ticket.customer, at=at)


def test_the_time_target_stands_still_while_it_awaits_the_customer(at: datetime) -> None:
    customer, certificate = make_customer(), make_certificate(level=make_level(resolution_hours=9))
    make_registration(customer, certificate)
    ticket = make_ticket(customer, certificate_id=certificate.id, at=at)
    due = ticket.resolution_due
    assert due == datetime(2026, 11, 23, 11, 0, tzinfo=UTC)  # Monday 14:00
    operations.request_information(ticket, "Вопрос", by=make_staff(), at=at)
    assert ticket.target_at is None
    operations.reply(ticket, "Ответ", by=customer, at=at + timedelta(days=7))
    assert ticket.resolution_due == due + timedelta(days=7)
    assert ticket.target_at == ticket.resolution_due


def test_a_target_missed_before_the_pause_stays_missed(at: datetime) -> None:
    customer, certificate = make_customer(), make_certificate(level=make_level(resolution_hours=1))
    make_registration(customer, certificate)
    ticket = make_ticket(customer, certificate_id=certificate.id, at=at)
    due = ticket.resolution_due
    assert due is not None
    operations.request_information(ticket, "Вопрос", by=make_staff(), at=at + timedelta(days=3))
    operations.reply(ticket, "Ответ", by=customer, at=at + timedelta(days=5))
    assert ticket.resolution_due == due
