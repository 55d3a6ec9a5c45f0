"""Recording mails, and having another try at one that did not arrive."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Protocol

from blinker import Signal
from sqlalchemy import or_, update

from supportapp.errors import Refused
from supportapp.extensions import db, settings
from supportapp.i18n import N_, known_language
from supportapp.jobs.queue import ring_after_commit
from supportapp.notifications.gathering import parts_of
from supportapp.notifications.keys import new_mail_id, tagged_address
from supportapp.notifications.mail import Letter
from supportapp.notifications.models import Failure, Notification, NotificationState, OptionalMail
from supportapp.notifications.threads import find_place

DELIVER = "supportapp.notifications.jobs.deliver"
ENOUGH = 4  # bells: whoever hears one sends everything that is due

# Sent with the Notification and ``at``, inside the transaction that marks the row.
delivered = Signal("A mail was accepted by the server of its recipient.")
undeliverable = Signal("A mail was given up.")

logger = logging.getLogger(__name__)


class Person(Protocol):
    """Whoever acts; this feature knows people by their key alone."""

    @property
    def id(self) -> int: ...


def notify(
    *,
    kind: str,
    recipient: str,
    language: str,
    letter: Letter,
    at: datetime,
    about: str = "",
    customer_id: int | None = None,
    answers: str | None = None,
    optional: OptionalMail | None = None,
    gather: bool = False,
) -> Notification:
    """Record a mail in the caller's transaction; it is sent after the commit, or never when there is none.

    ``answers`` is the Message-ID of the person's mail that led to this one. ``optional`` is the kind that the customer
    may switch off; whether he has is for the caller to know. With ``gather`` the mail waits MAIL_GATHER_SECONDS for
    others about the same thing to the same recipient, which then go as one: not for a mail that is waited for.
    """
    language = known_language(language)
    words = letter.render(language)
    place = find_place(about, recipient, answers=answers)
    wait = settings.MAIL_GATHER_SECONDS if gather and about else 0
    notification = Notification(
        kind=kind,
        about=about,
        recipient=recipient,
        customer_id=customer_id,
        language=language,
        subject=words.subject,
        text_body=words.text,
        html_body=words.html,
        message_id=new_mail_id(about),
        in_reply_to=place.in_reply_to,
        mail_references=place.references,
        reply_to=_answering_address(about, customer_id),
        optional=optional,
        gathers=wait > 0,
        state=NotificationState.QUEUED,
        created_at=at,
        next_attempt_at=at + timedelta(seconds=wait),
    )
    db.session.add(notification)
    db.session.flush()
    ring_after_commit(DELIVER, notification.id, queue="mail", seconds=wait, enough=ENOUGH)
    return notification


def resend(notification: Notification, *, by: Person, at: datetime) -> None:
    """Put a mail that did not arrive back into the queue, as if it were new, with all that went with it.

    A mail that came back after its server had taken it is a new mail with a new Message-ID: that server would take it
    for a copy of the old one, and a late report about the old one must not be believed of the new. Refused
    "already_sent" or "still_queued": nobody gets the same mail twice.
    """
    carrier = db.session.get_one(Notification, notification.joined_to_id or notification.id, populate_existing=True)
    again = {"state": NotificationState.QUEUED, "attempts": 0, "next_attempt_at": at, "claimed_until": None}
    anew = {"message_id": new_mail_id(carrier.about)} if carrier.failure is Failure.BOUNCED else {}
    statement = (
        update(Notification)
        .where(
            Notification.id == carrier.id,
            Notification.state.in_([NotificationState.FAILED, NotificationState.UNDELIVERABLE]),
            or_(Notification.claimed_until.is_(None), Notification.claimed_until <= at),
        )
        .values(**again, **anew, tried_since=None, failure=None, bounced_at=None)
        .execution_options(synchronize_session=False)
    )
    changed = db.session.connection().execute(statement).rowcount
    for part in parts_of(carrier.id, locked=bool(changed)):
        if changed and part.id != carrier.id:
            part.state, part.next_attempt_at, part.failure, part.bounced_at = NotificationState.QUEUED, at, None, None
    if not changed and carrier.state is NotificationState.SENT:
        raise Refused("already_sent", N_("This mail has been delivered; it is not sent a second time."))
    if not changed:
        raise Refused("still_queued", N_("This mail is about to be sent; there is nothing to repeat."))
    db.session.flush()
    logger.info("person %s has mail %s sent again", by.id, notification.id)
    ring_after_commit(DELIVER, carrier.id, queue="mail", enough=ENOUGH)


def mark_bounced(notification: Notification, error: str, *, at: datetime) -> bool:
    """A report says that a mail came back for good although its server had taken it; ``error`` is the report's reason.

    Says whether that is news. What went with the mail came back with it; ``undeliverable`` is announced for each.
    """
    parts = parts_of(notification.joined_to_id or notification.id, locked=True)
    news = [part for part in parts if part.state is NotificationState.SENT]
    for part in news:
        part.state, part.failure, part.bounced_at = NotificationState.UNDELIVERABLE, Failure.BOUNCED, at
        part.last_error = error
        undeliverable.send(part, at=at)
    db.session.flush()
    return bool(news)


def _answering_address(about: str, customer_id: int | None) -> str:
    """Where a customer's answer to a mail about a ticket belongs; empty where nobody would read it."""
    answerable = settings.reads_mail and customer_id is not None and about.startswith("ticket:")
    return tagged_address(about) if answerable else ""
