"""The page that judges assignment rules before they hold."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient

from supportapp.accounts.models import StaffUser
from supportapp.extensions import db
from supportapp.tickets.assigning.models import AssignmentRule
from supportapp.tickets.models import Ticket
from tests.factories import make_product, make_staff, make_ticket
from tests.tickets.test_assignment_rules import make_rule

PLACE = "/staff/reports/assignment"


@pytest.fixture
def busy(at: datetime) -> tuple[list[Ticket], StaffUser]:
    """Three tickets of the last days in the hands of one engineer."""
    engineer, product = make_staff(), make_product()
    tickets = [make_ticket(product=product, at=at - timedelta(days=number)) for number in (3, 2, 1)]
    for ticket in tickets:
        ticket.assignee = engineer
    db.session.flush()
    return tickets, engineer


def test_the_saved_rules_are_judged_and_every_ticket_is_linked(
    client: FlaskClient, manager: StaffUser, busy: tuple[list[Ticket], StaffUser]
) -> None:
    tickets, engineer = busy
    other = make_staff()
    make_rule(other, place=3, product=tickets[0].product)
    page = client.get(f"{PLACE}?judge=saved").text
    assert "<b>3</b> достались бы другому" in page
    assert all(f'href="/staff/tickets/{ticket.reference}"' in page for ticket in tickets)
    assert other.display_name in page
    (link,) = {
        unescape(found) for found in re.findall(rf'href="(/staff/tickets/\?[^"]*assignee[^"]*{engineer.id})"', page)
    }
    assert all(ticket.reference in client.get(link).text for ticket in tickets)


def test_tickets_without_a_rule_are_counted_and_linked(
    client: FlaskClient, manager: StaffUser, busy: tuple[list[Ticket], StaffUser]
) -> None:
    page = client.get(f"{PLACE}?judge=saved").text
    assert "<b>3</b> без подходящего правила" in page
    assert f'href="/staff/tickets/{busy[0][0].reference}"' in page
    assert "<b>0</b> достались бы другому" in page


def test_nothing_is_judged_before_it_is_asked(client: FlaskClient, manager: StaffUser) -> None:
    page = client.get(PLACE).text
    assert "Проверить сохранённые правила" in page
    assert "достались бы другому" not in page


def test_a_new_rule_is_judged_before_it_is_saved_and_then_saved(
    client: FlaskClient, manager: StaffUser, busy: tuple[list[Ticket], StaffUser]
) -> None:
    other = make_staff()
    typed = {"place": "2", "product": "", "level": "", "engineers": [str(other.id)], "active": "y"}
    answer = client.post("/staff/assignment-rules/add", data=typed | {"try": "1"})
    assert answer.status_code == 303
    assert db.session.query(AssignmentRule).count() == 0
    page = client.get(answer.headers["Location"]).text
    assert "<b>3</b> достались бы другому" in page
    assert f'<option selected value="{other.id}">' in page
    assert 'action="/staff/assignment-rules/add"' in page
    client.post("/staff/assignment-rules/add", data=typed)
    assert [rule.engineers for rule in db.session.query(AssignmentRule)] == [[other]]


def test_another_state_of_a_rule_is_judged_instead_of_the_saved_one(
    client: FlaskClient, manager: StaffUser, busy: tuple[list[Ticket], StaffUser]
) -> None:
    first, second = make_staff(), make_staff()
    rule = make_rule(first)
    form = client.get(f"/staff/assignment-rules/edit/{rule.id}").text
    stamp = re.search(r'name="row_stamp" value="([^"]+)"', form)
    assert stamp
    typed = {"place": "1", "product": "", "level": "", "engineers": [str(second.id)], "row_stamp": stamp[1]}
    answer = client.post(f"/staff/assignment-rules/edit/{rule.id}", data=typed | {"active": "y", "try": "1"})
    page = client.get(answer.headers["Location"]).text
    assert "<b>3</b> достались бы другому" in page
    assert second.display_name in page.split("Больше всего открытых сразу")[1]
    assert first.display_name not in page.split("Больше всего открытых сразу")[1]
    assert rule.engineers == [first]
    assert f'action="/staff/assignment-rules/edit/{rule.id}"' in page
    assert stamp[1] in page
    answer = client.post(f"/staff/assignment-rules/edit/{rule.id}", data=typed | {"try": "1"})  # switched off
    assert "<b>3</b> без подходящего правила" in client.get(answer.headers["Location"]).text


def test_a_form_with_mistakes_is_told_of_them_and_judges_nothing(client: FlaskClient, manager: StaffUser) -> None:
    answer = client.post("/staff/assignment-rules/add", data={"place": "0", "try": "1"})
    assert answer.status_code == 200
    assert "help-block error" in answer.text


@pytest.mark.parametrize(
    "query",
    [
        "judge=trial",
        "judge=trial&place=0&engineers=1",
        "judge=trial&place=1&engineers=99999999999999999999",
        "judge=trial&place=1&product=abc&engineers=x&rule=99999999999999999999",
        "judge=everything",
        "judge=saved&rule=0&place=-1",
    ],
)
def test_no_address_breaks_it(client: FlaskClient, manager: StaffUser, query: str) -> None:
    assert client.get(f"{PLACE}?{query}").status_code == 200


def test_only_the_last_fifty_are_listed(client: FlaskClient, manager: StaffUser, at: datetime) -> None:
    make_rule(make_staff())
    tickets = [make_ticket(at=at - timedelta(hours=60 - number)) for number in range(52)]
    for ticket in tickets:
        ticket.assignee = manager
    page = client.get(f"{PLACE}?judge=saved").text
    assert "<b>52</b> достались бы другому" in page
    assert "Показаны последние 50." in page
    assert tickets[2].reference in page
    assert tickets[1].reference not in page
