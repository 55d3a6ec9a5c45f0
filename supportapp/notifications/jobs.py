"""What the worker does with the outbox."""

from __future__ import annotations

import logging
import time

from supportapp import clock
from supportapp.extensions import db
from supportapp.notifications import queries, smtp
from supportapp.notifications.delivering import Claim, claim, settle
from supportapp.notifications.smtp import Outcome

BATCH = 200
BATCH_SECONDS = 40
SETTLE_TRIES = 3

logger = logging.getLogger(__name__)


def deliver(notification_id: int) -> None:
    """Send one mail if it is due and nobody else is at it."""
    _deliver(notification_id)


def sweep_outbox() -> None:
    """Send whatever was not rung for, is due again, or was left by a sender that died. Two at once do no harm."""
    due = queries.due_mails(clock.now(), BATCH)
    db.session.rollback()  # nothing is locked while mails are sent
    started = time.monotonic()
    for notification_id in due:
        outcome = _deliver(notification_id)
        if outcome and outcome.server_away:
            return  # the others would only wait for the same timeout
        if time.monotonic() - started > BATCH_SECONDS:
            return


def _deliver(notification_id: int) -> Outcome | None:
    taken = claim(notification_id, at=clock.now())
    db.session.commit()
    if taken is None:
        return None
    outcome = smtp.send(taken.message)
    _settle(taken, outcome)
    return outcome


def _settle(taken: Claim, outcome: Outcome) -> None:
    """A listener that loses against a person acting at the same second tries again; the mail stays sent in any case."""
    for remaining in reversed(range(SETTLE_TRIES)):
        try:
            settle(taken, outcome, at=clock.now())
            db.session.commit()
        except Exception:
            db.session.rollback()
            logger.log(
                logging.INFO if remaining else logging.ERROR,
                "settling mail %s failed, %s tries left", taken.notification_id, remaining, exc_info=True,
            )  # fmt: skip
        else:
            return
    settle(taken, outcome, at=clock.now(), announce=False)
    db.session.commit()
