"""Absences on the staff screens: entering them, standing in, and switching a colleague off."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from flask.testing import FlaskClient

from supportapp.accounts.models import StaffUser
from supportapp.extensions import db
from supportapp.tickets import operations
from supportapp.tickets.assigning.models import StaffAbsence
from tests.factories import make_staff, make_ticket
from tests.staff.conftest import SignIn

DAYS = {"first_day": "2026-11-20", "last_day": "2026-11-27", "note": "отпуск"}
LAST = date(2026, 11, 27)


def absences() -> list[StaffAbsence]:
    return db.session.query(StaffAbsence).order_by(StaffAbsence.id).all()


def away(staff: StaffUser, deputy: StaffUser) -> StaffAbsence:
    row = StaffAbsence(staff=staff, deputy=deputy, first_day=date(2026, 11, 20), last_day=LAST)
    db.session.add(row)
    db.session.flush()
    return row


def test_an_engineer_enters_and_changes_his_own_absence(client: FlaskClient, engineer: StaffUser, at: datetime) -> None:
    deputy = make_staff()
    data = DAYS | {"staff": str(engineer.id), "deputy": str(deputy.id)}
    assert client.post("/staff/absences/add", data=data).status_code == 303
    (row,) = absences()
    assert (row.staff, row.deputy, row.last_day, row.note) == (engineer, deputy, LAST, "отпуск")
    page = client.get(f"/staff/absences/edit/{row.id}").text
    assert 'value="2026-11-27"' in page
    assert client.post(f"/staff/absences/edit/{row.id}", data=data | {"last_day": "2026-11-25"}).status_code == 303
    assert row.last_day == date(2026, 11, 25)
    assert client.post(f"/staff/absences/delete/{row.id}").status_code == 303
    assert absences() == []


def test_an_engineer_enters_nobody_elses(client: FlaskClient, engineer: StaffUser, at: datetime) -> None:
    colleague = make_staff()
    answer = client.post("/staff/absences/add", data=DAYS | {"staff": str(colleague.id), "deputy": str(engineer.id)})
    assert answer.status_code == 200
    row = away(colleague, engineer)
    assert colleague.display_name in client.get("/staff/absences/").text
    acts = client.get("/staff/absences/").text.split('<td role="cell" class="acts">')[1].split("</td>")[0]
    assert f"/{row.id}" not in acts
    for method, act in (("GET", "edit"), ("POST", "edit"), ("GET", "delete"), ("POST", "delete")):
        assert client.open(f"/staff/absences/{act}/{row.id}", method=method).status_code == 403, act
    assert absences() == [row]


def test_a_manager_enters_everybodys(client: FlaskClient, manager: StaffUser, at: datetime) -> None:
    engineer, deputy = make_staff(), make_staff()
    data = DAYS | {"staff": str(engineer.id), "deputy": str(deputy.id)}
    assert client.post("/staff/absences/add", data=data).status_code == 303
    (row,) = absences()
    assert row.created_by_id == manager.id
    assert f"/staff/absences/edit/{row.id}" in client.get("/staff/absences/").text


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"deputy": ""}, "Укажите, кто замещает."),
        ({"deputy": "99999999999999999999"}, "error"),
        ({"deputy": "oneself"}, "Сотрудник не может замещать сам себя."),
        ({"first_day": "2026-11-28"}, "Последний день раньше первого."),
        ({"first_day": "2026-11-01", "last_day": "2026-11-02"}, "Эти дни уже прошли."),
        ({"last_day": "tomorrow"}, "error"),
        ({"note": "о" * 201}, "error"),
    ],
)
def test_bad_input_is_told_beside_its_field_and_loses_nothing(
    client: FlaskClient, engineer: StaffUser, at: datetime, wrong: dict[str, str], words: str
) -> None:
    data = DAYS | {"staff": str(engineer.id), "deputy": str(make_staff().id)} | wrong
    if data["deputy"] == "oneself":
        data["deputy"] = str(engineer.id)
    page = client.post("/staff/absences/add", data=data).text
    assert words in page
    assert data["note"] in page
    assert absences() == []


def test_the_deputy_sees_the_tickets_among_his_own_and_takes_one(
    client: FlaskClient, engineer: StaffUser, at: datetime
) -> None:
    colleague, ticket = make_staff(), make_ticket()
    operations.take(ticket, by=colleague, at=at)
    assert ticket.reference not in client.get("/staff/tickets/?scope=mine").text
    assert 'id="take"' not in client.get(f"/staff/tickets/{ticket.reference}").text
    away(colleague, engineer)
    home = client.get("/staff/").text
    assert ticket.reference in home
    assert f"вы замещаете сотрудника: {colleague.display_name}" in home
    assert ticket.reference in client.get("/staff/tickets/?scope=mine").text
    page = client.get(f"/staff/tickets/{ticket.reference}").text
    assert f"отсутствует до пт 27.11.2026, замещает {engineer.display_name}" in page
    assert 'id="take"' in page
    assert client.post(f"/staff/tickets/{ticket.reference}/taking").status_code == 303
    assert ticket.assignee is engineer
    assert f"вместо сотрудника {colleague.display_name}" in client.get(f"/staff/tickets/{ticket.reference}").text


def test_who_is_away_is_told_so_on_his_first_page(client: FlaskClient, engineer: StaffUser, at: datetime) -> None:
    row = away(engineer, make_staff())
    page = client.get("/staff/").text
    assert "вас нет до пт 27.11.2026" in page
    assert f"/staff/absences/edit/{row.id}" in page


def test_a_manager_who_assigns_to_somebody_away_is_offered_the_deputy(
    client: FlaskClient, manager: StaffUser, at: datetime
) -> None:
    colleague, deputy, ticket = make_staff(), make_staff(), make_ticket()
    away(colleague, deputy)
    place = f"/staff/tickets/{ticket.reference}/assignment"
    answer = client.post(place, data={"assignee": colleague.id})
    assert answer.status_code == 422
    assert "отсутствует до 27 ноября 2026 включительно" in answer.text
    assert f'name="assignee" value="{deputy.id}"' in answer.text
    assert ticket.assignee is None
    client.post(place, data={"assignee": colleague.id, "although_absent": "1"})
    assert ticket.assignee is colleague


def test_the_list_names_the_deputy_when_several_are_assigned(
    client: FlaskClient, manager: StaffUser, at: datetime
) -> None:
    colleague, deputy, ticket = make_staff(), make_staff(), make_ticket()
    away(colleague, deputy)
    data = {"action": "assign", "rowid": ticket.reference, "assignee": colleague.id}
    page = client.post("/staff/tickets/action_post", data=data, follow_redirects=True).text
    assert f"замещает {deputy.display_name}" in page
    assert ticket.assignee is None


def form_of(person: StaffUser, **changes: str) -> dict[str, str]:
    names = {"username": person.username, "email": person.email}
    return names | {"first_name": person.first_name, "last_name": person.last_name, "roles": "Engineer"} | changes


@pytest.mark.parametrize("leaves", ["switched off", "becomes an editor"])
def test_switching_a_colleague_off_asks_who_gets_his_tickets(
    client: FlaskClient, admin: StaffUser, at: datetime, leaves: str
) -> None:
    colleague, heir, ticket = make_staff(), make_staff(), make_ticket()
    operations.take(ticket, by=colleague, at=at)
    changes = {} if leaves == "switched off" else {"active": "y", "roles": "Editor"}
    place, data = f"/staff/users/edit/{colleague.id}", form_of(colleague, **changes)
    page = client.post(place, data=data).text
    assert f"{colleague.display_name}: открытых обращений — 1. Укажите, кому их передать." in page
    assert colleague.active
    assert ticket.assignee is colleague
    assert client.post(place, data=data | {"tickets_to": str(heir.id)}).status_code == 303
    assert ticket.assignee is heir
    assert colleague.active is (leaves != "switched off")


def test_the_tickets_of_a_colleague_who_leaves_go_back_to_the_queue(
    client: FlaskClient, admin: StaffUser, at: datetime
) -> None:
    colleague, ticket = make_staff(), make_ticket()
    operations.take(ticket, by=colleague, at=at)
    client.post(f"/staff/users/edit/{colleague.id}", data=form_of(colleague, tickets_to="queue"))
    assert (colleague.active, ticket.assignee) == (False, None)
    assert "возвращено в очередь" in client.get(f"/staff/tickets/{ticket.reference}").text


@pytest.mark.parametrize("heir", ["himself", "away", "999999", "abc"])
def test_not_everybody_can_get_them(client: FlaskClient, admin: StaffUser, at: datetime, heir: str) -> None:
    colleague, other, ticket = make_staff(), make_staff(), make_ticket()
    operations.take(ticket, by=colleague, at=at)
    away(other, admin)
    to = {"himself": str(colleague.id), "away": str(other.id)}.get(heir, heir)
    answer = client.post(f"/staff/users/edit/{colleague.id}", data=form_of(colleague, tickets_to=to))
    assert answer.status_code == 200
    assert "help-block error" in answer.text
    assert colleague.active
    assert ticket.assignee is colleague


def test_a_colleague_without_open_tickets_is_switched_off_at_once(
    client: FlaskClient, admin: StaffUser, sign_in: SignIn, at: datetime
) -> None:
    colleague, absent = make_staff(), make_staff()
    away(absent, colleague)
    answer = client.post(f"/staff/users/edit/{colleague.id}", data=form_of(colleague), follow_redirects=True)
    assert not colleague.active
    assert f"Нужен другой заместитель: {absent.display_name}" in answer.text
