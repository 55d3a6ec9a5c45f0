"""Where a mail stands in its conversation, so that mail programs show what belongs together as one (RFC 5322, 3.6.4).

Every mail about one thing refers to the same root, which was never sent, and to the mail that it answers. So one lost
mail, or one that was never written, takes no other out of the conversation.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from sqlalchemy import select

from supportapp.extensions import db
from supportapp.notifications.keys import root_mail_id
from supportapp.notifications.models import Notification, NotificationState

_MAIL_ID = re.compile(r"<[!-;=?-~]{1,298}>")  # printable ASCII without blanks and further brackets


class Place(NamedTuple):
    """The headers In-Reply-To and References; empty where there is nothing to say."""

    in_reply_to: str
    references: str


def find_place(about: str, recipient: str, *, answers: str | None = None) -> Place:
    """Where the next mail to ``recipient`` about ``about`` stands.

    It answers ``answers``, the Message-ID of a mail that somebody sent us, else our previous one. A Message-ID that is
    none counts for nothing: it comes from outside.
    """
    given = answers if answers and _MAIL_ID.fullmatch(answers) else ""
    parent = given or (_previous(about, recipient) if about else "")
    root = root_mail_id(about) if about else ""
    return Place(parent, " ".join(filter(None, (root, parent))))


def _previous(about: str, recipient: str) -> str:
    """The Message-ID under which our last mail about the same thing reached the recipient, or will."""
    same = Notification.about == about, Notification.recipient == recipient
    arriving = Notification.state != NotificationState.UNDELIVERABLE
    newest = select(Notification).where(*same, arriving).order_by(Notification.id.desc()).limit(1)
    last = db.session.scalars(newest).one_or_none()
    if last is None:
        return ""
    if last.joined_to_id is not None:
        return db.session.get_one(Notification, last.joined_to_id).message_id
    if last.gathers:  # the oldest of those that wait will carry the others
        oldest = select(Notification.message_id).where(
            *same, Notification.gathers, Notification.language == last.language
        )
        return db.session.scalars(oldest.order_by(Notification.id).limit(1)).one()
    return last.message_id
