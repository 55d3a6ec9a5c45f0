"""The life of a ticket, as domain law: pure functions on the standard library, the moment is an argument."""

from __future__ import annotations

import enum
from datetime import datetime, timedelta

# Without a certificate a ticket stands behind every support level (user guide, section 4).
LOWEST_PRIORITY = 1000


class Status(enum.StrEnum):
    NEW = "new"
    IN_PROGRESS = "in_progress"
    AWAITING_INFO = "awaiting_info"
    SOLUTION_PROPOSED = "solution_proposed"
    CLOSED = "closed"


class CloseReason(enum.StrEnum):
    SOLVED = "solved"
    NO_REACTION = "no_reaction"
    WITHDRAWN = "withdrawn"
    BY_STAFF = "by_staff"
    MERGED = "merged"


class MessageKind(enum.StrEnum):
    """What a conversation entry is; ``note`` is internal, everything else the customer sees."""

    QUESTION = "question"
    REPLY = "reply"
    INFO_REQUEST = "info_request"
    SOLUTION = "solution"
    NOTE = "note"


class EventKind(enum.StrEnum):
    """What happened to a ticket, in the past tense."""

    SUBMITTED = "submitted"
    TAKEN = "taken"
    ASSIGNED = "assigned"
    REPLIED = "replied"
    INFO_REQUESTED = "info_requested"
    SOLUTION_PROPOSED = "solution_proposed"
    NOTE_ADDED = "note_added"
    RECEIVED = "received"
    WARNED = "warned"
    EXTENDED = "extended"
    SOLUTION_ACCEPTED = "solution_accepted"
    WITHDRAWN = "withdrawn"
    CLOSED_BY_STAFF = "closed_by_staff"
    CLOSED_AUTOMATICALLY = "closed_automatically"
    REOPENED = "reopened"
    MERGED = "merged"
    CERTIFICATE_CHOSEN = "certificate_chosen"
    TARGET_NEAR = "target_near"
    TARGET_MISSED = "target_missed"
    THANKED = "thanked"
    AUTO_REPLIED = "auto_replied"
    MAIL_BOUNCED = "mail_bounced"
    TAGGED = "tagged"
    UNTAGGED = "untagged"
    LINKED = "linked"
    UNLINKED = "unlinked"


class ReceivedBy(enum.StrEnum):
    """How we know that the customer received a request: the mail server took it, or he opened the ticket."""

    MAIL = "mail"
    PORTAL = "portal"


class Satisfied(enum.StrEnum):
    """What a customer answers when he is asked whether he is satisfied."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class Turn(enum.StrEnum):
    """Whose move it is."""

    SUPPORT = "support"
    CUSTOMER = "customer"
    NOBODY = "nobody"


BODY_LENGTH = 100_000
SUBJECT_LENGTH = 200
DETAIL_LENGTH = 100
NOTE_LENGTH = 2_000

AWAITING_CUSTOMER = frozenset({Status.AWAITING_INFO, Status.SOLUTION_PROPOSED})
FOR_STAFF_ALONE = frozenset(
    {
        *(EventKind.NOTE_ADDED, EventKind.ASSIGNED, EventKind.AUTO_REPLIED),
        *(EventKind.TARGET_NEAR, EventKind.TARGET_MISSED),
        *(EventKind.TAGGED, EventKind.UNTAGGED, EventKind.LINKED, EventKind.UNLINKED),
    }
)
ASKED_AFTER = frozenset({CloseReason.SOLVED, CloseReason.NO_REACTION})  # endings that customers are asked about
OPEN = frozenset(Status) - {Status.CLOSED}


def turn(status: Status) -> Turn:
    """Whose turn it is in ``status``."""
    if status is Status.CLOSED:
        return Turn.NOBODY
    return Turn.CUSTOMER if status in AWAITING_CUSTOMER else Turn.SUPPORT


def after_staff_reply(status: Status) -> Status:
    """A plain reply answers: a new ticket is in progress then, any other keeps its status."""
    return Status.IN_PROGRESS if status is Status.NEW else status


def after_customer_reply(status: Status) -> Status:
    """A customer's reply ends the waiting for him and changes nothing else."""
    return Status.IN_PROGRESS if status in AWAITING_CUSTOMER else status


def can_reopen(
    status: Status, reason: CloseReason | None, closed_at: datetime | None, at: datetime, reopen_days: int
) -> bool:
    """Whether the customer may reopen: always after an automatic closing (guide, section 5), otherwise for
    ``reopen_days`` days after it was closed, and never when it was merged."""
    if status is not Status.CLOSED or reason is None or closed_at is None or reason is CloseReason.MERGED:
        return False
    return reason is CloseReason.NO_REACTION or at <= closed_at + timedelta(days=reopen_days)
