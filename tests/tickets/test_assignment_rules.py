"""A new ticket finds its engineer: the first rule that fits, the fewest open tickets."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Any

import pytest
from flask import Flask

from supportapp.accounts.models import StaffUser
from supportapp.extensions import db
from supportapp.tickets import operations
from supportapp.tickets.assigning.models import AssignmentRule
from supportapp.tickets.assigning.rules import Rule, candidates, choose, fitting
from supportapp.tickets.models import Ticket
from supportapp.tickets.rules import EventKind, Status
from tests.conftest import NOON
from tests.factories import (
    BEFORE,
    mails,
    make_certificate,
    make_customer,
    make_product,
    make_registration,
    make_staff,
    make_ticket,
)


def rule(place: int, product: int | None = None, level: int | None = None, *, key: int = 0, who: Any = (1,)) -> Rule:
    return Rule(place, product, level, frozenset(who), key)


def make_rule(*engineers: StaffUser, place: int = 1, **changes: Any) -> AssignmentRule:
    row = AssignmentRule(place=place, engineers=list(engineers), changed_at=BEFORE, active=True)
    for name, value in changes.items():
        setattr(row, name, value)
    db.session.add(row)
    db.session.flush()
    return row


def test_the_smallest_place_decides_and_not_the_order_in_which_rules_came() -> None:
    special, general = rule(1, product=7), rule(2)
    assert fitting([general, special], 7, None) == special
    assert fitting([general, special], 8, None) == general
    assert fitting([rule(3, product=7), general], 7, None) == general


def test_a_rule_for_a_product_and_a_level_wants_both() -> None:
    both = rule(1, product=7, level=3)
    assert both.fits(7, 3)
    assert not any(both.fits(*pair) for pair in ((7, 4), (7, None), (None, 3), (8, 3)))


def test_of_two_rules_in_one_place_the_older_one_holds() -> None:
    assert fitting([rule(1, key=9), rule(1, key=4)], None, None) == rule(1, key=4)


def test_a_rule_for_all_fits_a_ticket_without_product_and_level() -> None:
    assert fitting([rule(1, product=7), rule(2, level=1), rule(3)], None, None) == rule(3)
    assert fitting([rule(1, product=7)], None, None) is None


def test_the_fewest_open_tickets_win_and_the_smaller_key_at_a_tie() -> None:
    assert choose({5, 6, 7}, {5: 3, 6: 1, 7: 2}) == 6
    assert choose({5, 6, 7}, {5: 1, 6: 1, 7: 1}) == 5
    assert choose({6, 5}, {5: 1}) == 6
    assert choose(set(), {}) is None


def test_for_whom_is_away_his_deputy_counts_and_for_nobody_nobody() -> None:
    away: dict[int, int | None] = {1: 4, 2: None, 3: 3}
    assert candidates(rule(1, who=(1, 2, 3)), away.__getitem__) == {4, 3}


@pytest.mark.usefixtures("session")
class TestSubmitting:
    def test_a_new_ticket_goes_to_the_engineer_with_the_fewest_open_ones(self, at: datetime) -> None:
        busy, free = make_staff(), make_staff()
        operations.take(make_ticket(), by=busy, at=at)
        row = make_rule(busy, free)
        ticket = make_ticket(at=at)
        assert ticket.assignee is free
        entry = ticket.timeline[-1]
        assert (entry.kind, entry.staff, entry.is_internal) == (EventKind.ASSIGNED, None, True)
        assert entry.details == {"to": free.display_name, "rule": row.place}
        assert [mail.recipient for mail in mails("staff_ticket_assigned")] == [free.email]

    def test_it_stays_new_until_the_engineer_begins(self, at: datetime) -> None:
        engineer = make_staff()
        make_rule(engineer)
        ticket = make_ticket(at=at)
        assert ticket.status is Status.NEW
        assert not mails("ticket_in_progress")
        operations.take(ticket, by=engineer, at=at)
        assert ticket.status is Status.IN_PROGRESS
        assert len(mails("ticket_in_progress")) == 1

    def test_the_customer_has_nothing_new_to_read_by_it(self, at: datetime) -> None:
        make_rule(make_staff())
        ticket = make_ticket(at=at)
        assert not ticket.has_news
        assert ticket.version == 1

    def test_product_and_level_pick_the_rule(self, at: datetime) -> None:
        expert, rest = make_staff(), make_staff()
        customer, certificate = make_customer(), make_certificate()
        make_registration(customer, certificate)
        make_rule(expert, place=1, product=certificate.products[0], level=certificate.level)
        make_rule(rest, place=2)
        product = certificate.products[0]
        assert make_ticket(customer, product=product, certificate_id=certificate.id, at=at).assignee is expert
        assert make_ticket(customer, product=product, at=at).assignee is rest  # without a certificate: no level

    @pytest.mark.parametrize("case", ["none fits", "switched off", "engineer gone", "not of the desk"])
    def test_a_ticket_without_a_rule_waits_in_the_queue_and_mails_nobody(self, at: datetime, case: str) -> None:
        engineer = make_staff("Editor" if case == "not of the desk" else "Engineer", active=case != "engineer gone")
        make_rule(engineer, active=case != "switched off", product=make_product() if case == "none fits" else None)
        ticket = make_ticket(at=at)
        assert ticket.assignee is None
        assert {mail.kind for mail in mails()} == {"ticket_submitted"}

    def test_the_first_rule_that_fits_decides_also_when_nobody_of_it_is_there(self, at: datetime) -> None:
        make_rule(make_staff(active=False), place=1)
        make_rule(make_staff(), place=2)
        assert make_ticket(at=at).assignee is None

    def test_a_certificate_chosen_later_finds_the_engineer_of_its_level(self, at: datetime) -> None:
        engineer, customer, certificate = make_staff(), make_customer(), make_certificate()
        make_registration(customer, certificate)
        make_rule(engineer, level=certificate.level)
        ticket = make_ticket(customer)
        assert ticket.assignee is None
        operations.choose_certificate(ticket, certificate.id, by=customer, at=at)
        assert ticket.assignee is engineer

    def test_a_certificate_chosen_later_takes_no_ticket_away(self, at: datetime) -> None:
        first, customer, certificate = make_staff(), make_customer(), make_certificate()
        make_registration(customer, certificate)
        ticket = make_ticket(customer)
        operations.take(ticket, by=first, at=at)
        make_rule(make_staff(), level=certificate.level)
        operations.choose_certificate(ticket, certificate.id, by=customer, at=at)
        assert ticket.assignee is first

    @pytest.mark.parametrize("ruled", [True, False])
    def test_a_reopened_ticket_whose_engineer_has_gone_is_nobodys_or_the_rules(self, at: datetime, ruled: bool) -> None:
        gone, other, ticket = make_staff(), make_staff(), make_ticket()
        operations.take(ticket, by=gone, at=at)
        operations.accept_solution(ticket, by=ticket.customer, at=at)
        gone.active = False
        if ruled:
            make_rule(other)
        operations.reopen(ticket, by=ticket.customer, at=at)
        assert ticket.assignee is (other if ruled else None)
        assert ticket.status is Status.IN_PROGRESS

    def test_a_reopened_ticket_stays_with_an_engineer_who_is_there(self, at: datetime) -> None:
        first, ticket = make_staff(), make_ticket()
        operations.take(ticket, by=first, at=at)
        operations.accept_solution(ticket, by=ticket.customer, at=at)
        make_rule(make_staff())
        operations.reopen(ticket, by=ticket.customer, at=at)
        assert ticket.assignee is first
        assert [mail.recipient for mail in mails("staff_ticket_reopened")] == [first.email]


def test_tickets_that_come_at_once_do_not_all_go_to_the_same_person(own_app: Flask) -> None:
    with own_app.app_context():
        staff = [make_staff() for _ in range(4)]
        for place, pair in enumerate((staff[:2], staff), 1):  # two rules share engineers
            make_rule(*pair, place=place, product=make_product() if place == 1 else None)
        customers = [make_customer().id for _ in range(8)]
        db.session.commit()
    start = threading.Barrier(len(customers))

    def submit(customer_id: int) -> None:
        from supportapp.accounts.queries import get_customer

        with own_app.app_context():
            customer = get_customer(customer_id)
            db.session.rollback()
            start.wait()
            make_ticket(customer, at=NOON)
            db.session.commit()

    threads = [threading.Thread(target=submit, args=(key,)) for key in customers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with own_app.app_context():
        held = [ticket.assignee_id for ticket in db.session.query(Ticket)]
        assert sorted(held.count(key) for key in set(held)) == [2, 2, 2, 2]
