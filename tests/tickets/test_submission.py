"""A ticket comes into being."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from supportapp.errors import NotFound, Refused
from supportapp.extensions import db
from supportapp.tickets import operations, rules
from supportapp.tickets.models import Ticket
from supportapp.tickets.rules import EventKind, MessageKind, Status
from tests.factories import (
    mails,
    make_certificate,
    make_customer,
    make_level,
    make_product,
    make_registration,
    make_staff,
)

pytestmark = pytest.mark.usefixtures("session")


def submit(at: datetime, **changes: object) -> Ticket:
    values: dict[str, object] = {"subject": "Ошибка", "body": "Не работает.", "at": at}
    if "customer" not in changes:
        values["customer"] = make_customer()
    return operations.submit(**{**values, **changes})  # type: ignore[arg-type]


def test_without_a_certificate_it_has_the_lowest_priority_and_no_targets(at: datetime) -> None:
    ticket = submit(at)
    assert ticket.priority == rules.LOWEST_PRIORITY
    assert ticket.level is None
    assert ticket.first_response_due is None
    assert ticket.target_at is None


def test_with_a_certificate_it_gets_its_levels_priority_and_targets(at: datetime) -> None:
    customer = make_customer()
    level = make_level(priority=10, first_response_hours=8, resolution_hours=24)
    certificate = make_certificate(level=level)
    make_registration(customer, certificate)
    ticket = submit(at, customer=customer, certificate_id=certificate.id)
    assert ticket.priority == 10
    # Friday 14:00: four hours are left until 18:00, the other four run on Monday from 9:00
    assert ticket.first_response_due == datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
    assert ticket.resolution_due == datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
    assert ticket.target_at == ticket.first_response_due


def test_it_starts_new_with_the_question_in_the_conversation_and_on_the_timeline(at: datetime) -> None:
    ticket = submit(at, body="  Строка\r\nвторая \n")
    assert ticket.status is Status.NEW
    assert [(m.kind, m.body) for m in ticket.messages] == [(MessageKind.QUESTION, "Строка\nвторая")]
    assert [e.kind for e in ticket.timeline] == [EventKind.SUBMITTED]


def test_a_mail_confirms_it_with_its_reference(at: datetime) -> None:
    ticket = submit(at)
    [mail] = mails()
    assert mail.kind == "ticket_submitted"
    assert mail.recipient == ticket.customer.email
    assert ticket.reference in mail.subject
    assert "минимальный приоритет" in mail.text_body


def test_the_reference_is_made_of_the_prefix_and_the_number(at: datetime) -> None:
    ticket = submit(at)
    assert ticket.reference == f"TP-{ticket.id:06d}"


def test_the_same_form_sent_twice_makes_one_ticket(at: datetime) -> None:
    customer = make_customer()
    first = submit(at, customer=customer, form_token="token-1")
    second = submit(at, customer=customer, form_token="token-1", subject="Другое")
    assert second is first
    assert len(mails("ticket_submitted")) == 1


def test_a_form_token_of_somebody_else_opens_nothing(at: datetime) -> None:
    submit(at, form_token="token-1")
    with pytest.raises(NotFound):
        submit(at, form_token="token-1")


def test_an_unconfirmed_customer_is_told_to_confirm_first(at: datetime) -> None:
    with pytest.raises(Refused, match="confirm_first"):
        submit(at, customer=make_customer(confirmed_at=None))


def test_staff_may_submit_for_a_customer_who_has_not_confirmed(at: datetime) -> None:
    staff = make_staff()
    ticket = submit(at, customer=make_customer(confirmed_at=None), by=staff)
    assert ticket.timeline[0].staff is staff


def test_a_foreign_certificate_does_not_exist(at: datetime) -> None:
    certificate = make_certificate()
    make_registration(make_customer(), certificate)
    with pytest.raises(NotFound):
        submit(at, certificate_id=certificate.id)


def test_a_certificate_that_expired_while_the_form_was_open_is_refused_and_nothing_is_made(at: datetime) -> None:
    customer = make_customer()
    certificate = make_certificate(valid_to=date(2026, 11, 19))
    make_registration(customer, certificate)
    with pytest.raises(Refused, match="expired") as refused:
        submit(at, customer=customer, certificate_id=certificate.id)
    assert refused.value.field == "certificate"
    assert db.session.query(Ticket).count() == 0


@pytest.mark.parametrize(
    ("changes", "reason", "field"),
    [
        ({"subject": "   "}, "empty_line", "subject"),
        ({"subject": "т" * 201}, "line_too_long", "subject"),
        ({"subject": "a\0b"}, "bad_characters", "subject"),
        ({"body": " \n "}, "empty_text", "body"),
        ({"body": "т" * 100_001}, "text_too_long", "body"),
        ({"body": "a\0b"}, "bad_characters", "body"),
        ({"body": "a\ud800b"}, "bad_characters", "body"),
        ({"product_version": "5" * 101}, "line_too_long", "product_version"),
        ({"operating_system": "w" * 101}, "line_too_long", "operating_system"),
    ],
)
def test_bad_input_is_refused_next_to_its_field(at: datetime, changes: dict[str, str], reason: str, field: str) -> None:
    with pytest.raises(Refused) as refused:
        submit(at, **changes)
    assert (refused.value.reason, refused.value.field) == (reason, field)


def test_the_chosen_product_and_versions_are_kept(at: datetime) -> None:
    product = make_product()
    ticket = submit(at, product=product, product_version="5.0 R3", operating_system="Astra Linux 1.8")
    assert (ticket.product, ticket.product_version, ticket.operating_system) == (product, "5.0 R3", "Astra Linux 1.8")


def test_a_certificate_does_not_cover_a_product_that_it_does_not_name(at: datetime) -> None:
    customer, certificate = make_customer(), make_certificate()
    make_registration(customer, certificate)
    with pytest.raises(Refused) as refused:
        submit(at, customer=customer, certificate_id=certificate.id, product=make_product())
    assert (refused.value.reason, refused.value.field) == ("product_not_covered", "certificate")
    assert certificate.products[0].name in refused.value.text("ru")
    covered = submit(at, customer=customer, certificate_id=certificate.id, product=certificate.products[0])
    assert covered.certificate is certificate
    assert submit(at, customer=customer, certificate_id=certificate.id).product is None
