"""Managers merge accounts and send confirmations again."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from supportapp.accounts.models import StaffUser
from supportapp.audit.models import AuditEntry
from supportapp.extensions import db, limiter
from tests.factories import BEFORE, mails, make_customer, make_registration, make_ticket
from tests.staff.conftest import SignIn


def words_of(page: Any) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.text)))


def test_the_language_of_a_customer_is_a_word(client: FlaskClient, manager: StaffUser) -> None:
    page = client.get(f"/staff/customers/show/{make_customer(language='en').id}").text
    assert '<dt>Язык</dt><dd class="text">English</dd>' in page


def test_both_accounts_are_looked_at_before_they_are_merged(client: FlaskClient, manager: StaffUser) -> None:
    source, target = make_customer(name="Анна Петрова"), make_customer(name="Анна Петрова", organisation="АО «Лютик»")
    make_ticket(source)
    number = make_registration(source).certificate.number
    page = client.get(f"/staff/customers/{source.id}/merging")
    assert target.email in words_of(page)  # an account with the same name is offered
    page = client.get(f"/staff/customers/{source.id}/merging?into={target.email}")
    for words in (source.email, target.email, "АО «Лютик»", number, "Объединить насовсем"):
        assert words in words_of(page)
    assert source.is_active
    answer = client.post(f"/staff/customers/{source.id}/merging", data={"kept": target.id})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/staff/customers/show/{target.id}")
    assert (source.successor, source.is_active) == (target, False)
    assert "Учётные записи объединены" in client.get(answer.headers["Location"]).text


def test_merging_leaves_an_entry_in_the_audit_trail(client: FlaskClient, manager: StaffUser) -> None:
    source, target = make_customer(), make_customer()
    client.post(f"/staff/customers/{source.id}/merging", data={"kept": target.id})
    entry = db.session.query(AuditEntry).filter_by(act="merged").one()
    assert (entry.staff_id, entry.object_id) == (manager.id, str(source.id))
    assert entry.details["note"] == f"{source.email} → {target.email}"
    page = client.get("/staff/audit/?act=merged")
    assert "Учётные записи объединены: пользователь" in words_of(page)
    assert "pbkdf2" not in page.text


@pytest.mark.parametrize("into", ["nobody@example.com", "не адрес", "%00", "x" * 300])
def test_an_address_without_an_account_is_told(client: FlaskClient, manager: StaffUser, into: str) -> None:
    source = make_customer()
    answer = client.get(f"/staff/customers/{source.id}/merging?into={into}")
    assert answer.status_code in (400, 422)
    assert source.is_active


@pytest.mark.parametrize("kept", ["", "abc", "0", "-1", "99999999999999999999", "2147483648"])
def test_nonsense_instead_of_the_account_merges_nothing(client: FlaskClient, manager: StaffUser, kept: str) -> None:
    source = make_customer()
    assert client.post(f"/staff/customers/{source.id}/merging", data={"kept": kept}).status_code == 422
    assert source.is_active


def test_an_account_that_was_blocked_meanwhile_is_not_merged(client: FlaskClient, manager: StaffUser) -> None:
    source, target = make_customer(), make_customer(blocked_at=BEFORE)
    answer = client.post(f"/staff/customers/{source.id}/merging", data={"kept": target.id})
    assert answer.status_code == 422
    assert "заблокирована" in words_of(answer)
    assert client.post(f"/staff/customers/{source.id}/merging", data={"kept": source.id}).status_code == 422
    assert source.is_active


def test_a_confirmation_is_sent_again_to_who_needs_it(client: FlaskClient, manager: StaffUser) -> None:
    customer = make_customer(confirmed_at=None)
    assert "Отправить подтверждение ещё раз" in client.get(f"/staff/customers/show/{customer.id}").text
    answer = client.post(f"/staff/customers/{customer.id}/confirmation")
    assert answer.status_code == 303
    assert [mail.recipient for mail in mails("account_confirmation")] == [customer.email]
    assert db.session.query(AuditEntry).filter_by(act="confirmation_sent").one().object_id == str(customer.id)


@pytest.mark.parametrize(
    "state", [{}, {"confirmed_at": None, "blocked_at": BEFORE}, {"confirmed_at": None, "closed_at": BEFORE}]
)
def test_nobody_else_gets_a_confirmation(client: FlaskClient, manager: StaffUser, state: dict[str, Any]) -> None:
    customer = make_customer(**state)
    assert "Отправить подтверждение ещё раз" not in client.get(f"/staff/customers/show/{customer.id}").text
    client.post(f"/staff/customers/{customer.id}/confirmation")
    assert mails("account_confirmation") == []


def test_a_mailbox_is_not_filled_with_confirmations(client: FlaskClient, manager: StaffUser) -> None:
    customer, other = make_customer(confirmed_at=None), make_customer(confirmed_at=None)
    limiter.enabled = True
    statuses = [client.post(f"/staff/customers/{customer.id}/confirmation").status_code for _ in range(5)]
    assert statuses == [303, 303, 303, 429, 429]
    assert client.post(f"/staff/customers/{other.id}/confirmation").status_code == 303
    assert len(mails("account_confirmation")) == 4


def test_an_engineer_does_neither(client: FlaskClient, sign_in: SignIn) -> None:
    customer = make_customer(confirmed_at=None)
    sign_in("Engineer")
    page = client.get(f"/staff/customers/show/{customer.id}").text
    assert "/merging" not in page
    assert "/confirmation" not in page
    assert client.get(f"/staff/customers/{customer.id}/merging").status_code == 403
