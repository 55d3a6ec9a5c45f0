"""An editor writes an article: preview beside the text, a pasted picture, publishing, versions, restoring."""

from __future__ import annotations

import re

from playwright.sync_api import Dialog, Locator, expect

from tests.browser.conftest import Meet
from tests.browser.people import Person
from tests.browser.test_pages import barriers, overflow

PICTURE = re.compile(r"!\[[^\]]*\]\((/kb/images/[0-9a-f]{32})\)")
# what a screenshot does to the clipboard, made by the page's own canvas
PASTE = """async (field) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 120 });
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#2f6fde"; pen.fillRect(0, 0, 320, 120);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
    const data = new DataTransfer();
    data.items.add(new File([blob], "image.png", { type: "image/png" }));
    field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


def body(editor: Person) -> Locator:
    return editor.page.locator("#body")


def preview(editor: Person) -> Locator:
    return editor.page.locator("#preview")


def begin(editor: Person, title: str, text: str) -> None:
    """A new article, typed and not saved."""
    editor.open("/staff/articles/add")
    editor.field(editor.say("Title", "staff")).fill(title)
    body(editor).fill(text)


def save(editor: Person) -> None:
    editor.press(editor.say("Save", "staff"))
    editor.page.wait_for_url(re.compile(r"/staff/articles/show/\d+"))


def test_an_editor_writes_publishes_compares_and_restores(meet: Meet) -> None:
    editor, visitor = meet("editor"), meet()
    begin(editor, "Мастер не видит носитель", "## Что проверить\n\nВыньте **токен** и вставьте снова.\n\n")
    expect(preview(editor).get_by_role("heading", name="Что проверить")).to_be_visible()
    expect(preview(editor).locator("strong")).to_have_text("токен")

    body(editor).evaluate(PASTE)
    editor.sees(editor.say("The picture is inserted. Describe it in place of the marked words.", "staff"))
    editor.page.keyboard.type("Окно мастера")
    expect(preview(editor).get_by_role("img", name="Окно мастера")).to_be_visible()
    written = PICTURE.search(body(editor).input_value())
    assert written is not None
    save(editor)
    address = editor.page.url
    assert visitor.page.request.get(written[1]).status == 404, "a draft's picture is the staff's alone"

    editor.press(editor.say("Publish", "staff"))
    editor.follow(editor.say("As readers see it", "staff"))
    expect(editor.page.get_by_role("img", name="Окно мастера")).to_have_js_property("naturalWidth", 320)
    visitor.open(editor.page.url)
    expect(visitor.page.get_by_role("img", name="Окно мастера")).to_have_js_property("naturalWidth", 320)

    editor.open(address)
    editor.follow(editor.say("Edit", "staff"))
    body(editor).fill(body(editor).input_value().replace("вставьте снова", "подождите минуту"))
    save(editor)
    editor.follow(editor.say("All versions, compare and restore", "staff"))
    editor.press(editor.say("Compare the chosen two", "staff"))
    expect(editor.page.locator(".difference del")).to_contain_text("вставьте снова")
    expect(editor.page.locator(".difference ins")).to_contain_text("подождите минуту")
    editor.page.get_by_role(
        "button", name=re.compile(editor.say("Restore the version of %(moment)s", "staff")[:20])
    ).click()
    editor.sees("вставьте снова")
    visitor.open(visitor.page.url)
    visitor.sees("вставьте снова")
    visitor.sees_not("подождите минуту")


def test_what_was_typed_survives_a_lost_page_and_a_validation_error(meet: Meet) -> None:
    editor = meet("editor")
    begin(editor, "Черновик в окне", "Набрано и не сохранено")
    editor.page.wait_for_timeout(600)
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    editor.page.once("dialog", leave)
    editor.page.reload()
    assert asked == ["beforeunload"]
    editor.sees(editor.say("Text that you typed here before and did not save has been put back.", "staff"))
    expect(body(editor)).to_have_value("Набрано и не сохранено")
    expect(preview(editor)).to_contain_text("Набрано и не сохранено")
    editor.field(editor.say("Title", "staff")).fill(" ")
    editor.press(editor.say("Save", "staff"))
    expect(editor.page.locator(".help-block.error").first).to_be_visible()
    expect(body(editor)).to_have_value("Набрано и не сохранено")
    editor.field(editor.say("Title", "staff")).fill("Черновик в окне")
    save(editor)
    editor.open("/staff/articles/add")
    expect(body(editor)).to_have_value("")
    expect(editor.field(editor.say("Title", "staff"))).to_have_value("")


def test_marks_are_set_by_keyboard_and_undone_by_the_browser(meet: Meet) -> None:
    editor = meet("editor")
    editor.open("/staff/articles/add")
    body(editor).focus()
    editor.page.keyboard.type("раз два")
    editor.page.keyboard.press("Control+Shift+ArrowLeft")
    editor.page.keyboard.press("Control+b")
    expect(body(editor)).to_have_value("раз **два**")
    editor.page.keyboard.press("Control+z")
    expect(body(editor)).to_have_value("раз два")
    editor.page.keyboard.press("End")
    editor.page.keyboard.press("Enter")
    editor.page.keyboard.press("Shift+Tab")
    editor.page.keyboard.press("Shift+Tab")
    focused = editor.page.evaluate("document.activeElement.dataset.mark")
    assert focused == "code", "Shift+Tab leaves the text for the tools"
    body(editor).fill("")


def test_a_preview_that_fails_says_so_and_takes_nothing_away(meet: Meet) -> None:
    editor = meet("editor")
    begin(editor, "Сеть пропала", "раз")
    expect(preview(editor)).to_contain_text("раз")
    editor.page.route("**/staff/writing/preview", lambda route: route.fulfill(status=429, body=""))
    body(editor).fill("раз два")
    editor.sees(
        editor.say(
            "The preview could not be renewed. What you typed is safe; it is tried again when you type on.", "staff"
        )
    )
    expect(preview(editor)).to_contain_text("раз")
    editor.page.unroute("**/staff/writing/preview")
    body(editor).fill("раз два три")
    expect(preview(editor)).to_contain_text("раз два три")
    body(editor).fill("")


def test_without_javascript_a_page_is_previewed_and_a_picture_inserted(meet: Meet) -> None:
    editor = meet("editor", java_script_enabled=False)
    begin(editor, "Без сценариев", "Текст **важный**")
    editor.page.locator("#files").set_input_files({"name": "окно.png", "mimeType": "image/png", "buffer": _png()})
    editor.press(editor.say("Insert the pictures", "staff"))
    assert PICTURE.search(body(editor).input_value()) is not None
    editor.press(editor.say("Preview", "staff"))
    expect(preview(editor).locator("strong")).to_have_text("важный")
    expect(preview(editor).locator("img")).to_have_count(1)
    expect(editor.field(editor.say("Title", "staff"))).to_have_value("Без сценариев")
    save(editor)


def test_the_pages_of_writing_shut_nobody_out(meet: Meet) -> None:
    editor = meet("editor")
    editor.open("/staff/articles/")
    editor.page.locator("table.list tbody a").first.click()
    show = editor.page.url
    number = show.rpartition("/")[2]
    pages = [
        show,
        f"/staff/articles/edit/{number}",
        f"/staff/articles/{number}/versions",
        "/staff/topics/",
        "/staff/articles/add",
    ]
    troubles = []
    for page in pages:
        editor.open(page)
        troubles += barriers(editor) + overflow(editor)
    assert not troubles, "\n".join(troubles)


def _png() -> bytes:
    import io

    from PIL import Image

    target = io.BytesIO()
    Image.new("RGB", (40, 20), "navy").save(target, "PNG")
    return target.getvalue()
