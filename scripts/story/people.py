"""A person at a browser without scripts: opens pages, reads them, follows links, presses buttons."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPResponse
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urldefrag, urljoin
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

from .forms import Sending, Value, fill_in, find_form
from .reading import Element, parse, squeeze

TIMEOUT = 60


class NotSeen(Exception):  # noqa: N818 - told to people as it stands
    """What should have been seen was not. Holds the page for whoever looks into it."""

    def __init__(self, expected: str, page: Page | None = None) -> None:
        super().__init__(expected)
        self.expected, self.page = expected, page


@dataclass(frozen=True)
class Page:
    """What the portal answered."""

    url: str
    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def html(self) -> str:
        return self.content.decode("utf-8", "replace")

    @cached_property
    def root(self) -> Element:
        return parse(self.html)

    @cached_property
    def text(self) -> str:
        """Everything that can be read on it."""
        return self.root.text

    @property
    def json(self) -> Any:
        return json.loads(self.content)

    def has(self, words: str) -> bool:
        """Whether the words can be read on it."""
        return squeeze(words) in self.text

    def link(self, words: str) -> str | None:
        """Where the link of these words leads; one that begins with them when none is exactly so."""
        links = [link for link in self.root.all("a") if link.get("href")]
        exact = [link for link in links if squeeze(words) in (link.text, squeeze(link.get("aria-label")))]
        near = [link for link in links if link.text.startswith(squeeze(words))]
        return (exact + near)[0].get("href") if exact or near else None


class Person:
    """Somebody with a browser of his own. ``name`` is how the story calls him."""

    def __init__(self, name: str, base_url: str) -> None:
        self.name, self.base_url = name, base_url.rstrip("/")
        self.cookies = CookieJar()
        self.page = Page(self.base_url, 0, {}, b"")

    # Looking

    def open(self, path: str, *, expect: int = 200) -> Page:
        """Open an address and read the page; NotSeen when its status is another one."""
        self.page = self._request(Request(self._absolute(path)))  # noqa: S310 - http or https, checked at the start
        return self._expect(expect)

    def look_at(self, path: str) -> Page:
        """Fetch something without leaving the page: a file, or an address whose status is of interest."""
        return self._request(Request(self._absolute(path)))  # noqa: S310

    def sees(self, *words: str) -> None:
        """NotSeen unless all these words can be read on the page."""
        for sentence in words:
            if not self.page.has(sentence):
                raise NotSeen(f"{self.name} reads “{sentence}”", self.page)

    def sees_not(self, *words: str) -> None:
        """NotSeen when one of these can be read on the page."""
        for sentence in words:
            if self.page.has(sentence):
                raise NotSeen(f"{self.name} does not read “{sentence}”", self.page)

    # Acting

    def follow(self, words: str, *, expect: int = 200) -> Page:
        """Follow the link of these words."""
        target = self.page.link(words)
        if target is None:
            raise NotSeen(f"{self.name} finds the link “{words}”", self.page)
        return self.open(urldefrag(target)[0], expect=expect)

    def press(
        self, button: str, values: Mapping[str, Value] | None = None, *, beside: str = "", expect: int = 200
    ) -> Page:
        """Fill in the form of this button and press it; ``expect`` is the status of the page that follows."""
        self.page = self.send(self.fill(button, values, beside=beside))
        return self._expect(expect)

    def fill(self, button: str, values: Mapping[str, Value] | None = None, *, beside: str = "") -> Sending:
        """What pressing the button would send. To send it twice, as an impatient person does."""
        values = values or {}
        try:
            form, pressed = find_form(self.page.root, button, list(values), beside)
            sending = fill_in(self.page.root, form, pressed, values)
        except LookupError as missing:
            raise NotSeen(f"{self.name} can press “{button}”: {missing}", self.page) from missing
        sending.action = urljoin(self.page.url, sending.action or self.page.url)
        return sending

    def send(self, sending: Sending) -> Page:
        """Send a filled form; the page that is open stays."""
        if sending.method == "GET":
            address = sending.action.partition("?")[0]
            return self._request(Request(f"{address}?{sending.body.decode()}"))  # noqa: S310
        request = Request(sending.action, sending.body, method="POST")  # noqa: S310
        request.add_header("Content-Type", sending.content_type)
        return self._request(request)

    def ask(self, path: str, question: Mapping[str, Any], *, token: str) -> Page:
        """What the script of the page does: JSON out, JSON in, with the form's token in a header."""
        request = Request(self._absolute(path), json.dumps(question).encode(), method="POST")  # noqa: S310
        request.add_header("Content-Type", "application/json")
        request.add_header("Accept", "application/json")
        request.add_header("X-CSRFToken", token)
        return self._request(request)

    def hidden(self, name: str) -> str:
        """The value of a hidden field of the page, as its script would read it."""
        for element in self.page.root.all("input"):
            if element.get("name") == name:
                return element.get("value")
        raise NotSeen(f"the page holds the hidden field {name}", self.page)

    def _expect(self, status: int) -> Page:
        if self.page.status != status:
            raise NotSeen(f"the answer {status} (it was {self.page.status})", self.page)
        return self.page

    def _absolute(self, path: str) -> str:
        return urljoin(f"{self.base_url}/", path) if self.page.status == 0 else urljoin(self.page.url, path)

    def _request(self, request: Request) -> Page:
        if self.page.status:
            request.add_header("Referer", self.page.url)
        if not request.has_header("Accept"):
            request.add_header("Accept", "text/html,*/*;q=0.8")
        request.add_header("Accept-Language", "ru")
        opener = build_opener(HTTPCookieProcessor(self.cookies), ProxyHandler({}))
        try:
            with opener.open(request, timeout=TIMEOUT) as answer:
                return _page(answer)
        except HTTPError as answer:
            with answer:
                return _page(answer)
        except URLError as problem:
            raise NotSeen(f"{request.full_url} answers ({problem.reason}); is the portal running?") from problem


def _page(answer: HTTPResponse | HTTPError) -> Page:
    return Page(str(answer.url), int(answer.status or 0), dict(answer.headers.items()), answer.read())
