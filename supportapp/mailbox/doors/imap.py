"""A box that is looked into: unseen mails are fetched one by one and marked as seen after their commit.

Mails are named by UID, and the same mail twice is one row (its fingerprint), so a box that was renumbered
(UIDVALIDITY), a connection cut in mid-answer and two pollers do no harm.
"""

from __future__ import annotations

import imaplib
import logging
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Event

from config import Settings
from supportapp.mailbox.jobs import NotNow, take_in
from supportapp.mailbox.receiving import Envelope
from supportapp.mailbox.rules import Door

TIMEOUT = 60.0  # seconds without a byte
LONGEST_PAUSE = 300.0
MOST_AT_ONCE = 500

_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,12})")
_UID = re.compile(rb"\d{1,10}")
logger = logging.getLogger(__name__)


@dataclass
class Box:
    """One mailbox on one server."""

    settings: Settings

    def look(self, stop: Event) -> int:
        """Take every unseen mail in; returns how many. Raises what the network or the server does."""
        with self._connected() as server:
            uids = _unseen(server)
            for number, uid in enumerate(uids):
                if stop.is_set():
                    return number
                self._take(server, uid)
            return len(uids)

    def _take(self, server: imaplib.IMAP4, uid: bytes) -> None:
        limit = self.settings.MAX_MAIL_BYTES
        size = _size(server, uid)
        complete = size is not None and size <= limit
        raw = _fetch(server, uid, "BODY.PEEK[]" if complete else "BODY.PEEK[HEADER]")
        if raw is None:  # somebody else has deleted it meanwhile
            logger.warning("the mail with UID %s could not be fetched", uid.decode())
            return
        take_in(raw[:limit], Envelope(Door.IMAP), complete=complete and len(raw) <= limit)
        kind, _ = server.uid("STORE", uid.decode(), "+FLAGS.SILENT", r"(\Seen)")
        if kind != "OK":
            logger.warning("the server did not mark UID %s as seen: it will be offered again", uid.decode())

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


def _unseen(server: imaplib.IMAP4) -> list[bytes]:
    kind, answer = server.uid("SEARCH", "UNSEEN")
    if kind != "OK":
        raise imaplib.IMAP4.error(f"SEARCH: {answer!r}"[:300])
    words = answer[0].split() if answer and isinstance(answer[0], bytes) else []
    return [uid for uid in words if _UID.fullmatch(uid)][:MOST_AT_ONCE]


def _size(server: imaplib.IMAP4, uid: bytes) -> int | None:
    kind, answer = server.uid("FETCH", uid.decode(), "(RFC822.SIZE)")
    parts = answer if kind == "OK" else []
    heads = [part[0] if isinstance(part, tuple) else part for part in parts if part]
    found = next((match for head in heads if isinstance(head, bytes) and (match := _SIZE.search(head))), None)
    return int(found[1]) if found else None


def _fetch(server: imaplib.IMAP4, uid: bytes, what: str) -> bytes | None:
    kind, answer = server.uid("FETCH", uid.decode(), f"({what})")
    parts = answer if kind == "OK" else []
    literals = [part[1] for part in parts if isinstance(part, tuple) and isinstance(part[1], bytes)]
    return literals[0] if literals else None


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
