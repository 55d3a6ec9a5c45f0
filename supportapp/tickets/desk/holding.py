"""Acts that were sent and can still be taken back.

Until ``due_at`` nothing has happened: no message, no mail, no change of the ticket. Then whoever comes first does it:
the job that was rung for, the sweep, or the next look at the ticket. Deleting the row claims it, in the transaction of
the act itself: a process that is killed loses the claim together with the act, and two that come at once do it once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.exc import IntegrityError

from supportapp.accounts.models import StaffUser
from supportapp.errors import NotFound, Refused
from supportapp.extensions import db, settings
from supportapp.i18n import N_
from supportapp.jobs.queue import ring_after_commit
from supportapp.notifications.mail import Letter
from supportapp.notifications.operations import notify
from supportapp.tickets import queries
from supportapp.tickets.desk import acts
from supportapp.tickets.desk.acts import MESSAGES, SentAct
from supportapp.tickets.desk.drafts import forget_draft, put_back, put_ending_back
from supportapp.tickets.desk.models import HeldAct
from supportapp.tickets.desk.rules import HeldKind
from supportapp.tickets.models import Ticket
from supportapp.tickets.rules import MessageKind

PERFORM = "supportapp.tickets.desk.jobs.perform_held"
OPEN = N_("Open the ticket")
_IN_TURN = HeldAct.due_at, HeldAct.id


def send(act: SentAct, *, at: datetime) -> bool:
    """Let the act wait for UNDO_SECONDS, or do it at once when that is nought; says whether it has happened already.

    Refused as the act itself would be, and "already_held" while an earlier one of the same person waits here.
    """
    if not settings.UNDO_SECONDS:
        acts.do(act, at=at)
        return True
    _hold(act, at=at)
    return False


def held_on(ticket: Ticket) -> list[HeldAct]:
    """What waits on this ticket, the acts of colleagues included."""
    return list(db.session.scalars(select(HeldAct).where(HeldAct.ticket_id == ticket.id).order_by(*_IN_TURN)))


def due_acts(*, at: datetime) -> Select[int]:
    """Keys of the acts whose time has come."""
    return select(HeldAct.id).where(HeldAct.due_at <= at).order_by(*_IN_TURN)


def take_back(ticket: Ticket, held_id: int, *, by: StaffUser, at: datetime) -> None:
    """Undo: what was written is a draft again. Refused "already_sent" when it has left, or is nobody's of this
    person's."""
    held = _claim(HeldAct.id == held_id, HeldAct.staff_id == by.id, HeldAct.ticket_id == ticket.id)
    if held is None:
        raise Refused("already_sent", N_("It has left already and cannot be taken back."))
    _return(ticket, held, by=by, at=at)


def take_all_back(token: str, *, by: StaffUser, at: datetime) -> tuple[int, Ticket | None]:
    """Undo what ``by`` sent to several tickets at once under ``token``: how many had not left yet, and the ticket that
    keeps the reason of a closing, which is the same everywhere."""
    mine = delete(HeldAct).where(HeldAct.staff_id == by.id, HeldAct.token == token)
    rows = db.session.execute(mine.returning(HeldAct.ticket_id, HeldAct.kind, HeldAct.body)).all()
    closing = min((row for row in rows if row.kind is HeldKind.CLOSING), default=None)
    if closing is None:
        return len(rows), None
    ticket = db.session.get_one(Ticket, closing.ticket_id)
    put_ending_back(ticket, note=closing.body, by=by, at=at)
    return len(rows), ticket


def perform(held_id: int, *, at: datetime, by: StaffUser | None = None) -> bool:
    """Do what is due, exactly once; False when somebody else has. ``by`` does his own without waiting.

    Raises Refused when the ticket has changed meanwhile: the caller rolls back and calls ``give_back``. What the
    author did himself while his act waited changes nothing for it.
    """
    mine_or_due = HeldAct.staff_id == by.id if by else HeldAct.due_at <= at
    held = _claim(HeldAct.id == held_id, mine_or_due)
    if held is None:
        return False
    ticket = db.session.get_one(Ticket, held.ticket_id)
    act = SentAct(
        ticket=ticket,
        kind=held.kind,
        body=held.body,
        by=db.session.get_one(StaffUser, held.staff_id),
        token=held.token,
        seen_version=_seen(ticket, held),
        take=held.take,
        target=db.session.get(Ticket, held.target_id) if held.target_id else None,
    )
    acts.do(act, at=at)
    return True


def give_back(held_id: int, refused: Refused | NotFound, *, at: datetime) -> None:
    """What could not be done becomes a draft again, and its author is told by mail."""
    held = _claim(HeldAct.id == held_id)
    if held is None:
        return
    ticket, by = db.session.get_one(Ticket, held.ticket_id), db.session.get_one(StaffUser, held.staff_id)
    _return(ticket, held, by=by, at=at, problem=refused.reason if isinstance(refused, Refused) else "not_found")
    _tell(ticket, held, by, at=at)


def _hold(act: SentAct, *, at: datetime) -> None:
    ticket, by = act.ticket, act.by
    if any(held.staff_id == by.id for held in held_on(ticket)):  # asked before the lock: one who performs it wants it
        raise _already_held()
    held = HeldAct(
        ticket_id=ticket.id,
        staff_id=by.id,
        kind=act.kind,
        body=acts.checked(act),
        target_id=act.target.id if act.target else None,
        token=act.token,
        seen_version=act.seen_version,
        take=act.take,
        held_at=at,
        due_at=at + timedelta(seconds=settings.UNDO_SECONDS),
    )
    try:
        with db.session.begin_nested():
            db.session.add(held)
    except IntegrityError:
        raise _already_held() from None
    if act.kind in MESSAGES:
        forget_draft(ticket, by, act.token)
    ring_after_commit(PERFORM, held.id, queue="mail", seconds=settings.UNDO_SECONDS + 1)


def _already_held() -> Refused:
    return Refused("already_held", N_("What you sent before has not left yet. Take it back, or wait until it is sent."))


def _claim(*conditions: Any) -> Any:
    """Delete the one row that fulfils the conditions and return its columns; None when there is none."""
    columns = HeldAct.__table__.c
    return db.session.execute(delete(HeldAct).where(*conditions).returning(*columns)).one_or_none()


def _seen(ticket: Ticket, held: Any) -> int | None:
    """The version of the ticket that its author has seen: as the page showed it, and then what he did himself."""
    if held.seen_version is None:
        return None
    seen: int = held.seen_version
    for entry in queries.changes_since(ticket, seen):
        if entry.version == seen:
            continue  # a note in the margin: it makes nobody's page old
        if entry.staff_id != held.staff_id:
            return seen
        seen = entry.version
    return seen


def _return(ticket: Ticket, held: Any, *, by: StaffUser, at: datetime, problem: str = "") -> None:
    """Make what was written a draft again."""
    if held.kind in MESSAGES:
        put_back(
            ticket,
            held.body,
            by=by,
            at=at,
            token=held.token,
            kind=MessageKind(held.kind),
            seen_version=held.seen_version,
            problem=problem,
        )
    else:
        target = db.session.get_one(Ticket, held.target_id).reference if held.target_id else ""
        put_ending_back(ticket, note=held.body, target=target, by=by, at=at, problem=problem)


def _tell(ticket: Ticket, held: Any, by: StaffUser, *, at: datetime) -> None:
    if not by.active or not by.email:
        return
    letter = Letter(
        "staff_act_returned",
        {"ticket": ticket, "staff": by, "kind": held.kind.value},
        buttons=[(OPEN, f"{settings.PUBLIC_BASE_URL}/staff/tickets/{ticket.reference}")],
    )
    notify(kind=letter.name, recipient=by.email, language="ru", letter=letter, at=at, about=ticket.about)
