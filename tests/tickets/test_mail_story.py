"""A ticket's whole life as the mail programs of its people see it."""

from __future__ import annotations

from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import pairwise

import pytest

from supportapp.notifications.compose import compose
from supportapp.notifications.keys import read_mail_ids, root_mail_id
from supportapp.tickets import operations
from supportapp.tickets.models import Ticket
from tests.factories import deliver_mails, mails, make_customer, make_staff
from tests.factories import make_ticket as submit

pytestmark = pytest.mark.usefixtures("session")
SECRET = "Ничего-не-говорите-клиенту"
ASKED_BY_MAIL, ANSWERED_BY_MAIL = "<first@customer.example>", "<second@customer.example>"


@pytest.fixture
def ticket(at: datetime) -> Ticket:
    """A ticket that has lived through everything, with an internal note before each step."""
    customer, engineer, colleague = make_customer(), make_staff(), make_staff()
    ticket = submit(customer)
    minutes = iter(range(1, 100))

    def now() -> datetime:
        moment = at + timedelta(minutes=next(minutes))
        operations.add_note(ticket, f"{SECRET} {moment:%M}", by=engineer, at=moment)
        deliver_mails(at=moment)
        return moment

    operations.take(ticket, by=engineer, at=now())
    operations.reply(ticket, "Мы посмотрим.", by=engineer, at=now())
    operations.reply(ticket, "Спасибо, жду.", by=customer, at=now(), mail_id=ASKED_BY_MAIL)
    operations.request_information(ticket, "Пришлите журнал.", by=engineer, at=now())
    operations.reply(ticket, "Вот журнал.", by=customer, at=now(), mail_id=ANSWERED_BY_MAIL)
    operations.assign(ticket, colleague, by=engineer, at=now())
    operations.propose_solution(ticket, "Обновите программу.", by=colleague, at=now())
    operations.ask_for_more_time(ticket, by=customer, at=now())
    operations.reject_solution(ticket, "Не помогло.", by=customer, at=now())
    operations.propose_solution(ticket, "Тогда переустановите.", by=colleague, at=now())
    operations.accept_solution(ticket, by=customer, at=now())
    operations.reopen(ticket, by=customer, at=now())
    operations.close(ticket, "Больше не поддерживается.", by=colleague, at=now())
    now()
    return ticket


def arrived(ticket: Ticket, recipient: str, at: datetime) -> list[EmailMessage]:
    """The mails to ``recipient`` after their journey."""
    rows = [mail for mail in mails() if mail.about == ticket.about and mail.recipient == recipient]
    return [message_from_bytes(compose(row, at=at).as_bytes(), policy=policy.default) for row in rows]  # type: ignore[misc]


def threads(messages: list[EmailMessage]) -> dict[str, str]:
    """The root of each mail, found as mail programs do (jwz.org/doc/threading.html): each Message-ID in References is
    the parent of the next unless it has one already, and the last is the parent of the mail."""
    parents: dict[str, str] = {}
    for message in messages:
        chain = [*message.get("References", "").split(), message["Message-ID"].strip()]
        for parent, child in pairwise(chain):
            parents.setdefault(child, parent)
    roots = {}
    for message in messages:
        at = message["Message-ID"].strip()
        seen = {at}
        while at in parents and parents[at] not in seen:
            at = parents[at]
            seen.add(at)
        roots[message["Message-ID"].strip()] = at
    return roots


def recipients(ticket: Ticket) -> set[str]:
    return {mail.recipient for mail in mails() if mail.about == ticket.about}


def test_a_mail_program_shows_each_reader_one_conversation(ticket: Ticket, at: datetime) -> None:
    assert len(arrived(ticket, ticket.customer.email, at)) >= 10
    for recipient in recipients(ticket):
        roots = threads(arrived(ticket, recipient, at))
        assert set(roots.values()) == {root_mail_id(ticket.about)}


def test_one_lost_mail_takes_no_other_out_of_the_conversation(ticket: Ticket, at: datetime) -> None:
    messages = arrived(ticket, ticket.customer.email, at)
    for lost in range(len(messages)):
        roots = threads(messages[:lost] + messages[lost + 1 :])
        assert set(roots.values()) == {root_mail_id(ticket.about)}


def test_what_answers_a_mail_of_the_customer_says_so(ticket: Ticket, at: datetime) -> None:
    answered = [mail["In-Reply-To"] for mail in arrived(ticket, ticket.customer.email, at)]
    assert ASKED_BY_MAIL in answered
    assert ANSWERED_BY_MAIL in answered
    assert answered[0] is None


def test_every_mail_brings_its_answer_back_to_the_ticket(ticket: Ticket, at: datetime) -> None:
    for message in arrived(ticket, ticket.customer.email, at):
        assert read_mail_ids([message["Message-ID"], message["References"]]) == [ticket.about]


def test_no_mail_to_anybody_carries_a_word_of_an_internal_note(ticket: Ticket, at: datetime) -> None:
    kinds = {mail.kind for mail in mails() if mail.about == ticket.about}
    assert len(kinds) >= 8
    for row in mails():
        assert SECRET not in row.subject + row.text_body + row.html_body
        message = message_from_bytes(compose(row, at=at).as_bytes(), policy=policy.default)
        assert all(SECRET not in part.get_content() for part in message.walk() if not part.is_multipart())  # type: ignore[attr-defined]
