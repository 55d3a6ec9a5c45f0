"""Answering a caught mail as its recipient: what a mail program would make of it, handed to the demo's own receiver."""

from __future__ import annotations

import re
import smtplib
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from pathlib import Path

from demo.mail_store import CaughtMail

PATIENCE_SECONDS = 10


class CannotAnswer(RuntimeError):  # noqa: N818 - told to people as it stands
    """The receiver did not take the answer; the message says why."""


def compose_answer(mail: CaughtMail, text: str) -> EmailMessage:
    """The answer of the mail's recipient, with what mail programs add: the thread and the quotation."""
    headers = {name.lower(): " ".join(value.split()) for name, value in reversed(mail.headers)}
    message_id = headers.get("message-id", "")
    answer = EmailMessage()
    answer["From"] = mail.recipients[0]
    answer["To"] = parseaddr(headers.get("reply-to") or mail.sender)[1]
    answer["Subject"] = mail.subject if mail.subject.lower().startswith("re:") else f"Re: {mail.subject}"
    answer["Date"] = format_datetime(datetime.now(UTC))
    answer["Message-ID"] = make_msgid(domain="recipient.example")
    if message_id:
        answer["In-Reply-To"] = message_id
        answer["References"] = f"{headers.get('references', '')} {message_id}".strip()
    written = f"{mail.sent_at or mail.received_at:%d.%m.%Y %H:%M}"
    quoted = "\n".join(f"> {line}" for line in mail.text.splitlines())
    answer.set_content(f"{text.strip()}\n\n{written}, {answer['To']} пишет:\n{quoted}\n")
    return answer


def compose_letter(to: str, sender: str, subject: str, text: str) -> EmailMessage:
    """A mail that answers nothing; raises CannotAnswer naming what is missing."""
    name, address = parseaddr(sender)
    if not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", address) or name:
        raise CannotAnswer("Нужен адрес, такой как oleg@nowhere.example.")
    if not text.strip():
        raise CannotAnswer("Напишите несколько слов.")
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = address, to, " ".join(subject.split())
    letter["Date"] = format_datetime(datetime.now(UTC))
    letter["Message-ID"] = make_msgid(domain="sender.example")
    letter.set_content(text.strip() + "\n")
    return letter


def send_answer(answer: EmailMessage, receiver: Path) -> None:
    """Hand it over by LMTP; raises CannotAnswer."""
    try:
        with smtplib.LMTP(str(receiver), timeout=PATIENCE_SECONDS) as server:
            server.sendmail(answer["From"], [answer["To"]], answer.as_bytes())
    except (OSError, smtplib.SMTPException) as error:
        raise CannotAnswer(str(error)) from error
