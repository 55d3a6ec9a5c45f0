"""A row of the outbox as a mail: headers, a text part and an HTML part."""

from __future__ import annotations

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
from supportapp.notifications.models import Notification


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


def compose(notification: Notification, *, at: datetime) -> EmailMessage:
    """The mail; its Message-ID is the row's, whenever it is sent. ValueError when the recipient is no address."""
    message = EmailMessage(policy=POLICY)
    message["From"] = address(settings.MAIL_FROM, settings.support_name(notification.language))
    message["To"] = address(notification.recipient)
    message["Subject"] = notification.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = notification.message_id
    if notification.about:  # mail programs show the mails about one thing together
        message["References"] = f"<{notification.about.replace(':', '-')}@{portal_host()}>"
    message["Content-Language"] = notification.language
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["List-Id"] = f"<notifications.{portal_host()}>"
    message.set_content(notification.text_body, cte="base64")
    message.add_alternative(notification.html_body, subtype="html", cte="base64")
    return message


def address(addr_spec: str, name: str = "") -> Address:
    """``addr_spec`` with its domain as ASCII; ValueError when it is not one address."""
    local, _, domain = addr_spec.rpartition("@")
    if not local or not domain or any(c.isspace() for c in addr_spec):
        raise ValueError(f"not an e-mail address: {addr_spec!r}")
    return Address(display_name=name, username=local, domain=ascii_domain(domain))


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
    """A subject or a sender's name in encoded words; None for a header that needs none."""
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
