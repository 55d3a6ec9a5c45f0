"""The trail is written in the act's transaction, searched from a key, and never changed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError

from supportapp.accounts.models import StaffUser
from supportapp.audit.models import AuditEntry
from supportapp.audit.operations import Object, object_of, record
from supportapp.audit.queries import PAGE, Wanted, kinds, trail
from supportapp.audit.rules import Act, Actor, Named, differences
from supportapp.database import FinalRowError
from supportapp.extensions import db
from tests.factories import make_product, make_staff

THING = Object("Product", 7, "Криптопровайдер")


def add(by: StaffUser | Actor, at: datetime, act: Act = Act.CHANGED, what: Object = THING) -> AuditEntry:
    return record(act, what, by=by, at=at, address="192.0.2.7")


def test_an_entry_says_who_when_what_and_from_where(session: object, at: datetime) -> None:
    person, product = make_staff(), make_product(name="Плагин")
    entry = record(Act.ADDED, object_of(product), by=person, at=at, details={"note": "новый"}, address="192.0.2.7")
    db.session.expire(entry)
    assert (entry.staff, entry.actor, entry.at) == (person, person.display_name, at)
    assert (entry.object_kind, entry.object_id, entry.label) == ("Product", str(product.id), "Плагин")
    assert (entry.act, entry.details, entry.address) == ("added", {"note": "новый"}, "192.0.2.7")


def test_an_entry_goes_when_its_act_is_rolled_back(session: object, at: datetime) -> None:
    act = db.session.begin_nested()
    add(make_staff(), at)
    act.rollback()
    assert trail(Wanted()).entries == []


def test_neither_the_mapper_changes_an_entry_nor_deletes_it(session: object, at: datetime) -> None:
    entry = add(Actor.SYSTEM, at)
    entry.label = "Другое"
    with pytest.raises(FinalRowError):
        db.session.flush()
    db.session.rollback()
    entry = add(Actor.SYSTEM, at)
    db.session.delete(entry)
    with pytest.raises(FinalRowError):
        db.session.flush()


@pytest.mark.parametrize(
    "statement",
    [update(AuditEntry).values(label="Другое"), delete(AuditEntry), text("UPDATE audit_entry SET actor = 'x'")],
)
def test_the_database_refuses_too(session: object, at: datetime, statement: object) -> None:
    add(Actor.SYSTEM, at)
    with pytest.raises(DBAPIError, match="final"), db.session.begin_nested():
        db.session.execute(statement)  # type: ignore[call-overload]
    assert trail(Wanted()).entries[0].label == "Криптопровайдер"


def test_the_trail_is_searched_by_person_act_object_period_and_words(session: object, at: datetime) -> None:
    anna, boris = make_staff(last_name="Аннина"), make_staff(last_name="Борисов")
    first = add(anna, at - timedelta(days=2))
    second = add(boris, at, Act.DELETED, Object("Topic", 3, "Установка 100%"))
    third = add(Actor.COMMAND_LINE, at, Act.ADDED, Object("StaffUser", 9, "Новый сотрудник"))
    for wanted, found in (
        (Wanted(staff_id=anna.id), [first]),
        (Wanted(actor=Actor.COMMAND_LINE), [third]),
        (Wanted(act=Act.DELETED), [second]),
        (Wanted(kind="Topic"), [second]),
        (Wanted(kind="Product", key="7"), [first]),
        (Wanted(since=at - timedelta(days=1)), [third, second]),
        (Wanted(until=at - timedelta(days=1)), [first]),
        (Wanted(words="УСТАНОВКА борисов"), [second]),
        (Wanted(words="0%"), [second]),
        (Wanted(words="192.0.2.7"), [third, second, first]),
        (Wanted(words="нет такого"), []),
    ):
        assert trail(wanted).entries == found, wanted
    assert kinds() == ["Product", "StaffUser", "Topic"]


def test_pages_go_on_from_a_key_and_miss_nothing(session: object, at: datetime) -> None:
    made = [add(Actor.SYSTEM, at).id for _ in range(PAGE * 2 + 1)]
    seen, before = [], None
    for size in (PAGE, PAGE, 1):
        page = trail(Wanted(before=before))
        assert len(page.entries) == size
        seen += [entry.id for entry in page.entries]
        before = page.older
    assert before is None
    assert seen == made[::-1]


def test_of_secrets_only_that_they_changed_is_kept() -> None:
    before = {"name": "А", "password": "old", "activation_code": "1234", "updated_at": 1, "seats": 1}
    after = {"name": "Б" * 500, "password": "new", "activation_code": "5678", "updated_at": 2, "seats": 1}
    found = differences(before, after)
    assert found.keys() == {"name", "password", "activation_code"}
    assert found["password"] == found["activation_code"] == ["•••", "•••"]
    assert found["name"] == [{"characters": 1}, {"characters": 500}]


def test_rows_are_the_same_by_their_keys_and_kept_by_their_words() -> None:
    before = {"images": Named((1,), "окно.webp"), "products": Named((3,), "Плагин")}
    after = {"images": Named((2,), "окно.webp"), "products": Named((3,), "Плагин 2")}
    assert differences(before, after) == {"images": ["окно.webp", "окно.webp"]}


def test_moments_and_states_are_kept_in_a_form_that_can_be_read_back(at: datetime) -> None:
    after = {"published_at": at.replace(microsecond=123456), "act": Act.ADDED, "source": "", "review_on": None}
    assert differences({}, after) == {
        "published_at": ["", at.isoformat(timespec="seconds")],
        "act": ["", "added"],
    }
