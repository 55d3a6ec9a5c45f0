"""The suggestions on the ticket form under the hands of a customer, and what the engineer learns of them."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest
from playwright.sync_api import Locator, Request, expect

from supportapp.extensions import db
from supportapp.kb.models import SearchOutcome, SearchSession, SolvedWithoutTicket
from tests.browser.conftest import Meet
from tests.browser.people import Person
from tests.browser.stage import Stage
from tests.browser.test_ticket_form import ANNA, count_tickets, open_form
from tests.services import eventually

PHONE = {"width": 390, "height": 844}
SUBJECT = "Ошибка 0x80090016 при подписании"


@pytest.fixture(autouse=True)
def index(stage: Stage) -> None:
    stage.wait_for_index()


def items(person: Person) -> Locator:
    return person.page.locator("[data-suggestions-list] > details")


def write(person: Person, subject: str = SUBJECT) -> None:
    """Open the form and type until suggestions stand there."""
    open_form(person)
    person.field(person.say("Subject")).press_sequentially(subject, delay=5)
    expect(items(person).first).to_be_visible()


def open_first(person: Person) -> Locator:
    first = items(person).first
    first.locator("summary").click()
    expect(first.locator(".suggestion-content")).to_contain_text(re.compile(r"\w{3}.{60,}", re.DOTALL))
    return first


class Kept(NamedTuple):
    """What the portal has recorded of a form; ``opened`` are the places of what was opened."""

    query: str
    outcome: SearchOutcome
    ticket_id: int | None
    opened: list[int]


def session_of(stage: Stage, token: str) -> Kept | None:
    with stage.app.app_context():
        found = db.session.query(SearchSession).filter_by(token=token).one_or_none()
        try:
            if found is None:
                return None
            opened = [one.rank for one in found.impressions if one.opened_at]
            return Kept(found.query, found.outcome, found.ticket_id, opened)
        finally:
            db.session.rollback()


def token_of(person: Person) -> str:
    return person.page.locator("#ticket-form [name=form_token]").input_value()


def test_what_stood_there_for_a_while_is_reported_once_and_typing_reports_nothing(meet: Meet, stage: Stage) -> None:
    anna = meet(ANNA)
    reports: list[Request] = []
    anna.context.on("request", lambda one: reports.append(one) if one.url.endswith("/suggestions/seen") else None)
    write(anna)
    anna.field(anna.say("What happens")).press_sequentially("Набор ключей не существует", delay=30)
    assert len(reports) <= 1
    anna.page.wait_for_timeout(3000)
    number = len(reports)
    assert number >= 1
    anna.page.wait_for_timeout(2000)
    assert len(reports) == number
    kept = eventually(lambda: session_of(stage, token_of(anna)), "nothing was recorded")
    assert kept.query.startswith(SUBJECT)
    assert (kept.outcome, kept.opened) == (SearchOutcome.LEFT, [])


def test_the_engineer_sees_what_was_read_before_the_ticket(meet: Meet, stage: Stage) -> None:
    anna = meet(ANNA)
    write(anna, f"{SUBJECT}, прочитал")
    title = open_first(anna).locator(".suggestion-title").inner_text()
    anna.field(anna.say("What happens")).fill("Не помогло.")
    anna.press(anna.say("Send"))
    reference = anna.reference()
    engineer = meet("engineer")
    engineer.open(f"/staff/tickets/{reference}")
    panel = engineer.page.locator("section", has=engineer.page.get_by_role("heading", name="уже прочитал"))
    expect(panel.get_by_role("link", name=title)).to_be_visible()


def test_solved_gives_no_ticket_and_counts_once(meet: Meet, stage: Stage) -> None:
    anna = meet(ANNA)
    write(anna, f"{SUBJECT}, помогло сразу")
    token = token_of(anna)
    open_first(anna).get_by_role("button", name=anna.say("This solved my problem")).dblclick(no_wait_after=True)
    anna.sees(anna.say("Good that it is solved!"))
    kept = session_of(stage, token)
    assert kept is not None
    assert (kept.outcome, kept.ticket_id) == (SearchOutcome.SOLVED, None)
    with stage.app.app_context():
        assert db.session.query(SolvedWithoutTicket).filter_by(form_token=token).count() == 1
        db.session.rollback()
    assert count_tickets(anna, f"{SUBJECT}, помогло сразу") == 0


def test_it_does_not_help_folds_the_article_and_keeps_the_text(meet: Meet) -> None:
    anna = meet(ANNA)
    write(anna)
    first = open_first(anna)
    first.get_by_role("button", name=anna.say("This does not help")).click()
    expect(first.locator(".suggestion-content")).to_be_hidden()
    expect(first.locator("summary")).to_be_focused()
    expect(anna.field(anna.say("Subject"))).to_have_value(SUBJECT)


def test_an_article_opens_by_keyboard_and_the_list_waits_for_the_reader(meet: Meet) -> None:
    anna = meet(ANNA)
    write(anna)
    first = items(anna).first
    title = first.locator(".suggestion-title").inner_text()
    first.locator("summary").focus()
    anna.page.keyboard.press("Enter")
    expect(first.locator(".suggestion-content")).to_contain_text(re.compile(r"\w{3}.{60,}", re.DOTALL))
    anna.page.keyboard.press("Tab")
    subject = anna.field(anna.say("Subject"))
    subject.evaluate("(e) => { e.value = 'VPN не подключается после обновления'; e.dispatchEvent(new Event('input')) }")
    anna.page.wait_for_timeout(900)
    expect(items(anna).first.locator(".suggestion-title")).to_have_text(title)
    subject.focus()
    expect(items(anna).first.locator(".suggestion-title")).not_to_have_text(title)


def test_links_in_an_opened_article_lead_to_a_page_of_their_own(meet: Meet) -> None:
    anna = meet(ANNA)
    write(anna)
    first = open_first(anna)
    assert first.locator(".suggestion-content a:not([target=_blank])").count() == 0
    assert first.locator(".suggestion-content [id]").count() == 0


def test_a_new_product_asks_anew(meet: Meet) -> None:
    anna = meet(ANNA)
    write(anna)
    product = anna.page.locator("#product")
    value = product.locator("option").nth(1).get_attribute("value")
    with anna.page.expect_request("**/suggestions") as asked:
        product.select_option(value)
    assert f'"product_id":"{value}"' in (asked.value.post_data or "")


def test_of_a_pasted_megabyte_its_beginning_and_its_end_are_asked(meet: Meet) -> None:
    anna = meet(ANNA)
    open_form(anna)
    with anna.page.expect_request("**/suggestions") as asked:
        anna.field(anna.say("What happens")).fill("строка журнала " * 70_000 + "NTE_BAD_KEYSET 0x80090016")
    question = asked.value.post_data_json
    assert len(question["text"]) == 10_001
    assert question["text"].endswith("NTE_BAD_KEYSET 0x80090016")
    expect(items(anna).filter(has_text="0x80090016").first).to_be_visible()


@pytest.mark.parametrize(("status", "body"), [(429, ""), (400, "{}"), (200, "<html>"), (200, "{}")])
def test_a_server_that_fails_leaves_the_form_calm(meet: Meet, status: int, body: str) -> None:
    anna = meet(ANNA)
    write(anna)
    before = items(anna).count()

    anna.page.route("**/suggestions", lambda route: route.fulfill(status=status, body=body))
    anna.field(anna.say("Subject")).press_sequentially(" ещё раз", delay=20)
    anna.page.wait_for_timeout(700)
    assert items(anna).count() == before
    expect(anna.page.get_by_role("alert")).to_have_count(0)
    anna.field(anna.say("What happens")).fill("Всё равно отправлю.")
    anna.press(anna.say("Send"))
    anna.reference()


def test_on_a_telephone_nothing_scrolls_sideways_and_send_does_not_jump(meet: Meet) -> None:
    anna = meet(ANNA, viewport=PHONE)
    write(anna)
    open_first(anna)
    assert not anna.page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    items(anna).first.locator("summary").click()
    place = "() => document.querySelector('[data-send]').getBoundingClientRect().top + scrollY"
    before = anna.page.evaluate(place)
    subject = anna.field(anna.say("Subject"))
    subject.fill("")
    subject.press_sequentially("ъъъ", delay=20)
    expect(items(anna)).to_have_count(0)
    assert abs(anna.page.evaluate(place) - before) < 2


def test_without_a_script_the_articles_come_once_and_the_ticket_goes_after(meet: Meet, stage: Stage) -> None:
    anna = meet(ANNA, java_script_enabled=False)
    open_form(anna, f"{SUBJECT} без сценария")
    token = token_of(anna)
    anna.press(anna.say("Send"))
    anna.sees(anna.say("Your ticket is not sent yet. Have a look at these articles; what you have written stays here."))
    expect(anna.field(anna.say("Subject"))).to_have_value(f"{SUBJECT} без сценария")
    with anna.context.expect_page() as opened:
        anna.page.locator(".look-first a").first.click()
    opened.value.wait_for_url("**/kb/**")  # a new tab is loaded, and empty, before it goes anywhere
    opened.value.close()
    anna.press(anna.say("None of them helps: send the ticket"))
    anna.reference()
    kept = session_of(stage, token)
    assert kept is not None
    assert kept.outcome is SearchOutcome.SENT
    assert kept.opened == [1]


def test_the_engineer_puts_an_article_into_the_reply_where_the_caret_stands(meet: Meet, stage: Stage) -> None:
    anna = meet(ANNA)
    write(anna, f"{SUBJECT}, ответьте статьёй")
    anna.field(anna.say("What happens")).fill("Набор ключей не существует.")
    anna.press(anna.say("Send"))
    reference = anna.reference()
    engineer = meet("engineer")
    engineer.open(f"/staff/tickets/{reference}")
    body = engineer.page.locator("#body")
    body.fill("Посмотрите статью: . Удачи!")
    body.evaluate("(e) => e.setSelectionRange(19, 19)")
    link = engineer.page.locator("[data-insert-text]").first
    words = link.get_attribute("data-insert-text")
    link.click()
    expect(body).to_have_value(f"Посмотрите статью: {words}. Удачи!")
    engineer.press(engineer.say("Send reply"))
    engineer.sees("уже отправлена")
    anna.open(f"/tickets/{reference}")
    expect(anna.page.locator(".message a[href*='/kb/']").first).to_be_visible()


def test_the_page_of_the_knowledge_bases_use_reads_well(meet: Meet) -> None:
    manager = meet("manager")
    manager.open("/staff/knowledge-use/?days=30")
    expect(manager.page.get_by_role("img", name="Формы обращения с подсказками по неделям")).to_be_visible()
    manager.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert not manager.page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
