"""Searching the trail: the newest first, page by page from a key, whose cost does not grow with the trail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload

from supportapp.accounts.models import StaffUser
from supportapp.audit.models import AuditEntry
from supportapp.audit.rules import Act
from supportapp.extensions import db

PAGE = 50
LONGEST_WORDS = 100


@dataclass(frozen=True)
class Wanted:
    """What is looked for; an empty value asks for anything. ``before`` is the id that the page goes on from."""

    staff_id: int | None = None
    actor: str = ""
    act: str = ""
    kind: str = ""
    key: str = ""
    words: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


@dataclass(frozen=True)
class Page:
    """Entries, and the id from which the older ones go on, None at the end."""

    entries: list[AuditEntry]
    older: int | None


def trail(wanted: Wanted) -> Page:
    """One page of the entries that fit."""
    chosen = select(AuditEntry).where(*_conditions(wanted)).order_by(AuditEntry.id.desc()).limit(PAGE + 1)
    rows = list(db.session.scalars(chosen.options(joinedload(AuditEntry.staff))))
    return Page(rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None)


def kinds() -> list[str]:
    """The kinds of objects that the trail knows, each found by one look into the index."""
    found: list[str] = []
    while True:
        following = select(func.min(AuditEntry.object_kind)).where(
            AuditEntry.object_kind > (found[-1] if found else "")
        )
        kind = db.session.scalar(following)
        if kind is None:
            return found
        found.append(kind)


def people() -> list[StaffUser]:
    """Everybody who may have acted, those who have left included."""
    return list(db.session.scalars(select(StaffUser).order_by(StaffUser.last_name, StaffUser.first_name, StaffUser.id)))


def was_locked_out(address: str, *, at: datetime, within: timedelta) -> bool:
    """Whether the trail knows already that this address was locked out."""
    said = select(AuditEntry.id).where(
        AuditEntry.act == Act.LOCKED_OUT, AuditEntry.address == address, AuditEntry.at > at - within
    )
    return db.session.scalar(said.limit(1)) is not None


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    chosen: list[ColumnElement[bool]] = []
    for column, value in (
        (AuditEntry.staff_id, wanted.staff_id),
        (AuditEntry.actor, wanted.actor),
        (AuditEntry.act, wanted.act),
        (AuditEntry.object_kind, wanted.kind),
        (AuditEntry.object_id, wanted.key),
    ):
        if value:
            chosen.append(column == value)
    if wanted.since:
        chosen.append(AuditEntry.at >= wanted.since)
    if wanted.until:
        chosen.append(AuditEntry.at < wanted.until)
    if wanted.before:
        chosen.append(AuditEntry.id < wanted.before)
    for word in wanted.words[:LONGEST_WORDS].lower().split():
        parts = (AuditEntry.label, AuditEntry.actor, AuditEntry.address)
        chosen.append(or_(*(func.lower(part).contains(word, autoescape=True) for part in parts)))
    return chosen
