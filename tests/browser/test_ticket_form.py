"""«Отправить обращение» under the hands of people: files, suggestions, haste, mistakes, no mouse, no script."""

from __future__ import annotations

import base64
import re
import time

from playwright.sync_api import Locator, Route, expect

from tests.browser.conftest import PASSWORD, Meet
from tests.browser.people import Person
from tests.browser.samples import DISGUISED, LOG, PASTE, PICTURE, picture
from tests.browser.stage import Stage
from tests.services import eventually

ANNA = "anna@example.com"
BODY = "После переноса ключа подпись не создаётся."


def open_form(person: Person, subject: str = "") -> None:
    person.open("/tickets/new")
    person.page.get_by_role("radio", name=re.compile(person.say("Without a certificate"))).check()
    if subject:
        person.field(person.say("Subject")).fill(subject)
        person.field(person.say("What happens")).fill(BODY)


def files_of(person: Person) -> Locator:
    """The uploaded files that the form shows: each has a link."""
    return person.page.locator("[data-file-list] li a")


def send(person: Person) -> str:
    person.press(person.say("Send"))
    return person.reference()


def count_tickets(person: Person, subject: str) -> int:
    person.open("/tickets")
    return person.page.get_by_role("link", name=subject).count()


def test_files_come_by_choice_and_stay_with_the_ticket(meet: Meet) -> None:
    anna = meet(ANNA)
    open_form(anna, "Файлы по выбору")
    anna.page.locator("input[type=file]").set_input_files([LOG, PICTURE])
    expect(files_of(anna)).to_have_text([LOG["name"], PICTURE["name"]])
    anna.page.get_by_role("button", name=anna.say("Remove %(name)s", name=LOG["name"])).click()
    expect(files_of(anna)).to_have_text([PICTURE["name"]])
    send(anna)
    expect(anna.page.locator("ul.attached")).to_contain_text(PICTURE["name"])
    assert anna.page.locator("ul.attached img").evaluate("async (i) => { await i.decode(); return i.naturalWidth }") > 0


def test_a_screenshot_is_pasted_into_the_text(meet: Meet) -> None:
    anna = meet(ANNA)
    open_form(anna, "Снимок из буфера")
    body = anna.field(anna.say("What happens"))
    content = [base64.b64encode(picture()).decode(), "image.png", "image/png"]
    data = anna.page.evaluate_handle(PASTE, content)
    body.evaluate(
        """(e, clipboardData) => e.dispatchEvent(
            new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }))""",
        data,
    )
    name = anna.say("screenshot")
    expect(files_of(anna)).to_have_text([re.compile(rf"^{name} \d{{4}}-\d\d-\d\d \d\d-\d\d-\d\d\.png$")])
    expect(body).to_have_value(BODY)
    send(anna)
    expect(anna.page.locator("ul.attached")).to_contain_text(name)


def test_ctrl_v_brings_a_screenshot_from_the_real_clipboard(meet: Meet) -> None:
    anna = meet(ANNA, permissions=["clipboard-read", "clipboard-write"])
    open_form(anna, "Снимок по Ctrl+V")
    anna.page.evaluate(
        """async (base64) => {
            const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
            await navigator.clipboard.write([new ClipboardItem({'image/png': new Blob([bytes], {type: 'image/png'})})]);
        }""",
        base64.b64encode(picture()).decode(),
    )
    anna.field(anna.say("What happens")).press("Control+v")
    expect(files_of(anna)).to_have_text([re.compile(anna.say("screenshot"))])


def test_files_are_dropped_onto_the_form(meet: Meet) -> None:
    anna = meet(ANNA)
    open_form(anna, "Файл перетащили")
    content = [base64.b64encode(LOG["buffer"]).decode(), LOG["name"], LOG["mimeType"]]
    data = anna.page.evaluate_handle(PASTE, content)
    for event in ("dragover", "drop"):
        anna.page.locator("[data-files]").dispatch_event(event, {"dataTransfer": data})
    expect(files_of(anna)).to_have_text([LOG["name"]])
    send(anna)
    expect(anna.page.locator("ul.attached")).to_contain_text(LOG["name"])


def test_suggestions_come_while_typing_and_never_hold_it_up(meet: Meet) -> None:
    anna = meet(ANNA)
    asked: list[str] = []

    def slow(route: Route) -> None:
        asked.append(route.request.post_data or "")
        if len(asked) == 1:
            time.sleep(0.7)  # the first answer is late; nobody may wait for it
        route.continue_()

    open_form(anna)
    anna.page.route("**/suggestions", slow)
    subject = anna.field(anna.say("Subject"))
    words = "Ошибка 0x80090016 при подписании"
    subject.press_sequentially(words, delay=15)
    body = anna.field(anna.say("What happens"))
    body.press_sequentially("Набор ключей не существует", delay=15)
    expect(subject).to_have_value(words)
    expect(body).to_have_value("Набор ключей не существует")
    found = anna.page.locator("[data-suggestions-list] details")
    expect(found.filter(has_text="0x80090016").first).to_be_visible()
    assert 1 <= len(asked) <= 4, f"{len(asked)} questions for {len(words) + 26} letters"
    found.first.locator("summary").click()
    expect(found.first.locator(".suggestion-content")).to_contain_text(re.compile(r"\w{3}.{60,}", re.DOTALL))
    expect(subject).to_have_value(words)


def test_this_solved_it_leaves_without_a_ticket(meet: Meet) -> None:
    anna = meet(ANNA)
    open_form(anna, "Ошибка 0x80090016, но статья помогла")
    found = anna.page.locator("[data-suggestions-list] details").first
    found.locator("summary").click()
    found.get_by_role("button", name=anna.say("This solved my problem")).click()
    anna.sees(anna.say("Good that it is solved!"))
    anna.page.wait_for_load_state()  # its script has thrown the draft away
    assert count_tickets(anna, "Ошибка 0x80090016, но статья помогла") == 0
    anna.open("/tickets/new")
    expect(anna.field(anna.say("Subject"))).to_have_value("")


def test_a_double_click_makes_one_ticket(meet: Meet) -> None:
    anna = meet(ANNA)
    open_form(anna, "Двойное нажатие")
    anna.button(anna.say("Send")).dblclick(no_wait_after=True)
    anna.reference()
    assert count_tickets(anna, "Двойное нажатие") == 1


def test_a_failed_check_loses_neither_text_nor_files(meet: Meet) -> None:
    anna = meet(ANNA)
    open_form(anna, "Проверка не прошла")
    anna.field(anna.say("Operating system")).fill("Astra Linux 1.8")
    anna.page.locator("input[type=file]").set_input_files([LOG])
    expect(files_of(anna)).to_have_text([LOG["name"]])
    anna.field(anna.say("What happens")).fill("")
    anna.press(anna.say("Send"))
    expect(anna.page.get_by_role("alert").first).to_contain_text(
        anna.say("Describe the problem in a few words at least.")
    )
    expect(anna.field(anna.say("Subject"))).to_have_value("Проверка не прошла")
    expect(anna.field(anna.say("Operating system"))).to_have_value("Astra Linux 1.8")
    expect(files_of(anna)).to_have_text([LOG["name"]])
    anna.field(anna.say("What happens")).fill(BODY)
    send(anna)
    expect(anna.page.locator("ul.attached")).to_contain_text(LOG["name"])


def test_a_disguised_file_gets_its_sentence_and_the_rest_goes_on(meet: Meet) -> None:
    anna = meet(ANNA)
    open_form(anna, "Поддельная картинка")
    anna.page.locator("input[type=file]").set_input_files([DISGUISED, LOG])
    refusal = anna.page.locator("[data-file-list] .file-failed")
    expect(refusal).to_contain_text(DISGUISED["name"])
    expect(files_of(anna)).to_have_text([LOG["name"]])
    refusal.get_by_role("button").click()
    send(anna)


def test_typed_text_outlives_the_session(meet: Meet) -> None:
    anna = meet(ANNA)
    with anna.page.expect_response("**/suggestions"):  # an answer that comes later would bring the cookie back
        open_form(anna, "Сеанс закончился")
    eventually(lambda: anna.page.evaluate("Object.keys(sessionStorage).length"), "the draft was not kept")
    anna.context.clear_cookies()
    anna.press(anna.say("Send"))
    anna.sees(BODY)
    anna.sign_in(ANNA, PASSWORD)
    anna.open("/tickets/new")
    expect(anna.field(anna.say("Subject"))).to_have_value("Сеанс закончился")
    expect(anna.field(anna.say("What happens"))).to_have_value(BODY)


def test_a_ticket_goes_without_javascript(meet: Meet, stage: Stage) -> None:
    stage.wait_for_index()
    anna = meet(ANNA, java_script_enabled=False)
    open_form(anna, "Без сценариев: ошибка 0x80090016")
    anna.field(anna.say("What happens")).fill("")
    anna.page.locator("input[type=file]").set_input_files([LOG])
    anna.press(anna.say("Send"))
    anna.sees(anna.say("Describe the problem in a few words at least."))
    anna.sees(LOG["name"])
    anna.field(anna.say("What happens")).fill(BODY)
    anna.page.locator("input[type=file]").set_input_files([PICTURE])
    anna.press(anna.say("Send"))
    anna.press(anna.say("None of them helps: send the ticket"))
    reference = anna.reference()
    for name in (LOG["name"], PICTURE["name"]):
        anna.sees(name)
    anna.field(anna.say("Your reply")).fill("Ответ без сценариев")
    anna.press(anna.say("Send the reply"))
    anna.sees(anna.say("Your reply is sent."))
    assert reference in anna.page.url


def test_the_keyboard_alone_signs_in_and_sends_a_ticket(meet: Meet) -> None:
    visitor = meet(language="en")
    keys = visitor.page.keyboard
    visitor.open("/sign-in?next=/tickets/new")
    tab_to(visitor, visitor.say("E-mail address"))
    keys.type("john@example.com")
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    visitor.page.wait_for_url(re.compile(r"\d/tickets/new$"))
    tab_to(visitor, visitor.say("Without a certificate"))
    keys.press("Space")
    tab_to(visitor, visitor.say("Subject"))
    keys.type("By keyboard alone")
    keys.press("Tab")
    keys.type(BODY)
    tab_to(visitor, visitor.say("Send"), longest=60)
    keys.press("Enter")
    visitor.reference()
    visitor.sees("By keyboard alone")


FOCUSED = """() => {
    const e = document.activeElement;
    const box = e.getBoundingClientRect(), style = getComputedStyle(e);
    const labels = [...(e.labels || [])].map((label) => label.textContent).join(" ");
    const words = labels || e.getAttribute("aria-label") || e.textContent;
    return { words: words.trim().replace(/\\s+/g, " "), shown: box.width > 0 && style.visibility !== "hidden" };
}"""


def tab_to(person: Person, words: str, *, longest: int = 40) -> None:
    """Press Tab until what has the focus begins with the words; everything on the way must be visible."""
    passed: list[str] = []
    for _press in range(longest):
        person.page.keyboard.press("Tab")
        focused = person.page.evaluate(FOCUSED)
        assert focused["shown"], f"the focus is on something invisible: {focused['words']}"
        passed.append(focused["words"])
        if re.match(rf"{re.escape(words)}(\W|$)", focused["words"]):
            return
    raise AssertionError(f"{longest} times Tab did not lead to “{words}” but to {passed}")
