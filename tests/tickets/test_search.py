"""Tickets are found by their words, in any form, from the moment they are written."""

from __future__ import annotations

from datetime import datetime

import pytest

from supportapp.accounts.models import StaffUser
from supportapp.extensions import db
from supportapp.files.models import StoredFile
from supportapp.tickets import operations, search
from supportapp.tickets.models import Ticket
from supportapp.tickets.search.tables import TicketWords
from tests.factories import make_customer, make_staff, make_ticket

pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture
def engineer() -> StaffUser:
    return make_staff()


def found(words: str, **how: bool) -> list[str]:
    condition = search.contains_words(words, **how)
    assert condition is not None
    return [ticket.reference for ticket in db.session.query(Ticket).filter(condition).order_by(Ticket.id)]


def test_any_form_of_a_word_finds_it_in_subject_and_message() -> None:
    ticket = make_ticket(subject="Ошибка подписи", body="Отчёт не загружается: 0x80090016")
    make_ticket(subject="Другое", body="Совсем о другом.")
    for words in ("ошибки", "ПОДПИСЬ", "отчет", "отчёты загружаются", "0x80090016", "-2146893802", ticket.reference):
        assert found(words) == [ticket.reference], words


def test_every_word_must_stand_somewhere_on_the_ticket(engineer: StaffUser, at: datetime) -> None:
    ticket = make_ticket(subject="Ошибка подписи")
    operations.reply(ticket, "Обновите плагин.", by=engineer, at=at)
    assert found("ошибка плагина") == [ticket.reference]
    assert found("ошибка сервера") == []


def test_notes_are_found_and_later_messages_too(engineer: StaffUser, at: datetime) -> None:
    ticket = make_ticket()
    assert found("мигрень") == []
    operations.add_note(ticket, "Похоже на мигрень у токена.", by=engineer, at=at)
    operations.reply(ticket, "Спасибо, помогла перезагрузка", by=ticket.customer, at=at)
    assert found("мигрени") == found("перезагрузки") == [ticket.reference]


def test_files_are_found_by_their_names(at: datetime) -> None:
    customer = make_customer()
    stored = StoredFile(
        public_id="a" * 32, name="журнал_csp_отказ.log", content_type="text/plain", size=1, sha256="0" * 64,
        storage_key="k", created_at=at, customer_id=customer.id, draft="d",
    )  # fmt: skip
    db.session.add(stored)
    ticket = make_ticket(customer, files=[stored])
    assert found("отказ") == [ticket.reference]


def test_words_of_the_subject_alone() -> None:
    subject = make_ticket(subject="Сертификат истёк", body="Помогите.")
    make_ticket(subject="Помогите", body="Сертификат истёк.")
    assert found("сертификаты", in_subject=True) == [subject.reference]
    assert len(found("сертификаты")) == 2


def test_words_of_the_subject_and_words_anywhere_at_once() -> None:
    ticket = make_ticket(subject="Сертификат истёк", body="Помогите.")
    make_ticket(subject="Сертификат истёк", body="Другое.")
    make_ticket(subject="Помогите", body="Сертификат истёк.")
    both = search.contains_words("сертификаты", in_subject=True), search.contains_words("помогите")
    assert [one.reference for one in db.session.query(Ticket).filter(*both)] == [ticket.reference]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "words",
    ['"', "'", "a' | 'b", '" OR "x', "NEAR(a b)", "words:контейнер -x", "(((", "a*", "NOT", "AND OR", "\\", "a:*b",
     "!!", "<->", "контейнер:*", "日本語", "٣٤", "a" * 200, "x\u0301", "ﬁ"],
)  # fmt: skip
def test_nothing_that_is_typed_is_a_query_language(words: str) -> None:
    make_ticket(subject="Вопрос", body="Ответ")
    condition = search.contains_words(words)
    assert condition is None or db.session.query(Ticket).filter(condition).count() == 0


def test_words_of_other_alphabets_are_found() -> None:
    ticket = make_ticket(subject="日本語 Überprüfung", body="עברית")
    for words in ("日本語", "überprüfung", "עברית"):
        assert found(words) == [ticket.reference], words


def test_nothing_to_look_for_is_no_condition() -> None:
    assert search.contains_words(" ?! и ") is None


def test_the_words_can_be_written_anew(engineer: StaffUser, at: datetime) -> None:
    ticket = make_ticket(subject="Ошибка подписи")
    operations.reply(ticket, "Обновите плагин.", by=engineer, at=at)
    row = db.session.get(TicketWords, ticket.id)
    assert row is not None
    before = row.words
    row.words = "пусто"
    db.session.flush()
    assert found("плагин") == []
    search.refill([ticket.id])
    db.session.expire_all()
    row = db.session.get(TicketWords, ticket.id)
    assert row is not None
    assert row.words == before
    assert found("плагин") == [ticket.reference]
    assert found("пусто") == []


def test_what_is_undone_is_not_found(engineer: StaffUser, at: datetime) -> None:
    ticket = make_ticket()
    db.session.commit()
    operations.reply(ticket, "Перламутр", by=engineer, at=at)
    assert found("перламутр") == [ticket.reference]
    db.session.rollback()
    assert found("перламутр") == []
