"""Acts that were sent and can still be taken back.

Until ``due_at`` nothing has happened: no message, no mail, no change of the ticket. Then whoever comes first does it:
the job that was rung for, the sweep, or the next look at the ticket. Deleting the row claims it, in the transaction of
the act itself: a process that is killed loses the claim together with the act, and two that come at once do it once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from blinker import Signal
from sqlalchemy import Select, delete, select
from sqlalchemy.exc import IntegrityError

from supportapp.accounts.models import StaffUser
from supportapp.errors import NotFound, Refused
from supportapp.extensions import db, settings
from supportapp.files.operations import files_for_draft
from supportapp.i18n import N_
from supportapp.jobs.queue import ring_after_commit
from supportapp.notifications.mail import Letter
from supportapp.notifications.operations import notify
from supportapp.tickets import operations
from supportapp.tickets.desk.drafts import forget_draft, put_back
from supportapp.tickets.desk.models import HeldAct, ReplyDraft
from supportapp.tickets.models import Message, Ticket
from supportapp.tickets.operations.record import clean_body, lock_for_staff
from supportapp.tickets.rules import MessageKind

sent = Signal("A message of staff left for the customer, in the transaction that is under way.")
PERFORM = "supportapp.tickets.desk.jobs.perform_held"
ACTS: dict[MessageKind, Callable[..., Message]] = {
    MessageKind.REPLY: operations.reply,
    MessageKind.INFO_REQUEST: operations.request_information,
    MessageKind.SOLUTION: operations.propose_solution,
}
OPEN = N_("Open the ticket")


def hold(
    ticket: Ticket,
    kind: MessageKind,
    body: str,
    *,
    by: StaffUser,
    at: datetime,
    token: str,
    seen_version: int | None,
    take: bool = False,
) -> HeldAct:
    """Check the act as if it happened now and let it wait for UNDO_SECONDS. Refused as the act itself would be, and
    "already_held" while an earlier one of the same person waits here."""
    if any(held.staff_id == by.id for held in held_on(ticket)):  # asked before the lock: one who performs it wants it
        raise _already_held()
    lock_for_staff(ticket, by, seen_version)
    held = HeldAct(
        ticket_id=ticket.id,
        staff_id=by.id,
        kind=kind,
        body=clean_body(body),
        token=token,
        seen_version=seen_version,
        take=take,
        held_at=at,
        due_at=at + timedelta(seconds=settings.UNDO_SECONDS),
    )
    try:
        with db.session.begin_nested():
            db.session.add(held)
    except IntegrityError:
        raise _already_held() from None
    forget_draft(ticket, by, token)
    ring_after_commit(PERFORM, held.id, queue="mail", seconds=settings.UNDO_SECONDS + 1)
    return held


def held_on(ticket: Ticket) -> list[HeldAct]:
    """What waits on this ticket, the acts of colleagues included."""
    return list(db.session.scalars(select(HeldAct).where(HeldAct.ticket_id == ticket.id).order_by(HeldAct.due_at)))


def due_acts(*, at: datetime) -> Select[int]:
    """Keys of the acts whose time has come."""
    return select(HeldAct.id).where(HeldAct.due_at <= at).order_by(HeldAct.due_at)


def take_back(ticket: Ticket, held_id: int, *, by: StaffUser, at: datetime) -> ReplyDraft:
    """Undo: the text is a draft again. Refused "already_sent" when it has left, or is nobody's of this person's."""
    held = _claim(HeldAct.id == held_id, HeldAct.staff_id == by.id, HeldAct.ticket_id == ticket.id)
    if held is None:
        raise Refused("already_sent", N_("It has left already and cannot be taken back."))
    return put_back(ticket, held.body, by=by, at=at, token=held.token, kind=held.kind, seen_version=held.seen_version)


def take_all_back(token: str, *, by: StaffUser) -> int:
    """Undo what ``by`` sent to several tickets at once under ``token``; how many had not left yet. Their text was a
    prepared one, so no drafts are left behind."""
    mine = delete(HeldAct).where(HeldAct.staff_id == by.id, HeldAct.token == token).returning(HeldAct.id)
    return len(db.session.execute(mine).all())


def perform(held_id: int, *, at: datetime, by: StaffUser | None = None) -> Message | None:
    """Do what is due, exactly once; None when somebody else has. ``by`` does his own without waiting.

    Raises Refused when the ticket has changed meanwhile: the caller rolls back and calls ``give_back``.
    """
    mine_or_due = HeldAct.staff_id == by.id if by else HeldAct.due_at <= at
    held = _claim(HeldAct.id == held_id, mine_or_due)
    if held is None:
        return None
    return send(
        db.session.get_one(Ticket, held.ticket_id),
        held.kind,
        held.body,
        by=db.session.get_one(StaffUser, held.staff_id),
        at=at,
        token=held.token,
        seen_version=held.seen_version,
        take=held.take,
    )


def send(
    ticket: Ticket,
    kind: MessageKind,
    body: str,
    *,
    by: StaffUser,
    at: datetime,
    token: str,
    seen_version: int | None,
    take: bool = False,
) -> Message:
    """Do the act now, with the files that wait under ``token``; ``take`` gives an untaken ticket to ``by``."""
    files = files_for_draft(by, token)
    message = ACTS[kind](ticket, body, by=by, at=at, files=files, seen_version=seen_version)
    if take and message.ticket.assignee is None:
        operations.take(message.ticket, by=by, at=at)
    forget_draft(ticket, by, token)
    sent.send(message, at=at)
    return message


def give_back(held_id: int, refused: Refused | NotFound, *, at: datetime) -> ReplyDraft | None:
    """What could not be done becomes a draft again, and its author is told by mail; None when it is not there."""
    held = _claim(HeldAct.id == held_id)
    if held is None:
        return None
    ticket, by = db.session.get_one(Ticket, held.ticket_id), db.session.get_one(StaffUser, held.staff_id)
    problem = refused.reason if isinstance(refused, Refused) else "not_found"
    draft = put_back(
        ticket,
        held.body,
        by=by,
        at=at,
        token=held.token,
        kind=held.kind,
        seen_version=held.seen_version,
        problem=problem,
    )
    _tell(ticket, by, at=at)
    return draft


def _already_held() -> Refused:
    return Refused(
        "already_held", N_("Your previous message has not left yet. Take it back, or wait until it is sent.")
    )


def _claim(*conditions: Any) -> Any:
    """Delete the one row that fulfils the conditions and return its columns; None when there is none."""
    columns = HeldAct.__table__.c
    return db.session.execute(delete(HeldAct).where(*conditions).returning(*columns)).one_or_none()


def _tell(ticket: Ticket, by: StaffUser, *, at: datetime) -> None:
    if not by.active or not by.email:
        return
    letter = Letter(
        "staff_act_returned",
        {"ticket": ticket, "staff": by},
        buttons=[(OPEN, f"{settings.PUBLIC_BASE_URL}/staff/tickets/{ticket.reference}")],
    )
    notify(kind=letter.name, recipient=by.email, language="ru", letter=letter, at=at, about=ticket.about)
