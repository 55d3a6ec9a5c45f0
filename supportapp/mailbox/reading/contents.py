"""What was read from a mail, as the rest of the room knows it."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime


class Nature(enum.StrEnum):
    """Who is behind a mail, by its headers and its wording.

    ``auto_reply`` is an out-of-office or another machine's answer, ``bounce`` a report that a mail did not arrive,
    ``delayed`` one that it has not arrived yet, ``list`` a mailing list or a newsletter. Whether it is one of our own
    mails the reader cannot know.
    """

    PERSON = "person"
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    DELAYED = "delayed"
    LIST = "list"


@dataclass(frozen=True)
class Attachment:
    """A file of the mail, inline pictures included. ``name`` is never empty and holds no path."""

    name: str
    content_type: str
    data: bytes
    is_inline: bool = False


@dataclass(frozen=True)
class Bounce:
    """What a report says (RFC 3464): for whom, the status ("5.1.1"), and which mails of ours it is about."""

    recipient: str
    status: str
    diagnostic: str
    is_permanent: bool
    about_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class IncomingMail:
    """Everything there is to know. Addresses are lower-cased and bare; Message-IDs keep their angle brackets.

    ``text`` is what is new, ``whole_text`` everything that was written, quotations included; they are equal when in
    doubt. ``recipients`` are all addresses that it was sent to, from every header that says so. ``problems`` names what
    could not be read, in words for the log; a mail is never given up because of them.
    """

    message_id: str
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    sender: str
    sender_name: str
    recipients: tuple[str, ...]
    subject: str
    date: datetime | None
    text: str
    whole_text: str
    nature: Nature
    nature_because: str = ""
    bounce: Bounce | None = None
    attachments: tuple[Attachment, ...] = ()
    is_signed: bool = False
    is_encrypted: bool = False
    authentication_results: tuple[str, ...] = ()
    problems: tuple[str, ...] = field(default=())

    @property
    def has_quotation(self) -> bool:
        return self.text != self.whole_text
