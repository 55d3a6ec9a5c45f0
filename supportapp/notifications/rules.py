"""When a mail that failed is tried again."""

from __future__ import annotations

import re
from datetime import timedelta

FIRST_WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
LATER_WAIT = timedelta(hours=1)
MAX_ATTEMPTS = 51  # with the waits above: two days

# RFC 3463, 3.2: addressing status, save those about the sender's own address (5.1.7, 5.1.8)
_BAD_ADDRESS = re.compile(r"\b5\.1\.(?!7\b|8\b)[0-9]{1,3}\b")
_ANY_STATUS = re.compile(r"\b[245]\.[0-9]{1,3}\.[0-9]{1,3}\b")
_NOBODY = re.compile(
    r"(user|mailbox|recipient|address|account)\b.{0,40}\b(unknown|not found|does not exist|doesn't exist|invalid)"
    r"|(unknown|no such|invalid|non-?existent) (user|mailbox|recipient|address|account|person)",
    re.I,
)


def refuses_the_address(answer: str) -> bool:
    """Whether a server that refused a mail for good means its address, and not what was in it."""
    if _ANY_STATUS.search(answer):
        return bool(_BAD_ADDRESS.search(answer))
    return bool(re.match(r"55[013] ", answer) and _NOBODY.search(answer))


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
