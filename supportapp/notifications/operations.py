"""Recording mails, and having another try at one that did not arrive."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Protocol

from blinker import Signal
from sqlalchemy import or_, update

from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.i18n import N_, known_language
from supportapp.jobs.queue import ring_after_commit
from supportapp.notifications.keys import new_mail_id
from supportapp.notifications.mail import Letter
from supportapp.notifications.models import Notification, NotificationState

DELIVER = "supportapp.notifications.jobs.deliver"

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
) -> Notification:
    """Record a mail in the caller's transaction; it is sent after the commit, or never when there is none."""
    language = known_language(language)
    words = letter.render(language)
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
        state=NotificationState.QUEUED,
        created_at=at,
        next_attempt_at=at,
    )
    db.session.add(notification)
    db.session.flush()
    ring_after_commit(DELIVER, notification.id, queue="mail")
    return notification


def resend(notification: Notification, *, by: Person, at: datetime) -> None:
    """Put a mail that did not arrive back into the queue, as if it were new.

    Refused "already_sent" or "still_queued": nobody gets the same mail twice.
    """
    statement = (
        update(Notification)
        .where(
            Notification.id == notification.id,
            Notification.state.in_([NotificationState.FAILED, NotificationState.UNDELIVERABLE]),
            or_(Notification.claimed_until.is_(None), Notification.claimed_until <= at),
        )
        .values(state=NotificationState.QUEUED, attempts=0, next_attempt_at=at, claimed_until=None)
        .execution_options(synchronize_session=False)
    )
    changed = db.session.connection().execute(statement).rowcount
    db.session.refresh(notification)
    if not changed and notification.state is NotificationState.SENT:
        raise Refused("already_sent", N_("This mail has been delivered; it is not sent a second time."))
    if not changed:
        raise Refused("still_queued", N_("This mail is about to be sent; there is nothing to repeat."))
    logger.info("staff user %s has mail %s sent again", by.id, notification.id)
    ring_after_commit(DELIVER, notification.id, queue="mail")
