"""What states are called on the staff screens."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

from flask_babel import lazy_gettext as _l

from supportapp.certificates.models import SupportLevel
from supportapp.certificates.rules import CertificateKind, State
from supportapp.kb.models import ArticleAct, ArticleState, Topic
from supportapp.mailbox.rules import Door, MailState, Reason
from supportapp.notifications.models import NotificationState
from supportapp.staff.frame import language
from supportapp.tickets.desk.rules import HeldKind
from supportapp.tickets.escalating.rules import Promise
from supportapp.tickets.rules import CloseReason, EventKind, MessageKind, ReceivedBy, Satisfied, Status, Turn

_WORDS: tuple[tuple[enum.Enum, Any], ...] = (
    (Status.NEW, _l("New")),
    (Status.IN_PROGRESS, _l("In progress")),
    (Status.AWAITING_INFO, _l("Information requested")),
    (Status.SOLUTION_PROPOSED, _l("Solution proposed")),
    (Status.CLOSED, _l("Closed")),
    (Turn.SUPPORT, _l("our turn")),
    (Turn.CUSTOMER, _l("customer's turn")),
    (Turn.NOBODY, _l("finished")),
    (CloseReason.SOLVED, _l("solved: the customer agreed")),
    (CloseReason.NO_REACTION, _l("no reaction: closed automatically")),
    (CloseReason.WITHDRAWN, _l("withdrawn by the customer")),
    (CloseReason.BY_STAFF, _l("closed by staff")),
    (CloseReason.MERGED, _l("merged into another ticket")),
    (MessageKind.QUESTION, _l("Question")),
    (MessageKind.REPLY, _l("Reply")),
    (MessageKind.INFO_REQUEST, _l("Request for information")),
    (MessageKind.SOLUTION, _l("Proposed solution")),
    (HeldKind.REPLY, _l("Reply")),
    (HeldKind.INFO_REQUEST, _l("Request for information")),
    (HeldKind.SOLUTION, _l("Proposed solution")),
    (HeldKind.CLOSING, _l("Closing")),
    (HeldKind.MERGING, _l("Merging")),
    (MessageKind.NOTE, _l("Internal note: the customer does not see it")),
    (EventKind.SUBMITTED, _l("submitted")),
    (EventKind.TAKEN, _l("took the ticket")),
    (EventKind.ASSIGNED, _l("assigned the ticket")),
    (EventKind.REPLIED, _l("replied")),
    (EventKind.INFO_REQUESTED, _l("requested information")),
    (EventKind.SOLUTION_PROPOSED, _l("proposed a solution")),
    (EventKind.NOTE_ADDED, _l("added an internal note")),
    (EventKind.RECEIVED, _l("the customer received the request")),
    (EventKind.WARNED, _l("the customer was warned of the closing")),
    (EventKind.EXTENDED, _l("asked for more time")),
    (EventKind.SOLUTION_ACCEPTED, _l("accepted the solution")),
    (EventKind.WITHDRAWN, _l("withdrew the ticket")),
    (EventKind.CLOSED_BY_STAFF, _l("closed the ticket")),
    (EventKind.CLOSED_AUTOMATICALLY, _l("closed automatically: no reaction")),
    (EventKind.REOPENED, _l("reopened the ticket")),
    (EventKind.MERGED, _l("merged")),
    (EventKind.CERTIFICATE_CHOSEN, _l("chose a certificate")),
    (EventKind.TAGGED, _l("added the tag")),
    (EventKind.UNTAGGED, _l("removed the tag")),
    (EventKind.LINKED, _l("linked it to")),
    (EventKind.UNLINKED, _l("removed the link to")),
    (Satisfied.YES, _l("satisfied")),
    (Satisfied.PARTLY, _l("partly satisfied")),
    (Satisfied.NO, _l("not satisfied")),
    (EventKind.TARGET_NEAR, _l("the target is near")),
    (EventKind.TARGET_MISSED, _l("the target was missed")),
    (Promise.FIRST, _l("first answer")),
    (Promise.RESOLUTION, _l("solution")),
    (ReceivedBy.MAIL, _l("the mail server accepted the mail")),
    (ReceivedBy.PORTAL, _l("the customer opened the ticket")),
    (CertificateKind.CERTIFICATE, _l("Certificate")),
    (CertificateKind.CONTRACT, _l("Contract")),
    (State.NOT_YET_VALID, _l("not valid yet")),
    (State.VALID, _l("valid")),
    (State.EXPIRED, _l("expired")),
    (State.REVOKED, _l("revoked")),
    (ArticleState.DRAFT, _l("Draft")),
    (ArticleState.PUBLISHED, _l("Published")),
    (ArticleState.STAFF_ONLY, _l("For staff only")),
    (ArticleAct.SAVED, _l("changed it")),
    (ArticleAct.RESTORED, _l("restored an older version")),
    (ArticleAct.IMPORTED, _l("imported it")),
    (ArticleAct.PUBLISHED, _l("published it")),
    (ArticleAct.WITHDRAWN, _l("withdrew it to draft")),
    (ArticleAct.KEPT_FOR_STAFF, _l("kept it for staff only")),
    (ArticleAct.CHECKED, _l("checked it: still right")),
    (EventKind.THANKED, _l("thanked")),
    (EventKind.AUTO_REPLIED, _l("the customer's mail program answered by itself")),
    (EventKind.MAIL_BOUNCED, _l("a mail did not arrive")),
    (Door.PIPE, _l("the mail server's pipe")),
    (Door.IMAP, _l("the IMAP box")),
    (Door.LMTP, _l("the mail server (LMTP or SMTP)")),
    (MailState.RECEIVED, _l("waits to be read")),
    (MailState.ENTERED, _l("entered a ticket")),
    (MailState.NOTED, _l("noted on a timeline")),
    (MailState.IGNORED, _l("ignored")),
    (MailState.QUARANTINED, _l("in quarantine")),
    (MailState.RELEASED, _l("released by staff")),
    (MailState.DISCARDED, _l("discarded by staff")),
    (Reason.OWN, _l("our own mail")),
    (Reason.AUTO_REPLY, _l("an automatic answer")),
    (Reason.LIST, _l("a mailing list or newsletter")),
    (Reason.BOUNCE, _l("a report: a mail did not arrive")),
    (Reason.DELAYED, _l("a report: a mail is late")),
    (Reason.REPLIED, _l("a reply in its ticket")),
    (Reason.OPENED, _l("opened a ticket")),
    (Reason.CONTINUED, _l("opened a ticket that continues a closed one")),
    (Reason.UNKNOWN_SENDER, _l("unknown sender")),
    (Reason.STRANGER, _l("answers a ticket of somebody else")),
    (Reason.STAFF, _l("sent by staff")),
    (Reason.UNCONFIRMED, _l("the sender's address is not confirmed")),
    (Reason.BLOCKED, _l("the sender is blocked")),
    (Reason.FORGED, _l("the sender seems forged")),
    (Reason.UNPROVEN, _l("nothing proves that the sender wrote it")),
    (Reason.TOO_MANY, _l("too many mails in an hour, or tickets in a day")),
    (Reason.TOO_LARGE, _l("too large")),
    (Reason.UNREADABLE, _l("could not be read")),
    (NotificationState.QUEUED, _l("waiting to be sent")),
    (NotificationState.SENT, _l("sent")),
    (NotificationState.FAILED, _l("not delivered, will be tried again")),
    (NotificationState.UNDELIVERABLE, _l("not delivered, given up")),
)
YES_NO = [("y", _l("Yes")), ("n", _l("No"))]
# By class and value: members of different enums with the same value are equal.
LABELS = {(type(member), member.value): words for member, words in _WORDS}


def label(member: enum.Enum | None) -> str:
    """The words for a member of one of our enums."""
    return "" if member is None else str(LABELS.get((type(member), member.value), member.value))


def label_for(kind: type[enum.Enum]) -> Callable[[Any], str]:
    """A function that shows stored values of ``kind``."""
    return lambda value: label(kind(value)) if value else ""


def row_name(row: Any) -> str:
    """What a row is called: in the language of this page when it has a name in each."""
    return row.name(language()) if isinstance(row, SupportLevel | Topic) else str(row)


def choices(kind: type[enum.Enum]) -> list[tuple[str, Any]]:
    """(value, words) of every member, for a select."""
    return [(member.value, LABELS.get((kind, member.value), member.value)) for member in kind]
