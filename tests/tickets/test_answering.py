"""Signed links: they act for one ticket, one purpose, one round; and only when they are pressed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportapp.errors import Refused
from supportapp.tickets import operations
from supportapp.tickets.links import AnswerPurpose, make_link, read_link
from supportapp.tickets.models import Ticket
from supportapp.tickets.rules import CloseReason, Status
from tests.conftest import NOON
from tests.factories import deliver_mails, make_staff, make_ticket

pytestmark = pytest.mark.usefixtures("session")


def proposed(at: datetime) -> Ticket:
    ticket: Ticket = make_ticket()
    operations.propose_solution(ticket, "Решение", by=make_staff(), at=at)
    deliver_mails(at=at)
    return ticket


def token(ticket: Ticket, purpose: AnswerPurpose, at: datetime) -> str:
    return make_link(ticket, purpose, at=at).rpartition("/")[2]


def press(ticket: Ticket, purpose: AnswerPurpose, at: datetime, body: str = "") -> None:
    operations.answer(read_link(token(ticket, purpose, at), at=at), at=at, body=body)


def test_solved_closes_it(at: datetime) -> None:
    ticket = proposed(at)
    press(ticket, AnswerPurpose.SOLVED, at)
    assert ticket.close_reason is CloseReason.SOLVED


def test_not_solved_puts_it_back_to_work_with_the_words_given(at: datetime) -> None:
    ticket = proposed(at)
    press(ticket, AnswerPurpose.NOT_SOLVED, at, "Всё ещё ошибка")
    assert ticket.status is Status.IN_PROGRESS
    assert ticket.messages[-1].body == "Всё ещё ошибка"


def test_more_time_extends_it(at: datetime) -> None:
    ticket = proposed(at)
    press(ticket, AnswerPurpose.MORE_TIME, at)
    assert ticket.extended_at == at


def test_reopen_brings_an_automatically_closed_ticket_back(at: datetime) -> None:
    ticket = proposed(at)
    link = token(ticket, AnswerPurpose.REOPEN, at)
    operations.warn(ticket, at=datetime(2026, 11, 24, 6, 0, tzinfo=UTC))
    deliver_mails(at=datetime(2026, 11, 24, 6, 0, tzinfo=UTC))
    closed_at = datetime(2026, 11, 25, 21, 0, tzinfo=UTC)
    assert operations.close_unanswered(ticket, at=closed_at)
    operations.answer(read_link(link, at=closed_at), at=closed_at)
    assert ticket.status is Status.IN_PROGRESS


def test_a_link_of_an_earlier_round_acts_no_more(at: datetime) -> None:
    ticket = proposed(at)
    old = token(ticket, AnswerPurpose.SOLVED, at)
    operations.reply(ticket, "Не помогло", by=ticket.customer, at=at)
    operations.propose_solution(ticket, "Другое решение", by=make_staff(), at=at)
    with pytest.raises(Refused, match="link_outdated"):
        operations.answer(read_link(old, at=at), at=at)
    assert ticket.is_open


def test_a_link_acts_once(at: datetime) -> None:
    ticket = proposed(at)
    press(ticket, AnswerPurpose.SOLVED, at)
    with pytest.raises(Refused, match="link_outdated"):
        press(ticket, AnswerPurpose.SOLVED, at)


def test_a_link_expires_after_sixty_days(at: datetime) -> None:
    old = token(proposed(at), AnswerPurpose.SOLVED, at)
    assert read_link(old, at=at + timedelta(days=60))
    with pytest.raises(Refused, match="link_expired"):
        read_link(old, at=at + timedelta(days=60, seconds=1))


def test_a_link_of_a_closed_account_acts_no_more(at: datetime) -> None:
    ticket = proposed(at)
    link = read_link(token(ticket, AnswerPurpose.SOLVED, at), at=at)
    ticket.customer.closed_at = at
    with pytest.raises(Refused, match="link_unknown"):
        operations.answer(link, at=at)


def test_a_changed_character_makes_a_link_unknown(at: datetime) -> None:
    genuine = token(proposed(at), AnswerPurpose.SOLVED, at)
    ends = {genuine.index(".") - 1, len(genuine) - 1}  # the last character of a part has bits that mean nothing
    for position in set(range(0, len(genuine), 7)) - ends:
        other = "A" if genuine[position] != "A" else "B"
        with pytest.raises(Refused, match="link_unknown"):
            read_link(genuine[:position] + other + genuine[position + 1 :], at=at)


@given(text=st.text())
def test_no_text_is_a_link_by_chance(app: object, text: str) -> None:
    with pytest.raises(Refused):
        read_link(text, at=NOON)
