"""When a mail that failed is tried again, and when it is given up."""

from __future__ import annotations

import enum
from datetime import datetime, timedelta


class Failure(enum.StrEnum):
    """Why the last try failed: the server said "later" (4xx), "never" (5xx), or did not take the connection, was too
    slow, or a report came back after it had taken the mail."""

    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    REFUSED = "refused"
    SLOW = "slow"
    BOUNCED = "bounced"


# Minutes after the first, the second … try; the last one holds for all that follow. "Later" is mostly greylisting,
# which wants a few minutes; a server that is away is asked again soon, because nothing else gets out either; a slow
# one costs much and is left in peace.
WAITS = {
    Failure.TEMPORARY: (1, 5, 15, 30, 60),
    Failure.REFUSED: (1, 2, 5, 10, 15),
    Failure.SLOW: (5, 15, 30, 60, 120),
}
PATIENCE = timedelta(days=2)  # since the first try, or since somebody asked for another
MAX_ATTEMPTS = 250  # no schedule gets so far: the mail's senders died again and again


def wait_after(failure: Failure, attempts: int, *, at: datetime, since: datetime) -> timedelta | None:
    """How long to wait after the ``attempts``-th try, first made at ``since``; None when the mail is given up."""
    waits = WAITS.get(failure)
    if waits is None:
        return None
    wait = timedelta(minutes=waits[min(attempts, len(waits)) - 1])
    return wait if at + wait <= since + PATIENCE else None


def sending_limit(smtp_timeout: int) -> timedelta:
    """How long one sending may take in all, however slowly the server answers."""
    return timedelta(seconds=3 * smtp_timeout)


def claim_length(smtp_timeout: int) -> timedelta:
    """How long a sender owns its mail: longer than any sending, so that nobody else sends it meanwhile."""
    return sending_limit(smtp_timeout) + timedelta(seconds=smtp_timeout + 30)
