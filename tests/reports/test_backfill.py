"""Old tickets are measured as new ones are."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import update

from supportapp.extensions import db
from supportapp.tickets import operations
from supportapp.tickets.models import Ticket
from tests.factories import make_staff, make_ticket


def test_what_is_counted_afterwards_is_what_was_counted_then(app: Flask, session: object, at: datetime) -> None:
    engineer, begun = make_staff(), at - timedelta(hours=4)
    tickets = [make_ticket(at=begun) for _ in range(3)]
    for number, ticket in enumerate(tickets):
        customer = ticket.customer
        operations.propose_solution(ticket, "Обновите.", by=engineer, at=begun + timedelta(minutes=30 + number))
        operations.reply(ticket, "Не помогло.", by=customer, at=begun + timedelta(minutes=90))
        operations.request_information(ticket, "Журнал?", by=engineer, at=begun + timedelta(minutes=100))
        operations.withdraw(ticket, by=customer, at=begun + timedelta(minutes=120))
        if number == 1:
            operations.reopen(ticket, by=customer, at=begun + timedelta(minutes=130))
            operations.close(ticket, "Готово.", by=engineer, at=begun + timedelta(minutes=150))
        if number == 2:
            operations.reopen(ticket, by=customer, at=begun + timedelta(minutes=130))
    before = [(one.first_response_minutes, one.resolution_minutes) for one in tickets]
    assert before == [(30, 40), (31, 61), (32, None)]
    forgotten = {"first_response_minutes": None, "resolution_minutes": None, "paused_minutes": 0}
    db.session.execute(update(Ticket).values(forgotten))
    db.session.commit()
    for _ in range(2):
        assert "Every ticket is measured." in app.test_cli_runner().invoke(args=["measure-tickets"]).output
        db.session.expire_all()
        assert [(one.first_response_minutes, one.resolution_minutes) for one in tickets] == before
