"""Coming in, being kept out, and going out everywhere."""

from __future__ import annotations

from datetime import datetime

import pytest

from supportapp.accounts import operations
from supportapp.accounts.models import LinkPurpose
from supportapp.accounts.operations.links import check_link, issue_link
from supportapp.errors import Refused
from supportapp.extensions import db
from tests.accounts.conftest import HashCount
from tests.factories import PASSWORD, mails, make_customer, make_staff

pytestmark = pytest.mark.usefixtures("session")


def refusal_of(email: str, password: str, at: datetime) -> Refused:
    with pytest.raises(Refused) as refusal:
        operations.authenticate(email, password, at=at)
    return refusal.value


def test_the_right_password_comes_in_by_any_spelling_of_the_address(at: datetime) -> None:
    customer = make_customer(email="vera@example.com")
    assert operations.authenticate(" VERA@example.com", PASSWORD, at=at) is customer


def test_an_unconfirmed_account_may_come_in(at: datetime) -> None:
    customer = make_customer(confirmed_at=None)
    assert operations.authenticate(customer.email, PASSWORD, at=at) is customer


def test_no_answer_tells_a_stranger(at: datetime, hashes: HashCount) -> None:
    known = make_customer().email
    blocked = make_customer(blocked_at=at).email
    closed = make_customer(closed_at=at).email
    answers = set()
    strange = ["nobody@example.com", "", "not an address", "nul\0@example.com", "half\udc80@example.com", "x" * 10_000]
    for email in (known, blocked, closed, *strange):
        hashes.checked.clear()
        refused = refusal_of(email, "a wrong password", at)
        answers.add((refused.reason, refused.field, refused.text("ru"), refused.text("en")))
        assert len(hashes.checked) == 1
    assert len(answers) == 1


def test_a_closed_account_does_not_let_its_owner_in(at: datetime) -> None:
    assert refusal_of(make_customer(closed_at=at).email, PASSWORD, at).reason == "wrong_credentials"


def test_only_the_right_password_learns_that_the_account_is_blocked(at: datetime) -> None:
    customer = make_customer(blocked_at=at)
    assert refusal_of(customer.email, PASSWORD, at).reason == "account_blocked"
    assert refusal_of(customer.email, "a wrong password", at).reason == "wrong_credentials"


def test_authenticating_writes_nothing(at: datetime) -> None:
    customer = make_customer()
    db.session.commit()
    operations.authenticate(customer.email, PASSWORD, at=at)
    assert not db.session.dirty
    assert not db.session.new


def test_sign_out_everywhere_ends_every_session_of_customers_and_staff() -> None:
    for person in (make_customer(), make_staff()):
        before = person.get_id()
        operations.sign_out_everywhere(person)
        assert person.get_id() != before


def test_block_ends_sessions_and_links_without_a_mail(at: datetime) -> None:
    customer, engineer = make_customer(), make_staff()
    before = customer.get_id()
    token, _ = issue_link(customer, LinkPurpose.RESET_PASSWORD, at=at)
    operations.block(customer, by=engineer, at=at)
    assert customer.blocked_at == at
    assert not customer.is_active
    assert customer.get_id() != before
    with pytest.raises(Refused, match="link_expired"):
        check_link(token, LinkPurpose.RESET_PASSWORD, at=at)
    assert mails() == []


def test_unblock_lets_the_customer_in_again(at: datetime) -> None:
    customer = make_customer(blocked_at=at)
    operations.unblock(customer, by=make_staff(), at=at)
    assert operations.authenticate(customer.email, PASSWORD, at=at) is customer


def test_blocking_twice_and_unblocking_the_free_are_refused(at: datetime) -> None:
    engineer = make_staff()
    for act, customer, reason in (
        (operations.block, make_customer(blocked_at=at), "already_blocked"),
        (operations.block, make_customer(closed_at=at), "account_closed"),
        (operations.unblock, make_customer(), "not_blocked"),
    ):
        with pytest.raises(Refused, match=reason):
            act(customer, by=engineer, at=at)
