"""A box that is looked into: mails are fetched one by one and marked as seen after their commit.

Taken is what came since the last look (its UID is greater), whether somebody has opened it or not, and what is unseen.
The same mail twice is one row (its fingerprint), so a box that was renumbered (UIDVALIDITY), a connection cut in
mid-answer and two pollers do no harm. What cannot be fetched is tried again now and then, after everything else.
"""

from __future__ import annotations

import imaplib
import logging
import re
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass, field
from threading import Event

from config import Settings
from supportapp.mailbox.boxes import Place
from supportapp.mailbox.jobs import NotNow, find_place, keep_place, take_in
from supportapp.mailbox.receiving import Envelope
from supportapp.mailbox.rules import Door

TIMEOUT = 60.0  # seconds without a byte
LONGEST_PAUSE = 300.0
MOST_AT_ONCE = 500
RETRY_SECONDS = 900.0  # between two tries of what could not be fetched
MOST_RETRIED = 100
MOST_BREAKS = 20  # connections in one look

_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,12})")
_UID = re.compile(rb"\d{1,10}")
logger = logging.getLogger(__name__)


@dataclass
class Box:
    """One mailbox on one server. ``taken`` mails came in the last look; ``retry_at`` is a moment of
    ``time.monotonic``, and ``tried`` are the UIDs that had their turn since."""

    settings: Settings
    taken: int = 0
    retry_at: float = 0.0
    tried: set[int] = field(default_factory=set)

    def look(self, stop: Event) -> int:
        """Take in what waits; returns how many mails. Raises what the network or the server does."""
        self.taken = 0
        for _ in range(MOST_BREAKS):
            if self._look(stop):
                break
        return self.taken

    def _look(self, stop: Event) -> bool:
        """False when it ended at a mail: some servers break the connection off when they cannot read one."""
        with self._connected() as server:
            before = find_place(self._name)
            place = _place(server, before)
            waiting = self._waiting(server, place)
            try:
                self._take_all(server, waiting, place, stop)
            except NotNow:  # the same mails are looked at again
                raise
            except Exception as error:  # the mail at which it happened is left behind, and does not hold up the others
                keep_place(self._name, place)
                is_bug = not isinstance(error, (OSError, imaplib.IMAP4.error))
                logger.warning("a mail stays in the box for now: %s", str(error)[:300], exc_info=is_bug)
                return False
            if place != before:
                keep_place(self._name, place)
            self._rest(place)
            return True

    def _rest(self, place: Place) -> None:
        """Once every one that could not be fetched has had its turn, the next is due later."""
        if self.tried.issuperset(place.unfetched) and time.monotonic() >= self.retry_at:
            self.tried.clear()
            self.retry_at = time.monotonic() + RETRY_SECONDS if place.unfetched else 0.0

    @property
    def _name(self) -> str:
        settings = self.settings
        return f"{settings.IMAP_USER}@{settings.IMAP_HOST}:{settings.IMAP_PORT}/{settings.IMAP_FOLDER}"[:300]

    def _waiting(self, server: imaplib.IMAP4, place: Place) -> list[int]:
        """The UIDs to fetch: new ones, then older unseen ones, then those that could not be fetched."""
        new = [uid for uid in _search(server, "UID", f"{place.last + 1}:*") if uid > place.last]
        known = {*new, *place.unfetched}
        unseen = [uid for uid in _search(server, "UNSEEN") if uid not in known]
        return [*new, *unseen, *self._unfetched(server, place)][:MOST_AT_ONCE]

    def _unfetched(self, server: imaplib.IMAP4, place: Place) -> list[int]:
        """Those that are to be tried again now, each once before all wait. What was deleted meanwhile is forgotten."""
        if time.monotonic() < self.retry_at:
            self.tried.clear()
            return []
        tried = [uid for uid in place.unfetched if uid not in self.tried][:MOST_RETRIED]
        if not tried:
            return []
        there = set(_search(server, "UID", ",".join(map(str, tried))))
        for uid in tried:
            if uid not in there:
                place.forget(uid)
        return [uid for uid in tried if uid in there]

    def _take_all(self, server: imaplib.IMAP4, uids: list[int], place: Place, stop: Event) -> None:
        for uid in uids:
            if stop.is_set():
                break
            self.tried.add(uid)
            place.leave(uid)
            if self._take(server, str(uid)):
                place.forget(uid)
                self.taken += 1

    def _take(self, server: imaplib.IMAP4, uid: str) -> bool:
        limit = self.settings.MAX_MAIL_BYTES
        size = _size(server, uid)
        complete = size is not None and size <= limit
        raw = _fetch(server, uid, "BODY.PEEK[]" if complete else "BODY.PEEK[HEADER]")
        if raw is None:
            logger.warning("the mail with UID %s could not be fetched: it is tried again later", uid)
            return False
        take_in(raw[:limit], Envelope(Door.IMAP), complete=complete and len(raw) <= limit)
        kind, _ = server.uid("STORE", uid, "+FLAGS.SILENT", r"(\Seen)")
        if kind != "OK":
            logger.warning("the server did not mark UID %s as seen: it will be offered again", uid)
        return True

    @contextmanager
    def _connected(self) -> Iterator[imaplib.IMAP4]:
        server = self._open()
        try:
            if self.settings.IMAP_SECURITY == "starttls":
                server.starttls(ssl.create_default_context())
            server.login(self.settings.IMAP_USER, self.settings.IMAP_PASSWORD)
            kind, answer = server.select(_quoted(self.settings.IMAP_FOLDER))
            if kind != "OK":
                raise imaplib.IMAP4.error(f"no folder {self.settings.IMAP_FOLDER}: {answer!r}")
            yield server
        finally:
            with suppress(Exception):
                server.logout()
            with suppress(Exception):
                server.shutdown()

    def _open(self) -> imaplib.IMAP4:
        where = self.settings.IMAP_HOST, self.settings.IMAP_PORT
        if self.settings.IMAP_SECURITY == "tls":
            return imaplib.IMAP4_SSL(*where, ssl_context=ssl.create_default_context(), timeout=TIMEOUT)
        return imaplib.IMAP4(*where, timeout=TIMEOUT)


def keep_looking(box: Box, stop: Event, *, pause: float) -> None:
    """Look again and again until ``stop`` is set; a server that is away or talks nonsense is asked ever more seldom."""
    trouble = 0
    while not stop.is_set():
        try:
            taken = box.look(stop)
            if taken:
                logger.info("%s mails came from the box", taken)
            trouble = 0
        except NotNow as reason:
            trouble += 1
            logger.warning("mails stay in the box for now: %s", reason)
        except Exception as error:  # imaplib raises anything at a server that does not speak IMAP
            trouble += 1
            level = logging.WARNING if isinstance(error, (OSError, imaplib.IMAP4.error)) else logging.ERROR
            logger.log(level, "the box cannot be read (%s: %s)", type(error).__name__, str(error)[:300])
        stop.wait(min(pause * 2 ** min(trouble, 10), max(LONGEST_PAUSE, pause)))


def _place(server: imaplib.IMAP4, before: Place | None) -> Place:
    """Where to go on. In a box that is new to us, or that was renumbered, what somebody has opened is not for us: it
    may be years old."""
    validity = _number(server, "UIDVALIDITY")
    if before is not None and before.validity == validity:
        return deepcopy(before)
    if before is not None:
        logger.warning("the box was renumbered: what was opened since the last look and not taken is left in it")
    last = _number(server, "UIDNEXT") - 1
    return Place(validity, last if last >= 0 else max(_search(server, "ALL"), default=0))


def _number(server: imaplib.IMAP4, name: str) -> int:
    """What the server said when the folder was opened; 0 when it did not say."""
    _, said = server.response(name)
    return int(said[0]) if said and isinstance(said[0], bytes) and said[0].isdigit() else 0


def _search(server: imaplib.IMAP4, *what: str) -> list[int]:
    kind, answer = server.uid("SEARCH", *what)
    if kind != "OK":
        raise imaplib.IMAP4.error(f"SEARCH: {answer!r}"[:300])
    words = answer[0].split() if answer and isinstance(answer[0], bytes) else []
    return sorted(int(uid) for uid in words if _UID.fullmatch(uid))


def _size(server: imaplib.IMAP4, uid: str) -> int | None:
    kind, answer = server.uid("FETCH", uid, "(RFC822.SIZE)")
    parts = answer if kind == "OK" else []
    heads = [part[0] if isinstance(part, tuple) else part for part in parts if part]
    found = next((match for head in heads if isinstance(head, bytes) and (match := _SIZE.search(head))), None)
    return int(found[1]) if found else None


def _fetch(server: imaplib.IMAP4, uid: str, what: str) -> bytes | None:
    kind, answer = server.uid("FETCH", uid, f"({what})")
    parts = answer if kind == "OK" else []
    literals = [part[1] for part in parts if isinstance(part, tuple) and isinstance(part[1], bytes)]
    return literals[0] if literals else None


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
