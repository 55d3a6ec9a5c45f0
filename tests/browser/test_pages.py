"""Every page on a telephone, for everybody, in both languages: nothing scrolls sideways, nobody is shut out."""

from __future__ import annotations

import io

import pytest
from axe_playwright_python.sync_playwright import Axe

from supportapp.accounts.hashing import hash_password
from supportapp.extensions import db
from supportapp.files.operations import store_upload
from supportapp.tickets import operations
from supportapp.tickets.desk.tags import add_tag
from tests.browser.conftest import PASSWORD, Meet
from tests.browser.people import Person
from tests.browser.stage import Stage
from tests.factories import make_customer, make_staff

LONGEST = f"{'l' * 60}@{'long-' * 12}domain.example.com"

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
LANGUAGES = pytest.mark.parametrize("language", ["ru", "en"])
AXE = Axe()
OUTSIDE = """() => [...document.body.querySelectorAll('*')]
    .filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
    .slice(0, 5).map((e) => e.outerHTML.slice(0, 90))"""
VISITORS = ("/", "/kb/", "/kb/?q=0x80090016", "/regulation", "/sign-up", "/sign-in", "/password/forgot", "/nowhere")
CUSTOMERS = (
    "/",
    "/tickets",
    "/tickets/new",
    "/tickets/TP-000001",
    "/tickets/TP-000002",
    "/certificates",
    "/certificates/new",
    "/profile",
    "/profile/email",
    "/profile/password",
)
DESK_PAGES = (
    "/staff/",
    "/staff/tickets/",
    "/staff/tickets/TP-000002",
    "/staff/tickets/new",
    "/staff/customers/",
    "/staff/certificates/",
    "/staff/certificates/add",
    "/staff/levels/",
    "/staff/calendar/",
    "/staff/outbox/",
    "/staff/mails/",
    "/staff/mail-words/",
    "/staff/audit/",
    "/staff/audit/tickets",
    "/staff/articles/",
    "/staff/reports/",
    "/staff/reports/targets",
    "/staff/knowledge-use/",
)
# scrolls inside the page: the words of the code, of a picture, of a list
INSIDE = """() => [...document.querySelectorAll('.table-responsive, figure.picture')]
    .filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.outerHTML.slice(0, 90))"""


def barriers(person: Person) -> list[str]:
    """What axe calls serious or critical on this page."""
    found = AXE.run(person.page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{person.page.url}: {v['id']} ({v['help']}) at {[node['target'] for node in v['nodes']][:3]}"
        for v in found
        if v["impact"] in ("serious", "critical")
    ]


def overflow(person: Person, size: dict[str, int] = PHONE) -> list[str]:
    """Whether the page scrolls sideways on a telephone, and what sticks out."""
    person.page.set_viewport_size(size)  # type: ignore[arg-type]
    sideways = person.page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    troubles = [f"{person.page.url} scrolls sideways: {person.page.evaluate(OUTSIDE)}"] if sideways else []
    person.page.set_viewport_size(DESK)  # type: ignore[arg-type]
    return troubles


def hidden_sideways(person: Person) -> list[str]:
    """What can be read on a telephone only by scrolling a part of the page sideways."""
    person.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    troubles = [f"{person.page.url} hides a part of {part}" for part in person.page.evaluate(INSIDE)]
    person.page.set_viewport_size(DESK)  # type: ignore[arg-type]
    return troubles


@LANGUAGES
def test_a_visitors_pages_shut_nobody_out(meet: Meet, language: str) -> None:
    visitor = meet(language=language, color_scheme="light" if language == "ru" else "dark")
    troubles = []
    for path in VISITORS:
        visitor.open(path, status=404 if path == "/nowhere" else 200)
        troubles += barriers(visitor) + overflow(visitor)
    visitor.open("/kb/")
    visitor.page.locator("main ul.rows a").first.click()
    visitor.page.wait_for_url("**/kb/*-*")
    troubles += barriers(visitor) + overflow(visitor)
    assert not troubles, "\n".join(troubles)


@LANGUAGES
def test_a_customers_pages_shut_nobody_out(meet: Meet, language: str) -> None:
    anna = meet("anna@example.com", language=language, color_scheme="light" if language == "ru" else "dark")
    troubles = []
    for path in CUSTOMERS:
        anna.open(path)
        assert anna.page.url.endswith(path)
        troubles += barriers(anna) + overflow(anna)
    assert not troubles, "\n".join(troubles)


@LANGUAGES
def test_the_staff_screens_shut_nobody_out(meet: Meet, language: str) -> None:
    manager = meet("manager", language=language)
    troubles = []
    for path in DESK_PAGES:
        manager.open(path)
        assert manager.page.url.endswith(path)
        troubles += barriers(manager) + overflow(manager) + hidden_sideways(manager)
    assert not troubles, "\n".join(troubles)


def test_the_longest_words_push_nothing_out_of_a_page(meet: Meet, stage: Stage) -> None:
    reference = send_the_longest_ticket(stage)
    manager, customer = meet("manager"), meet(LONGEST)
    troubles = []
    for path in ("/staff/tickets/?scope=all", f"/staff/tickets/{reference}", "/staff/customers/", "/staff/outbox/"):
        manager.open(path)
        troubles += overflow(manager) + overflow(manager, DESK) + hidden_sideways(manager)
    for path in ("/", "/tickets", f"/tickets/{reference}", "/profile"):
        customer.open(path)
        troubles += overflow(customer) + overflow(customer, DESK)
    mail = stage.mail(LONGEST, reference).get_body(("html",))
    assert mail is not None
    customer.page.goto("about:blank")
    customer.page.set_content(mail.get_content())
    troubles += overflow(customer)
    assert not troubles, "\n".join(troubles)


def send_the_longest_ticket(stage: Stage) -> str:
    """A ticket in which everything is as long as it may be, and has no space; returns its reference."""
    with stage.app.app_context():
        at = stage.now()
        password = hash_password(PASSWORD)
        name, organisation = "Ы" * 100, "Щ" * 200
        customer = make_customer(email=LONGEST, name=name, organisation=organisation, password_hash=password)
        file = store_upload(io.BytesIO(b"line\n"), "ф" * 146 + ".txt", owner=customer, draft="longest", at=at)
        words = {"subject": "Ж" * 200, "body": "x" * 20_000, "product_version": "1" * 100, "files": [file]}
        ticket = operations.submit(customer=customer, at=at, **words)  # type: ignore[arg-type]
        tagger = make_staff()
        for number in range(15):
            add_tag(ticket, "т" * 38 + str(number), by=tagger, at=at)
        db.session.commit()
        return ticket.reference
