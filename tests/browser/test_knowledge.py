"""The knowledge base in a real browser: nobody is shut out, by keyboard, without a script and on paper."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Meet
from tests.browser.people import Person
from tests.browser.test_pages import LANGUAGES, barriers, overflow

CODE = "/kb/upravlenie-klyuchami-openssh"
PLAIN = "/kb/oshibka-0x80090016-nabor-klyuchei-ne-suschestvuet"
PAGES = ("/kb/", "/kb/topics/all", "/kb/?q=openssh", "/kb/?q=???", CODE, PLAIN, "/kb/oshibka-0x80090016")


def question(person: Person) -> str:
    return person.say("Did this article help?")


@LANGUAGES
def test_readers_pages_shut_nobody_out(meet: Meet, language: str) -> None:
    reader = meet(language=language, color_scheme="light" if language == "ru" else "dark")
    troubles = []
    for path in PAGES:
        reader.open(path, status=404 if path == PAGES[-1] else 200)
        troubles += barriers(reader) + overflow(reader)
    reader.open("/kb/")
    reader.page.locator(".topic-tree a").first.click()
    troubles += barriers(reader) + overflow(reader)
    assert not troubles, "\n".join(troubles)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_reader_answers_and_comments_by_keyboard(meet: Meet, script: bool) -> None:
    reader = meet(java_script_enabled=script)
    reader.open(PLAIN)
    reader.button(reader.say("No")).focus()
    reader.page.keyboard.press("Enter")
    reader.sees(reader.say("You answered that the article did not help."))
    assert reader.page.url.endswith("#vote")
    reader.field(reader.say("What was missing or wrong?")).fill("Нет про Linux")
    reader.page.keyboard.press("Tab")
    reader.page.keyboard.press("Enter")
    reader.sees(reader.say("Your comment has reached the editors."))
    reader.press(reader.say("Answer “yes”"))
    reader.sees(reader.say("You answered that the article helped."))
    reader.open(PLAIN)
    reader.sees_not(question(reader))
    other = meet()
    other.open(PLAIN)
    other.sees(question(other))


def test_the_states_of_the_answer_shut_nobody_out(meet: Meet) -> None:
    reader = meet()
    reader.open(PLAIN)
    reader.press(reader.say("Yes"))
    troubles = barriers(reader) + overflow(reader)
    reader.field(reader.say("What helped most?")).fill("я" * 1001)
    reader.press(reader.say("Send the comment"))
    troubles += barriers(reader) + overflow(reader)
    expect(reader.page.locator("#comment")).to_have_attribute("aria-invalid", "true")
    reader.page.locator("#comment").fill("Всё")
    reader.press(reader.say("Send the comment"))
    reader.page.get_by_text(reader.say("Change the comment")).click()
    troubles += barriers(reader) + overflow(reader)
    assert not troubles, "\n".join(troubles)


def test_a_block_of_code_is_copied(meet: Meet) -> None:
    reader = meet(permissions=["clipboard-read", "clipboard-write"])
    reader.open(CODE)
    block = reader.page.locator(".prose pre").first
    reader.button(reader.say("Copy")).click()
    expect(reader.page.get_by_role("status").filter(has_text=reader.say("Copied"))).to_be_attached()
    assert reader.page.evaluate("navigator.clipboard.readText()") == (block.text_content() or "").rstrip("\n")


def test_without_a_script_there_is_no_button_that_does_nothing(meet: Meet) -> None:
    reader = meet(java_script_enabled=False)
    reader.open(CODE)
    expect(reader.page.locator(".prose pre").first).to_be_visible()
    expect(reader.button(reader.say("Copy"))).to_have_count(0)


def test_a_heading_is_linked_to_by_keyboard(meet: Meet) -> None:
    reader = meet()
    reader.open(CODE)
    anchor = reader.page.locator(".prose .anchor").first
    expect(anchor).to_have_css("opacity", "0")
    anchor.focus()
    reader.page.keyboard.press("Shift+Tab")
    reader.page.keyboard.press("Tab")
    expect(anchor).to_be_focused()
    expect(anchor).to_have_css("opacity", "1")
    reader.page.keyboard.press("Enter")
    reader.page.wait_for_url(re.compile(r"#s-[\w-]+$"))
    expect(reader.page.locator(".prose :target")).to_be_in_viewport()


def test_on_paper_only_the_article_is_left(meet: Meet) -> None:
    reader = meet(color_scheme="dark")
    reader.open(CODE)
    reader.page.emulate_media(media="print")
    for hidden in (".site-header", ".site-footer", ".contents", ".vote", ".related", ".way", ".prose .code > button"):
        expect(reader.page.locator(hidden).first).to_be_hidden()
    expect(reader.page.locator(".print-only")).to_contain_text(CODE)
    colours = reader.page.evaluate(
        "[document.body, document.querySelector('.prose')].map(e => getComputedStyle(e).color)"
    )
    assert colours == ["rgb(0, 0, 0)"] * 2
    link = reader.page.locator(".origin a[href^='https']").first
    shown = link.evaluate("e => e.textContent + getComputedStyle(e, '::after').content")
    assert (link.get_attribute("href") or "-") in shown


def test_a_search_that_finds_nothing_becomes_a_ticket(meet: Meet) -> None:
    anna = meet("anna@example.com")
    anna.open("/kb/")
    anna.page.get_by_role("searchbox").fill("???")
    anna.page.keyboard.press("Enter")
    anna.sees(anna.say("Nothing was found"))
    anna.page.locator("main").get_by_role("link", name=anna.say("Send a ticket")).click()
    expect(anna.field(anna.say("Subject"))).to_have_value("???")
