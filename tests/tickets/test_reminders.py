"""The reminder before the warning: only for customers who want it, once, and never of something that is settled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from supportapp import clock
from supportapp.extensions import db
from supportapp.notifications.compose import compose
from supportapp.notifications.models import NotificationState, OptionalMail
from supportapp.notifications.unsubscribing import make_off_link
from supportapp.tickets import jobs, operations
from supportapp.tickets.models import Ticket
from tests.factories import deliver_mails, mails, make_customer, make_staff, make_ticket
from tests.tickets.test_race import at_once

usefixtures = pytest.mark.usefixtures("session")
SECOND = timedelta(seconds=1)
MONDAY = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)  # 09:00 in Moscow: the day after a Friday's receipt
TUESDAY = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)  # the morning of the warning


def asked(at: datetime, *, solution: bool = False, muted: str = "", **customer: Any) -> Ticket:
    """A request that its customer received on Friday."""
    ticket: Ticket = make_ticket(make_customer(muted_mails=muted, **customer))
    ask = operations.propose_solution if solution else operations.request_information
    ask(ticket, "Пришлите журнал установки.", by=make_staff(), at=at)
    deliver_mails(at=at)
    return ticket


def run(at: datetime) -> list[str]:
    """The kinds of the mails that the job writes at ``at``."""
    db.session.commit()
    before = len(mails())
    with clock.frozen(at):
        jobs.warn_and_close()
    return [mail.kind for mail in mails()[before:]]


@usefixtures
def test_it_comes_once_on_the_morning_of_the_first_working_day_and_the_warning_follows(at: datetime) -> None:
    asked(at)
    assert run(MONDAY - SECOND) == []
    assert run(MONDAY) == ["ticket_reminder"]
    assert run(MONDAY + 8 * timedelta(hours=1)) == []
    assert run(TUESDAY) == ["ticket_closing_soon"]


@usefixtures
@pytest.mark.parametrize("language", ["ru", "en"])
def test_it_says_what_is_asked_and_until_when_with_the_buttons_of_the_warning(at: datetime, language: str) -> None:
    asked(at, language=language)
    run(MONDAY)
    [mail] = mails("ticket_reminder")
    assert "> Пришлите журнал установки." in mail.text_body
    assert {"ru": "25 ноября 2026", "en": "25 November 2026"}[language] in mail.text_body
    assert mail.text_body.count("/answer/") == mail.html_body.count("/answer/") == 3
    assert mail.text_body.count("журнал установки") == 1


@usefixtures
def test_nobody_is_reminded_who_has_not_asked_for_it(at: datetime) -> None:
    ticket: Ticket = make_ticket(make_customer())
    operations.request_information(ticket, "Журнал?", by=make_staff(), at=at)
    deliver_mails(at=at)
    assert run(MONDAY) == []
    assert not ticket.customer.wants_mail(OptionalMail.REMINDERS)


@usefixtures
def test_it_can_be_switched_off_by_its_own_link_and_by_the_mail_program(at: datetime) -> None:
    ticket = asked(at)
    run(MONDAY)
    [mail] = mails("ticket_reminder")
    link = make_off_link(ticket.customer_id, OptionalMail.REMINDERS)
    assert link in mail.text_body
    assert compose(mail, at=MONDAY)["List-Unsubscribe"] == f"<{link}>"


@usefixtures
def test_the_automatic_closing_counts_from_the_warning_alone(at: datetime) -> None:
    ticket = asked(at)
    run(MONDAY)
    deliver_mails(at=MONDAY)
    assert (ticket.warned_at, ticket.warning_id) == (None, None)
    assert run(datetime(2026, 11, 26, 6, 0, tzinfo=UTC)) == ["ticket_closing_soon"]
    assert ticket.is_open


def answers(ticket: Ticket, at: datetime) -> None:
    operations.reply(ticket, "Вот он.", by=ticket.customer, at=at)


def thanks(ticket: Ticket, at: datetime) -> None:
    operations.thank(ticket, "Спасибо!", by=ticket.customer, at=at)


def takes_more_time(ticket: Ticket, at: datetime) -> None:
    operations.ask_for_more_time(ticket, by=ticket.customer, at=at)


@usefixtures
@pytest.mark.parametrize("act", [answers, thanks, takes_more_time])
def test_after_an_act_of_the_customer_there_is_none(at: datetime, act: Any) -> None:
    ticket = asked(at, solution=True)
    act(ticket, at + timedelta(hours=1))
    assert run(MONDAY) == []


@usefixtures
def test_a_machine_that_answers_for_him_and_his_looking_at_it_are_no_acts(at: datetime) -> None:
    ticket = asked(at)
    operations.mark_auto_reply(ticket, by=ticket.customer, at=at + SECOND)
    operations.mark_seen(ticket, by=ticket.customer, at=at + SECOND)
    assert run(MONDAY) == ["ticket_reminder"]


@usefixtures
def test_after_a_downtime_the_warning_comes_alone(at: datetime) -> None:
    asked(at)
    assert run(TUESDAY + timedelta(hours=1)) == ["ticket_closing_soon"]
    assert run(TUESDAY + timedelta(hours=2)) == []


@usefixtures
@pytest.mark.parametrize("state", [NotificationState.FAILED, NotificationState.UNDELIVERABLE])
def test_of_a_request_whose_mail_failed_there_is_none_though_it_was_read_in_the_portal(
    at: datetime, state: NotificationState
) -> None:
    ticket: Ticket = make_ticket(make_customer(muted_mails=""))
    operations.request_information(ticket, "Журнал?", by=make_staff(), at=at)
    assert ticket.request is not None
    ticket.request.state = state
    operations.mark_seen(ticket, by=ticket.customer, at=at)
    assert run(MONDAY) == []


@usefixtures
def test_a_new_request_is_reminded_of_anew(at: datetime) -> None:
    ticket = asked(at)
    run(MONDAY)
    operations.propose_solution(ticket, "Обновите.", by=make_staff(), at=MONDAY)
    deliver_mails(at=MONDAY)
    assert run(TUESDAY) == ["ticket_reminder"]
    assert "> Обновите." in mails("ticket_reminder")[1].text_body


def test_the_job_running_twice_at_once_reminds_once(own_app: Flask) -> None:
    with own_app.app_context():
        key = asked(MONDAY - timedelta(days=3)).id
        db.session.commit()
        db.session.remove()
    remind = [lambda ticket: operations.remind(ticket, at=MONDAY)] * 4
    assert sorted(map(str, at_once(own_app, key, *remind))) == ["False", "False", "False", "True"]
    with own_app.app_context():
        assert len(mails("ticket_reminder")) == 1
