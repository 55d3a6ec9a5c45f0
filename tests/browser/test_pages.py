"""Every page on a telephone, for everybody, in both languages: nothing scrolls sideways, nobody is shut out."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import Meet
from tests.browser.people import Person

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
    "/staff/articles/",
    "/staff/knowledge-use/",
)


def barriers(person: Person) -> list[str]:
    """What axe calls serious or critical on this page."""
    found = AXE.run(person.page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{person.page.url}: {v['id']} ({v['help']}) at {[node['target'] for node in v['nodes']][:3]}"
        for v in found
        if v["impact"] in ("serious", "critical")
    ]


def overflow(person: Person) -> list[str]:
    """Whether the page scrolls sideways on a telephone, and what sticks out."""
    person.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    sideways = person.page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    troubles = [f"{person.page.url} scrolls sideways: {person.page.evaluate(OUTSIDE)}"] if sideways else []
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
        troubles += barriers(manager)
    assert not troubles, "\n".join(troubles)
