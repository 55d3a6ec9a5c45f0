"""What people say on a ticket, and what it does to the ticket."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from supportapp.errors import NotFound, Refused
from supportapp.tickets import operations, queries
from supportapp.tickets.rules import EventKind, MessageKind, Status
from tests.factories import deliver_mails, mails, make_customer, make_staff, make_ticket

pytestmark = pytest.mark.usefixtures("session")


def test_a_staff_reply_starts_a_new_ticket_and_is_mailed_with_its_words(at: datetime) -> None:
    ticket = make_ticket()
    operations.reply(ticket, "Проверяем.", by=make_staff(), at=at)
    assert ticket.status is Status.IN_PROGRESS
    assert ticket.first_responded_at == at
    assert "Проверяем." in mails("ticket_replied")[0].text_body


def test_a_request_for_information_awaits_the_customer(at: datetime) -> None:
    ticket = make_ticket()
    operations.request_information(ticket, "Пришлите журнал.", by=make_staff(), at=at)
    assert ticket.status is Status.AWAITING_INFO
    assert ticket.awaits_customer
    assert "3 рабочих дней" in mails("ticket_info_requested")[0].text_body


def test_a_proposed_solution_comes_with_links_that_answer(at: datetime) -> None:
    ticket = make_ticket()
    operations.propose_solution(ticket, "Обновите продукт.", by=make_staff(), at=at)
    assert ticket.status is Status.SOLUTION_PROPOSED
    assert mails("ticket_solution_proposed")[0].text_body.count("/answer/") == 2


@pytest.mark.parametrize("ask", [operations.request_information, operations.propose_solution])
def test_the_customers_reply_puts_it_back_to_work_and_stops_the_closing(at: datetime, ask: object) -> None:
    ticket = make_ticket()
    ask(ticket, "Вопрос", by=make_staff(), at=at)  # type: ignore[operator]
    deliver_mails(at=at)
    operations.reply(ticket, "Ответ", by=ticket.customer, at=at + timedelta(hours=1))
    assert ticket.status is Status.IN_PROGRESS
    assert (ticket.received_at, ticket.closes_at, ticket.request) == (None, None, None)
    assert len(mails("ticket_answer_received")) == 1


def test_a_customers_reply_to_a_new_ticket_changes_no_status_and_mails_nobody(at: datetime) -> None:
    ticket = make_ticket()
    operations.reply(ticket, "Ещё подробности", by=ticket.customer, at=at)
    assert ticket.status is Status.NEW
    assert [mail.kind for mail in mails()] == ["ticket_submitted"]


def test_the_assignee_is_told_of_the_customers_reply(at: datetime) -> None:
    ticket, staff = make_ticket(), make_staff()
    operations.take(ticket, by=staff, at=at)
    operations.reply(ticket, "Ответ", by=ticket.customer, at=at)
    assert [mail.recipient for mail in mails("staff_ticket_replied")] == [staff.email]


def test_a_note_is_invisible_to_the_customer_and_changes_nothing_he_sees(at: datetime) -> None:
    ticket = make_ticket()
    before = ticket.updated_at
    operations.add_note(ticket, "Клиент неправ.", by=make_staff(), at=at)
    assert ticket.status is Status.NEW
    assert ticket.updated_at == before
    assert [m.kind for m in queries.conversation(ticket, internal=False)] == [MessageKind.QUESTION]
    assert MessageKind.NOTE in [m.kind for m in queries.conversation(ticket, internal=True)]
    assert EventKind.NOTE_ADDED not in [e.kind for e in queries.timeline(ticket, internal=False)]
    assert [mail.kind for mail in mails()] == ["ticket_submitted"]


def test_a_note_can_be_written_on_a_closed_ticket(at: datetime) -> None:
    ticket = make_ticket()
    operations.withdraw(ticket, by=ticket.customer, at=at)
    operations.add_note(ticket, "На будущее", by=make_staff(), at=at)
    assert ticket.status is Status.CLOSED


def test_nobody_replies_to_a_closed_ticket(at: datetime) -> None:
    ticket = make_ticket()
    operations.withdraw(ticket, by=ticket.customer, at=at)
    for by in (ticket.customer, make_staff()):
        with pytest.raises(Refused, match="ticket_closed"):
            operations.reply(ticket, "Ещё", by=by, at=at)


def test_a_stranger_cannot_reply(at: datetime) -> None:
    with pytest.raises(NotFound):
        operations.reply(make_ticket(), "Я чужой", by=make_customer(), at=at)


def test_a_deactivated_engineer_writes_nothing_more(at: datetime) -> None:
    for say in (operations.reply, operations.add_note):
        with pytest.raises(NotFound):
            say(make_ticket(), "Я ушёл", by=make_staff(active=False), at=at)


def test_who_acts_on_an_old_page_is_told_and_sends_nothing(at: datetime) -> None:
    ticket, staff = make_ticket(), make_staff()
    seen = ticket.version
    operations.reply(ticket, "Уже не надо", by=ticket.customer, at=at)
    with pytest.raises(Refused, match="changed_meanwhile"):
        operations.propose_solution(ticket, "Решение", by=staff, at=at, seen_version=seen)
    assert [e.kind for e in queries.changes_since(ticket, seen)] == [EventKind.REPLIED]
    assert mails("ticket_solution_proposed") == []


def test_the_arrival_of_a_mail_makes_no_page_old(at: datetime) -> None:
    ticket, staff = make_ticket(), make_staff()
    operations.request_information(ticket, "Вопрос", by=staff, at=at)
    seen = ticket.version
    deliver_mails(at=at)
    operations.reply(ticket, "И ещё", by=staff, at=at, seen_version=seen)
    assert len(mails("ticket_replied")) == 1


def test_not_solved_without_words_says_so_in_the_customers_language(at: datetime) -> None:
    ticket = make_ticket(make_customer(language="en"))
    operations.propose_solution(ticket, "Решение", by=make_staff(), at=at)
    message = operations.reject_solution(ticket, " ", by=ticket.customer, at=at)
    assert message.body == "The problem is not solved."
    assert ticket.status is Status.IN_PROGRESS
