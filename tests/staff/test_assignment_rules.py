"""The screen of the assignment rules."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from flask.testing import FlaskClient

from supportapp.accounts.models import StaffUser
from supportapp.audit.models import AuditEntry
from supportapp.extensions import db
from supportapp.tickets.assigning.models import AssignmentRule
from tests.factories import make_level, make_product, make_staff, make_ticket
from tests.staff.conftest import SignIn

FORM = {"place": "1", "product": "", "level": "", "active": "y"}


def rules() -> list[AssignmentRule]:
    return db.session.query(AssignmentRule).order_by(AssignmentRule.id).all()


def test_a_new_rule_is_offered_a_place_after_the_others(client: FlaskClient, manager: StaffUser) -> None:
    assert re.search(r'name="place"[^>]*value="10"', client.get("/staff/assignment-rules/add").text)
    client.post("/staff/assignment-rules/add", data=FORM | {"place": "25", "engineers": [str(make_staff().id)]})
    assert re.search(r'name="place"[^>]*value="30"', client.get("/staff/assignment-rules/add").text)


def test_a_manager_writes_a_rule_and_the_next_ticket_follows_it(client: FlaskClient, manager: StaffUser) -> None:
    product, level, engineer = make_product(), make_level(), make_staff()
    data = FORM | {"product": str(product.id), "level": str(level.id), "engineers": [str(engineer.id)]}
    assert client.post("/staff/assignment-rules/add", data=data).status_code == 303
    (rule,) = rules()
    assert (rule.product, rule.level, rule.engineers, rule.active) == (product, level, [engineer], True)
    page = client.get("/staff/assignment-rules/").text
    assert engineer.display_name in page
    client.post(f"/staff/assignment-rules/edit/{rule.id}", data=FORM | {"engineers": [str(engineer.id)]})
    assert (rule.product, rule.level) == (None, None)
    page = client.get("/staff/assignment-rules/").text
    assert "любой продукт" in page
    assert "любой уровень" in page
    assert make_ticket().assignee is engineer
    trail = [
        row.act for row in db.session.query(AuditEntry).filter_by(object_kind="AssignmentRule").order_by(AuditEntry.id)
    ]
    assert trail == ["added", "changed"]


def test_the_form_of_a_rule_shows_what_it_says(client: FlaskClient, manager: StaffUser, at: datetime) -> None:
    product = make_product()
    db.session.add(AssignmentRule(place=7, product=product, engineers=[manager], changed_at=at, active=False))
    page = client.get(f"/staff/assignment-rules/edit/{_only().id}").text
    assert 'value="7"' in page
    assert f'<option selected value="{product.id}">' in page
    assert f'<option selected value="{manager.id}">' in page


def _only() -> AssignmentRule:
    db.session.flush()
    (rule,) = rules()
    return rule


@pytest.mark.parametrize(
    "wrong",
    [
        {"place": "0"},
        {"place": "first"},
        {"place": "99999999999999999999"},
        {"product": "0"},
        {"product": "99999999999999999999"},
        {"level": "abc"},
        {"engineers": []},
        {"engineers": ["99999999999999999999"]},
    ],
)
def test_bad_input_is_told_and_saves_nothing(client: FlaskClient, manager: StaffUser, wrong: dict[str, object]) -> None:
    answer = client.post("/staff/assignment-rules/add", data=FORM | {"engineers": [str(manager.id)]} | wrong)
    assert answer.status_code == 200
    assert "help-block error" in answer.text
    assert rules() == []


def test_only_the_desk_can_be_chosen(client: FlaskClient, manager: StaffUser) -> None:
    editor, gone = make_staff("Editor"), make_staff(active=False)
    for person in (editor, gone):
        client.post("/staff/assignment-rules/add", data=FORM | {"engineers": [str(person.id)]})
    assert rules() == []


def test_an_engineer_reads_the_rules_and_changes_none(client: FlaskClient, sign_in: SignIn, at: datetime) -> None:
    engineer = sign_in("Engineer")
    db.session.add(AssignmentRule(place=1, engineers=[engineer], changed_at=at, active=True))
    rule = _only()
    assert engineer.display_name in client.get("/staff/assignment-rules/").text
    assert client.post(f"/staff/assignment-rules/delete/{rule.id}").status_code == 403
    assert rules() == [rule]


def test_the_ticket_says_by_which_rule_it_was_assigned(client: FlaskClient, manager: StaffUser, at: datetime) -> None:
    db.session.add(AssignmentRule(place=4, engineers=[manager], changed_at=at, active=True))
    db.session.flush()
    page = client.get(f"/staff/tickets/{make_ticket().reference}").text
    assert "по правилу 4" in page
    assert 'id="take"' in page  # the engineer begins by it
