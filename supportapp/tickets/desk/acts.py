"""What can be taken back for a moment: how each act is checked when it is sent, and how it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from blinker import Signal

from supportapp.accounts.models import StaffUser
from supportapp.files.operations import files_for_draft
from supportapp.tickets import operations
from supportapp.tickets.desk.drafts import forget_draft, forget_ending
from supportapp.tickets.desk.rules import HeldKind
from supportapp.tickets.models import Message, Ticket
from supportapp.tickets.operations.record import clean_body, lock_for_staff

sent = Signal("A message of staff left for the customer, in the transaction that is under way.")
MESSAGES: dict[HeldKind, Callable[..., Message]] = {
    HeldKind.REPLY: operations.reply,
    HeldKind.INFO_REQUEST: operations.request_information,
    HeldKind.SOLUTION: operations.propose_solution,
}


@dataclass(frozen=True)
class SentAct:
    """One act on one ticket, as somebody sent it: ``body`` is his message or the reason of a closing, ``token`` the
    form under which his files wait, ``take`` gives an untaken ticket to him, ``target`` is what a merging goes into."""

    ticket: Ticket
    kind: HeldKind
    body: str
    by: StaffUser
    token: str
    seen_version: int | None
    take: bool = False
    target: Ticket | None = None


def checked(act: SentAct) -> str:
    """The text to keep. Locks what the act will lock, and refuses as the act itself would."""
    if act.kind is HeldKind.CLOSING:
        return operations.check_closing(act.ticket, act.body, by=act.by, seen_version=act.seen_version)
    if act.kind is HeldKind.MERGING:
        assert act.target is not None
        operations.check_merging(act.ticket, act.target, by=act.by, seen_version=act.seen_version)
        return ""
    lock_for_staff(act.ticket, act.by, act.seen_version)
    return clean_body(act.body)


def do(act: SentAct, *, at: datetime) -> None:
    """Do it now; Refused as the operation of that name."""
    if act.kind is HeldKind.CLOSING:
        operations.close(act.ticket, act.body, by=act.by, at=at, seen_version=act.seen_version)
    elif act.kind is HeldKind.MERGING:
        assert act.target is not None
        operations.merge(act.ticket, act.target, by=act.by, at=at, seen_version=act.seen_version)
    else:
        _write(act, at=at)
        return
    forget_ending(act.ticket, act.by)


def _write(act: SentAct, *, at: datetime) -> None:
    files = files_for_draft(act.by, act.token)
    message = MESSAGES[act.kind](act.ticket, act.body, by=act.by, at=at, files=files, seen_version=act.seen_version)
    if act.take and message.ticket.assignee is None:
        operations.take(message.ticket, by=act.by, at=at)
    forget_draft(act.ticket, act.by, act.token)
    sent.send(message, at=at)
