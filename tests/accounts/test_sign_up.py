"""Signing up, and confirming the address."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from supportapp.accounts import operations, queries
from supportapp.accounts.models import Customer, RegulationVersion
from supportapp.errors import Refused
from supportapp.extensions import db
from tests.accounts.conftest import HashCount
from tests.accounts.letters import letters_to, secret_in
from tests.factories import mails, make_customer, make_regulation

FORM = {
    "email": "Vera@Example.com ",
    "password": "five red squirrels",
    "name": "  Вера   Ким ",
    "organisation": "ООО «Василёк»",
    "phone": "+7 495 123-45-67",
    "language": "ru",
}


@pytest.fixture(autouse=True)
def regulation(session: object) -> RegulationVersion:
    return make_regulation(label="2.1")


def sign_up(at: datetime, **changes: Any) -> None:
    operations.sign_up(**{**FORM, "at": at, **changes})


def test_a_new_person_gets_an_unconfirmed_account_and_a_link(at: datetime, regulation: RegulationVersion) -> None:
    sign_up(at)
    customer = queries.get_customer_by_email("vera@example.com")
    assert (customer.name, customer.organisation, customer.phone) == ("Вера Ким", "ООО «Василёк»", "+7 495 123-45-67")
    assert not customer.is_confirmed
    assert customer.password_hash.startswith("scrypt:")
    assert (customer.regulation, customer.regulation_accepted_at) == (regulation, at)
    [mail] = letters_to("vera@example.com")
    assert mail.kind == "account_confirmation"
    assert "Подтвердите" in mail.subject


def test_the_link_confirms_and_ends_sessions_begun_before(at: datetime) -> None:
    sign_up(at)
    before = queries.get_customer_by_email(FORM["email"]).get_id()
    customer = operations.confirm_email(secret_in(mails()[-1]), at=at)
    assert customer.confirmed_at == at
    assert customer.get_id() != before


def test_mails_speak_the_language_of_the_form(at: datetime) -> None:
    sign_up(at, language="en")
    [mail] = mails()
    assert mail.subject == "Please confirm your e-mail address"


def test_a_known_address_gets_a_mail_and_keeps_its_account(at: datetime) -> None:
    owner = make_customer(email="vera@example.com", language="en")
    before = (owner.name, owner.password_hash)
    sign_up(at)
    assert db.session.query(Customer).count() == 1
    assert (owner.name, owner.password_hash) == before
    [mail] = letters_to("vera@example.com")
    assert mail.kind == "account_already_registered"
    assert mail.language == "en"
    assert "http://localhost/sign-in" in mail.text_body


def test_who_signs_up_where_a_stranger_began_chooses_the_password_and_locks_the_stranger_out(at: datetime) -> None:
    sign_up(at, password="the strangers password")
    sign_up(at, password="five red squirrels")
    [first] = letters_to("vera@example.com", "account_confirmation")
    with pytest.raises(Refused, match="link_expired"):
        operations.confirm_email(secret_in(first), at=at)
    [second] = letters_to("vera@example.com", "account_unfinished_sign_up")
    customer = operations.reset_password(secret_in(second), "my own long password", at=at)
    assert customer.is_confirmed
    assert operations.authenticate("vera@example.com", "my own long password", at=at) is customer
    with pytest.raises(Refused, match="wrong_credentials"):
        operations.authenticate("vera@example.com", "the strangers password", at=at)


def test_no_answer_tells_a_stranger(at: datetime, hashes: HashCount) -> None:
    make_customer(email="known@example.com")
    make_customer(email="blocked@example.com", blocked_at=at)
    make_customer(email="unconfirmed@example.com", confirmed_at=None)
    for address in ("known@example.com", "blocked@example.com", "unconfirmed@example.com", "new@example.com"):
        hashes.made = 0
        assert operations.sign_up(**{**FORM, "email": address, "at": at}) is None  # type: ignore[func-returns-value,arg-type]
        assert hashes.made == 1
        assert hashes.checked == []
        assert len(letters_to(address)) == 1


def test_nothing_a_stranger_typed_reaches_an_unproved_address(at: datetime) -> None:
    for email in ("fresh@example.com", make_customer().email):
        sign_up(at, email=email, name="Win at casino.example", organisation="casino.example", phone="900 900 900")
    for mail in mails():
        words = mail.subject + mail.text_body + mail.html_body
        assert "casino" not in words
        assert "900 900" not in words


def test_the_address_of_a_closed_account_is_free_again(at: datetime) -> None:
    closed = make_customer(email="vera@example.com", closed_at=at)
    sign_up(at)
    assert queries.get_customer_by_email("vera@example.com") is not closed


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("email", " ", "email_required"),
        ("email", "vera", "email_invalid"),
        ("email", "vera@localhost", "email_invalid"),
        ("email", "вера@example.com", "email_invalid"),
        ("email", "vera@exa mple.com", "email_invalid"),
        ("email", "vera\0@example.com", "email_invalid"),
        ("email", "vera\udc80@example.com", "email_invalid"),
        ("email", "vera@example.com\r\nBcc: x@example.com", "email_invalid"),
        ("email", "Вера <vera@example.com>", "email_invalid"),
        ("email", "v" * 250 + "@example.com", "email_too_long"),
        ("email", "v" * 500_000, "email_too_long"),
        ("password", "short", "password_too_short"),
        ("password", "x1Y" * 43, "password_too_long"),
        ("password", "vera@example.com", "password_is_email"),
        ("password", "Password2026", "password_guessable"),
        ("password", "five red\0squirrels", "password_control_characters"),
        ("name", "\u00a0 ", "name_required"),
        ("name", "В" * 121, "text_too_long"),
        ("name", "Ве\0ра", "control_characters"),
        ("name", "Вера\nКим", "control_characters"),
        ("organisation", "О" * 201, "text_too_long"),
        ("organisation", "ООО \u202eкелисаВ", "control_characters"),
        ("phone", "1" * 41, "text_too_long"),
        ("phone", "позвоните мне", "phone_invalid"),
        ("language", "de", "unknown_language"),
    ],
)
def test_invalid_fields_are_named_and_nothing_is_kept(at: datetime, field: str, value: str, reason: str) -> None:
    with pytest.raises(Refused) as refusal:
        sign_up(at, **{field: value})
    assert (refusal.value.reason, refusal.value.field) == (reason, field)
    assert refusal.value.text("ru") != refusal.value.text("en")
    assert db.session.query(Customer).count() == 0
    assert mails() == []


def test_without_a_regulation_nobody_can_sign_up(at: datetime, regulation: RegulationVersion) -> None:
    regulation.published_at = None
    with pytest.raises(Refused, match="no_regulation"):
        sign_up(at)


def test_a_regulation_changed_while_the_form_was_open_must_be_read_first(
    at: datetime, regulation: RegulationVersion
) -> None:
    make_regulation(label="3.0", published_at=at)
    with pytest.raises(Refused, match="regulation_changed"):
        sign_up(at, regulation_id=regulation.id)


def test_an_account_opened_for_the_address_at_the_same_moment_is_not_an_error(
    at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_customer(email="vera@example.com")
    monkeypatch.setattr(queries, "find_customer_by_email", lambda email: None)
    monkeypatch.setattr(queries, "get_customer_by_email", lambda email: other)
    sign_up(at)
    assert db.session.query(Customer).count() == 1
    assert [mail.kind for mail in mails()] == ["account_already_registered"]


def test_a_confirmed_address_is_not_confirmed_again(at: datetime) -> None:
    with pytest.raises(Refused, match="already_confirmed"):
        operations.send_confirmation(make_customer(), at=at)


def test_a_closed_account_is_sent_no_link(at: datetime) -> None:
    with pytest.raises(Refused, match="account_closed"):
        operations.send_confirmation(make_customer(confirmed_at=None, closed_at=at), at=at)
