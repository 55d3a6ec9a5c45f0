"""Unsent texts, kept while they are typed. One a person and ticket; nobody else ever sees it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, Select, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from supportapp.accounts.models import StaffUser
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.files.models import StoredFile
from supportapp.files.operations import files_for_draft
from supportapp.guard.texts import found_in_text
from supportapp.i18n import N_
from supportapp.tickets.desk.models import ReplyDraft
from supportapp.tickets.models import Ticket
from supportapp.tickets.rules import MessageKind

LONGEST = 200_000  # what is kept; the act says what is too long to send


def find_draft(ticket: Ticket, by: StaffUser) -> ReplyDraft | None:
    """What ``by`` has typed here and not sent."""
    return db.session.scalars(_drafts(ticket, by)).one_or_none()


def unsent_drafts(by: StaffUser) -> list[ReplyDraft]:
    """The drafts of ``by`` with their tickets: those whose sending came back first, then the newest."""
    order = (ReplyDraft.problem == "", ReplyDraft.saved_at.desc())
    mine = select(ReplyDraft).where(ReplyDraft.staff_id == by.id).order_by(*order).limit(20)
    return list(db.session.scalars(mine.options(joinedload(ReplyDraft.ticket))))


def keep_draft(
    ticket: Ticket,
    body: str,
    *,
    by: StaffUser,
    at: datetime,
    token: str,
    kind: MessageKind | None = None,
    seen_version: int | None = None,
    revision: int = 0,
) -> int:
    """Keep what stands in the composer; returns its new revision. An empty one without files is no draft:
    it goes, as ``forget_draft`` says.

    Refused "draft_elsewhere" when another window has saved (or sent) it since ``revision``, "secret_in_draft" when it
    holds what should be stored nowhere.
    """
    if found_in_text(body):
        raise Refused(
            "secret_in_draft",
            N_("The draft is not kept on the server: there seems to be a secret in it. It stays on this page only."),
        )
    if not body.strip() and not files_for_draft(by, token):
        return forget_draft(ticket, by)
    values: dict[str, Any] = {
        "body": body[:LONGEST],
        "token": token,
        "kind": kind,
        "seen_version": seen_version,
        "saved_at": at,
        "problem": "",
    }
    if revision:
        return _save_again(ticket, by, revision, values)
    try:
        with db.session.begin_nested():
            db.session.add(ReplyDraft(ticket_id=ticket.id, staff_id=by.id, **values))
    except IntegrityError:
        raise _elsewhere() from None
    return 1


def put_back(
    ticket: Ticket,
    body: str,
    *,
    by: StaffUser,
    at: datetime,
    token: str,
    kind: MessageKind | None,
    seen_version: int | None,
    problem: str = "",
) -> None:
    """Make the text a draft again, whatever lay there: an empty place or an older state of the same text.

    Words that were typed meanwhile are kept below.
    """
    draft = _own_draft(ticket, by, at=at)
    if draft.token != token and draft.body.strip() and draft.body.strip() != body.strip():
        body = f"{body.rstrip()}\n\n{draft.body}"
        _move_files(draft.token, token, by)
    draft.body, draft.token, draft.kind = body[:LONGEST], token, kind
    draft.seen_version, draft.problem, draft.saved_at = seen_version, problem[:300], at
    draft.revision += 1
    db.session.flush()


def put_ending_back(
    ticket: Ticket, *, note: str = "", target: str = "", by: StaffUser, at: datetime, problem: str = ""
) -> None:
    """Keep what was said of a closing or a merging that did not happen, beside whatever is being typed here."""
    draft = _own_draft(ticket, by, at=at)
    draft.note, draft.target = note or draft.note, target or draft.target
    draft.problem, draft.saved_at = problem[:300], at
    db.session.flush()


def forget_ending(ticket: Ticket, by: StaffUser) -> None:
    """The ticket was closed: nothing of that closing or merging is a draft any longer."""
    draft = find_draft(ticket, by)
    if draft is None:
        return
    draft.note = draft.target = draft.problem = ""
    if not draft.body and not files_for_draft(by, draft.token):
        db.session.delete(draft)


def forget_draft(ticket: Ticket, by: StaffUser, token: str | None = None) -> int:
    """It was sent, or nothing is left of it. With ``token`` only the draft of that form goes.

    What was said of a closing or a merging stays, under the revision that is returned; 0 when there is no such thing.
    """
    mine = (ReplyDraft.ticket_id == ticket.id) & (ReplyDraft.staff_id == by.id)
    if token is not None:
        mine &= ReplyDraft.token == token
    says_more = (ReplyDraft.note != "") | (ReplyDraft.target != "")
    db.session.execute(delete(ReplyDraft).where(mine, ~says_more))
    emptied = {"body": "", "kind": None, "problem": "", "revision": ReplyDraft.revision + 1}
    return db.session.scalar(update(ReplyDraft).where(mine).values(emptied).returning(ReplyDraft.revision)) or 0


def discard(ticket: Ticket, by: StaffUser) -> None:
    """Forget all that ``by`` has written here and not sent."""
    db.session.execute(delete(ReplyDraft).where(ReplyDraft.ticket_id == ticket.id, ReplyDraft.staff_id == by.id))


def _own_draft(ticket: Ticket, by: StaffUser, *, at: datetime) -> ReplyDraft:
    """The draft of this person here, made when there is none."""
    draft = find_draft(ticket, by)
    if draft is not None:
        return draft
    draft = ReplyDraft(ticket_id=ticket.id, staff_id=by.id, body="", token=uuid.uuid4().hex, saved_at=at)
    try:
        with db.session.begin_nested():
            db.session.add(draft)
    except IntegrityError:  # another window has begun one in the same moment
        return db.session.scalars(_drafts(ticket, by)).one()
    return draft


def _drafts(ticket: Ticket, by: StaffUser) -> Select[ReplyDraft]:
    return select(ReplyDraft).where(ReplyDraft.ticket_id == ticket.id, ReplyDraft.staff_id == by.id)


def _move_files(source: str, target: str, by: StaffUser) -> None:
    waiting = (StoredFile.staff_id == by.id) & (StoredFile.draft == source) & StoredFile.attached_at.is_(None)
    db.session.execute(update(StoredFile).where(waiting).values(draft=target))


def _save_again(ticket: Ticket, by: StaffUser, revision: int, values: dict[str, Any]) -> int:
    mine = (ReplyDraft.ticket_id == ticket.id) & (ReplyDraft.staff_id == by.id) & (ReplyDraft.revision == revision)
    saved = db.session.execute(update(ReplyDraft).where(mine).values(revision=revision + 1, **values))
    if not cast("CursorResult[Any]", saved).rowcount:
        raise _elsewhere()
    return revision + 1


def _elsewhere() -> Refused:
    return Refused(
        "draft_elsewhere",
        N_("This draft was changed or sent in another window. Nothing was overwritten: reload the page to see it."),
    )
