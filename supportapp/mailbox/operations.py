"""One mail, one transaction: what it says becomes an entry, a line on a timeline, or a case for staff."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, update

from supportapp.accounts.models import Customer
from supportapp.extensions import db
from supportapp.mailbox import correspondents, entering, messages, reports, twins
from supportapp.mailbox.enclosures import Enclosed
from supportapp.mailbox.models import ReceivedMail
from supportapp.mailbox.reading.contents import IncomingMail, Nature
from supportapp.mailbox.receiving import read_anew
from supportapp.mailbox.routing import Route, Way, is_answerable, route
from supportapp.mailbox.rules import IN_DOUBT, LATER, LEASE, MAX_ATTEMPTS, REPLACEABLE, MailState, Reason, wait_after
from supportapp.tickets import operations as tickets

ERROR_LENGTH = 500

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Turn:
    """The right to read one mail, until somebody else takes the next turn."""

    mail_id: int
    attempt: int
    storage_key: str | None


def take_turn(mail_id: int, *, at: datetime) -> Turn | None:
    """Begin to read a mail that waits; None when it does not, or another reader is at it. Commit before reading: a
    reader that is killed has used up its attempt, so no mail can kill readers for ever."""
    statement = (
        update(ReceivedMail)
        .where(ReceivedMail.id == mail_id, ReceivedMail.state == MailState.RECEIVED, ReceivedMail.next_attempt_at <= at)
        .values(attempts=ReceivedMail.attempts + 1, next_attempt_at=at + LEASE)
        .returning(ReceivedMail.attempts, ReceivedMail.storage_key)
        .execution_options(synchronize_session=False)
    )
    taken = db.session.execute(statement).one_or_none()
    if taken is None:
        return None
    if taken.attempts > MAX_ATTEMPTS:
        row = db.session.get_one(ReceivedMail, mail_id, populate_existing=True)
        if not _read_twin(row, at=at):
            _set_aside(row, Reason.UNREADABLE, at=at)
        return None
    return Turn(mail_id, *taken)


def settle(turn: Turn, mail: IncomingMail, enclosed: Enclosed, *, at: datetime) -> ReceivedMail | None:
    """Do what is to be done with a mail that was read; None when the turn has passed to somebody else."""
    row = _hold(turn)
    if row is None:
        return None
    describe(row, mail)
    row.read_at, row.next_attempt_at, row.last_error = at, None, ""
    where = route(mail, row)
    if where.reason in REPLACEABLE and _read_twin(row, at=at):
        return row
    if mail.nature is Nature.PERSON and where.way is not Way.IGNORE:
        where = _within_limits(row, where, at=at)
    _act(row, mail, where, enclosed, at=at)
    twins.forget(row)
    db.session.flush()
    logger.info("mail %s is %s (%s)", row.id, row.state.value, row.reason)
    return row


def fail(turn: Turn, error: BaseException, *, at: datetime) -> None:
    """Reading broke down: again later, and after the last attempt it is for people to look at."""
    row = _hold(turn)
    if row is None:
        return
    row.last_error = f"{type(error).__name__}: {' '.join(str(error).split())}"[:ERROR_LENGTH]
    row.next_attempt_at = at + wait_after(turn.attempt)
    if turn.attempt >= MAX_ATTEMPTS and not _read_twin(row, at=at):
        _set_aside(row, Reason.UNREADABLE, at=at)
    db.session.flush()


def postpone(turn: Turn, *, at: datetime) -> None:
    """The storage or the database was away, which is not the mail's fault: the attempt does not count."""
    row = _hold(turn)
    if row is not None:
        row.attempts, row.next_attempt_at = turn.attempt - 1, at + LATER
        db.session.flush()


def describe(row: ReceivedMail, mail: IncomingMail) -> None:
    """What lists show of a mail."""
    row.message_id = _line(mail.message_id, 300)
    row.sender = _line(mail.sender, 254)
    row.subject = _line(mail.subject, 300)
    files = [_line(attachment.name, 100) for attachment in mail.attachments[:50]]
    row.details = {
        **row.details,
        "name": _line(mail.sender_name, 200),
        "nature": mail.nature.value,
        "because": _line(mail.nature_because, 200),
        "files": files,
        "signed": mail.is_signed,
        "problems": [_line(problem, 200) for problem in mail.problems[:20]],
    }


def _act(row: ReceivedMail, mail: IncomingMail, where: Route, enclosed: Enclosed, *, at: datetime) -> None:
    row.reason, row.ticket = where.reason.value, where.ticket
    match where.way:
        case Way.REPLY:
            assert where.ticket is not None
            assert where.customer is not None
            reason = entering.enter_reply(row, mail, where.ticket, where.customer, enclosed, at=at)
            row.state, row.reason = MailState.ENTERED, reason.value
        case Way.OPEN:
            assert where.customer is not None
            entering.open_ticket(row, mail, where.customer, enclosed, at=at)
            row.state = MailState.ENTERED
        case Way.NOTE:
            assert where.ticket is not None
            assert where.customer is not None
            if row.details.get(twins.NOTED) != where.ticket.id:  # the same mail may come again, in other bytes
                tickets.mark_auto_reply(where.ticket, by=where.customer, at=at)
                row.details = {**row.details, twins.NOTED: where.ticket.id}
            row.state = MailState.NOTED
        case Way.REPORT:
            _report(row, mail, where, at=at)
        case Way.QUARANTINE:
            _set_aside(row, where.reason, at=at)
            _tell(row, mail, where.reason, where.customer, at=at)
        case Way.IGNORE:
            row.state = MailState.IGNORED


def _report(row: ReceivedMail, mail: IncomingMail, where: Route, *, at: datetime) -> None:
    hear = reports.hear_bounce if where.reason is Reason.BOUNCE else reports.hear_delay
    row.ticket = hear(mail.bounce, at=at) if mail.bounce is not None else None
    row.state = MailState.NOTED if row.ticket is not None else MailState.IGNORED


def _within_limits(row: ReceivedMail, where: Route, *, at: datetime) -> Route:
    """Every mail of a person counts, and what opens a ticket twice: a robot that looks like a person opens a few. One
    too many waits for staff. What may be forged does not use up the turns of the person in whose name it came."""
    pardoned = Reason.TOO_MANY.value in row.details.get("pardoned", [])
    if where.reason in IN_DOUBT or pardoned or not row.sender:
        return where
    within = correspondents.count(row.sender, at=at)
    if within and _opens_ticket(where, at=at):
        within = correspondents.may_open(row.sender, at=at)
    return where if within else Route(Way.QUARANTINE, Reason.TOO_MANY, where.ticket, where.customer)


def _opens_ticket(where: Route, *, at: datetime) -> bool:
    """Whether it becomes a new ticket, be it one that goes on from another."""
    answers = where.ticket if where.way is Way.REPLY else None
    return where.way is Way.OPEN or (answers is not None and entering.comes_too_late(answers, at=at))


def _tell(row: ReceivedMail, mail: IncomingMail, reason: Reason, customer: Customer | None, *, at: datetime) -> None:
    name = messages.TOLD.get(reason)
    if name is None or not row.sender or not is_answerable(mail, row):
        return
    if correspondents.may_be_told(row.sender, name, at=at):
        messages.not_entered(mail, reason, customer, at=at)
        row.details = {**row.details, "told": True}


def _read_twin(row: ReceivedMail, *, at: datetime) -> bool:
    """Whether the same mail came in other bytes, which are read instead."""
    if not twins.take_next(row):
        return False
    read_anew(row, at=at)
    return True


def _set_aside(row: ReceivedMail, reason: Reason, *, at: datetime) -> None:
    row.state, row.reason = MailState.QUARANTINED, reason.value
    row.next_attempt_at, row.read_at = None, at
    db.session.flush()


def _hold(turn: Turn) -> ReceivedMail | None:
    """The row, locked, while the turn is still ours."""
    ours = and_(
        ReceivedMail.id == turn.mail_id,
        ReceivedMail.state == MailState.RECEIVED,
        ReceivedMail.attempts == turn.attempt,
        ReceivedMail.storage_key == turn.storage_key,  # a twin begins its attempts anew
    )
    statement = (
        update(ReceivedMail)
        .where(ours)
        .values(attempts=turn.attempt)
        .returning(ReceivedMail.id)
        .execution_options(synchronize_session=False)
    )
    if db.session.scalar(statement) is None:
        return None
    return db.session.get_one(ReceivedMail, turn.mail_id, populate_existing=True)


def _line(text: str, limit: int) -> str:
    """One line that every database takes."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:limit]
