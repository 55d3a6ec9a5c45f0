"""The reports: figures, the tickets behind them, and pages that no address breaks."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient

from supportapp import clock
from supportapp.accounts.models import StaffUser
from supportapp.extensions import db
from supportapp.tickets import operations
from supportapp.tickets.models import Ticket
from supportapp.tickets.opinions import give_opinion
from supportapp.tickets.rules import CloseReason, Satisfied
from tests.factories import make_certificate, make_customer, make_level, make_registration, make_ticket

REPORTS = ("inflow", "speed", "targets", "closings", "satisfaction", "load?by=assignee", "load?by=product",
           "load?by=certificate", "load?by=organisation")  # fmt: skip


@pytest.fixture
def busy(client: FlaskClient, manager: StaffUser, at: datetime) -> list[Ticket]:
    """Tickets of the last days: answered in time and late, closed in every way, reopened, waiting, merged."""
    level = make_level(first_response_hours=2, resolution_hours=8)
    tickets = []
    for number in range(9):
        customer = make_customer(organisation=f"ООО «Фирма; {number % 2}» & Ко")
        certificate = make_certificate(level=level)
        make_registration(customer, certificate)
        begun = at - timedelta(days=number, hours=2)
        ticket = make_ticket(customer, certificate_id=certificate.id if number % 3 else None, at=begun)
        if number % 4:
            operations.take(ticket, by=manager, at=begun + timedelta(minutes=5))
            operations.propose_solution(ticket, "Обновите.", by=manager, at=begun + timedelta(hours=number % 5))
        if number in (2, 5, 6):
            operations.accept_solution(ticket, by=customer, at=begun + timedelta(hours=6, days=number // 3))
        if number in (2, 6):
            give_opinion(ticket, Satisfied.YES if number == 2 else Satisfied.NO, "", by=customer, at=at)
        if number == 5:
            operations.reopen(ticket, by=customer, at=at - timedelta(hours=1))
        if number == 3:
            operations.close(ticket, "Готово.", by=manager, at=begun + timedelta(days=1))
        tickets.append(ticket)
    db.session.commit()
    return tickets


def links(page: str) -> list[tuple[str, int]]:
    """(address, number) of every number that leads to tickets."""
    found = re.findall(r'href="(/staff/tickets/\?[^"]*figure[^"]*)">(?:<b>)?([\d\s\xa0]+)<', page)
    return [(unescape(address), int(re.sub(r"\D", "", number))) for address, number in found]


@pytest.mark.parametrize("report", REPORTS)
def test_every_number_leads_to_as_many_tickets(client: FlaskClient, busy: list[Ticket], report: str) -> None:
    answer = client.get(f"/staff/reports/{report}{'&' if '?' in report else '?'}period=week")
    found = links(answer.text)
    if report != "closings":
        assert found
    for address, number in dict.fromkeys(found):
        listed = client.get(f"{address}&psize_TicketView=100")
        assert listed.status_code == 200, address
        assert len(re.findall(r'name="rowid"', listed.text)) == number, address


def test_the_period_before_stands_beside_with_its_tickets(client: FlaskClient, busy: list[Ticket]) -> None:
    """Of nine tickets, one a day back from today, three came in the three days and three in those before."""
    page = client.get("/staff/reports/inflow?from=2026-11-18&to=2026-11-20").text
    tile, by_time = page.partition('class="tiles"')[2], page.partition("<tbody>")[2]
    for part, now, before in ((tile, "2026-11-18..2026-11-20", "2026-11-15..2026-11-17"),
                              (by_time, "2026-11-20..2026-11-20", "2026-11-17..2026-11-17")):  # fmt: skip
        found = links(part)
        assert f"created:{now}" in found[0][0]
        assert f"created:{before}" in found[1][0]
    ages = page.split("<tbody>")[2]
    assert "open:2026-11-17;age:2026-11-17" in ages


def test_two_days_are_a_period_whichever_is_named_first(client: FlaskClient, busy: list[Ticket]) -> None:
    page = client.get("/staff/reports/inflow?from=2026-11-20&to=2026-11-18").text
    assert "18.11.2026 – 20.11.2026" in page
    assert re.search(r'name="from"[^>]*value="2026-11-18"', page)


def test_days_on_which_nothing_happened_are_one_row(client: FlaskClient, busy: list[Ticket]) -> None:
    """The nine days end with the 20th; the days before them were quiet in this period and in the one before."""
    page = client.get("/staff/reports/inflow?from=2026-11-01&to=2026-11-20").text
    names = re.findall(r'<th scope="row">([^<]+)</th>', page.partition("<tbody>")[2].partition("</tbody>")[0])
    assert len(names) == 10
    assert names[0] == "пт 20.11.2026"
    assert names[-2:] == ["чт 12.11.2026", "01.11.2026 – 11.11.2026"]


def test_the_load_is_compared_in_every_column(client: FlaskClient, busy: list[Ticket]) -> None:
    row = client.get("/staff/reports/load?by=product&from=2026-11-18&to=2026-11-20").text.partition("<tbody>")[2]
    assert row.partition("</tr>")[0].count("<small>(") == 3
    assert "open:2026-11-17;product:none" in row


def test_times_and_shares_lead_to_their_tickets(client: FlaskClient, busy: list[Ticket]) -> None:
    page = client.get("/staff/reports/speed?period=week").text
    times = re.findall(r'href="(/staff/tickets/[^"]*minutes:(?:response|solution)/0/(\d+)[^"]*)"', page)
    assert times
    for link, minutes in times:
        assert "rowid" in client.get(unescape(link)).text, minutes
    page = client.get("/staff/reports/targets?period=week").text
    shares = re.findall(r'href="([^"]*decided:[^"]*)">[\d\s\xa0]+%', page)
    assert shares
    assert all("rowid" in client.get(unescape(link)).text for link in shares)


def test_what_customers_answered_is_counted(client: FlaskClient, busy: list[Ticket], at: datetime) -> None:
    page = client.get("/staff/reports/satisfaction?period=week").text
    tile = page.partition('class="tiles"')[2]
    assert "opinion:yes/" in links(tile)[0][0]
    assert links(tile)[0][1] == 1
    assert "50 %" in tile.partition("</div>")[2].partition("</div>")[0].replace("\xa0", " ")
    for figure in ("opinion:maybe/2026-11-01..2026-11-30", "opinion:yes", "opinion:any/x"):
        assert client.get("/staff/tickets/", query_string={"_flt_0_figure": figure}).status_code == 400


def test_the_ticket_page_shows_what_its_customer_says(
    client: FlaskClient, busy: list[Ticket], manager: StaffUser, at: datetime
) -> None:
    give_opinion(busy[2], Satisfied.PARTLY, "Долго <b>", by=busy[2].customer, at=at)
    page = client.get(f"/staff/tickets/{busy[2].reference}").text.partition('id="opinions"')[2]
    assert "доволен отчасти" in page
    assert "Долго &lt;b&gt;" in page


def test_what_it_took_is_written_when_it_is_known(client: FlaskClient, manager: StaffUser, at: datetime) -> None:
    certificate = make_certificate(level=make_level())
    customer = make_customer()
    make_registration(customer, certificate)
    begun = at - timedelta(hours=2)  # noon in Moscow
    ticket = make_ticket(customer, certificate_id=certificate.id, at=begun)
    assert (ticket.first_response_minutes, ticket.resolution_minutes) == (None, None)
    operations.propose_solution(ticket, "Обновите.", by=manager, at=begun + timedelta(minutes=30))
    operations.reply(ticket, "Не помогло.", by=customer, at=begun + timedelta(minutes=90))
    operations.propose_solution(ticket, "Переустановите.", by=manager, at=begun + timedelta(minutes=100))
    operations.accept_solution(ticket, by=customer, at=begun + timedelta(minutes=300))
    assert ticket.first_response_minutes == 30
    assert ticket.resolution_minutes == 40  # the waiting for the customer is left out
    operations.reopen(ticket, by=customer, at=begun + timedelta(minutes=310))
    assert ticket.resolution_minutes is None
    with clock.frozen(begun + timedelta(minutes=320)):
        operations.close(ticket, "Готово.", by=manager, at=clock.now())
    assert ticket.resolution_minutes == 50
    assert ticket.close_reason is CloseReason.BY_STAFF


@pytest.mark.parametrize(
    "query",
    [
        "period=fortnight",
        "from=x",
        "from=0001-01-01&to=2026-01-01",
        "from=2026-11-01&to=y",
    ],
)
def test_days_that_make_no_sense_are_400(client: FlaskClient, manager: StaffUser, query: str) -> None:
    assert client.get(f"/staff/reports/inflow?{query}").status_code == 400


@pytest.mark.parametrize(
    "figure",
    [
        "x",
        "created:",
        "created:2026-13-01..2026-11-01",
        "created:0001-01-01..9999-12-31",
        "level:99999999999",
        "age:x/1-",
        "reason:none",
        "response:well",
        "open:9999-12-31",
        "level:-1",
        "now:closed",
        "minutes:response/1",
        "minutes:colour/0/1",
        "minutes:response/-1/9999999999",
        "decided:well",
        "judged:x",
        "created:2026-11-02..2026-11-01",
    ],
)
def test_a_figure_that_no_report_asks_is_400(client: FlaskClient, manager: StaffUser, figure: str) -> None:
    assert client.get("/staff/tickets/", query_string={"_flt_0_figure": figure}).status_code == 400


def test_a_report_nobody_knows_is_404_and_a_dimension_400(client: FlaskClient, manager: StaffUser) -> None:
    assert client.get("/staff/reports/weather").status_code == 404
    assert client.get("/staff/reports/load?by=weather").status_code == 400


def test_pictures_are_drawn_here_and_read_without_eyes(client: FlaskClient, busy: list[Ticket]) -> None:
    page = client.get("/staff/reports/inflow").text
    assert page.count('role="img"') == page.count("</desc>") == 6  # each for the desk and for a telephone
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
    assert ' style="' not in page.split("<main")[1]


def test_the_dry_run_lists_what_would_have_changed(client: FlaskClient, busy: list[Ticket]) -> None:
    page = client.get("/staff/reports/dry-run").text
    assert "Проба правил автоматического закрытия" in page
    assert "Предупреждение должно уходить" in client.get("/staff/reports/dry-run?reaction=2&extension=3&warning=2").text
    for query in ("reaction=x&extension=3&warning=1", "reaction=0&extension=1&warning=1", "reaction=3"):
        assert "целое от 1 до 60" in client.get(f"/staff/reports/dry-run?{query}").text
    assert client.get("/staff/reports/dry-run?reaction=5&extension=3&warning=1").status_code == 200


def test_a_long_list_asks_a_worker_and_shows_how_far_it_is(
    client: FlaskClient, manager: StaffUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    from supportapp.reports import rules

    make_ticket()
    monkeypatch.setattr(rules, "AT_ONCE_ROWS", 0)
    refused = client.get("/staff/exports/tickets.csv?scope=all&page_TicketView=3")
    assert (refused.status_code, refused.headers["Location"]) == (303, "/staff/exports/new?scope=all")
    asked = client.post("/staff/exports/new?scope=all", data={"form": "csv", "working_time": "1"})
    assert asked.status_code == 303
    page = client.get(asked.headers["Location"]).text
    assert '<meta http-equiv="refresh"' in page
    assert client.get(f"{asked.headers['Location']}/progress").json == {
        "unfinished": True, "state": "ждёт очереди", "done": 0, "total": None, "percent": 0
    }  # fmt: skip
    assert client.get(f"{asked.headers['Location']}/file").status_code == 303
    client.post(f"{asked.headers['Location']}/cancellation")
    assert "отменено" in client.get(asked.headers["Location"]).text


def test_a_list_can_be_saved_and_given_up(client: FlaskClient, manager: StaffUser) -> None:
    form = {"form": "csv", "period": "weekly", "hour": "7", "name": "Все"}
    wrong = client.post("/staff/exports/saved?scope=all", data=form)
    assert wrong.status_code == 422
    assert "Выберите хотя бы одного" in wrong.text
    form["recipients"] = str(manager.id)
    assert client.post("/staff/exports/saved?scope=all", data=form).status_code == 303
    page = client.get("/staff/exports/").text
    assert "каждый понедельник, 07:00" in page
    number = re.search(r"/staff/exports/saved/(\d+)/deletion", page)
    assert number is not None
    client.post(f"/staff/exports/saved/{number[1]}/deletion")
    assert "каждый понедельник" not in client.get("/staff/exports/").text
