"""Who works on a ticket, which tickets are one, and which certificate they are under."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from supportapp.errors import NotFound, Refused
from supportapp.extensions import db
from supportapp.notifications.models import OptionalMail
from supportapp.tickets import operations, queries, rules
from supportapp.tickets.rules import CloseReason, EventKind, Status
from tests.factories import (
    BEFORE,
    mails,
    make_certificate,
    make_customer,
    make_level,
    make_registration,
    make_staff,
    make_ticket,
)

pytestmark = pytest.mark.usefixtures("session")


def test_taking_a_new_ticket_starts_the_work_and_mails_the_customer(at: datetime) -> None:
    ticket, staff = make_ticket(), make_staff()
    operations.take(ticket, by=staff, at=at)
    assert (ticket.status, ticket.assignee) == (Status.IN_PROGRESS, staff)
    assert len(mails("ticket_in_progress")) == 1


def test_the_second_to_take_it_is_told_who_was_quicker(at: datetime) -> None:
    ticket, first = make_ticket(), make_staff()
    operations.take(ticket, by=first, at=at)
    with pytest.raises(Refused) as refused:
        operations.take(ticket, by=make_staff(), at=at)
    assert refused.value.reason == "already_taken"
    assert first.display_name in refused.value.text("ru")
    assert ticket.assignee is first


def test_a_closed_ticket_cannot_be_taken(at: datetime) -> None:
    ticket = make_ticket()
    operations.withdraw(ticket, by=ticket.customer, at=at)
    with pytest.raises(Refused, match="ticket_closed"):
        operations.take(ticket, by=make_staff(), at=at)


def test_assigning_tells_the_colleague(at: datetime) -> None:
    ticket, colleague = make_ticket(), make_staff()
    operations.assign(ticket, colleague, by=make_staff(), at=at)
    assert ticket.assignee is colleague
    assert [mail.recipient for mail in mails("staff_ticket_assigned")] == [colleague.email]


def test_nobody_is_assigned_who_no_longer_works_here(at: datetime) -> None:
    with pytest.raises(Refused, match="assignee_inactive"):
        operations.assign(make_ticket(), make_staff(active=False), by=make_staff(), at=at)


def test_merging_closes_the_source_and_later_replies_land_in_the_target(at: datetime) -> None:
    customer = make_customer()
    source, target = make_ticket(customer), make_ticket(customer, subject="То же самое")
    operations.merge(source, target, by=make_staff(), at=at)
    assert (source.status, source.close_reason, source.merged_into) == (Status.CLOSED, CloseReason.MERGED, target)
    message = operations.reply(source, "Ответ на старое письмо", by=customer, at=at)
    assert message.ticket is target
    assert target.timeline[-2].kind is EventKind.MERGED
    assert target.reference in mails("ticket_merged")[0].subject


def test_a_reply_follows_a_chain_of_merges(at: datetime) -> None:
    customer, staff = make_customer(), make_staff()
    first, second, third = (make_ticket(customer) for _ in range(3))
    operations.merge(first, second, by=staff, at=at)
    operations.merge(second, third, by=staff, at=at)
    assert operations.reply(first, "Ответ", by=customer, at=at).ticket is third


@pytest.mark.parametrize("case", ["itself", "other customer", "closed target", "closed source"])
def test_what_cannot_be_merged(at: datetime, case: str) -> None:
    customer, staff = make_customer(), make_staff()
    source, target = make_ticket(customer), make_ticket(customer)
    if case == "itself":
        target = source
    if case == "other customer":
        target = make_ticket()
    if case.startswith("closed"):
        operations.withdraw(target if "target" in case else source, by=customer, at=at)
    with pytest.raises(Refused):
        operations.merge(source, target, by=staff, at=at)
    assert source.merged_into is None


def test_a_merged_ticket_is_not_reopened_but_names_where_it_goes_on(at: datetime) -> None:
    customer = make_customer()
    source, target = make_ticket(customer), make_ticket(customer)
    operations.merge(source, target, by=make_staff(), at=at)
    with pytest.raises(Refused) as refused:
        operations.reopen(source, by=customer, at=at)
    assert target.reference in refused.value.text("en")


def test_choosing_a_certificate_reprioritises_and_leaves_a_trace(at: datetime) -> None:
    customer, level = make_customer(), make_level(priority=5)
    ticket = make_ticket(customer)
    certificate = make_certificate(level=level)
    make_registration(customer, certificate)
    operations.choose_certificate(ticket, certificate.id, by=customer, at=at)
    assert (ticket.priority, ticket.level, ticket.certificate) == (5, level, certificate)
    entry = ticket.timeline[-1]
    assert entry.kind is EventKind.CERTIFICATE_CHOSEN
    assert entry.details["before"] == rules.LOWEST_PRIORITY
    assert entry.details["after"] == 5


def test_the_promise_of_an_answer_that_was_given_outlives_a_change_of_certificate(at: datetime) -> None:
    customer, first, second = make_customer(), make_certificate(), make_certificate(level=make_level(priority=5))
    for certificate in (first, second):
        make_registration(customer, certificate)
    ticket = make_ticket(customer, certificate_id=first.id, at=at)
    promised = ticket.first_response_due
    operations.reply(ticket, "Смотрим.", by=make_staff(), at=at)
    operations.choose_certificate(ticket, second.id, by=customer, at=at + timedelta(hours=1))
    assert promised is not None
    assert (ticket.first_response_due, ticket.level) == (promised, second.level)


def test_choosing_a_certificate_is_confirmed_with_the_new_promise(at: datetime) -> None:
    customer, level = make_customer(language="en"), make_level(name_en="Gold", first_response_hours=2)
    ticket, certificate = make_ticket(customer), make_certificate(level=level)
    make_registration(customer, certificate)
    operations.choose_certificate(ticket, certificate.id, by=customer, at=at)
    [mail] = mails("ticket_certificate_chosen")
    assert (mail.recipient, mail.optional) == (customer.email, OptionalMail.STATUS)
    assert f"under the certificate {certificate.number}" in mail.text_body
    assert "support level “Gold”" in mail.text_body
    assert "You get the first answer by Friday, 20 November 2026, 16:00 (MSK)" in mail.text_body


def test_while_the_customer_has_his_turn_a_chosen_certificate_promises_no_moment(at: datetime) -> None:
    customer, certificate = make_customer(language="en"), make_certificate()
    make_registration(customer, certificate)
    ticket = make_ticket(customer)
    operations.request_information(ticket, "?", by=make_staff(), at=BEFORE)
    operations.choose_certificate(ticket, certificate.id, by=customer, at=at)
    [mail] = mails("ticket_certificate_chosen")
    assert "We mean to solve it by" not in mail.text_body
    assert "It is your turn" in mail.text_body


def test_who_wants_no_confirmations_chooses_a_certificate_without_a_mail(at: datetime) -> None:
    customer, certificate = make_customer(muted_mails="status"), make_certificate()
    make_registration(customer, certificate)
    operations.choose_certificate(make_ticket(customer), certificate.id, by=customer, at=at)
    assert mails("ticket_certificate_chosen") == []


def test_a_certificate_chosen_while_awaiting_the_customer_starts_its_clock_with_his_answer(at: datetime) -> None:
    customer, certificate = make_customer(), make_certificate(level=make_level(resolution_hours=9))
    make_registration(customer, certificate)
    ticket = make_ticket(customer)
    operations.request_information(ticket, "Вопрос", by=make_staff(), at=BEFORE)
    operations.choose_certificate(ticket, certificate.id, by=customer, at=at)
    assert ticket.target_at is None
    operations.reply(ticket, "Ответ", by=customer, at=at + timedelta(days=7))
    assert ticket.resolution_due == datetime(2026, 11, 30, 11, 0, tzinfo=UTC)


def test_a_foreign_certificate_cannot_be_chosen(at: datetime) -> None:
    ticket, certificate = make_ticket(), make_certificate()
    make_registration(make_customer(), certificate)
    with pytest.raises(NotFound):
        operations.choose_certificate(ticket, certificate.id, by=ticket.customer, at=at)
    assert ticket.certificate is None


def test_the_queue_is_ordered_by_priority_then_nearest_target_then_age(at: datetime) -> None:
    def ticket_with(level: object, **changes: object) -> object:
        customer, certificate = make_customer(), make_certificate(level=level)
        make_registration(customer, certificate)
        return make_ticket(customer, certificate_id=certificate.id, **changes)

    low_old = make_ticket(at=BEFORE - timedelta(days=9))
    low_new = make_ticket(at=at)
    slow = ticket_with(make_level(priority=10, first_response_hours=16), at=BEFORE)
    fast = ticket_with(make_level(priority=10, first_response_hours=1), at=at - timedelta(days=15))
    promised_nothing = ticket_with(
        make_level(priority=10, first_response_hours=None, resolution_hours=None), at=BEFORE - timedelta(days=5)
    )
    closed = make_ticket()
    operations.withdraw(closed, by=closed.customer, at=at)
    assert list(db.session.scalars(queries.queue())) == [slow, fast, promised_nothing, low_old, low_new]


def test_after_a_change_of_e_mail_the_tickets_stay_with_the_old_account(at: datetime) -> None:
    from supportapp.accounts.operations import email_changed

    ticket, successor = make_ticket(), make_customer()
    old = ticket.customer
    email_changed.send(old, successor=successor)
    db.session.refresh(ticket)
    assert ticket.customer is old


def test_who_assigns_on_an_old_page_is_told_of_the_colleague_who_was_quicker(at: datetime) -> None:
    ticket, first, second = make_ticket(), make_staff(), make_staff()
    seen, manager = ticket.version, make_staff("Manager")
    operations.assign(ticket, first, by=manager, at=at, seen_version=seen)
    with pytest.raises(Refused, match="changed_meanwhile"):
        operations.assign(ticket, second, by=manager, at=at, seen_version=seen)
    assert ticket.assignee is first


def test_who_merges_on_an_old_page_is_told_what_has_changed(at: datetime) -> None:
    customer = make_customer()
    source, target = make_ticket(customer), make_ticket(customer)
    seen = source.version
    operations.reply(source, "Ещё подробности", by=customer, at=at)
    with pytest.raises(Refused, match="changed_meanwhile"):
        operations.merge(source, target, by=make_staff(), at=at, seen_version=seen)
    assert source.is_open
