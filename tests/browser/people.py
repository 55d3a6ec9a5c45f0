"""People at a browser: they know the portal by its labels, links and buttons, in their language."""

from __future__ import annotations

import re
from functools import cache
from urllib.parse import urlsplit

from babel.messages.catalog import Catalog
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Request, Response, WebError, expect

from tests import catalogues

STATUS_OF_A_PAGE = re.compile(r"Failed to load resource: the server responded with a status of (4\d\d)")
PARTS = ("script", "stylesheet", "image", "font", "xhr", "fetch")


@cache
def _catalogue(room: str) -> Catalog:
    return catalogues.read(room)


def say(sentence: str, language: str, *rooms: str, **values: object) -> str:
    """The sentence as that language has it, taken from the catalogues in the order of ``rooms``."""
    if language == "ru":
        for room in (*rooms, "portal", "staff", "domain"):
            message = _catalogue(room).get(sentence)
            if message is not None and message.string:
                sentence = message.string if isinstance(message.string, str) else message.string[0]
                break
        else:
            raise AssertionError(f"no Russian for {sentence!r}")
    return sentence % values if values else sentence


class Watch:
    """What a context's pages complain of: console errors, refused content, failed parts, foreign hosts."""

    def __init__(self, context: BrowserContext, base_url: str) -> None:
        self._host = urlsplit(base_url).netloc
        self.troubles: list[str] = []
        self.expected: set[str] = set()
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("request", self._request)
        context.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not STATUS_OF_A_PAGE.match(message.text):
            self.troubles.append(f"console: {message.text} ({message.page.url if message.page else ''})")

    def _error(self, error: WebError) -> None:
        self.troubles.append(f"script: {error.error}")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https") and parts.netloc != self._host:
            self.troubles.append(f"foreign host: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 500 or (response.status >= 400 and response.request.resource_type in PARTS[:4]):
            self.troubles.append(f"{response.status}: {response.url}")


class Person:
    """One person; ``page`` is what stands before his eyes."""

    def __init__(self, context: BrowserContext, language: str) -> None:
        self.context, self.language = context, language
        self.page: Page = context.new_page()

    def say(self, sentence: str, *rooms: str, **values: object) -> str:
        """A sentence of the interface in this person's language."""
        return say(sentence, self.language, *rooms, **values)

    def open(self, path: str, *, status: int = 200) -> None:
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.status == status, f"{path}: {answer.status}"

    def sees(self, words: str) -> None:
        """The words can be read somewhere, visibly."""
        expect(self.text(words).first).to_be_visible()

    def sees_not(self, words: str) -> None:
        expect(self.text(words)).to_have_count(0)

    def text(self, words: str) -> Locator:
        return self.page.get_by_text(words).filter(visible=True)

    def field(self, label: str) -> Locator:
        return self.page.get_by_label(re.compile(rf"^\s*{re.escape(label)}")).first

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True).first

    def press(self, name: str) -> None:
        self.button(name).click()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name).first.click()

    def switch_to_english(self, *, at: str) -> None:
        self.open(at)
        english = self.page.get_by_role("button", name="English", exact=True)
        if english.count():
            english.click()

    def sign_in(self, email: str, password: str) -> None:
        """At the customers' door."""
        self.open("/sign-in")
        self.field(self.say("E-mail address")).fill(email)
        self.field(self.say("Password")).fill(password)
        self.press(self.say("Sign in"))
        expect(self.button(self.say("Sign out"))).to_be_visible()

    def sign_in_staff(self, username: str, password: str) -> None:
        """At the staff's."""
        self.open("/staff/sign-in/")
        self.field(self.say("User name", "staff")).fill(username)
        self.field(self.say("Password", "staff")).fill(password)
        self.press(self.say("Sign in", "staff"))
        expect(self.page.get_by_role("heading", name=self.say("What wants doing", "staff"))).to_be_visible()

    def reference(self) -> str:
        """The reference of the ticket whose page this is."""
        self.page.wait_for_url(re.compile(r"/tickets/TP-\d+"))
        found = re.search(r"TP-\d+", self.page.url)
        assert found is not None
        return found.group()
