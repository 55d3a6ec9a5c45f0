"""Looking people up."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask_appbuilder.security.sqla.models import Group, Role, assoc_user_group

from supportapp.accounts import queries
from supportapp.errors import NotFound
from supportapp.extensions import db
from tests.factories import make_customer, make_staff

pytestmark = pytest.mark.usefixtures("session")


def test_an_open_account_is_found_by_any_spelling_of_its_address(at: datetime) -> None:
    make_customer(email="vera@example.com", closed_at=at)
    customer = make_customer(email="vera@example.com")
    assert queries.find_customer_by_email(" Vera@EXAMPLE.com") is customer
    assert queries.find_password_hash("vera@example.com") == customer.password_hash


@pytest.mark.parametrize(
    "email", ["", "nobody@example.com", "nul\0@example.com", "half\ud83d@example.com", "x" * 10_000]
)
def test_an_address_nobody_has_finds_nobody(email: str) -> None:
    assert queries.find_customer_by_email(email) is None
    assert queries.find_password_hash(email) is None


@pytest.mark.parametrize("number", [0, -1, 10**6, 2**63, 10**30])
def test_ids_of_nobody_are_not_found(number: int) -> None:
    with pytest.raises(NotFound):
        queries.get_customer(number)
    assert queries.find_staff(number) is None


def test_customers_and_staff_are_found_by_id(at: datetime) -> None:
    customer, engineer = make_customer(closed_at=at), make_staff()
    assert queries.get_customer(customer.id) is customer
    assert queries.find_staff(engineer.id) is engineer


def test_staff_in_a_role_are_active_and_named_once() -> None:
    boss = make_staff("Manager", "Engineer", last_name="Б")
    engineer = make_staff("Engineer", last_name="А")
    make_staff("Engineer", active=False)
    make_staff("Editor")
    assert queries.staff_in_role("Engineer", "Manager") == [engineer, boss]
    assert queries.staff_in_role("Manager") == [boss]
    assert queries.staff_in_role("Nobody") == []
    assert queries.staff_in_role() == []


def test_a_role_may_come_through_a_group() -> None:
    person = make_staff("Editor")
    role = Role(name="Manager")
    db.session.add(role)
    group = Group(name="Heads", label="Heads", roles=[role])
    db.session.add(group)
    db.session.flush()
    db.session.execute(assoc_user_group.insert().values(user_id=person.id, group_id=group.id))
    assert queries.staff_in_role("Manager") == [person]
