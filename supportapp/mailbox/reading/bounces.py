"""What a report of a mail that did not arrive says: RFC 3464, and the free words of older programs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from supportapp.mailbox.reading.addresses import bare_address, read_message_ids
from supportapp.mailbox.reading.contents import Bounce
from supportapp.mailbox.reading.encoded_words import decode_words, tidy
from supportapp.mailbox.reading.headers import Headers, split_headers
from supportapp.mailbox.reading.parts import Part

_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY_CODE = re.compile(r"(?<![\d.])([45]\d\d)(?=[ -])")
_MESSAGE_ID = re.compile(rb"(?im)^[> \t]{0,4}message-id:[ \t]*((?:\r?\n[ \t]+)?<[^<>\s]{1,400}>)")
_RECIPIENTS = (
    re.compile(r"(?m)^[ \t]{0,8}<?([^\s<>@:;,\"']{1,64}@[^\s<>@:;,\"']{1,200}?)>?:?[ \t]*(?:\([^\n]{0,200}\))?$"),
    re.compile(r"<([^\s<>@:;,\"']{1,64}@[^\s<>@:;,\"']{1,200})>"),
    re.compile(r"(?<![^\s(])([^\s<>@:;,\"'()]{1,64}@[^\s<>@:;,\"'()]{1,200}[^\s<>@:;,\"'().])"),
)
_HUMAN_STATUS = (
    (re.compile(r"(?:user|mailbox|account|address|recipient)\b.{0,40}(?:unknown|not found|does not exist|doesn't exist"
                r"|unavailable)|no such user|unrouteable address|адресат не найден|ящик не (?:найден|существует)"
                r"|пользовател\w+ не (?:найден|существует)|не найден", re.IGNORECASE), "5.1.1"),
    (re.compile(r"quota|mailbox (?:is )?full|ящик заполнен|переполнен", re.IGNORECASE), "5.2.2"),
    (re.compile(r"host or domain name not found|unknown host|no such domain|домен не найден", re.IGNORECASE), "5.1.2"),
    (re.compile(r"spam|blocked|blacklist|policy|спам|заблокирован", re.IGNORECASE), "5.7.1"),
)  # fmt: skip
_DIAGNOSTIC_CHARACTERS = 1_000
_TEXT_CHARACTERS = 50_000
_RETURNED = {"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers", "text/rfc822"}
_REPORTS = {"message/delivery-status", "message/global-delivery-status"}
_BLOCKS = re.compile(rb"(?:\r?\n[ \t]*){2,20}|\r\r")


@dataclass(frozen=True)
class Report:
    """``action`` is RFC 3464's word (failed, delayed, delivered …), or nothing where a report has none."""

    action: str
    bounce: Bounce | None


def read_report(whole: Part, headers: Headers, text: str) -> Report:
    """What a delivery report says about the first recipient that it failed for.

    ``text`` is what the mail says to people. A mail full, or a mail that has not arrived yet, is not permanent.
    """
    blocks = _blocks(whole)
    failed = next((block for block in blocks if block.ascii("action") == "failed"), None)
    chosen = failed or next((block for block in blocks if block.has("action")), None)
    about = _about(whole, headers, text)
    if chosen is not None:
        return Report(chosen.ascii("action").partition(" ")[0], _from_block(chosen, about))
    return Report("", _from_text(headers, text, about))


def _blocks(whole: Part) -> list[Headers]:
    """The groups of fields of the report's machine-readable part, one for each recipient."""
    found: list[Headers] = []
    for part in whole.walk():
        if part.kind in _REPORTS:
            data = part.data[:_TEXT_CHARACTERS]
            found.extend(split_headers(block, 0, len(block))[0] for block in _BLOCKS.split(data)[:200] if block)
    return found


def _from_block(block: Headers, about: tuple[str, ...]) -> Bounce:
    recipient = _typed_address(block.get("final-recipient")) or _typed_address(block.get("original-recipient"))
    original = _typed_address(block.get("original-recipient"))
    diagnostic = decode_words(block.get("diagnostic-code"))[:_DIAGNOSTIC_CHARACTERS]
    status = _status(block.get("status").decode("ascii", "replace"), diagnostic)
    return Bounce(original or recipient, status, diagnostic, _is_permanent(block, status), about)


def _is_permanent(block: Headers, status: str) -> bool:
    return block.ascii("action").startswith("failed") and status.startswith("5") and status not in ("5.2.2", "5.7.1")


def _typed_address(value: bytes) -> str:
    """ "rfc822; name@example.com" and its like."""
    return bare_address(value.rpartition(b";")[2].strip().strip(b"<>"))


def _status(written: str, diagnostic: str) -> str:
    """The status, made more exact by what the other server said where it is only "5.0.0"."""
    found, said = _STATUS.search(written), _STATUS.search(diagnostic)
    if found and not found[1].endswith(".0.0"):
        return found[1]
    exact = said[1] if said else _by_words(diagnostic)
    if found and (not exact or exact[0] != found[1][0]):
        return found[1]
    return exact


def _by_words(text: str) -> str:
    code = _REPLY_CODE.search(text)
    if code and code[1].startswith("4"):
        return "4.0.0"
    known = next((status for pattern, status in _HUMAN_STATUS if pattern.search(text)), "")
    return known or ("5.0.0" if code else "")


def _from_text(headers: Headers, text: str, about: tuple[str, ...]) -> Bounce | None:
    """Exim, qmail and others that write for people only."""
    said = text[:_TEXT_CHARACTERS]
    recipient = bare_address(headers.get("x-failed-recipients").partition(b",")[0].strip())
    for pattern in _RECIPIENTS:
        match = None if recipient else pattern.search(said)
        recipient = bare_address(match[1].encode()) if match else recipient
    if not recipient:
        return None
    position = max(0, said.lower().find(recipient))
    diagnostic = tidy(said[position : position + _DIAGNOSTIC_CHARACTERS])
    found = _STATUS.search(diagnostic)
    status = found[1] if found else _by_words(diagnostic) or "5.0.0"
    return Bounce(recipient, status, diagnostic, status.startswith("5") and status not in ("5.2.2", "5.7.1"), about)


def _about(whole: Part, headers: Headers, text: str) -> tuple[str, ...]:
    """Message-IDs of the mails that were returned, from their own headers; else from the text or the references."""
    found: list[str] = []
    for part in whole.walk():
        if part.kind in _RETURNED:
            data = part.data[:_TEXT_CHARACTERS]
            found.extend(read_message_ids(split_headers(data, 0, len(data))[0].get("message-id")))
    if not found:
        for value in _MESSAGE_ID.findall(text[:_TEXT_CHARACTERS].encode("utf-8", "replace")):
            found.extend(read_message_ids(value))
    if not found:
        found.extend(read_message_ids(headers.get("in-reply-to") + b" " + headers.get("references")))
    return tuple(dict.fromkeys(found))[:20]
