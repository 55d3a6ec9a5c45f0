"""What stands under the words of a ticket mail: whose turn, articles, and what was said before."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask

from supportapp.accounts.models import Customer, StaffUser
from supportapp.extensions import db
from supportapp.files.models import StoredFile
from supportapp.kb.models import Article, ArticleState
from supportapp.tickets import operations
from supportapp.tickets.mail_foot import EARLIER_LENGTH
from supportapp.tickets.models import Ticket
from tests.factories import deliver_mails, mails, make_certificate, make_customer, make_registration, make_staff
from tests.factories import make_ticket as submit

pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture
def customer() -> Customer:
    return make_customer(language="en", name="Ann Smith")


@pytest.fixture
def staff() -> StaffUser:
    return make_staff(first_name="Pavel", last_name="Engineer")


def last(kind: str) -> str:
    """The text of the last mail of a kind, after making sure that its page says the same."""
    mail = mails(kind)[-1]
    for line in mail.text_body.splitlines():
        if "turn" in line or line.startswith("* "):
            assert line.removeprefix("* ") in mail.html_body
    return str(mail.text_body)


def make_article(slug: str, title: str, state: ArticleState, at: datetime) -> None:
    db.session.add(Article(slug=slug, title=title, body="x", state=state, created_at=at, updated_at=at))


def test_a_request_says_that_it_is_the_customers_turn_and_that_the_days_count_from_receipt(
    customer: Customer, staff: StaffUser, at: datetime
) -> None:
    operations.request_information(submit(customer), "What?", by=staff, at=at)
    words = last("ticket_info_requested")
    assert "It is your turn\nThe ticket closes if nobody answers within 3 working days after the day you" in words


def test_a_reply_to_one_who_is_awaited_says_up_to_which_day(customer: Customer, staff: StaffUser, at: datetime) -> None:
    ticket = submit(customer)
    operations.request_information(ticket, "What?", by=staff, at=at)
    deliver_mails(at=at)
    operations.reply(ticket, "By the way.", by=staff, at=at)
    assert "Please answer up to and including 25 November 2026." in last("ticket_replied")


def test_the_warning_names_the_day_that_holds_when_it_arrives(
    customer: Customer, staff: StaffUser, at: datetime
) -> None:
    ticket = submit(customer)
    operations.request_information(ticket, "What?", by=staff, at=at)
    deliver_mails(at=at)
    operations.warn(ticket, at=at + timedelta(days=9))  # the job stood still
    assert "up to and including 30 November 2026" in last("ticket_closing_soon")


def test_supports_turn_names_the_target_while_it_can_be_kept(
    customer: Customer, staff: StaffUser, at: datetime
) -> None:
    certificate = make_certificate()
    make_registration(customer, certificate)
    ticket = submit(customer, certificate_id=certificate.id, at=at)
    assert "It is our turn\nYou get the first answer by Monday, 23 November 2026, 13:00 (MSK)." in last(
        "ticket_submitted"
    )
    operations.reply(ticket, "Hello", by=staff, at=at)
    assert "We mean to solve it by Wednesday, 25 November 2026, 11:00 (MSK)." in last("ticket_replied")
    operations.reply(ticket, "Sorry for the delay", by=staff, at=at + timedelta(days=30))
    assert "It is our turn\nYou need do nothing now; we shall write to you." in last("ticket_replied")


def test_without_a_certificate_no_target_is_named(customer: Customer, at: datetime) -> None:
    submit(customer)
    assert "You need do nothing now" in last("ticket_submitted")


def test_of_a_closed_ticket_nothing_is_awaited(customer: Customer, staff: StaffUser, at: datetime) -> None:
    operations.close(submit(customer), "Out of scope", by=staff, at=at)
    assert "The ticket is closed\nNobody has to do anything." in last("ticket_closed_by_staff")


def test_a_mail_shows_the_three_newest_messages_before_it_newest_first(
    customer: Customer, staff: StaffUser, at: datetime
) -> None:
    ticket = submit(customer, body="word-1")
    for number in range(2, 6):
        operations.reply(ticket, f"word-{number}", by=staff if number % 2 else customer, at=at)
    words = last("ticket_replied")
    quoted, _, earlier = words.partition("Earlier in this ticket:")
    assert "> word-5" in quoted
    assert [line for line in earlier.splitlines() if "word-" in line] == ["> word-4", "> word-3", "> word-2"]
    assert "You, Friday, 20 November 2026, 14:00 (MSK):\n> word-4" in earlier
    assert "Pavel Engineer, Friday, 20 November 2026, 14:00 (MSK):\n> word-3" in earlier


def test_a_long_message_is_cut_between_two_words(customer: Customer, staff: StaffUser, at: datetime) -> None:
    ticket = submit(customer, body="sentence " * 1000)
    operations.reply(ticket, "Hello", by=staff, at=at)
    earlier = last("ticket_replied").partition("Earlier in this ticket:")[2]
    quoted = next(line for line in earlier.splitlines() if line.startswith("> ")).removeprefix("> ")
    assert len(quoted) <= EARLIER_LENGTH
    assert quoted.endswith("sentence…")


def test_what_was_said_before_stands_without_its_secrets_even_where_it_is_cut(
    customer: Customer, staff: StaffUser, at: datetime
) -> None:
    pin_at_the_cut = "a " * ((EARLIER_LENGTH - 20) // 2) + "пин-код: 12345678 " + "b " * 400
    ticket = submit(customer, body=pin_at_the_cut)
    operations.reply(ticket, "пароль: Qwerty12345!", by=staff, at=at)
    operations.reply(ticket, "Hello", by=staff, at=at)
    mail = mails("ticket_replied")[-1]
    for secret in ("1234", "Qwerty"):
        assert secret not in mail.text_body + mail.html_body


def every_act(ticket: Ticket, customer: Customer, staff: StaffUser, at: datetime) -> None:
    """Acts that cause every kind of mail, with a note before and after each."""
    acts = [
        lambda: operations.reply(ticket, "Hello", by=staff, at=at),
        lambda: operations.request_information(ticket, "What?", by=staff, at=at),
        lambda: operations.reply(ticket, "This", by=customer, at=at),
        lambda: operations.propose_solution(ticket, "Update", by=staff, at=at),
        lambda: deliver_mails(at=at),
        lambda: operations.ask_for_more_time(ticket, by=customer, at=at),
        lambda: operations.warn(ticket, at=at + timedelta(days=20)),
        lambda: operations.accept_solution(ticket, by=customer, at=at),
        lambda: operations.reopen(ticket, by=customer, at=at),
        lambda: operations.close(ticket, "Enough", by=staff, at=at),
        lambda: operations.reopen(ticket, by=customer, at=at),
        lambda: operations.merge(ticket, submit(customer), by=staff, at=at),
    ]
    for number, act in enumerate(acts):
        note = operations.add_note(ticket, f"inner-word-{number}", by=staff, at=at)
        note.files = [secret_file(staff, f"inner-file-{number}.txt", at)]
        db.session.flush()
        act()


def secret_file(staff: StaffUser, name: str, at: datetime) -> StoredFile:
    stored = StoredFile(
        public_id=name,
        storage_key=name,
        name=name,
        content_type="text/plain",
        size=1,
        sha256="0" * 64,
        staff_id=staff.id,
        created_at=at,
        attached_at=at,
    )
    db.session.add(stored)
    return stored


@pytest.mark.parametrize("language", ["ru", "en"])
def test_no_mail_to_the_customer_knows_of_a_note_or_its_files(staff: StaffUser, at: datetime, language: str) -> None:
    customer = make_customer(language=language)
    every_act(submit(customer), customer, staff, at)
    written = [mail for mail in mails() if mail.customer_id == customer.id]
    assert len({mail.kind for mail in written}) >= 11
    for mail in written:
        assert "inner-" not in mail.subject + mail.text_body + mail.html_body, mail.kind


def test_a_file_of_a_note_is_not_counted(customer: Customer, staff: StaffUser, at: datetime) -> None:
    ticket = submit(customer)
    note = operations.add_note(ticket, "inner", by=staff, at=at)
    note.files = [secret_file(staff, "inner.txt", at)]
    operations.reply(ticket, "Hello", by=staff, at=at)
    assert "Files come" not in last("ticket_replied")


def test_articles_named_in_the_message_stand_below_with_their_titles(
    customer: Customer, staff: StaffUser, at: datetime
) -> None:
    make_article("nte-bad-keyset", "Key set <does not> exist", ArticleState.PUBLISHED, at)
    make_article("for-staff", "How we talk to customers", ArticleState.STAFF_ONLY, at)
    make_article("not-yet", "A draft of a title", ArticleState.DRAFT, at)
    body = "See http://localhost/kb/nte-bad-keyset, http://localhost/kb/for-staff and http://localhost/kb/not-yet."
    operations.reply(submit(customer), body + " http://localhost/kb/nte-bad-keyset", by=staff, at=at)
    mail = mails("ticket_replied")[-1]
    assert "* Key set <does not> exist\n  http://localhost/kb/nte-bad-keyset" in mail.text_body
    assert 'href="http://localhost/kb/nte-bad-keyset"' in mail.html_body
    assert "Key set &lt;does not&gt; exist" in mail.html_body
    assert mail.text_body.count("Key set") == 1
    for title in ("How we talk", "A draft of"):
        assert title not in mail.text_body + mail.html_body


def test_a_message_without_articles_has_no_list_of_them(customer: Customer, staff: StaffUser, at: datetime) -> None:
    operations.reply(submit(customer), "See http://elsewhere.example/kb/nte-bad-keyset", by=staff, at=at)
    assert "Articles named" not in last("ticket_replied")


def test_where_mails_are_read_the_customer_is_invited_to_answer_above_a_line(
    app: Flask, customer: Customer, staff: StaffUser, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    operations.request_information(submit(customer), "What?", by=staff, at=at)
    silent = last("ticket_info_requested")
    monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], MAIL_REPLIES=True))
    operations.request_information(submit(customer), "What?", by=staff, at=at)
    mail = mails("ticket_info_requested")[-1]
    assert mail.text_body.startswith("— Please write your answer above this line —\n\nHello")
    assert mail.html_body.index("above this line") < mail.html_body.index("Hello")
    assert "You can answer this mail" in mail.text_body
    assert "Please answer this mail, or on the ticket's page" in mail.text_body
    assert "answers are read on the portal only" not in mail.text_body + mail.html_body
    assert "answers are read on the portal only" in silent
    assert "above this line" not in silent
