"""Targets that are near or missed are told to those who can do something: each stage of each promise once."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from supportapp import clock
from supportapp.extensions import db
from supportapp.tickets import jobs, operations, queries
from supportapp.tickets.escalating.models import Escalation
from supportapp.tickets.escalating.queries import tickets_to_escalate
from supportapp.tickets.escalating.rules import Promise, Stage, stage_of
from supportapp.tickets.models import Ticket
from supportapp.tickets.rules import EventKind
from tests.factories import (
    mails,
    make_certificate,
    make_customer,
    make_level,
    make_registration,
    make_staff,
    make_ticket,
)
from tests.tickets.test_absence import go_away

HOUR = timedelta(hours=1)
MORNING = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)  # Friday 20 November, 09:00 in Moscow: support opens
usefixtures = pytest.mark.usefixtures("session")


def promised(first: int | None = 2, resolution: int | None = 8, **more: Any) -> Ticket:
    """A ticket of Friday 09:00 with a first answer due after ``first`` and a solution after ``resolution`` hours."""
    customer = make_customer()
    level = make_level(first_response_hours=first, resolution_hours=resolution)
    certificate = make_certificate(level=level)
    make_registration(customer, certificate)
    ticket: Ticket = make_ticket(customer, certificate_id=certificate.id, at=MORNING, **more)
    return ticket


def run(at: datetime) -> list[tuple[str, str]]:
    """The job at ``at``: (mail, recipient) of what it told."""
    db.session.commit()
    before = len(mails())
    with clock.frozen(at):
        jobs.escalate()
    return [(mail.kind, mail.recipient) for mail in mails()[before:]]


def kinds(found: list[tuple[str, str]]) -> list[str]:
    return sorted({kind for kind, _recipient in found})


def test_near_ends_where_missed_begins() -> None:
    due, near = MORNING + 2 * HOUR, lambda at: at + HOUR
    stages = {minutes: due - timedelta(minutes=minutes) for minutes in (61, 60, 1, 0, -1)}
    told = {minutes: stage_of(due, at=at, near=near(at)) for minutes, at in stages.items()}
    assert told == {61: None, 60: Stage.NEAR, 1: Stage.NEAR, 0: Stage.MISSED, -1: Stage.MISSED}
    assert stage_of(None, at=due, near=due) is None


@usefixtures
def test_each_stage_of_each_promise_is_told_once() -> None:
    engineer, manager, ticket = make_staff(), make_staff("Manager"), promised()
    ticket.assignee = engineer
    db.session.flush()
    assert run(MORNING + 0.9 * HOUR) == []
    assert run(MORNING + 1 * HOUR) == [("staff_target_near", engineer.email)]
    assert run(MORNING + 1.5 * HOUR) == []
    both = [("staff_target_missed", engineer.email), ("staff_target_missed", manager.email)]
    assert run(MORNING + 2 * HOUR) == both
    assert run(MORNING + 3 * HOUR) == []
    assert run(MORNING + 7 * HOUR) == [("staff_target_near", engineer.email)]  # the solution's
    assert run(MORNING + 9 * HOUR) == both
    assert run(MORNING + 30 * HOUR) == []
    told = [(entry.kind, entry.details["promise"]) for entry in ticket.timeline if "promise" in entry.details]
    assert told == [
        (EventKind.TARGET_NEAR, "first"),
        (EventKind.TARGET_MISSED, "first"),
        (EventKind.TARGET_NEAR, "resolution"),
        (EventKind.TARGET_MISSED, "resolution"),
    ]


@usefixtures
def test_after_a_downtime_only_what_was_missed_is_told() -> None:
    promised().assignee = make_staff()
    db.session.flush()
    found = run(MORNING + 5 * HOUR)
    assert kinds(found) == ["staff_target_missed"]
    assert run(MORNING + 5.1 * HOUR) == []


@usefixtures
def test_both_promises_missed_at_one_time_are_one_mail_that_names_both() -> None:
    manager, ticket = make_staff("Manager"), promised()
    assert run(MORNING + 30 * HOUR) == [("staff_target_missed", manager.email)]
    [mail] = mails("staff_target_missed")
    assert "Пропущены сроки первого ответа и решения" in mail.subject
    assert "Первый ответ — пятница, 20 ноября 2026 г., 11:00 (МСК)." in mail.text_body
    assert "Решение — пятница, 20 ноября 2026 г., 17:00 (МСК)." in mail.text_body
    assert [entry.kind for entry in ticket.timeline].count(EventKind.TARGET_MISSED) == 2
    assert run(MORNING + 31 * HOUR) == []


@usefixtures
def test_a_single_promise_is_named_alone() -> None:
    make_staff("Manager")
    promised()
    run(MORNING + 2 * HOUR)
    [mail] = mails("staff_target_missed")
    assert "Пропущен срок первого ответа" in mail.subject
    assert "Решение" not in mail.text_body


@usefixtures
def test_of_a_ticket_that_nobody_has_taken_the_managers_hear_in_time() -> None:
    managers = {make_staff("Manager").email, make_staff("Manager").email}
    make_staff("Manager", active=False)
    make_staff("Admin")
    promised()
    assert {recipient for _kind, recipient in run(MORNING + 1.5 * HOUR)} == managers
    assert {recipient for _kind, recipient in run(MORNING + 2.5 * HOUR)} == managers
    assert "никто не взял" in mails("staff_target_near")[0].text_body


@usefixtures
def test_the_deputy_hears_of_the_targets_of_one_who_is_away() -> None:
    engineer, deputy, ticket = make_staff(), make_staff(), promised()
    ticket.assignee = engineer
    go_away(engineer, deputy)
    assert {recipient for _kind, recipient in run(MORNING + 1.5 * HOUR)} == {engineer.email, deputy.email}


@usefixtures
def test_a_manager_who_works_on_it_himself_gets_one_mail() -> None:
    manager, ticket = make_staff("Manager"), promised()
    ticket.assignee = manager
    assert run(MORNING + 3 * HOUR) == [("staff_target_missed", manager.email)]


@usefixtures
def test_when_the_engineer_has_gone_the_managers_hear_it() -> None:
    gone, manager, ticket = make_staff(active=False), make_staff("Manager"), promised()
    ticket.assignee = gone
    assert run(MORNING + 1.5 * HOUR) == [("staff_target_near", manager.email)]


@usefixtures
def test_an_answer_in_time_leaves_only_the_solution() -> None:
    engineer, ticket = make_staff(), promised()
    operations.reply(ticket, "Смотрим.", by=engineer, at=MORNING + 0.5 * HOUR)
    assert run(MORNING + 3 * HOUR) == []
    assert db.session.query(Escalation).count() == 0


@usefixtures
@pytest.mark.parametrize("state", ["awaits the customer", "closed", "no level", "nothing promised"])
def test_where_no_clock_runs_nothing_is_told(state: str) -> None:
    make_staff("Manager")
    engineer = make_staff()
    if state == "no level":
        ticket: Ticket = make_ticket(at=MORNING)
    else:
        ticket = promised(*(None, None) if state == "nothing promised" else (2, 8))
    if state == "awaits the customer":
        operations.request_information(ticket, "Журнал?", by=engineer, at=MORNING + 1.5 * HOUR)
    if state == "closed":
        operations.close(ticket, "Повтор", by=engineer, at=MORNING + 1.5 * HOUR)
    assert run(MORNING + 48 * HOUR) == []
    assert operations.escalate(ticket, at=MORNING + 48 * HOUR) is False


@usefixtures
def test_a_pause_moves_the_promise_and_makes_no_new_one() -> None:
    engineer, ticket = make_staff(), promised(first=None, resolution=4)
    operations.take(ticket, by=engineer, at=MORNING)
    assert kinds(run(MORNING + 3.5 * HOUR)) == ["staff_target_near"]
    operations.request_information(ticket, "Журнал?", by=engineer, at=MORNING + 3.6 * HOUR)
    assert run(MORNING + 5 * HOUR) == []
    operations.reply(ticket, "Вот он.", by=ticket.customer, at=MORNING + 6 * HOUR)
    assert run(MORNING + 6.1 * HOUR) == []  # it is near still, and was told
    assert kinds(run(MORNING + 6.5 * HOUR)) == ["staff_target_missed"]


@usefixtures
def test_new_promises_are_told_of_anew() -> None:
    make_staff("Manager")
    ticket = promised()
    assert kinds(run(MORNING + 3 * HOUR)) == ["staff_target_missed"]
    better = make_certificate(level=make_level(first_response_hours=1, resolution_hours=2))
    make_registration(ticket.customer, better)
    operations.choose_certificate(ticket, better.id, by=ticket.customer, at=MORNING + 4 * HOUR)
    assert db.session.query(Escalation).count() == 0
    assert kinds(run(MORNING + 5 * HOUR)) == ["staff_target_missed", "staff_target_near"]


@usefixtures
def test_near_is_counted_in_working_time() -> None:
    make_staff("Manager")
    promised(first=9, resolution=10)  # Friday 18:00 and Monday 10:00
    assert kinds(run(MORNING + 9 * HOUR)) == ["staff_target_missed", "staff_target_near"]


@usefixtures
def test_the_customer_never_sees_it(at: datetime) -> None:
    make_staff("Manager")
    ticket = promised()
    version, updated = ticket.version, ticket.updated_at
    run(MORNING + 3 * HOUR)
    kinds_seen = {entry.kind for entry in queries.timeline(ticket, internal=False)}
    assert not kinds_seen & {EventKind.TARGET_NEAR, EventKind.TARGET_MISSED}
    assert (ticket.version, ticket.updated_at) == (version, updated)
    assert ticket.customer.email not in {mail.recipient for mail in mails("staff_target_missed")}
    assert not ticket.has_news


@usefixtures
def test_what_fails_for_one_ticket_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    make_staff("Manager")
    broken, whole = promised(), promised()
    db.session.commit()
    told = operations.escalate

    def escalate(ticket: Ticket, *, at: datetime) -> bool:
        if ticket.id == broken.id:
            raise RuntimeError("a broken one")
        return told(ticket, at=at)

    monkeypatch.setattr(operations, "escalate", escalate)
    escalate.__name__ = "escalate"
    run(MORNING + 3 * HOUR)
    assert {row.ticket_id for row in db.session.query(Escalation)} == {whole.id}


@usefixtures
def test_the_past_of_tickets_that_come_from_elsewhere_is_no_news() -> None:
    make_staff("Manager")
    promised()
    operations.note_what_is_past(at=MORNING + 3 * HOUR)
    operations.note_what_is_past(at=MORNING + 3 * HOUR)  # again is nothing new
    assert [(row.promise, row.stage) for row in db.session.query(Escalation)] == [(Promise.FIRST, Stage.MISSED)]
    assert run(MORNING + 4 * HOUR) == []
    assert kinds(run(MORNING + 7.5 * HOUR)) == ["staff_target_near"]


def test_the_job_running_twice_at_once_tells_once(own_app: Flask) -> None:
    late = MORNING + 3 * HOUR
    with own_app.app_context():
        manager = make_staff("Manager").email
        for _ in range(5):
            promised()
        db.session.commit()
    start = threading.Barrier(3)

    def work() -> None:
        with own_app.app_context():
            start.wait()
            jobs.escalate()

    with clock.frozen(late):
        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    with own_app.app_context():
        assert [mail.recipient for mail in mails("staff_target_missed")] == [manager] * 5
        assert db.session.query(Escalation).count() == 5
        assert list(db.session.scalars(tickets_to_escalate(at=late))) == []


def test_a_run_that_is_killed_before_its_commit_has_told_nothing_and_the_next_one_does(own_app: Flask) -> None:
    late = MORNING + 3 * HOUR
    with own_app.app_context():
        make_staff("Manager")
        ticket = promised()
        db.session.commit()
        assert operations.escalate(ticket, at=late)
        db.session.rollback()  # what a killed process leaves
        assert mails("staff_target_missed") == []
        assert run(late) != []
        assert len(mails("staff_target_missed")) == 1


def test_the_claim_holds_also_against_one_who_did_not_wait_for_the_lock(
    own_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = MORNING + 3 * HOUR
    with own_app.app_context():
        make_staff("Manager")
        ticket = promised()
        db.session.commit()
        assert operations.escalate(ticket, at=late)
        db.session.commit()
        monkeypatch.setattr("supportapp.tickets.operations.escalation.told_of", lambda ticket: set())
        assert not operations.escalate(ticket, at=late)
        db.session.commit()
        assert len(mails("staff_target_missed")) == 1
