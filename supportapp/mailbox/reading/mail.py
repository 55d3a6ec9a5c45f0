"""The reader: one function that takes whatever came and tells what it is."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from supportapp.mailbox.reading import addresses, limits
from supportapp.mailbox.reading.bodies import Body
from supportapp.mailbox.reading.bounces import read_report
from supportapp.mailbox.reading.contents import Bounce, IncomingMail, Nature
from supportapp.mailbox.reading.encoded_words import decode_words
from supportapp.mailbox.reading.headers import Headers, written_plainly
from supportapp.mailbox.reading.lines import join_lines
from supportapp.mailbox.reading.nature import Facts, judge
from supportapp.mailbox.reading.parameters import read_parameters
from supportapp.mailbox.reading.parts import Part, Splitter
from supportapp.mailbox.reading.quotations import new_text

_RECIPIENT_HEADERS = (
    "to", "cc", "bcc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to", "x-rcpt-to",
    "x-forwarded-to", "apparently-to", "resent-to", "resent-cc",
)  # fmt: skip
_REPLY_PREFIX = re.compile(
    r"(?:\[[^\[\]]{1,40}\]\s?)?(?:re|ответ|отв|ha|на|aw|sv|antw|tr)(?:\[\d{1,3}\])?\s?:", re.IGNORECASE
)
_FORWARD_PREFIX = re.compile(r"(?:\[[^\[\]]{1,40}\]\s?)?(?:fwd?|пересл|пер|wg|tr|i)\s?:", re.IGNORECASE)
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
_SUBJECT_CHARACTERS = 1_000
_FIRST_YEAR, _LAST_YEAR = 1970, 2200


def read_mail(raw: bytes, *, envelope_sender: str | None = None) -> IncomingMail:
    """Everything that ``raw`` says. Never raises, whatever the bytes are, and takes time by their length only.

    ``envelope_sender`` is what the server said ("" for the null sender ``<>``), where it is known; else the
    Return-Path header tells.
    """
    splitter = Splitter(_with_line_ends(raw))
    whole = splitter.split()
    headers = whole.headers
    subject = decode_words(headers.get("subject"))[:_SUBJECT_CHARACTERS]
    body = Body(language=_language(subject, whole))
    body.read(whole, is_whole=True)
    sender_name, sender = _sender(headers, body.problems)
    in_reply_to = addresses.read_message_ids(headers.get("in-reply-to"))
    references = addresses.read_message_ids(headers.get("references"))
    is_answer = bool(in_reply_to or references) or bool(_REPLY_PREFIX.match(subject))
    whole_text = join_lines(body.lines)
    facts, bounce = _facts(whole, sender, subject, whole_text, is_answer, envelope_sender)
    nature, because = judge(facts)
    is_reply = is_answer and not _FORWARD_PREFIX.match(subject) and nature is not Nature.BOUNCE
    return IncomingMail(
        message_id=next(iter(addresses.read_message_ids(headers.get("message-id"))), ""),
        in_reply_to=in_reply_to,
        references=references,
        sender=sender,
        sender_name=sender_name,
        recipients=_recipients(headers),
        subject=subject,
        date=_date(headers.get("date")),
        text=new_text(body.lines, is_reply=is_reply),
        whole_text=whole_text,
        nature=nature,
        nature_because=because,
        bounce=bounce if nature in (Nature.BOUNCE, Nature.DELAYED) else None,
        attachments=tuple(body.attachments),
        is_signed=body.is_signed or "-----BEGIN PGP SIGNED MESSAGE-----" in whole_text,
        is_encrypted=body.is_encrypted or whole_text.startswith("-----BEGIN PGP MESSAGE-----"),
        authentication_results=tuple(_protocol_words(written_plainly(raw, "authentication-results"))),
        problems=tuple(dict.fromkeys([*splitter.problems, *body.problems])),
    )


def _with_line_ends(raw: bytes) -> bytes:
    """Line ends of old Macs (CR alone) become LF; others stay as they are."""
    return raw.replace(b"\r", b"\n") if b"\r" in raw and b"\n" not in raw else raw


def _protocol_words(values: list[bytes]) -> list[str]:
    """As a server wrote them: a stranger's encoded words (RFC 2047), once decoded, would be taken for the server's."""
    return [value.decode("utf-8", "replace") for value in values]


def _language(subject: str, whole: Part) -> str:
    """The language of the few sentences that the reader itself puts into a text: the mail's, Russian in doubt."""
    name = decode_words(whole.headers.get("from"))
    letters = subject + name
    return "ru" if _CYRILLIC.search(letters) or not letters.strip() else "en"


def _sender(headers: Headers, problems: list[str]) -> tuple[str, str]:
    """Name and address. Several different senders are none: nobody can say who of them wrote."""
    found = [mailbox for value in headers.get_all("from") for mailbox in addresses.read_addresses(value)]
    if len({address for _, address in found}) > 1:
        problems.append("several different senders")
        return "", ""
    if not found:
        problems.append("no sender")
        return "", ""
    return found[0]


def _recipients(headers: Headers) -> tuple[str, ...]:
    found = [address for name in _RECIPIENT_HEADERS for value in headers.get_all(name)
             for _, address in addresses.read_addresses(value)]  # fmt: skip
    return tuple(dict.fromkeys(found))[: limits.ADDRESSES]


def _date(value: bytes) -> datetime | None:
    """In UTC; None for what is no date, or one at which no mail was written: other time zones cannot show it. A date
    without a zone is taken for UTC."""
    try:
        moment = parsedate_to_datetime(value[:100].decode("ascii", "replace"))
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError, AttributeError):
        return None
    return moment if _FIRST_YEAR <= moment.year <= _LAST_YEAR else None


def _facts(
    whole: Part, sender: str, subject: str, text: str, is_answer: bool, envelope_sender: str | None
) -> tuple[Facts, Bounce | None]:
    headers = whole.headers
    return_path = headers.get("return-path").strip()
    is_null_sender = envelope_sender == "" or (envelope_sender is None and return_path == b"<>")
    report = read_report(whole, headers, text)
    facts = Facts(
        headers, sender, subject, text, _report_type(whole), report.action, report.bounce, is_null_sender, is_answer
    )  # fmt: skip
    return facts, report.bounce


def _report_type(whole: Part) -> str:
    """Which report a multipart/report is (RFC 6522): it says so, or its parts do."""
    written = read_parameters(whole.headers.get("content-type"))
    if written.value != "multipart/report":
        return ""
    kinds = {part.kind.partition("/")[2] for part in whole.parts if part.kind.startswith("message/")}
    found = next(
        (name for name in ("delivery-status", "disposition-notification", "feedback-report") if name in kinds), ""
    )
    return written.get("report-type").lower() or found
