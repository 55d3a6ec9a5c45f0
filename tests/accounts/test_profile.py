"""The profile, and the Regulation."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from supportapp.accounts import operations, queries
from supportapp.errors import Refused
from tests.factories import BEFORE, make_customer, make_regulation

PROFILE = {"name": " Вера  Ким ", "organisation": "", "phone": "", "language": "en"}

pytestmark = pytest.mark.usefixtures("session")


def test_the_profile_keeps_what_the_customer_wrote() -> None:
    customer = make_customer()
    operations.update_profile(customer, **PROFILE)
    assert (customer.name, customer.organisation, customer.phone, customer.language) == ("Вера Ким", "", "", "en")


@pytest.mark.parametrize(
    ("field", "value"), [("name", ""), ("organisation", "a\0b"), ("phone", "no"), ("language", "xx")]
)
def test_one_refused_field_leaves_the_whole_profile_as_it_was(field: str, value: str) -> None:
    customer = make_customer(name="Вера", organisation="ООО «Ромашка»", phone="112", language="ru")
    changes: dict[str, Any] = {**PROFILE, field: value}
    with pytest.raises(Refused) as refusal:
        operations.update_profile(customer, **changes)
    assert refusal.value.field == field
    assert (customer.name, customer.phone, customer.language) == ("Вера", "112", "ru")


def test_the_version_published_last_is_in_force(at: datetime) -> None:
    make_regulation(label="2.0", published_at=at)
    make_regulation(label="1.0", published_at=BEFORE)
    make_regulation(label="draft", published_at=None)
    regulation = queries.current_regulation()
    assert regulation is not None
    assert regulation.label == "2.0"


def test_without_a_published_regulation_there_is_nothing_to_accept(at: datetime) -> None:
    make_regulation(published_at=None)
    customer = make_customer()
    assert queries.current_regulation() is None
    assert not queries.needs_to_accept(customer)
    with pytest.raises(Refused, match="no_regulation"):
        operations.accept_regulation(customer, at=at)


def test_a_newer_regulation_asks_for_acceptance_once(at: datetime) -> None:
    old = make_regulation()
    customer = make_customer(regulation_id=old.id, regulation_accepted_at=BEFORE)
    assert not queries.needs_to_accept(customer)
    new = make_regulation(label="2.0", published_at=at)
    assert queries.needs_to_accept(customer)
    operations.accept_regulation(customer, at=at, regulation_id=new.id)
    assert not queries.needs_to_accept(customer)
    operations.accept_regulation(customer, at=at + timedelta(days=1))
    assert (customer.regulation_id, customer.regulation_accepted_at) == (new.id, at)


def test_only_the_version_that_was_read_is_accepted(at: datetime) -> None:
    old = make_regulation()
    make_regulation(label="2.0", published_at=at)
    with pytest.raises(Refused, match="regulation_changed"):
        operations.accept_regulation(make_customer(), at=at, regulation_id=old.id)
