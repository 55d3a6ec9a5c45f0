"""When a mail that failed is tried again."""

from __future__ import annotations

from datetime import timedelta

FIRST_WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
LATER_WAIT = timedelta(hours=1)
MAX_ATTEMPTS = 51  # with the waits above: two days


def wait_after(attempts: int) -> timedelta | None:
    """How long to wait after the ``attempts``-th failure; None when the mail is given up."""
    if attempts >= MAX_ATTEMPTS:
        return None
    return FIRST_WAITS[attempts - 1] if attempts <= len(FIRST_WAITS) else LATER_WAIT


def sending_limit(smtp_timeout: int) -> timedelta:
    """How long one sending may take in all, however slowly the server answers."""
    return timedelta(seconds=3 * smtp_timeout)


def claim_length(smtp_timeout: int) -> timedelta:
    """How long a sender owns its mail: longer than any sending, so that nobody else sends it meanwhile."""
    return sending_limit(smtp_timeout) + timedelta(seconds=smtp_timeout + 30)
