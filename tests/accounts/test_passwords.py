"""Passwords forgotten and changed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from supportapp.accounts import operations
from supportapp.accounts.models import LinkPurpose
from supportapp.accounts.operations.links import check_link, issue_link
from supportapp.errors import Refused
from tests.accounts.letters import letters_to, secret_in
from tests.factories import PASSWORD, mails, make_customer

NEW = "seven green parrots"

pytestmark = pytest.mark.usefixtures("session")


def test_a_forgotten_password_is_reset_by_the_mailed_link(at: datetime) -> None:
    customer = make_customer()
    before = customer.get_id()
    operations.request_password_reset(customer.email.upper(), at=at)
    operations.reset_password(secret_in(mails("account_password_reset")[-1]), NEW, at=at)
    assert operations.authenticate(customer.email, NEW, at=at) is customer
    with pytest.raises(Refused, match="wrong_credentials"):
        operations.authenticate(customer.email, PASSWORD, at=at)
    assert customer.get_id() != before
    assert len(letters_to(customer.email, "account_password_changed")) == 1


def test_no_answer_tells_a_stranger(at: datetime) -> None:
    known = make_customer(email="known@example.com").email
    make_customer(email="blocked@example.com", blocked_at=at)
    make_customer(email="closed@example.com", closed_at=at)
    for address in (known, "blocked@example.com", "closed@example.com", "nobody@example.com"):
        assert operations.request_password_reset(address, at=at) is None  # type: ignore[func-returns-value]
        assert len(letters_to(address)) == 1


def test_a_stranger_is_told_by_mail_that_there_is_no_account(at: datetime) -> None:
    operations.request_password_reset("nobody@example.com", at=at, language="en")
    [mail] = letters_to("nobody@example.com")
    assert mail.subject == "There is no account with this address"
    assert "/password/reset/" not in mail.text_body


def test_an_invalid_address_is_refused_next_to_its_field(at: datetime) -> None:
    with pytest.raises(Refused) as refusal:
        operations.request_password_reset("nobody", at=at)
    assert (refusal.value.reason, refusal.value.field) == ("email_invalid", "email")


def test_a_reset_proves_the_address(at: datetime) -> None:
    customer = make_customer(confirmed_at=None)
    operations.request_password_reset(customer.email, at=at)
    assert operations.reset_password(secret_in(mails()[-1]), NEW, at=at).confirmed_at == at


def test_a_weak_new_password_leaves_the_link_good(at: datetime) -> None:
    customer = make_customer()
    token, _ = issue_link(customer, LinkPurpose.RESET_PASSWORD, at=at)
    with pytest.raises(Refused) as refusal:
        operations.reset_password(token, "short", at=at)
    assert (refusal.value.reason, refusal.value.field) == ("password_too_short", "new_password")
    assert operations.reset_password(token, NEW, at=at) is customer


def test_a_reset_link_lasts_an_hour_and_works_once(at: datetime) -> None:
    token, _ = issue_link(make_customer(), LinkPurpose.RESET_PASSWORD, at=at)
    with pytest.raises(Refused, match="link_expired"):
        operations.reset_password(token, NEW, at=at + timedelta(hours=1))
    operations.reset_password(token, NEW, at=at)
    with pytest.raises(Refused, match="link_used"):
        operations.reset_password(token, NEW, at=at)


def test_a_changed_password_ends_sessions_and_open_links_and_is_told(at: datetime) -> None:
    customer = make_customer()
    before = customer.get_id()
    token, _ = issue_link(customer, LinkPurpose.CHANGE_EMAIL, at=at, new_email="new@example.com")
    operations.change_password(customer, PASSWORD, NEW, at=at)
    assert operations.authenticate(customer.email, NEW, at=at) is customer
    assert customer.get_id() != before
    with pytest.raises(Refused, match="link_expired"):
        check_link(token, LinkPurpose.CHANGE_EMAIL, at=at)
    assert len(letters_to(customer.email, "account_password_changed")) == 1


def test_a_changed_password_leaves_the_confirmation_link_of_an_unconfirmed_account_good(at: datetime) -> None:
    customer = make_customer(confirmed_at=None)
    token, _ = issue_link(customer, LinkPurpose.CONFIRM_EMAIL, at=at)
    operations.change_password(customer, PASSWORD, NEW, at=at)
    assert operations.confirm_email(token, at=at) is customer


@pytest.mark.parametrize(
    ("old", "new", "reason", "field"),
    [
        ("not the old one", NEW, "wrong_password", "old_password"),
        (PASSWORD, "short", "password_too_short", "new_password"),
        (PASSWORD, "password2026", "password_guessable", "new_password"),
        (PASSWORD, PASSWORD, "same_password", "new_password"),
    ],
)
def test_a_refused_change_changes_nothing(at: datetime, old: str, new: str, reason: str, field: str) -> None:
    customer = make_customer()
    before = (customer.password_hash, customer.get_id())
    with pytest.raises(Refused) as refusal:
        operations.change_password(customer, old, new, at=at)
    assert (refusal.value.reason, refusal.value.field) == (reason, field)
    assert (customer.password_hash, customer.get_id()) == before
    assert mails() == []
