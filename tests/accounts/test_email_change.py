"""A new address is a new account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from supportapp.accounts import operations, queries
from supportapp.accounts.models import Customer, LinkPurpose
from supportapp.accounts.operations.links import issue_link
from supportapp.errors import Refused
from supportapp.extensions import db
from tests.accounts.conftest import HashCount
from tests.accounts.letters import letters_to, secret_in
from tests.factories import PASSWORD, mails, make_customer, make_regulation, make_staff

NEW = "vera.new@example.com"

pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture
def vera(session: object, at: datetime) -> Customer:
    return make_customer(
        email="vera@example.com",
        name="Вера",
        phone="112",
        language="en",
        regulation_id=make_regulation().id,
        regulation_accepted_at=at,
    )


@pytest.fixture
def announced() -> Iterator[list[tuple[Customer, Customer]]]:
    """The changes that were announced to whoever listens."""
    heard: list[tuple[Customer, Customer]] = []

    def listen(old: Customer, *, successor: Customer) -> None:
        heard.append((old, successor))

    with operations.email_changed.connected_to(listen):
        yield heard


def ask(customer: Customer, at: datetime, new_email: str = NEW) -> str:
    operations.request_email_change(customer, new_email, PASSWORD, at=at)
    return secret_in(letters_to(new_email, "account_email_change")[-1])


def test_asking_mails_a_link_to_the_new_address_and_a_notice_to_the_old(vera: Customer, at: datetime) -> None:
    operations.request_email_change(vera, " Vera.New@Example.com", PASSWORD, at=at)
    assert [mail.kind for mail in letters_to(NEW)] == ["account_email_change"]
    assert [mail.kind for mail in letters_to("vera@example.com")] == ["account_email_change_asked"]
    assert vera.email == "vera@example.com"
    assert vera.closed_at is None


def test_the_link_opens_a_successor_and_closes_the_old_account(vera: Customer, at: datetime) -> None:
    before = vera.get_id()
    successor = operations.confirm_email_change(ask(vera, at), at=at)
    assert (successor.email, successor.name, successor.organisation) == (NEW, vera.name, vera.organisation)
    assert (successor.phone, successor.language, successor.regulation) == (vera.phone, "en", vera.regulation)
    assert operations.authenticate(NEW, PASSWORD, at=at) is successor
    assert successor.is_confirmed
    assert (vera.closed_at, vera.successor, successor.predecessors) == (at, successor, [vera])
    assert vera.get_id() != before
    with pytest.raises(Refused, match="wrong_credentials"):
        operations.authenticate("vera@example.com", PASSWORD, at=at)
    assert letters_to("vera@example.com")[-1].kind == "account_email_changed"


def test_the_choice_of_mails_goes_along(vera: Customer, at: datetime) -> None:
    vera.muted_mails = "certificates"
    assert operations.confirm_email_change(ask(vera, at), at=at).muted_mails == "certificates"


def test_the_change_is_announced_inside_the_transaction(
    vera: Customer, at: datetime, announced: list[tuple[Customer, Customer]]
) -> None:
    db.session.commit()
    successor = operations.confirm_email_change(ask(vera, at), at=at)
    assert announced == [(vera, successor)]
    assert successor.id is not None
    db.session.rollback()
    assert queries.find_customer_by_email(NEW) is None
    assert queries.find_customer_by_email("vera@example.com") is vera


@pytest.mark.parametrize("keeps", [False, True])
def test_mails_say_what_becomes_of_certificates_and_tickets(
    vera: Customer, at: datetime, keeps: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from supportapp.accounts import messages

    monkeypatch.setattr(messages, "_keeps_history", lambda: keeps)
    operations.confirm_email_change(ask(vera, at), at=at)
    asked, closed = letters_to(NEW)[0].text_body, letters_to("vera@example.com")[-1].text_body
    assert ("Certificates and tickets move" in asked) is keeps
    assert ("Certificates have to be registered again" in closed) is not keeps


def test_no_answer_tells_a_stranger(vera: Customer, at: datetime, hashes: HashCount) -> None:
    owner = make_customer(email="owner@example.com")
    make_customer(email="blocked@example.com", blocked_at=at)
    make_customer(email="waiting@example.com", confirmed_at=None)
    for address in ("owner@example.com", "blocked@example.com", "waiting@example.com", "free@example.com"):
        hashes.checked.clear()
        assert operations.request_email_change(vera, address, PASSWORD, at=at) is None  # type: ignore[func-returns-value]
        assert len(hashes.checked) == 1
        assert len(letters_to(address)) == 1
    assert len(letters_to("vera@example.com", "account_email_change_asked")) == 4
    [mail] = letters_to(owner.email)
    assert mail.kind == "account_email_change_taken"
    assert "/email-change/" not in mail.text_body


def test_an_account_that_never_proved_the_address_gives_way_to_the_one_who_does(vera: Customer, at: datetime) -> None:
    squatter = make_customer(email=NEW, confirmed_at=None)
    successor = operations.confirm_email_change(ask(vera, at), at=at)
    assert squatter.closed_at == at
    assert queries.find_customer_by_email(NEW) is successor


def test_an_address_taken_meanwhile_is_refused(vera: Customer, at: datetime) -> None:
    token = ask(vera, at)
    make_customer(email=NEW)
    db.session.commit()
    with pytest.raises(Refused, match="email_taken"):
        operations.confirm_email_change(token, at=at)
    db.session.rollback()
    assert vera.closed_at is None
    assert operations.check_link(token, LinkPurpose.CHANGE_EMAIL, at=at).used_at is None


def test_an_address_taken_in_the_same_moment_is_refused(
    vera: Customer, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = ask(vera, at)
    make_customer(email=NEW)
    monkeypatch.setattr(queries, "find_customer_by_email", lambda email: None)
    with pytest.raises(Refused, match="email_taken"):
        operations.confirm_email_change(token, at=at)


@pytest.mark.parametrize(
    ("new_email", "password", "reason", "field"),
    [
        (NEW, "a wrong password", "wrong_password", "password"),
        ("VERA@example.com", PASSWORD, "same_email", "new_email"),
        ("vera", PASSWORD, "email_invalid", "new_email"),
        ("", PASSWORD, "email_required", "new_email"),
    ],
)
def test_a_refused_request_mails_nobody(
    vera: Customer, at: datetime, new_email: str, password: str, reason: str, field: str
) -> None:
    with pytest.raises(Refused) as refusal:
        operations.request_email_change(vera, new_email, password, at=at)
    assert (refusal.value.reason, refusal.value.field) == (reason, field)
    assert mails() == []


def test_the_link_lasts_a_day_and_works_once(vera: Customer, at: datetime) -> None:
    token = ask(vera, at)
    with pytest.raises(Refused, match="link_expired"):
        operations.confirm_email_change(token, at=at + timedelta(hours=24))
    operations.confirm_email_change(token, at=at)
    with pytest.raises(Refused, match="link_used"):
        operations.confirm_email_change(token, at=at)


def test_asking_for_another_address_voids_the_first_link(vera: Customer, at: datetime) -> None:
    first = ask(vera, at)
    make_customer(email="owner@example.com")
    operations.request_email_change(vera, "owner@example.com", PASSWORD, at=at)
    with pytest.raises(Refused, match="link_expired"):
        operations.confirm_email_change(first, at=at)


def test_a_blocked_account_cannot_slip_away_to_a_new_address(vera: Customer, at: datetime) -> None:
    token = ask(vera, at)
    operations.block(vera, by=make_staff(), at=at)
    with pytest.raises(Refused, match="link_expired"):
        operations.confirm_email_change(token, at=at)
    token, _ = issue_link(vera, LinkPurpose.CHANGE_EMAIL, at=at, new_email=NEW)
    with pytest.raises(Refused, match="account_blocked"):
        operations.confirm_email_change(token, at=at)
