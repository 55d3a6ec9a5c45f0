"""What every act does: lock the row, check who acts, clean the text, write the timeline."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Any

from supportapp.accounts.models import Customer, StaffUser
from supportapp.errors import NotFound, Refused
from supportapp.extensions import db
from supportapp.i18n import N_
from supportapp.tickets import rules
from supportapp.tickets.models import Ticket, TimelineEntry
from supportapp.tickets.rules import EventKind

Person = Customer | StaffUser


def lock(ticket: Ticket) -> None:
    """Take the row for this transaction and see it as it is now (on SQLite the transaction is the lock)."""
    db.session.refresh(ticket, with_for_update={"of": Ticket})


def lock_for_staff(ticket: Ticket, by: StaffUser, seen_version: int | None = None) -> None:
    """Lock an open ticket for a staff act; Refused("ticket_closed") and Refused("changed_meanwhile")."""
    lock(ticket)
    require_staff(ticket, by)
    require_open(ticket)
    if seen_version is not None and seen_version != ticket.version:
        raise Refused(
            "changed_meanwhile",
            N_("The ticket has changed since you opened it. Nothing was sent and your text is kept: read what is new."),
        )


def lock_for_customer(ticket: Ticket, by: Customer) -> None:
    """Lock the customer's own ticket; a foreign one does not exist for him."""
    lock(ticket)
    if not isinstance(by, Customer) or ticket.customer_id != by.id or not by.is_active:
        raise NotFound(ticket.reference)


def require_staff(ticket: Ticket, by: StaffUser) -> None:
    """Raise NotFound unless ``by`` is somebody who works here."""
    if not isinstance(by, StaffUser) or not by.active:
        raise NotFound(ticket.reference)


def require_open(ticket: Ticket) -> None:
    """Raise Refused("ticket_closed") when it is closed."""
    if not ticket.is_open:
        raise Refused("ticket_closed", N_("The ticket %(reference)s is closed."), reference=ticket.reference)


def record(ticket: Ticket, kind: EventKind, *, by: Person | None, at: datetime, **details: Any) -> TimelineEntry:
    """Write the act of a person into the timeline. It counts as a change of the ticket."""
    ticket.version += 1
    ticket.updated_at = at
    return note_event(ticket, kind, by=by, at=at, **details)


def note_event(ticket: Ticket, kind: EventKind, *, by: Person | None, at: datetime, **details: Any) -> TimelineEntry:
    """Write what happened without anybody deciding it (a mail arrived): nobody's page becomes old by it."""
    entry = TimelineEntry(ticket=ticket, kind=kind, at=at, version=ticket.version, details=details)
    entry.customer = by if isinstance(by, Customer) else None
    entry.staff = by if isinstance(by, StaffUser) else None
    db.session.add(entry)
    return entry


def clean_body(text: str, *, field: str = "body", limit: int = rules.BODY_LENGTH) -> str:
    """A text of people: line ends unified, outer space gone. Refused when it is empty, too long or not text."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        raise Refused("empty_text", N_("Write a few words here."), field=field)
    if len(text) > limit:
        raise Refused(
            "text_too_long",
            N_("The text has %(length)s characters; %(limit)s are possible. Attach the rest as a file."),
            field=field,
            length=len(text),
            limit=limit,
        )
    _refuse_controls(text, field, allowed="\n\t")
    return text


def clean_line(text: str, *, field: str, limit: int, required: bool = False) -> str:
    """One line of text; Refused like ``clean_body``, an empty one only when it is required."""
    text = " ".join(text.split())
    if not text and required:
        raise Refused("empty_line", N_("This field is needed."), field=field)
    if len(text) > limit:
        raise Refused("line_too_long", N_("At most %(limit)s characters, please."), field=field, limit=limit)
    _refuse_controls(text, field, allowed="")
    return text


def _refuse_controls(text: str, field: str, *, allowed: str) -> None:
    """NUL cannot be stored, lone surrogates cannot be encoded, and other controls only serve to deceive."""
    if any(unicodedata.category(char) in ("Cc", "Cs") and char not in allowed for char in text):
        raise Refused("bad_characters", N_("The text contains characters that are not text."), field=field)
