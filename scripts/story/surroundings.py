"""What is around the portal: the mail catcher that is read, the clock that is moved, and patience."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import ProxyHandler, build_opener

from .people import NotSeen
from .reading import squeeze

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 90.0  # seconds; the demo sweeps every 15


def eventually(what: str, look: Callable[[], T | None], *, patience: float = PATIENCE) -> T:
    """Look again and again until there is something to see; NotSeen with ``what`` when there never was."""
    end = time.monotonic() + patience
    while True:
        if found := look():
            return found
        if time.monotonic() > end:
            raise NotSeen(f"{what} (waited {patience:.0f} s)")
        time.sleep(0.25)


@dataclass(frozen=True)
class Mail:
    """One mail as it arrived."""

    id: str
    subject: str
    text: str
    links: list[str]

    def link(self, part: str) -> str:
        """The address under a button of the mail: the one in the text that contains ``part``."""
        for address in self.links:
            if part in address:
                return address
        raise NotSeen(f"the mail “{self.subject}” has a link with “{part}”: {self.links}")

    def button(self, label: str) -> str:
        """The address that stands behind a label in the text part."""
        found = re.search(re.escape(label) + r"\s*:?\s*<?(https?://[^\s<>]+)", self.text)
        if found is None:
            raise NotSeen(f"the mail “{self.subject}” has a button “{label}”:\n{self.text}")
        return found.group(1)


class Mailbox:
    """The mails to one address, read from the catcher."""

    def __init__(self, address: str, mail_url: str) -> None:
        self.address, self._url = address, mail_url.rstrip("/")
        self.read: set[str] = set()

    def wait_for(self, words: str, *, patience: float = PATIENCE) -> Mail:
        """The next unread mail whose subject contains the words, which is read then."""
        mail = eventually(
            f"a mail “{words}” to {self.address}", lambda: next(iter(self.unread(words)), None), patience=patience
        )
        self.read.add(mail["id"])
        whole = self._get(f"/api/messages/{quote(mail['id'])}")
        return Mail(mail["id"], squeeze(mail["subject"]), whole["text"], whole["links"])

    def unread(self, words: str = "") -> list[dict[str, Any]]:
        """Unread mails whose subject contains the words, the oldest first."""
        listed = self._get(f"/api/messages?to={quote(self.address)}&limit=500")["messages"]
        found = [m for m in listed if m["id"] not in self.read and squeeze(words) in squeeze(m["subject"])]
        return found[::-1]

    def mark_all_read(self) -> None:
        """Forget what came so far."""
        self.read.update(mail["id"] for mail in self.unread())

    def _get(self, path: str) -> Any:
        try:
            with build_opener(ProxyHandler({})).open(self._url + path, timeout=30) as answer:
                return json.load(answer)
        except URLError as problem:
            raise NotSeen(f"the mail catcher {self._url} answers ({problem})") from problem


class Clock:
    """The demo's clock, moved by the command that anybody may use."""

    def stands(self) -> str:
        """What it says, in words."""
        return self._command().splitlines()[0].removeprefix("The demo's clock says ").rstrip(".")

    def move(self, by: str) -> str:
        """Move it by "2 working days" and the like; returns what it says then."""
        return self._command(*by.split()).splitlines()[0].removeprefix("The demo's clock says ").rstrip(".")

    def now(self) -> datetime:
        """The local time of the support service, to the minute."""
        found = re.search(r"(\d{1,2} \w+ \d{4}), (\d\d:\d\d)", self.stands())
        if found is None:
            raise NotSeen(f"the clock tells the time: {self.stands()}")
        return datetime.strptime(" ".join(found.groups()), "%d %B %Y %H:%M")  # noqa: DTZ007 - local on purpose

    def _command(self, *words: str) -> str:
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "demo", "clock", *words]
        answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)  # noqa: S603
        if answer.returncode:
            raise NotSeen(f"`flask demo clock {' '.join(words)}` works: {answer.stdout}{answer.stderr}")
        return answer.stdout.strip()
