"""What an engineer writes: four acts that cannot be taken for one another, and a draft that no refusal loses."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO, cast

from flask import request
from flask_babel import lazy_gettext as _l

from supportapp.accounts.models import StaffUser
from supportapp.errors import NotFound, Refused
from supportapp.extensions import db, settings
from supportapp.files.models import StoredFile
from supportapp.files.operations import files_for_draft, keep_upload, receive_upload, remove_draft_file
from supportapp.guard.asking import Choice
from supportapp.i18n import N_
from supportapp.staff.interface import readable_id
from supportapp.staff.secret_guard import SecretWarning, choice, guard_file, guard_texts, posted_warning
from supportapp.tickets import operations
from supportapp.tickets.desk import holding
from supportapp.tickets.desk.acts import SentAct
from supportapp.tickets.desk.canned import canned_text
from supportapp.tickets.desk.drafts import find_draft, forget_draft, keep_draft
from supportapp.tickets.desk.rules import HeldKind
from supportapp.tickets.models import CannedReply, Ticket
from supportapp.tickets.rules import MessageKind
from supportapp.tickets.waiting import REACTION_DAYS
from supportapp.worktime.calendar import WorkCalendar
from supportapp.worktime.rules import deadline

LONGEST_BODY = 200_000  # what is kept on the page; the operation says what is too long to send


@dataclass(frozen=True)
class Act:
    """One button of the composer. ``closes`` says that the automatic closing will count from its receipt."""

    kind: MessageKind
    title: Any
    promise: Any
    done: Any
    style: str
    key: str
    closes: bool = False

    @property
    def on_closed(self) -> bool:
        """Whether it is possible on a closed ticket."""
        return self.kind is MessageKind.NOTE


ACTS: dict[str, Act] = {
    "replies": Act(
        MessageKind.REPLY,
        _l("Send reply"),
        _l("The customer gets a mail with this text and the files. It stays our turn; nothing is closed by it."),
        _l("The reply is on its way."),
        "primary",
        "r",
    ),
    "requests": Act(
        MessageKind.INFO_REQUEST,
        _l("Request information"),
        _l("The customer gets a mail that asks for an answer. The ticket then waits for the customer."),
        _l("The request is on its way."),
        "warning",
        "i",
        closes=True,
    ),
    "solutions": Act(
        MessageKind.SOLUTION,
        _l("Propose solution"),
        _l("The customer gets a mail with buttons to agree or disagree. The ticket then waits for the customer."),
        _l("The solution is on its way."),
        "success",
        "s",
        closes=True,
    ),
    "notes": Act(
        MessageKind.NOTE,
        _l("Save internal note"),
        _l("Only staff see it. No mail is sent and the customer never learns of it, nor of its files."),
        _l("The note is saved."),
        "default",
        "n",
    ),
}
NAMES = {act.kind: name for name, act in ACTS.items()}
_HELD = {HeldKind(act.kind): name for name, act in ACTS.items() if act.kind is not MessageKind.NOTE}
HELD_NAMES = _HELD | {HeldKind.CLOSING: "closure", HeldKind.MERGING: "merging"}
DONE = {kind: ACTS[name].done for kind, name in _HELD.items()} | {
    HeldKind.CLOSING: _l("The ticket is closed and the customer is told why."),
    HeldKind.MERGING: _l("The tickets are merged: later replies land in the other one."),
}


@dataclass
class Draft:
    """What stands in the composer. ``since`` is the ticket's version when it was written, if that was earlier; for an
    ``empty`` one no file can wait."""

    token: str
    empty: bool = False
    body: str = ""
    kind: str = ""
    revision: int = 0
    since: int | None = None
    saved_at: datetime | None = None
    problem: str = ""
    take: bool = True
    note: str = ""
    target: str = ""
    seen_version: int | None = None
    files: list[StoredFile] = field(default_factory=list)
    secrets: SecretWarning = field(default_factory=SecretWarning)


def empty_draft(ticket: Ticket) -> Draft:
    """A composer without a text."""
    return Draft(token=uuid.uuid4().hex, empty=True, seen_version=ticket.version)


def kept_draft(ticket: Ticket, by: StaffUser) -> Draft:
    """A composer as a fresh page shows it: with what was typed here and not sent."""
    kept = find_draft(ticket, by)
    if kept is None:
        return empty_draft(ticket)
    return Draft(
        token=kept.token,
        body=kept.body,
        kind=NAMES[kept.kind] if kept.kind else "",
        revision=kept.revision,
        since=kept.seen_version,
        seen_version=ticket.version,  # what is new stands on the page
        saved_at=kept.saved_at,
        problem=kept.problem,
        note=kept.note,
        target=kept.target,
    )


def with_posted(kept: Draft, posted: Draft | None) -> Draft:
    """The composer of a page on which another form was refused: its own text, and what that form held."""
    if posted is not None:
        kept.note, kept.target = posted.note or kept.note, posted.target or kept.target
        kept.seen_version = posted.seen_version
    return kept


def keep(draft: Draft, ticket: Ticket, *, by: StaffUser, at: datetime) -> None:
    """Keep what stands in the composer on the server; commits. Refused as ``keep_draft``."""
    draft.revision = keep_draft(
        ticket,
        draft.body,
        by=by,
        at=at,
        token=draft.token,
        kind=ACTS[draft.kind].kind if draft.kind else None,
        seen_version=draft.seen_version,
        revision=draft.revision,
    )
    db.session.commit()


def keep_for_page(draft: Draft, ticket: Ticket, *, by: StaffUser, at: datetime) -> None:
    """``keep``, and put into the draft what is kept beside it of a closing or a merging."""
    keep(draft, ticket, by=by, at=at)
    kept = find_draft(ticket, by)
    if kept is not None:
        draft.note, draft.target = kept.note, kept.target


def posted_draft() -> Draft:
    """The composer as it was sent."""
    token, kind = request.form.get("draft", ""), request.form.get("kind", "")
    return Draft(
        token=token if token.isalnum() and len(token) <= 64 else uuid.uuid4().hex,
        body=request.form.get("body", "")[:LONGEST_BODY],
        kind=kind if kind in ACTS else "",
        revision=readable_id(request.form.get("revision", "")) or 0,
        take="take" in request.form,
        note=request.form.get("note", "")[:LONGEST_BODY],
        target=request.form.get("target", "")[:40],
        seen_version=readable_id(request.form.get("seen_version", "")),
        secrets=posted_warning(),
    )


def keep_uploads(draft: Draft, *, by: StaffUser, at: datetime) -> None:
    """Store what was uploaded with the form and drop what was unticked, before anything else can refuse; commits.

    One file that is refused loses none of the others: the first refusal is raised when all have been looked at. Files
    with secrets are told in the draft.
    """
    for public_id in request.form.getlist("remove"):
        try:
            remove_draft_file(public_id, by)
        except NotFound:
            continue
    db.session.commit()
    refusals = []
    for upload in request.files.getlist("files"):
        try:
            if upload.filename:
                stream, allowed = cast(BinaryIO, upload.stream), choice() is Choice.KEEP
                received = receive_upload(
                    stream, upload.filename, secrets_allowed=allowed
                )  # no transaction is open now
                keep_upload(received, owner=by, draft=draft.token, at=at)
        except Refused as refused:
            if refused.reason == "secret_file":
                guard_file(draft.secrets, upload.filename or "", refused)
            else:
                refusals.append(refused)
        db.session.commit()
    if refusals:
        raise refusals[0]


def guard(draft: Draft, language: str) -> None:
    """Refused "secrets_found" when the person has to be asked first; else the texts are as he chose."""
    texts = guard_texts(draft.secrets, {"body": draft.body}, {"body": _l("Your text")}, language)
    draft.body = texts["body"]
    if draft.secrets.asks:
        raise Refused(
            "secrets_found", N_("There seems to be a secret in your text or file: look below."), field="secrets"
        )


def perform(name: str, ticket: Ticket, draft: Draft, *, by: StaffUser, at: datetime) -> bool:
    """Do the act with the draft's text and files, or hold it back for a moment: False then. Raises Refused."""
    draft.files = files_for_draft(by, draft.token)
    if ACTS[name].kind is MessageKind.NOTE:
        operations.add_note(ticket, draft.body, by=by, at=at, files=draft.files)
        forget_draft(ticket, by)
        return True
    kind = HeldKind(ACTS[name].kind)
    act = SentAct(ticket, kind, draft.body, by, draft.token, draft.seen_version, take=draft.take)
    return holding.send(act, at=at)


def insert_canned(draft: Draft, ticket: Ticket, *, by: StaffUser, at: datetime) -> None:
    """Append the chosen prepared answer, filled for this ticket, to what stands in the composer."""
    key = readable_id(request.form.get("canned", ""))
    canned = db.session.get(CannedReply, key) if key else None
    if canned is not None:
        draft.body = "\n\n".join(filter(None, (draft.body.rstrip(), canned_text(canned, ticket, by=by, at=at))))


def closing_if_received(at: datetime, calendar: WorkCalendar) -> datetime:
    """When the ticket would close when the customer received a request now and never answered."""
    return deadline(at, REACTION_DAYS, calendar, settings.timezone)


def offered(ticket: Ticket) -> dict[str, Act]:
    """The acts that this ticket allows now."""
    return {name: act for name, act in ACTS.items() if ticket.is_open or act.on_closed}
