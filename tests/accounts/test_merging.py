"""Two accounts of one person become one: everything goes over, the other is closed, both addresses are told."""

from __future__ import annotations

import io
from datetime import datetime

import pytest

from supportapp.accounts.models import Customer
from supportapp.accounts.operations import merge_customers, send_confirmation
from supportapp.certificates.queries import registrations_of
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.files.operations import store_upload
from supportapp.tickets import operations as tickets
from tests.factories import BEFORE, mails, make_certificate, make_customer, make_registration, make_staff, make_ticket


def merged(at: datetime, **changes: object) -> tuple[Customer, Customer]:
    source, target = make_customer(**changes), make_customer(email="kept@example.com")
    return source, target


def test_tickets_registrations_and_files_go_over(session: object, at: datetime) -> None:
    source, target = merged(at)
    ticket, own = make_ticket(source), make_ticket(target)
    registration = make_registration(source)
    stored = store_upload(io.BytesIO(b"log"), "a.log", owner=source, draft="form", at=at)
    merge_customers(source, target, by=make_staff("Manager"), at=at)
    db.session.expire_all()
    assert ticket.customer is own.customer is target
    assert (registration.customer, registrations_of(target)) == (target, [registration])
    assert stored.customer_id == target.id


def test_who_wrote_what_stays(session: object, at: datetime) -> None:
    source, target = merged(at)
    ticket = make_ticket(source)
    merge_customers(source, target, by=make_staff("Manager"), at=at)
    db.session.expire_all()
    assert ticket.messages[0].customer is source
    tickets.reply(ticket, "Продолжаю отсюда.", by=target, at=at)
    assert ticket.messages[-1].customer is target


def test_a_certificate_that_both_had_keeps_one_seat(session: object, at: datetime) -> None:
    source, target = merged(at)
    certificate = make_certificate(seats=2)
    doubled, kept = make_registration(source, certificate), make_registration(target, certificate)
    merge_customers(source, target, by=make_staff("Manager"), at=at)
    assert (doubled.released_at, kept.released_at) == (at, None)
    assert registrations_of(target) == [kept]


def test_the_merged_account_is_closed_and_leads_to_the_kept_one(session: object, at: datetime) -> None:
    source, target = merged(at)
    epoch = source.session_epoch
    merge_customers(source, target, by=make_staff("Manager"), at=at)
    assert (source.closed_at, source.successor, source.is_active) == (at, target, False)
    assert source.session_epoch == epoch + 1
    assert target.is_active


def test_both_addresses_are_told_which_account_is_left(session: object, at: datetime) -> None:
    source, target = merged(at, email="closed@example.com")
    merge_customers(source, target, by=make_staff("Manager"), at=at)
    written = mails("account_merged")
    assert {mail.recipient for mail in written} == {"closed@example.com", "kept@example.com"}
    for mail in written:
        assert "closed@example.com" in mail.text_body
        assert "kept@example.com" in mail.text_body


@pytest.mark.parametrize(
    ("of_source", "of_target", "reason"),
    [
        ({"closed_at": BEFORE}, {}, "account_closed"),
        ({"blocked_at": BEFORE}, {}, "account_blocked"),
        ({}, {"closed_at": BEFORE}, "account_closed"),
        ({}, {"blocked_at": BEFORE}, "account_blocked"),
        ({}, {"confirmed_at": None}, "not_confirmed"),
    ],
)
def test_nonsense_is_refused_and_nothing_moves(
    session: object, at: datetime, of_source: dict[str, object], of_target: dict[str, object], reason: str
) -> None:
    source, target = make_customer(), make_customer(**of_target)
    ticket = make_ticket(source)
    for name, value in of_source.items():
        setattr(source, name, value)
    db.session.flush()
    with pytest.raises(Refused) as refused:
        merge_customers(source, target, by=make_staff("Manager"), at=at)
    assert refused.value.reason == reason
    assert ticket.customer_id == source.id
    assert mails("account_merged") == []


def test_an_account_is_not_merged_into_itself(session: object, at: datetime) -> None:
    customer = make_customer()
    with pytest.raises(Refused, match="same_account"):
        merge_customers(customer, customer, by=make_staff("Manager"), at=at)
    assert customer.is_active


def test_an_unconfirmed_account_may_go_into_a_confirmed_one(session: object, at: datetime) -> None:
    source, target = merged(at, confirmed_at=None)
    send_confirmation(source, at=at)
    merge_customers(source, target, by=make_staff("Manager"), at=at)
    assert source.successor is target
