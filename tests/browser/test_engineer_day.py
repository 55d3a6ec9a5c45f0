"""An engineer's day: twenty tickets by keyboard, a slip taken back, a screenshot, others in the way."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from supportapp import clock
from supportapp.accounts.models import Customer, StaffUser
from supportapp.extensions import db
from supportapp.tickets import operations, queries
from supportapp.tickets.models import CannedReply, Ticket
from supportapp.tickets.rules import MessageKind
from tests.browser.conftest import Meet
from tests.browser.people import Person
from tests.browser.samples import PASTE, PICTURE
from tests.browser.stage import Stage
from tests.services import eventually

TICKETS = 20
PATH = "/staff/tickets/{}"


@pytest.fixture
def undo(stage: Stage) -> Iterator[None]:
    """The portal as it is installed: what is sent can be taken back for ten seconds."""
    _restart(stage, "10")
    yield
    _restart(stage, "0")


@pytest.fixture
def references(stage: Stage) -> list[str]:
    """A morning's tickets."""
    with stage.app.app_context():
        customer = db.session.query(Customer).filter_by(email="anna@example.com").one()
        made = [
            operations.submit(
                customer=customer, subject=f"Вопрос утра № {number}", body="Не подписывается.", at=clock.now()
            ).reference
            for number in range(TICKETS)
        ]
        text = "{{пользователь}}, пришлите журнал по {{обращение}} до {{срок}}. {{инженер}}"
        db.session.add(CannedReply(title="Журнал утра", text_ru=text))
        db.session.commit()
    return made


def test_a_working_day_of_an_engineer(undo: None, meet: Meet, stage: Stage, references: list[str]) -> None:
    engineer = meet("engineer")
    take_and_ask(engineer, stage, references[0])
    a_draft_survives_the_page(engineer, references[1])
    a_slip_is_taken_back(engineer, stage, references[2])
    a_note_with_a_screenshot(engineer, stage, references[3])
    the_customer_was_quicker(engineer, stage, references[4])
    a_colleague_is_here(engineer, meet("manager"), references[5])
    for reference in references[6:-1]:
        answer_by_keys(engineer, stage, reference)
    close(engineer, references[-1])
    sheet_and_queue(engineer, references[7])
    look_without_barriers(engineer, references[0])


def take_and_ask(engineer: Person, stage: Stage, reference: str) -> None:
    page, say = engineer.page, engineer.say
    engineer.open(PATH.format(reference))
    page.keyboard.press("t")
    engineer.sees(say("The ticket is yours.", "staff"))
    page.locator("#canned").select_option(label="Журнал утра")
    expect(page.locator("[data-canned-preview]")).to_contain_text(f"пришлите журнал по {reference} до")
    page.locator("#body").fill("Сначала: https://example.com/kb/journalСпасибо!")
    page.locator("#body").evaluate("body => body.setSelectionRange(39, 39)")  # between the address and the thanks
    engineer.press(say("Insert", "staff"))
    expect(page.locator("#body")).to_have_value(
        re.compile(rf"^Сначала: https://example\.com/kb/journal\n\nАнна.*{reference}.*Павел.*\n\nСпасибо!$")
    )
    engineer.press(say("Request information", "staff"))
    expect(page.locator("#held")).to_contain_text("ещё не отправлено")
    assert kinds(stage, reference) == ["question"]
    expect(page.locator(".message.info_request")).to_be_visible(timeout=20_000)  # it leaves by itself
    assert kinds(stage, reference) == ["question", "info_request"]


def a_draft_survives_the_page(engineer: Person, reference: str) -> None:
    page = engineer.page
    engineer.open(PATH.format(reference))
    page.keyboard.press("s")
    page.keyboard.type("Половина мысли")
    expect(page.locator("[data-draft-state]")).to_contain_text("Черновик сохранён")
    page.reload()
    expect(page.locator("#body")).to_have_value("Половина мысли")
    expect(page.locator("#composer")).to_have_attribute("data-kind", "solutions")
    engineer.press(engineer.say("Discard the draft", "staff"))
    expect(page.locator("#body")).to_have_value("")


def a_slip_is_taken_back(engineer: Person, stage: Stage, reference: str) -> None:
    page = engineer.page
    engineer.open(PATH.format(reference))
    page.keyboard.press("r")
    page.keyboard.type("Это была заметка, а не ответ")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#held")).to_be_visible()
    page.wait_for_load_state()  # the shortcuts come with the whole page
    page.keyboard.press("u")
    expect(page.locator("#body")).to_have_value("Это была заметка, а не ответ")
    engineer.press(engineer.say("Save internal note", "staff"))
    engineer.sees(engineer.say("The note is saved.", "staff"))
    assert kinds(stage, reference) == ["question", "note"]


def a_note_with_a_screenshot(engineer: Person, stage: Stage, reference: str) -> None:
    page = engineer.page
    engineer.open(PATH.format(reference))
    page.keyboard.press("n")
    page.keyboard.type("Снимок от пользователя")
    shot = [base64.b64encode(PICTURE["buffer"]).decode(), "image.png", "image/png"]
    data = page.evaluate_handle(PASTE, shot)
    page.locator("#body").evaluate(
        """(e, clipboardData) => e.dispatchEvent(
            new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }))""",
        data,
    )
    expect(page.locator("[data-file-list] img")).to_be_visible()
    page.locator("#body").press("Control+Enter")
    expect(page.locator(".message.note img")).to_be_visible()
    assert kinds(stage, reference) == ["question", "note"]


def the_customer_was_quicker(engineer: Person, stage: Stage, reference: str) -> None:
    page, say = engineer.page, engineer.say
    engineer.open(PATH.format(reference))
    page.locator("#body").fill("Попробуйте переустановить.")
    with stage.app.app_context():
        ticket = db.session.query(Ticket).filter_by(reference=reference).one()
        operations.reply(ticket, "Переустановил, не помогло.", by=ticket.customer, at=clock.now())
        db.session.commit()
    engineer.press(say("Propose solution", "staff"))
    expect(page.locator(".message.fresh")).to_contain_text("Переустановил, не помогло.")
    expect(page.locator("#body")).to_have_value("Попробуйте переустановить.")
    page.locator("#news").get_by_role("button", name=say("Send anyway", "staff")).click()
    engineer.press(say("Send now", "staff"))
    engineer.sees(say("The solution is on its way.", "staff"))
    assert kinds(stage, reference)[-1] == "solution"


def a_colleague_is_here(engineer: Person, colleague: Person, reference: str) -> None:
    colleague.open(PATH.format(reference))
    expect(colleague.page.locator("#others-here")).to_have_text("")
    engineer.open(PATH.format(reference))
    expect(engineer.page.locator("#others-here")).to_contain_text("Обращение открыто и у других")


def answer_by_keys(engineer: Person, stage: Stage, reference: str) -> None:
    page = engineer.page
    engineer.open(PATH.format(reference))
    page.keyboard.press("r")
    page.keyboard.type("Смотрим.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#held")).to_be_visible()
    engineer.press(engineer.say("Send now", "staff"))
    engineer.sees(engineer.say("The reply is on its way.", "staff"))
    with stage.app.app_context():
        ticket = queries.get_ticket_for_staff(db.session.query(StaffUser).first(), reference)
        assert ticket.assignee is not None
        assert ticket.messages[-1].kind is MessageKind.REPLY


def close(engineer: Person, reference: str) -> None:
    engineer.open(PATH.format(reference))
    engineer.page.locator("summary", has_text=engineer.say("Close the ticket", "staff")).click()
    engineer.field(engineer.say("Reason, told to the customer", "staff")).fill("Решено по телефону.")
    engineer.press(engineer.say("Close the ticket", "staff"))
    expect(engineer.page.locator("#held")).to_contain_text("Решено по телефону.")
    engineer.page.wait_for_load_state()  # the shortcuts come with the whole page
    engineer.page.keyboard.press("u")
    expect(engineer.field(engineer.say("Reason, told to the customer", "staff"))).to_have_value("Решено по телефону.")
    engineer.press(engineer.say("Close the ticket", "staff"))
    engineer.press(engineer.say("Send now", "staff"))
    engineer.sees(engineer.say("The ticket is closed and the customer is told why.", "staff"))


def sheet_and_queue(engineer: Person, reference: str) -> None:
    page = engineer.page
    engineer.open(PATH.format(reference))
    page.locator("#body").fill("")
    page.locator("#body").press("?")
    expect(page.locator("#body")).to_have_value("?")  # never while something is typed
    page.locator("#body").fill("")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#shortcuts")).to_be_hidden()
    page.keyboard.press("g")
    page.keyboard.press("q")
    page.wait_for_url(re.compile(r"/staff/tickets/$"))
    engineer.open(PATH.format(reference))
    for letter in ("п", "й"):  # the same two keys while Russian is typed
        page.evaluate(
            "key => document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))", letter
        )
    page.wait_for_url(re.compile(r"/staff/tickets/$"))


def look_without_barriers(engineer: Person, reference: str) -> None:
    for address in (PATH.format(reference), PATH.format(reference) + "/printout?notes=1"):
        engineer.open(address)
        found = Axe().run(engineer.page).response["violations"]
        troubles = [one for one in found if one["impact"] in ("serious", "critical")]
        assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in troubles] == []


def kinds(stage: Stage, reference: str) -> list[str]:
    with stage.app.app_context():
        ticket = db.session.query(Ticket).filter_by(reference=reference).one()
        return [message.kind.value for message in ticket.messages]


def _restart(stage: Stage, seconds: str) -> None:
    stage.environment["UNDO_SECONDS"] = seconds
    stage.web.stop()
    web = stage.start_web()
    eventually(lambda: stage._answers(web), "the web server did not start again")
