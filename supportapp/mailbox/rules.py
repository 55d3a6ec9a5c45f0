"""What can become of a mail that came in. Pure names and rules on the standard library."""

from __future__ import annotations

import enum
import re
from datetime import timedelta


class Door(enum.StrEnum):
    """Which way a mail came in."""

    PIPE = "pipe"
    IMAP = "imap"
    LMTP = "lmtp"


class MailState(enum.StrEnum):
    """``received`` waits to be read; ``entered`` became an entry or a ticket; ``noted`` stands on a timeline alone;
    ``ignored`` was recognised as nothing for people; ``quarantined`` waits for staff; ``released`` and ``discarded``
    were decided by them."""

    RECEIVED = "received"
    ENTERED = "entered"
    NOTED = "noted"
    IGNORED = "ignored"
    QUARANTINED = "quarantined"
    RELEASED = "released"
    DISCARDED = "discarded"


class Reason(enum.StrEnum):
    """Why a mail is where it is. The first eight never reach a person by themselves; staff look at the others."""

    OWN = "own"
    AUTO_REPLY = "auto_reply"
    LIST = "list"
    BOUNCE = "bounce"
    DELAYED = "delayed"
    REPLIED = "replied"
    OPENED = "opened"
    CONTINUED = "continued"
    UNKNOWN_SENDER = "unknown_sender"
    STRANGER = "stranger"
    STAFF = "staff"
    UNCONFIRMED = "unconfirmed"
    BLOCKED = "blocked"
    FORGED = "forged"
    UNPROVEN = "unproven"
    TOO_MANY = "too_many"
    TOO_LARGE = "too_large"
    UNREADABLE = "unreadable"


UNDECIDED = frozenset({MailState.QUARANTINED, MailState.IGNORED})
OUTSIDE = UNDECIDED | {MailState.NOTED}  # not in a ticket, and not by anybody's decision
PASSING = frozenset({MailState.NOTED, MailState.IGNORED, MailState.DISCARDED})  # nobody needs their originals for long
IN_DOUBT = frozenset({Reason.FORGED, Reason.UNPROVEN})  # whether it is from the person in whose name it came
BY_MACHINE = frozenset({Reason.AUTO_REPLY, Reason.LIST})
REPLACEABLE = IN_DOUBT | BY_MACHINE | {Reason.UNREADABLE}  # by other bytes of the same mail, which may enter
PARDONABLE = IN_DOUBT | {Reason.TOO_MANY}

MAX_ATTEMPTS = 3
LEASE = timedelta(minutes=2)  # a reader that was killed is followed by another one
LATER = timedelta(minutes=1)  # the storage or the database is away: that is no attempt
MAILS_AN_HOUR = 30  # from one address; what is more waits for staff
HOUR = timedelta(hours=1)
TICKETS_A_DAY = 20  # opened by mails of one address: more than any person has questions, few enough to look through
DAY = timedelta(days=1)
TOLD_EVERY = timedelta(days=1)
TOLD_AN_HOUR = 100  # polite mails to all strangers together: forged senders must not make us a source of spam

# who never reads an answer
_ROBOTS = re.compile(
    r"(mailer-daemon|postmaster|no-?reply|do-?not-?reply|not-?answer|bounces?|notifications?|daemon|robot|news(letter)?"
    r"|automat(ic|ed)|.*[-+._](bounces?|no-?reply|owner|request))([-+._].*)?"
)


def wait_after(attempts: int) -> timedelta:
    """How long to wait before a mail is read again, after the ``attempts``-th failure."""
    return timedelta(minutes=5 ** (attempts - 1))


def is_robot(address: str) -> bool:
    """Whether nobody reads what is sent to ``address``, by its name."""
    return _ROBOTS.fullmatch(address.rpartition("@")[0].lower()) is not None
