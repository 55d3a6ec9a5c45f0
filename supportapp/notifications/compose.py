"""A row of the outbox as a mail: headers, a text part and an HTML part."""

from __future__ import annotations

import re
from base64 import b64encode, encodebytes
from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import idna

from supportapp.extensions import settings
from supportapp.notifications import joining, keys
from supportapp.notifications.models import Notification
from supportapp.notifications.unsubscribing import make_off_link

UNBREAKABLE = {"Message-ID", "In-Reply-To", "References", "Reply-To", "To", "List-Unsubscribe", "List-Id"}
LINE = 78
WORD = 39  # bytes in one encoded word, so that "Subject: " goes before it (RFC 2047, 2)
BOUNDARY = "=_portal"  # never in base64
_DOMAIN = re.compile(r"[A-Za-z0-9._-]+")  # no address literals: the standard library falls over broken ones


class MailPolicy(EmailPolicy):
    """The standard library's, except that it loses no blanks when it folds long Russian headers (CPython 3.11 does).

    A header is read when somebody asks for it, not when it is set: most are only written down.
    """

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        """Kept as it is; refused when it would become more than one header."""
        if isinstance(value, str) and not hasattr(value, "fold") and ("\n" in value or "\r" in value):
            raise ValueError(f"a header of several lines: {name}")
        return name, value

    def fold(self, name: str, value: Any) -> str:
        """One header as text."""
        return _folded(name, value) or super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        """One header as it travels."""
        folded = _folded(name, value)
        return folded.encode("ascii") if folded else super().fold_binary(name, value)


POLICY = MailPolicy(linesep="\r\n")


class Mail(EmailMessage):
    """A mail of two parts in base64, which is written down at once and not line by line."""

    def as_bytes(self, unixfrom: bool = False, policy: Any = None) -> bytes:
        """As it travels."""
        head = b"".join((policy or self.policy).fold_binary(name, value) for name, value in self.raw_items())
        content: Any = self.get_payload()
        if isinstance(content, str):
            return head + b"\r\n" + content.encode("ascii")
        parts = (f"--{BOUNDARY}\r\n".encode() + part.as_bytes() + b"\r\n" for part in content)
        return head + b"\r\n" + b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def compose(notification: Notification, *others: Notification, at: datetime) -> EmailMessage:
    """The mail, with the words of ``others`` that go along; ValueError when the recipient is no address.

    Its Message-ID is the row's, whenever it is sent. Date is the moment of sending: a mail that waited for a server is
    neither sorted into the past nor taken for an old one that somebody sends again.
    """
    parts = (notification, *others)
    words = joining.join(parts)
    message = Mail(policy=POLICY)
    message["From"] = _sender(settings.MAIL_FROM, settings.support_name(notification.language))
    message["To"] = str(address(notification.recipient))
    if notification.reply_to:
        message["Reply-To"] = str(address(notification.reply_to))
    message["Subject"] = words.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = notification.message_id
    for name, value in _thread(notification).items():
        message[name] = value
    message["Content-Language"] = notification.language
    message["Auto-Submitted"] = _auto_submitted(notification)
    message["X-Auto-Response-Suppress"] = "All"
    message["List-Id"] = f"<notifications.{portal_host()}>"
    for name, value in _unsubscribing(parts).items():
        message[name] = value
    message["MIME-Version"] = "1.0"
    message["Content-Type"] = _header("Content-Type", f'multipart/alternative; boundary="{BOUNDARY}"')
    message.set_payload([_part(words.text, "plain"), _part(words.html, "html")])
    return message


def _part(words: str, subtype: str) -> Mail:
    part = Mail(policy=POLICY)
    part["Content-Type"] = _header("Content-Type", f'text/{subtype}; charset="utf-8"')
    part["Content-Transfer-Encoding"] = _header("Content-Transfer-Encoding", "base64")
    content = b"\r\n".join([*words.encode().splitlines(), b""])
    part.set_payload(encodebytes(content).decode("ascii").replace("\n", "\r\n"))
    return part


@cache
def _header(name: str, value: str) -> Any:
    """A header that is the same in every mail, read once."""
    return POLICY.header_factory(name, value)


@cache
def _sender(addr_spec: str, name: str) -> Any:
    return POLICY.header_factory("From", address(addr_spec, name))


def _thread(notification: Notification) -> dict[str, str]:
    headers = {"In-Reply-To": notification.in_reply_to, "References": notification.mail_references}
    return {name: value for name, value in headers.items() if value}


def _auto_submitted(notification: Notification) -> str:
    """By RFC 3834, 5: "auto-replied" for what follows directly from somebody's mail, else "auto-generated".

    Never "no", although some mails carry an engineer's words: the mail itself is a machine's notice, and an answering
    machine must not answer it.
    """
    answers_somebody = notification.in_reply_to and not keys.genuine_mail_ids([notification.in_reply_to])
    return "auto-replied" if answers_somebody else "auto-generated"


def _unsubscribing(parts: Sequence[Notification]) -> dict[str, str]:
    """RFC 2369 and, where the page can be reached by https, RFC 8058; only when nothing in the mail was promised."""
    last = parts[-1]
    if last.optional is None or last.customer_id is None or any(part.optional is None for part in parts):
        return {}
    headers = {"List-Unsubscribe": f"<{make_off_link(last.customer_id, last.optional)}>"}
    return headers | ({"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if settings.secure else {})


def address(addr_spec: str, name: str = "") -> Address:
    """``addr_spec`` with its domain as ASCII; ValueError when it is not one address."""
    local, _, domain = addr_spec.rpartition("@")
    if not local or not domain or any(c.isspace() for c in addr_spec):
        raise ValueError(f"not an e-mail address: {addr_spec!r}")
    if not _DOMAIN.fullmatch(domain := ascii_domain(domain)):
        raise ValueError(f"not a domain: {domain!r}")
    return Address(display_name=name, username=local, domain=domain)


def ascii_domain(domain: str) -> str:
    """An international domain in the form that mail servers look up."""
    if domain.isascii():
        return domain
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise ValueError(f"not a domain: {domain!r}") from error


def portal_host() -> str:
    """The portal's own name, as it greets mail servers."""
    return ascii_domain(urlsplit(settings.PUBLIC_BASE_URL).hostname or "localhost")


def _folded(name: str, value: Any) -> str | None:
    """A header of ids or addresses broken at its blanks alone (the standard library would encode a long one), a subject
    or a sender's name in encoded words, what fits as it is; None for the rest."""
    words = str(value)
    if words.isascii() and "=?" not in words:
        if name in UNBREAKABLE:
            return f"{name}: " + "\r\n ".join(words.split()) + "\r\n"
        return f"{name}: {words}\r\n" if len(name) + 2 + len(words) <= LINE else None
    if name == "Subject":
        return f"Subject: {_encoded(words)}\r\n"
    if name == "From":
        sender = value.addresses[0]
        return f"From: {_encoded(sender.display_name)}\r\n <{sender.addr_spec}>\r\n"
    return None


def _encoded(words: str) -> str:
    """As encoded words (RFC 2047), none of which cuts a letter in two."""
    pieces, length = [""], 0
    for letter in words:
        length += len(letter.encode())
        if length > WORD:
            pieces.append("")
            length = len(letter.encode())
        pieces[-1] += letter
    return "\r\n ".join(f"=?utf-8?b?{b64encode(piece.encode()).decode('ascii')}?=" for piece in pieces)
