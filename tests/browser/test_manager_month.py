"""The end of a manager's month: figures and what is behind them, files, dry runs, the register, accounts, the trail."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from sqlalchemy import delete, insert, select

from supportapp import clock
from supportapp.accounts.models import Customer
from supportapp.extensions import db
from supportapp.reports.rules import AT_ONCE_ROWS
from supportapp.tickets.models import Message, Ticket, TimelineEntry
from tests.browser.conftest import Meet
from tests.browser.people import Person
from tests.browser.stage import Stage, link_in

TICKETS = AT_ONCE_ROWS + 50
REPORTS = ("inflow", "speed", "targets", "closings", "satisfaction", "knowledge", "load?by=product")
ROW = "Сертификат;МЕС-{number};ABCDE-12345;{level};Сервер подписи;ООО «Месяц»;01.01.2026;31.12.2027;1"


@pytest.fixture
def last_month(stage: Stage) -> Iterator[datetime]:
    """A month of tickets, closed in it; gone afterwards, so that other stories find their own."""
    today = stage.now().replace(hour=12, minute=0, second=0, microsecond=0)
    start = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    with stage.app.app_context():
        customer = db.session.query(Customer).filter_by(email="john@example.com").one()
        rows = [
            {
                "reference": f"MN-{number:06d}",
                "customer_id": customer.id,
                "subject": f"Вопрос месяца {number}",
                "status": "closed",
                "close_reason": "solved",
                "created_at": start + timedelta(minutes=number),
                "updated_at": start + timedelta(days=1, minutes=number),
                "last_message_at": start + timedelta(days=1, minutes=number),
                "closed_at": start + timedelta(days=1, minutes=number),
            }
            for number in range(TICKETS)
        ]
        db.session.execute(insert(Ticket), rows)
        db.session.commit()
    yield start
    with stage.app.app_context():
        mine = select(Ticket.id).where(Ticket.reference.like("MN-%"))
        for table in (TimelineEntry, Message):
            db.session.execute(delete(table).where(table.ticket_id.in_(mine)))  # type: ignore[attr-defined]
        db.session.execute(delete(Ticket).where(Ticket.reference.like("MN-%")))
        db.session.commit()


def test_the_end_of_a_managers_month(meet: Meet, stage: Stage, last_month: datetime) -> None:
    manager = meet("manager", viewport={"width": 1280, "height": 900})
    figures_lead_to_their_tickets(manager)
    a_long_export_comes_by_mail(manager, stage)
    a_long_export_is_cancelled(manager)
    an_export_is_made_every_month(manager)
    other_terms_are_tried(manager)
    the_register_names_its_bad_row(manager)
    two_accounts_become_one(manager, stage)
    the_trail_tells_of_it(manager)


def figures_lead_to_their_tickets(manager: Person) -> None:
    page = manager.page
    for width in (1280, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        for report in REPORTS:
            manager.open(f"/staff/reports/{report}{'&' if '?' in report else '?'}period=month")
            expect(page.locator("h2").first).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth") <= width, report
        look_without_barriers(manager)
    manager.open("/staff/reports/inflow?period=month")
    figure = page.locator(".tiles a").first
    number = int(re.sub(r"\D", "", figure.inner_text()))
    assert number >= TICKETS
    figure.click()
    page.wait_for_url(re.compile(r"/staff/tickets/\?"))
    expect(page.locator("td.col-reference").first).to_be_visible()
    manager.follow(manager.say("Export …", "staff"))
    expect(page.locator("b", has_text=str(number))).to_be_visible()


def a_long_export_comes_by_mail(manager: Person, stage: Stage) -> None:
    page, say = manager.page, manager.say
    page.get_by_label(say("CSV, for programs", "staff")).first.check()
    manager.press(say("Make it in the background", "staff"))
    expect(page.get_by_role("link", name=re.compile("CSV|csv")).first).to_be_visible(timeout=60_000)
    with page.expect_download() as download:
        page.locator("a.btn-primary").click()
    rows = list(csv.reader(io.StringIO(Path(download.value.path()).read_bytes().decode("utf-8-sig")), delimiter=";"))
    assert len([row for row in rows if row and row[0].startswith("MN-")]) == TICKETS
    mail = stage.mail("manager@vendor.example", "")
    page.goto(link_in(mail, ""))
    expect(page.locator("a.btn-primary")).to_be_visible()


def a_long_export_is_cancelled(manager: Person) -> None:
    page, say = manager.page, manager.say
    manager.open("/staff/exports/new?scope=all")
    page.locator("input[name=conversation]").first.check()
    manager.press(say("Make it in the background", "staff"))
    button = manager.button(say("Cancel the export", "staff"))
    if button.is_visible():  # a quick worker may have made it before the page came
        button.click()
    page.wait_for_url(re.compile(r"/staff/exports/\d+$"))
    manager.open("/staff/exports/")
    expect(page.locator("table").first).to_be_visible()


def an_export_is_made_every_month(manager: Person) -> None:
    page, say = manager.page, manager.say
    manager.open("/staff/exports/new?scope=closed")
    page.locator("#name").fill("Итоги месяца")
    page.locator("#period").select_option(value="monthly")
    manager.press(say("Save", "staff"))
    manager.sees("Итоги месяца")


def other_terms_are_tried(manager: Person) -> None:
    manager.open("/staff/reports/dry-run")
    manager.page.locator("#reaction").fill("5")
    manager.press(manager.say("Show what would have happened", "staff"))
    expect(manager.page.locator(".tiles .tile").first).to_be_visible()


def the_register_names_its_bad_row(manager: Person) -> None:
    page, say = manager.page, manager.say
    heads = "вид;номер;код активации;уровень поддержки;продукты;держатель;действует с;действует по;мест"
    good, bad = ROW.format(number=1, level="Премиум"), ROW.format(number=2, level="Нет такого")
    for rows, words in (((good, bad), say("bad rows", "staff")), ((good,), say("good rows", "staff"))):
        manager.open("/staff/certificate-import/")
        data = "\n".join((heads, *rows)).encode("utf-8-sig")
        page.locator("#register").set_input_files({"name": "register.csv", "mimeType": "text/csv", "buffer": data})
        manager.press(say("Upload and check", "staff"))
        manager.sees(words)
        if len(rows) > 1:
            expect(page.locator(".alert-danger")).to_contain_text("Нет такого")
    page.get_by_role("button", name=re.compile("1$")).click()
    manager.open("/staff/certificates/?_flt_0_number=МЕС-1")
    manager.sees("МЕС-1")


def two_accounts_become_one(manager: Person, stage: Stage) -> None:
    page, say = manager.page, manager.say
    with stage.app.app_context():
        common = {"password_hash": "x", "name": "Зоя Кац", "created_at": clock.now(), "confirmed_at": clock.now()}
        kept = Customer(email="zoya@example.com", **common)
        gone = Customer(email="zoya.kats@example.com", **common)
        db.session.add_all([kept, gone])
        db.session.commit()
        number = gone.id
    manager.open(f"/staff/customers/{number}/merging")
    page.get_by_role("link", name="zoya@example.com").click()
    manager.press(say("Merge for good", "staff"))
    page.wait_for_url(re.compile(r"/staff/customers/show/\d+"))
    manager.sees("zoya@example.com")


def the_trail_tells_of_it(manager: Person) -> None:
    manager.open("/staff/audit/")
    manager.page.locator("#q").fill("zoya")
    manager.press(manager.say("Find", "staff"))
    expect(manager.page.locator("table.audit tbody tr").first).to_contain_text("zoya")
    look_without_barriers(manager)


def look_without_barriers(person: Person) -> None:
    found = Axe().run(person.page).response["violations"]
    troubles = [one for one in found if one["impact"] in ("serious", "critical")]
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in troubles] == []
