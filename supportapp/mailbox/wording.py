"""The text of a mail as an entry of a conversation: nothing is refused that a person wrote."""

from __future__ import annotations

import re
import unicodedata

from supportapp.i18n import N_, gettext
from supportapp.mailbox.reading.contents import IncomingMail
from supportapp.tickets.rules import BODY_LENGTH, SUBJECT_LENGTH

ONLY_FILES = N_("(The mail has no text; see its attachments.)")
EMPTY = N_("(The mail has no text.)")
ENCRYPTED = N_("(The mail is encrypted and cannot be read here; see its attachment.)")
NO_SUBJECT = N_("Mail without a subject")
GOES_ON = N_("(The mail is longer than an entry can be: the whole text is attached.)")
NOT_ACCEPTED = N_("Not accepted from this mail:")
WHOLE_TEXT_NAME = "mail.txt"

_PREFIX = re.compile(r"^\s*(?:(?:re|aw|sv|fwd?|wg|отв|ответ|пересл|на)\s*(?:\[\d+\])?\s*:\s*)+", re.I)
_ROOM = 12_000  # for the lines below a text: what was not accepted


def body_of(mail: IncomingMail, language: str, refused: list[str], *, whole: bool = False) -> str:
    """The new text, or with ``whole`` all of it, at most as long as an entry; below it what was ``refused``."""
    text = clean_text(mail.whole_text if whole else mail.text) or gettext(_instead(mail), language)
    if len(text) > BODY_LENGTH - _ROOM:
        text = f"{text[: BODY_LENGTH - _ROOM].rstrip()}\n\n{gettext(GOES_ON, language)}"
    if refused:
        lines = "\n".join(f"– {sentence}" for sentence in refused)
        text = f"{text}\n\n{gettext(NOT_ACCEPTED, language)}\n{lines[: _ROOM - 1000]}"
    return text


def is_too_long(mail: IncomingMail) -> bool:
    """Whether the text has to be cut, and the whole of it attached."""
    return len(clean_text(mail.text)) > BODY_LENGTH - _ROOM


def subject_of(mail: IncomingMail, language: str) -> str:
    """The subject without the marks of answers, on one line, never empty."""
    subject = " ".join(clean_text(mail.subject).split())
    subject = _PREFIX.sub("", subject).strip()
    return subject[:SUBJECT_LENGTH].strip() or gettext(NO_SUBJECT, language)


def clean_text(text: str) -> str:
    """``text`` with its lines in one way and without characters that are not text."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs")).strip()


def language_of(mail: IncomingMail) -> str:
    """In which language to answer somebody of whom nothing else is known."""
    words = f"{mail.subject} {mail.sender_name} {mail.text[:2000]}"
    return "ru" if re.search("[А-Яа-яЁё]", words) or not re.search("[A-Za-z]{3}", words) else "en"


def _instead(mail: IncomingMail) -> str:
    if mail.is_encrypted:
        return ENCRYPTED
    return ONLY_FILES if mail.attachments else EMPTY
