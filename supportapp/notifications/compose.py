"""A row of the outbox as a mail: headers, a text part and an HTML part."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

import idna

from supportapp.extensions import settings
from supportapp.notifications import joining, keys
from supportapp.notifications.models import Notification
from supportapp.notifications.unsubscribing import make_off_link

UNBREAKABLE = {"Message-ID", "In-Reply-To", "References", "Reply-To", "To", "List-Unsubscribe", "List-Id"}
_DOMAIN = re.compile(r"[A-Za-z0-9._-]+")  # no address literals: the standard library falls over broken ones


class MailPolicy(EmailPolicy):
    """The standard library's, except that it loses no blanks when it folds long Russian headers (CPython 3.11 does)."""

    def fold(self, name: str, value: Any) -> str:
        """One header as text."""
        return _folded(name, value) or super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        """One header as it travels."""
        folded = _folded(name, value)
        return folded.encode("ascii") if folded else super().fold_binary(name, value)


POLICY = MailPolicy(linesep="\r\n")


def compose(notification: Notification, *others: Notification, at: datetime) -> EmailMessage:
    """The mail, with the words of ``others`` that go along; ValueError when the recipient is no address.

    Its Message-ID is the row's, whenever it is sent. Date is the moment of sending: a mail that waited for a server is
    neither sorted into the past nor taken for an old one that somebody sends again.
    """
    parts = (notification, *others)
    words = joining.join(parts)
    message = EmailMessage(policy=POLICY)
    message["From"] = address(settings.MAIL_FROM, settings.support_name(notification.language))
    message["To"] = address(notification.recipient)
    if notification.reply_to:
        message["Reply-To"] = address(notification.reply_to)
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
    message.set_content(words.text, cte="base64")
    message.add_alternative(words.html, subtype="html", cte="base64")
    return message


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
    or a sender's name in encoded words; None for a header that needs neither."""
    if name in UNBREAKABLE and str(value).isascii():
        return f"{name}: " + "\r\n ".join(str(value).split()) + "\r\n"
    if str(value).isascii():
        return None
    if name == "Subject":
        return f"Subject: {_encoded(str(value), name)}\r\n"
    if name == "From":
        sender = value.addresses[0]
        return f"From: {_encoded(sender.display_name, name)}\r\n <{sender.addr_spec}>\r\n"
    return None


def _encoded(words: str, name: str) -> str:
    return Header(words, "utf-8", header_name=name).encode(linesep="\r\n")
