"""Two at once, on connections of their own: one wins, and the other is told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask

from supportapp.accounts.models import StaffUser
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.tickets import operations, queries
from supportapp.tickets.models import Ticket
from supportapp.tickets.operations import waiting
from supportapp.tickets.rules import CloseReason, EventKind, Status
from supportapp.worktime.models import CalendarCorrection
from tests.conftest import NOON
from tests.factories import deliver_mails, mails, make_customer, make_staff, make_ticket

TUESDAY = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
THURSDAY = datetime(2026, 11, 25, 21, 0, tzinfo=UTC)
ROUNDS = 5

Act = Callable[[Ticket], object]


def at_once(app: Flask, ticket_id: int, *acts: Act) -> list[object]:
    """Do all ``acts`` to the ticket at the same moment, each in a thread and transaction of its own; what each said."""
    start = threading.Barrier(len(acts))
    said: list[object] = [None] * len(acts)

    def run(index: int, act: Act) -> None:
        with app.app_context():
            ticket = queries.find_ticket(ticket_id)
            assert ticket is not None
            db.session.rollback()  # what was read is old now, and no lock is held
            start.wait()
            try:
                said[index] = act(ticket)
                db.session.commit()
            except Refused as refused:
                said[index] = refused.reason
                db.session.rollback()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return said


def unanswered(app: Flask) -> int:
    with app.app_context():
        ticket: Ticket = make_ticket()
        operations.propose_solution(ticket, "Решение", by=make_staff(), at=NOON)
        deliver_mails(at=NOON)
        operations.warn(ticket, at=TUESDAY)
        deliver_mails(at=TUESDAY)
        db.session.commit()
        return ticket.id


def test_two_engineers_take_it_and_one_of_them_is_told_who_has_it(own_app: Flask) -> None:
    for _ in range(ROUNDS):
        with own_app.app_context():
            ticket_id, staff = make_ticket().id, [make_staff().id, make_staff().id]
            db.session.commit()

        def take(ticket: Ticket, key: int) -> None:
            person = db.session.get(StaffUser, key)
            assert person is not None
            operations.take(ticket, by=person, at=NOON)

        said = at_once(own_app, ticket_id, *[lambda ticket, key=key: take(ticket, key) for key in staff])
        assert sorted(map(str, said)) == ["None", "already_taken"]


def test_the_job_running_twice_at_once_closes_and_mails_once(own_app: Flask) -> None:
    for _ in range(ROUNDS):
        ticket_id = unanswered(own_app)
        said = at_once(own_app, ticket_id, *[lambda ticket: operations.close_unanswered(ticket, at=THURSDAY)] * 3)
        assert sorted(map(str, said)) == ["False", "False", "True"]
    with own_app.app_context():
        assert len(mails("ticket_closed_no_reaction")) == ROUNDS


def test_a_reply_at_the_moment_of_closing_is_never_lost(own_app: Flask) -> None:
    for _ in range(ROUNDS):
        ticket_id = unanswered(own_app)
        closed, _message = at_once(
            own_app,
            ticket_id,
            lambda ticket: operations.close_unanswered(ticket, at=THURSDAY),
            lambda ticket: operations.reply(ticket, "Я здесь", by=ticket.customer, at=THURSDAY).id,
        )
        with own_app.app_context():
            ticket = queries.find_ticket(ticket_id)
            assert ticket is not None
            replied = [entry.kind for entry in ticket.timeline].count(EventKind.REPLIED)
            if closed:  # the job was first: the customer is told, and reopens
                assert (ticket.close_reason, replied) == (CloseReason.NO_REACTION, 0)
                assert _message == "ticket_closed"
            else:
                assert (ticket.status, replied) == (Status.IN_PROGRESS, 1)


def test_one_form_sent_twice_at_once_makes_one_ticket(own_app: Flask) -> None:
    with own_app.app_context():
        customer = make_customer()
        first = make_ticket(customer)
        db.session.commit()
        ticket_id = first.id

    def submit(ticket: Ticket) -> int:
        made: Ticket = make_ticket(ticket.customer, form_token="one-form")
        return made.id

    said = at_once(own_app, ticket_id, submit, submit, submit)
    assert len(set(said)) == 1
    with own_app.app_context():
        assert db.session.query(Ticket).filter_by(form_token="one-form").count() == 1


@pytest.mark.parametrize("times", [2])
def test_a_link_pressed_twice_at_once_acts_once(own_app: Flask, times: int) -> None:
    ticket_id = unanswered(own_app)
    act = lambda ticket: operations.ask_for_more_time(ticket, by=ticket.customer, at=TUESDAY)  # noqa: E731
    assert sorted(map(str, at_once(own_app, ticket_id, *[act] * times))) == ["None", "extended_already"]


def test_a_recount_of_deadlines_undoes_nothing_that_a_customer_did_meanwhile(
    own_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with own_app.app_context():
        ticket: Ticket = make_ticket()
        operations.request_information(ticket, "Пришлите журнал", by=make_staff(), at=NOON)
        deliver_mails(at=NOON)
        db.session.add(CalendarCorrection(day=date(2026, 11, 24), working=False, changed_at=NOON))
        ticket_id = ticket.id
        db.session.commit()

    def extend() -> None:
        with own_app.app_context():
            ticket = db.session.get_one(Ticket, ticket_id)
            operations.ask_for_more_time(ticket, by=ticket.customer, at=NOON)
            db.session.commit()

    customer, counted = threading.Thread(target=extend), waiting.closing_moment

    def count_while_the_customer_acts(*args: Any, **kwargs: Any) -> datetime:
        if customer.ident is None:
            customer.start()
            customer.join(1)  # on SQLite he has to wait until the recount is committed
        return counted(*args, **kwargs)

    monkeypatch.setattr(waiting, "closing_moment", count_while_the_customer_acts)
    with own_app.app_context():
        operations.recount_deadlines(at=NOON)
        db.session.commit()
        customer.join(20)
        db.session.rollback()
        assert db.session.get_one(Ticket, ticket_id).closes_at == datetime(2026, 12, 1, 21, 0, tzinfo=UTC)
