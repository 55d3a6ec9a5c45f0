"""Lists under a name: one's own, those of a manager for everybody, and their counters."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from supportapp.accounts.models import StaffUser
from supportapp.extensions import db
from supportapp.tickets.saved import MOST, SavedFilter
from tests.factories import make_customer, make_product, make_staff, make_ticket
from tests.staff.conftest import SignIn
from tests.staff.test_ticket_list import shown


@pytest.fixture(autouse=True)
def nothing_remembered(app: Flask) -> None:
    app.extensions.pop("ticket_counters", None)


def kept(page: str) -> dict[str, str]:
    """The names of the lists on the page and their counters."""
    link = r'<li[^>]*><a href="/staff/tickets/\?[^"]*"[^>]*>([^<]+?)(?: <span class="badge">([^<]*)</span>)?</a>'
    found = re.findall(link, page.partition('class="saved"')[2])
    return dict(found)


def test_a_list_is_kept_with_its_filters_and_counted(client: FlaskClient, engineer: StaffUser) -> None:
    ticket = make_ticket(subject="Не работает подпись")
    make_ticket(subject="Другое")
    address = "scope=all&_flt_0_subject=подписи&after=abc&page_TicketView=3&_oc_TicketView=subject&_od_TicketView=asc"
    answer = client.post("/staff/filters/", data={"name": " Подпись ", "address": address})
    assert answer.status_code == 303
    row = db.session.query(SavedFilter).one()
    assert (row.name, row.shared, row.owner_id) == ("Подпись", False, engineer.id)
    assert "after" not in row.address
    assert "page_" not in row.address
    page = client.get(answer.headers["Location"]).text
    assert shown(page) == [ticket.reference]
    assert kept(page) == {"Подпись": "1"}


def test_the_same_name_again_replaces_the_list(client: FlaskClient, engineer: StaffUser) -> None:
    for status in ("new", "closed"):
        client.post("/staff/filters/", data={"name": "Список", "address": f"_flt_0_status={status}"})
    assert [row.address for row in db.session.query(SavedFilter)] == ["_flt_0_status=closed"]


def test_a_list_of_ones_own_is_nobody_elses(client: FlaskClient, sign_in: SignIn) -> None:
    sign_in("Engineer")
    client.post("/staff/filters/", data={"name": "Моё", "address": "scope=mine"})
    row = db.session.query(SavedFilter).one()
    sign_in("Manager")
    assert kept(client.get("/staff/tickets/").text) == {}
    assert client.post(f"/staff/filters/{row.id}/deletion").status_code == 404
    assert db.session.query(SavedFilter).count() == 1


def test_a_shared_list_stays_shared_when_it_is_kept_again(client: FlaskClient, manager: StaffUser) -> None:
    client.post("/staff/filters/", data={"name": "Новые", "address": "_flt_0_status=new", "shared": "1"})
    client.post("/staff/filters/", data={"name": "Новые", "address": "_flt_0_status=closed"})
    row = db.session.query(SavedFilter).one()
    assert (row.address, row.shared) == ("_flt_0_status=closed", True)
    page = client.get("/staff/tickets/").text
    assert f"/staff/filters/{row.id}/privacy" in page
    client.post(f"/staff/filters/{row.id}/privacy")
    assert not row.shared
    assert f"/staff/filters/{row.id}/privacy" not in client.get("/staff/tickets/").text


def test_an_engineer_ends_no_sharing_of_others(client: FlaskClient, sign_in: SignIn) -> None:
    sign_in("Manager")
    client.post("/staff/filters/", data={"name": "Новые", "address": "_flt_0_status=new", "shared": "1"})
    row = db.session.query(SavedFilter).one()
    sign_in("Engineer")
    assert client.post(f"/staff/filters/{row.id}/privacy").status_code == 404
    assert row.shared


def test_a_manager_shares_a_list_and_an_engineer_cannot(client: FlaskClient, sign_in: SignIn) -> None:
    make_ticket()
    manager = sign_in("Manager")
    client.post("/staff/filters/", data={"name": "Новые", "address": "_flt_0_status=new", "shared": "1"})
    row = db.session.query(SavedFilter).one()
    sign_in("Engineer")
    page = client.get("/staff/tickets/").text
    assert kept(page) == {"Новые": "1"}
    assert manager.display_name in page
    assert client.post(f"/staff/filters/{row.id}/deletion").status_code == 404
    refused = client.post("/staff/filters/", data={"name": "Моё", "address": "scope=mine", "shared": "1"})
    assert refused.status_code == 403
    sign_in("Manager")
    client.post(f"/staff/filters/{row.id}/deletion")
    assert db.session.query(SavedFilter).count() == 0


def test_mine_in_a_shared_list_is_the_readers(client: FlaskClient, sign_in: SignIn) -> None:
    sign_in("Manager")
    client.post("/staff/filters/", data={"name": "Мои", "address": "scope=mine", "shared": "1"})
    ticket = make_ticket()
    sign_in("Engineer")
    client.post("/staff/tickets/action_post", data={"action": "take", "rowid": ticket.reference})
    assert kept(client.get("/staff/tickets/").text) == {"Мои": "1"}


@pytest.mark.parametrize("address", ["_flt_0_password=x", "_flt_0_status=flying", "_flt_0_product=" + "9" * 30])
def test_an_address_that_makes_no_list_is_not_kept(client: FlaskClient, engineer: StaffUser, address: str) -> None:
    assert client.post("/staff/filters/", data={"name": "x", "address": address}).status_code == 400
    assert db.session.query(SavedFilter).count() == 0


def test_a_list_whose_filter_has_become_senseless_has_no_counter(
    client: FlaskClient, engineer: StaffUser, at: datetime
) -> None:
    db.session.add(SavedFilter(owner_id=engineer.id, name="Старый", address="_flt_0_gone=1", created_at=at))
    assert kept(client.get("/staff/tickets/").text) == {"Старый": ""}
    assert client.get("/staff/tickets/?_flt_0_gone=1").status_code == 400


def test_a_list_needs_a_name_and_there_is_an_end_to_them(client: FlaskClient, engineer: StaffUser) -> None:
    client.post("/staff/filters/", data={"name": " ", "address": ""})
    client.post("/staff/filters/", data={"name": "я" * 61, "address": ""})
    assert db.session.query(SavedFilter).count() == 0
    for number in range(MOST + 1):
        client.post("/staff/filters/", data={"name": f"Список {number}", "address": ""})
    assert db.session.query(SavedFilter).count() == MOST


@pytest.mark.parametrize("key", ["abc", "0", "-1", "9" * 30, "1"])
def test_what_is_not_there_cannot_be_forgotten(client: FlaskClient, engineer: StaffUser, key: str) -> None:
    assert client.post(f"/staff/filters/{key}/deletion").status_code == 404


def test_the_parts_of_the_queue_carry_their_counters(client: FlaskClient, engineer: StaffUser) -> None:
    customer = make_customer()
    product = make_product()
    for _ in range(3):
        make_ticket(customer, product=product)
    taken = make_ticket(customer)
    client.post("/staff/tickets/action_post", data={"action": "take", "rowid": taken.reference})
    make_staff("Engineer")
    page = client.get("/staff/tickets/").text
    counters = dict(re.findall(r'\?scope=(\w+)"[^>]*>[^<]+(?: <span class="badge">([^<]+)</span>)?</a>', page))
    assert counters == {
        "open": "4", "mine": "1", "unassigned": "3", "ours": "4", "theirs": "0", "near": "0", "closed": "0", "all": "",
    }  # fmt: skip
