"""Mails as customers' programs write them, and the road they take without any server."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any

from supportapp.extensions import db
from supportapp.mailbox.jobs import read_received, take_in
from supportapp.mailbox.models import ReceivedMail
from supportapp.mailbox.receiving import Envelope
from supportapp.mailbox.rules import Door
from supportapp.notifications.models import Notification

SUPPORT = "support@localhost"
_number = iter(range(1, 1_000_000))


def write(sender: str, text: str = "Вот журнал работы программы.", **headers: Any) -> EmailMessage:
    """A mail of a person to the support address; a header named ``in_reply_to`` is In-Reply-To, None leaves it out."""
    message = EmailMessage()
    values = {
        "from": f"Анна Смирнова <{sender}>",
        "to": SUPPORT,
        "subject": "Не открывается контейнер",
        "date": "Fri, 20 Nov 2026 13:59:00 +0300",
        "message_id": f"<mail{next(_number)}@example.com>",
        **headers,
    }
    for name, value in values.items():
        if value is not None:
            message[name.replace("_", "-").title().replace("Id", "ID")] = value
    message.set_content(text)
    return message


def answer(mail: Notification, text: str = "Вот журнал работы программы.", **headers: Any) -> EmailMessage:
    """What a mail program makes of pressing Reply."""
    place = {
        "to": mail.reply_to or SUPPORT,
        "subject": f"Re: {mail.subject}",
        "in_reply_to": mail.message_id,
        "references": f"{mail.mail_references} {mail.message_id}".strip(),
    }
    return write(str(headers.pop("sender", mail.recipient)), text, **{**place, **headers})


def arrive(message: EmailMessage | bytes, *, sender: str | None = None, recipients: tuple[str, ...] = ()) -> int:
    """Taken in by the pipe's road, not read yet; the key of its row."""
    raw = message if isinstance(message, bytes) else message.as_bytes()
    return take_in(raw, Envelope(Door.PIPE, sender, recipients))


def receive(
    message: EmailMessage | bytes, *, sender: str | None = None, recipients: tuple[str, ...] = ()
) -> ReceivedMail:
    """Taken in and read, as the worker does."""
    mail_id = arrive(message, sender=sender, recipients=recipients)
    read_received(mail_id)
    db.session.expire_all()
    return db.session.get_one(ReceivedMail, mail_id)
