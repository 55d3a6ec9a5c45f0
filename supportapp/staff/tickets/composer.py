"""What an engineer writes: four acts that cannot be taken for one another, and a draft that no refusal loses."""

from __future__ import annotations

import uuid
from collections.abc import Callable
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
from supportapp.tickets.models import CannedReply, Ticket
from supportapp.tickets.waiting import REACTION_DAYS
from supportapp.worktime.queries import current_calendar
from supportapp.worktime.rules import deadline

LONGEST_BODY = 200_000  # what is kept on the page; the operation says what is too long to send


@dataclass(frozen=True)
class Act:
    """One button of the composer. ``closes`` says that the automatic closing will count from its receipt."""

    title: Any
    promise: Any
    done: Any
    perform: Callable[..., object]
    style: str
    closes: bool = False
    on_closed: bool = False


ACTS: dict[str, Act] = {
    "replies": Act(
        _l("Send reply"),
        _l("The customer gets a mail with this text and the files. It stays our turn; nothing is closed by it."),
        _l("The reply is on its way."),
        operations.reply,
        "primary",
    ),
    "requests": Act(
        _l("Request information"),
        _l("The customer gets a mail that asks for an answer. The ticket then waits for the customer."),
        _l("The request is on its way."),
        operations.request_information,
        "warning",
        closes=True,
    ),
    "solutions": Act(
        _l("Propose solution"),
        _l("The customer gets a mail with buttons to agree or disagree. The ticket then waits for the customer."),
        _l("The solution is on its way."),
        operations.propose_solution,
        "success",
        closes=True,
    ),
    "notes": Act(
        _l("Save internal note"),
        _l("Only staff see it. No mail is sent and the customer never learns of it, nor of its files."),
        _l("The note is saved."),
        operations.add_note,
        "default",
        on_closed=True,
    ),
}


@dataclass
class Draft:
    """What stands in the composer."""

    token: str
    body: str = ""
    note: str = ""
    target: str = ""
    seen_version: int | None = None
    files: list[StoredFile] = field(default_factory=list)
    secrets: SecretWarning = field(default_factory=SecretWarning)


def empty_draft(ticket: Ticket) -> Draft:
    """A composer as a fresh page shows it."""
    return Draft(token=uuid.uuid4().hex, seen_version=ticket.version)


def posted_draft() -> Draft:
    """The composer as it was sent."""
    token = request.form.get("draft", "")
    return Draft(
        token=token if token.isalnum() and len(token) <= 64 else uuid.uuid4().hex,
        body=request.form.get("body", "")[:LONGEST_BODY],
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


def perform(act: Act, ticket: Ticket, draft: Draft, *, by: StaffUser, at: datetime) -> None:
    """Do the act with the draft's text and files; raises Refused."""
    draft.files = files_for_draft(by, draft.token)
    version = {} if act.on_closed else {"seen_version": draft.seen_version}
    act.perform(ticket, draft.body, by=by, at=at, files=draft.files, **version)


def insert_canned(draft: Draft, language: str) -> None:
    """Append the chosen prepared answer to what stands in the composer."""
    key = readable_id(request.form.get("canned", ""))
    canned = db.session.get(CannedReply, key) if key else None
    if canned is not None:
        draft.body = "\n\n".join(filter(None, (draft.body.rstrip(), canned_text(canned, language))))


def canned_text(canned: CannedReply, language: str) -> str:
    """The prepared answer in the customer's language; in Russian when it was not translated."""
    return (canned.text_en if language == "en" else canned.text_ru) or canned.text_ru


def closing_if_received(at: datetime) -> datetime:
    """When the ticket would close when the customer received a request now and never answered."""
    return deadline(at, REACTION_DAYS, current_calendar(), settings.timezone)


def offered(ticket: Ticket) -> dict[str, Act]:
    """The acts that this ticket allows now."""
    return {name: act for name, act in ACTS.items() if ticket.is_open or act.on_closed}
