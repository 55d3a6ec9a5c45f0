"""The mails of the demo: a Maildir that outlives every process, and a reading of it for people and for scripts."""

from __future__ import annotations

import mailbox
import os
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import getaddresses, parsedate_to_datetime
from functools import lru_cache
from pathlib import Path

MAIL_ID = re.compile(r"[\w.\\-]{1,200}")
LINK = re.compile(r"https?://[^\s<>\"'\]]*[^\s<>\"'\].,;:!?)]")


@dataclass(frozen=True)
class CaughtMail:
    """One mail as it arrived. ``sent_at`` is what the mail says of itself, ``received_at`` when it was caught."""

    id: str
    sender: str
    recipients: list[str]
    subject: str
    sent_at: datetime | None
    received_at: datetime
    text: str = ""
    html: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    attachments: list[str] = field(default_factory=list)

    @property
    def links(self) -> list[str]:
        """The web addresses in the text, in their order."""
        return LINK.findall(self.text)


class MailStore:
    """Mails in a folder, one file each, newest first."""

    def __init__(self, folder: Path) -> None:
        mailbox.Maildir(folder, create=True).close()
        self._folder = folder

    def add(self, content: bytes, *, sender: str, recipients: list[str]) -> str:
        """Store one mail; returns its id once the mail is on the disk."""
        envelope = f"X-Envelope-From: {sender}\r\nX-Envelope-To: {', '.join(recipients)}\r\n"
        key = mailbox.Maildir(self._folder).add(envelope.encode() + content)
        directory = os.open(self._folder / "new", os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
        return key

    def mails(self, *, to: str = "", limit: int = 200) -> list[CaughtMail]:
        """The newest mails, those to one address only when it is given."""
        files = sorted((self._folder / "new").iterdir(), key=_arrival, reverse=True)
        found = []
        for file in files:
            mail = _read(file)
            if not to or to.strip().casefold() in (r.casefold() for r in mail.recipients):
                found.append(mail)
            if len(found) == limit:
                break
        return found

    def find(self, mail_id: str) -> CaughtMail | None:
        """One mail, or None when there is none of that id."""
        file = self._file(mail_id)
        return _read(file) if file else None

    def source(self, mail_id: str) -> bytes | None:
        """One mail as the bytes that arrived, its envelope in front."""
        file = self._file(mail_id)
        return file.read_bytes() if file else None

    def _file(self, mail_id: str) -> Path | None:
        file = self._folder / "new" / mail_id
        return file if MAIL_ID.fullmatch(mail_id) and file.is_file() else None


def _arrival(file: Path) -> tuple[int, str]:
    return file.stat().st_mtime_ns, file.name


@lru_cache(maxsize=2000)
def _read(file: Path) -> CaughtMail:
    """A stored mail never changes, so what was read of it may be kept."""
    message = BytesParser(policy=policy.default).parsebytes(file.read_bytes())
    assert isinstance(message, EmailMessage)
    return CaughtMail(
        id=file.name,
        sender=_header(message, "From") or _header(message, "X-Envelope-From"),
        recipients=[address for _, address in getaddresses([_header(message, "X-Envelope-To")]) if address],
        subject=_header(message, "Subject"),
        sent_at=_date(message),
        received_at=datetime.fromtimestamp(file.stat().st_mtime, UTC),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        headers=_headers(message),
        attachments=[part.get_filename() or part.get_content_type() for part in message.iter_attachments()],
    )


def _headers(message: EmailMessage) -> list[tuple[str, str]]:
    return [(name, _decoded(str(value))) for name, value in message.raw_items()]


def _header(message: EmailMessage, name: str) -> str:
    return next((value for key, value in _headers(message) if key.lower() == name.lower()), "")


def _decoded(value: str) -> str:
    """A raw header as text. The policy's own parser splits long names in two and raises on some broken ones."""
    plain = value.replace("\r", "").replace("\n", "").encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    try:
        return str(make_header(decode_header(plain)))
    except (ValueError, LookupError):
        return plain


def _date(message: EmailMessage) -> datetime | None:
    try:
        return parsedate_to_datetime(_header(message, "Date")).astimezone(UTC)
    except ValueError:
        return None


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except (LookupError, ValueError):
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else str(payload)
