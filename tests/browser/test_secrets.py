"""The guard of secrets under the hands of people: told at once at the file, one extra step for the text."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Meet
from tests.browser.test_ticket_form import ANNA, files_of, open_form
from tests.guard.samples import PKCS12

CONTAINER = {"name": "key.pfx", "mimeType": "application/x-pkcs12", "buffer": PKCS12}


def test_a_key_is_refused_at_once_and_taken_when_one_insists(meet: Meet) -> None:
    anna = meet(ANNA)
    open_form(anna, "Файл с ключом")
    anna.page.locator("input[type=file]").set_input_files([CONTAINER])  # type: ignore[list-item]
    failed = anna.page.locator("[data-file-list] .file-failed")
    expect(failed).to_contain_text("key.pfx")
    expect(files_of(anna)).to_have_count(0)
    failed.get_by_role("button", name=anna.say("Attach it as it is")).click()
    expect(files_of(anna)).to_have_text(["key.pfx"])
    anna.press(anna.say("Send"))
    anna.reference()
    expect(anna.page.locator("ul.attached")).to_contain_text("key.pfx")


def test_a_pin_in_the_text_is_removed_by_one_press(meet: Meet) -> None:
    anna = meet(ANNA)
    open_form(anna, "Пин-код в тексте")
    anna.field(anna.say("What happens")).fill("Контейнер не открывается, пин 12345678.")
    anna.press(anna.say("Send"))
    warning = anna.page.locator(".secret-warning")
    expect(warning).to_be_visible()
    expect(warning).to_contain_text("пин ••••")
    expect(anna.field(anna.say("What happens"))).to_have_value(re.compile("12345678"))
    warning.get_by_role("button", name=anna.say("Remove and send")).click()
    anna.reference()
    expect(anna.page.locator(".message").first).to_contain_text("[удалено: пин-код]")
    expect(anna.page.locator("main")).not_to_contain_text("12345678")
