"""The automatic closing as the scheduler runs it: real Redis, scheduler, worker and mail server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from supportapp import clock, database
from supportapp.extensions import db
from supportapp.notifications.models import NotificationState
from supportapp.tickets import jobs, operations, queries
from supportapp.tickets.models import Ticket
from supportapp.tickets.rules import CloseReason, Status
from tests.factories import deliver_mails, mails, make_customer, make_staff, make_ticket
from tests.services import Portal, SmtpServer, eventually

TUESDAY = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
THURSDAY = datetime(2026, 11, 25, 21, 0, tzinfo=UTC)


def asked(at: datetime) -> Ticket:
    ticket: Ticket = make_ticket()
    operations.request_information(ticket, "Пришлите журнал", by=make_staff(), at=at)
    deliver_mails(at=at)
    return ticket


@pytest.mark.usefixtures("session")
def test_a_run_warns_and_a_later_run_closes(at: datetime) -> None:
    ticket = asked(at)
    jobs.warn_and_close()
    assert ticket.warning_id is None
    with clock.frozen(TUESDAY):
        jobs.warn_and_close()
        deliver_mails(at=TUESDAY)
    with clock.frozen(THURSDAY):
        jobs.warn_and_close()
        jobs.warn_and_close()
    assert ticket.close_reason is CloseReason.NO_REACTION
    assert len(mails("ticket_closing_soon")) == len(mails("ticket_closed_no_reaction")) == 1


@pytest.mark.usefixtures("session")
def test_a_delivery_that_nobody_heard_of_is_heard_by_the_next_run(at: datetime) -> None:
    ticket: Ticket = make_ticket()
    operations.request_information(ticket, "Пришлите журнал", by=make_staff(), at=at)
    assert ticket.request is not None
    ticket.request.state, ticket.request.sent_at = NotificationState.SENT, at
    db.session.commit()
    jobs.warn_and_close()
    assert (ticket.received_at, ticket.closes_at) == (at, THURSDAY)


@pytest.mark.usefixtures("session")
def test_one_ticket_that_fails_holds_up_no_other(at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, sound = asked(at), asked(at)
    broken_id, warn = broken.id, operations.warn

    def fail_for_one(ticket: Ticket, *, at: datetime) -> bool:
        if ticket.id == broken_id:
            raise RuntimeError("this ticket is broken")
        return warn(ticket, at=at)

    monkeypatch.setattr(operations, "warn", fail_for_one)
    db.session.commit()
    with clock.frozen(TUESDAY):
        jobs.warn_and_close()
    assert (broken.warning_id, sound.warning_id is not None) == (None, True)


@pytest.mark.services
def test_the_real_scheduler_warns_and_then_closes_with_a_mail_for_each(portal: Portal, smtp_server: SmtpServer) -> None:
    portal.start_worker()
    portal.start_scheduler()
    with portal.app.app_context():
        customer = make_customer(email="anna@example.com")
        ticket = make_ticket(customer, at=clock.now())
        operations.propose_solution(ticket, "Обновите продукт.", by=make_staff(), at=clock.now())
        db.session.commit()
        ticket_id = ticket.id

    def now() -> Ticket:
        db.session.rollback()
        found = queries.find_ticket(ticket_id)
        assert found is not None
        return found

    with portal.app.app_context(), database.reading():  # a test that only looks must not hold the write lock
        eventually(lambda: now().received_at, "the proposed solution was not received")
        deadline = queries.deadline_of(now())
        assert deadline is not None
        portal.move_clock(deadline.warns_at - clock.now() + timedelta(minutes=1))
        eventually(lambda: now().warned_at, "no warning was received")
        assert now().status is Status.SOLUTION_PROPOSED
        portal.move_clock(deadline.closes_at - clock.now() + timedelta(minutes=1))
        eventually(lambda: now().close_reason is CloseReason.NO_REACTION, "it was not closed")
        eventually(lambda: len(smtp_server.to("anna@example.com")) == 4, "the mail about the closing did not arrive")
    subjects = [str(mail["Subject"]) for mail in smtp_server.to("anna@example.com")]
    assert sum("скоро закроется" in subject for subject in subjects) == 1
    assert sum("закрыто автоматически" in subject for subject in subjects) == 1
