"""Pages of the ticket list: forwards, backwards, from the end, in every order, and whatever the address says."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient

from supportapp.accounts.models import StaffUser
from supportapp.extensions import db
from supportapp.tickets import operations
from supportapp.tickets.models import Ticket
from tests.factories import make_customer, make_product, make_staff, make_ticket
from tests.staff.test_ticket_list import shown, way, with_level

ORDERS = ["", *(f"&_oc_TicketView={column}&_od_TicketView={direction}"
                for column in ("reference", "subject", "customer", "product", "level", "status", "target", "assignee",
                               "last_message")
                for direction in ("asc", "desc"))]  # fmt: skip


@pytest.fixture
def many(engineer: StaffUser, at: datetime) -> list[str]:
    """Tickets that differ in every column and share every value with some other."""
    colleagues = [engineer, make_staff("Engineer", last_name="Ёлкин")]
    products = [make_product(name="Яхонт"), make_product(name="Алмаз"), None]
    customers = [make_customer(name=name) for name in ("Борис", "Анна", "Борис")]
    tickets = []
    for number in range(31):
        moment = at - timedelta(hours=number % 7)
        if number % 5 == 0:
            ticket = with_level(10 + number % 2, at=moment)
        else:
            ticket = make_ticket(
                customers[number % 3], subject=f"Вопрос {number % 4}", product=products[number % 3], at=moment
            )
        if number % 3 == 0:
            operations.assign(ticket, colleagues[number % 2], by=engineer, at=at)
        if number % 6 == 1:
            operations.request_information(ticket, "Журнал?", by=engineer, at=at)
        if number % 10 == 9:
            operations.close(ticket, "Решено.", by=engineer, at=at)
        tickets.append(ticket.reference)
    db.session.commit()
    return tickets


def walk(client: FlaskClient, address: str, rel: str) -> list[list[str]]:
    pages = []
    while address:
        page = client.get(address).text
        pages.append(shown(page))
        assert len(pages) < 20
        address = way(page, rel)
    return pages


@pytest.mark.parametrize("order", ORDERS)
def test_all_pages_together_are_the_list_in_its_order_both_ways(
    client: FlaskClient, many: list[str], order: str
) -> None:
    whole = shown(client.get(f"/staff/tickets/?scope=all&psize_TicketView=100{order}").text)
    assert sorted(whole) == sorted(many)
    start = f"/staff/tickets/?scope=all&psize_TicketView=4{order}"
    forwards = walk(client, start, "next")
    assert [reference for page in forwards for reference in page] == whole
    assert all(len(page) == 4 for page in forwards[:-1])
    backwards = walk(client, f"{start}&before=last", "prev")
    assert [reference for page in reversed(backwards) for reference in page] == whole


def test_a_row_that_leaves_the_list_shifts_no_page(client: FlaskClient, many: list[str]) -> None:
    first = client.get("/staff/tickets/?psize_TicketView=4").text
    second = shown(client.get(way(first, "next")).text)
    gone = db.session.query(Ticket).filter_by(reference=shown(first)[0]).one()
    operations.withdraw(gone, by=gone.customer, at=gone.created_at)
    assert shown(client.get(way(first, "next")).text) == second


def test_the_end_of_the_list_says_so(client: FlaskClient, many: list[str]) -> None:
    page = client.get("/staff/tickets/?scope=all&psize_TicketView=4&before=last").text
    assert way(page, "next") == way(page, "last") == ""
    assert way(page, "prev")
    first = client.get("/staff/tickets/?scope=all&psize_TicketView=4").text
    assert way(first, "first") == way(first, "prev") == ""


def cursor(*values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "text",
    [
        "x", "last", "%D1%8F", "e30", "W10", "A" * 5000,
        cursor(), cursor("reference", True), cursor("reference", True, "1"), cursor("reference", True, True),
        cursor("reference", True, 10**30), cursor("reference", True, -(10**18)), cursor("reference", True, None),
        cursor("reference", True, 1, 2), cursor("reference", False, 5), cursor("subject", True, "a", 1),
        cursor("reference", True, [1]), cursor("reference", True, {"a": 1}), cursor(*["[" * 900] * 2),
    ],
)  # fmt: skip
@pytest.mark.parametrize("way_on", ["after", "before"])
def test_a_broken_place_is_the_beginning(client: FlaskClient, engineer: StaffUser, text: str, way_on: str) -> None:
    ticket = make_ticket()
    answer = client.get(f"/staff/tickets/?_oc_TicketView=reference&_od_TicketView=desc&{way_on}={text}")
    assert answer.status_code == 200
    assert shown(answer.text) == [ticket.reference]


@pytest.mark.parametrize(
    "values",
    [
        ("target", False, "9999-99-99", 1),
        ("target", False, "2026-11-20T11:00:00", 1),
        ("target", False, "9999-12-31T23:00:00-20:00", 1),
        ("status", False, "flying", "2026-11-20T11:00:00+00:00", 1),
        ("subject", False, "\0", 1),
        ("subject", False, "\ud800", 1),
        ("product", False, 5),
        ("product", False, "x", 1),
        ("queue", False, 1, 2, 3, 4),
    ],
)
def test_a_place_of_wrong_values_is_the_beginning(
    client: FlaskClient, engineer: StaffUser, values: tuple[object, ...]
) -> None:
    ticket = make_ticket()
    answer = client.get(f"/staff/tickets/?_oc_TicketView={values[0]}&_od_TicketView=asc&after={cursor(*values)}")
    assert answer.status_code == 200
    assert shown(answer.text) == [ticket.reference]


def test_no_more_is_counted_than_is_told(client: FlaskClient, many: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("listing", "view", "counters"):
        monkeypatch.setattr(f"supportapp.staff.tickets.{module}.COUNT_LIMIT", 5)
    page = client.get("/staff/tickets/?scope=all&psize_TicketView=4").text
    assert "больше 5" in page
    assert ">5+<" in page
