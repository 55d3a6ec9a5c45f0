"""Who changed what: a line of the log and an entry of the audit trail for every act of staff, without secrets."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from typing import Any

from flask import has_request_context
from sqlalchemy import inspect

from supportapp import clock, database
from supportapp.audit.operations import Object, object_of, record
from supportapp.audit.rules import Act, Actor, Named, differences, is_kept, plain
from supportapp.extensions import db
from supportapp.staff.security import signed_in_staff
from supportapp.web import visitor

log = logging.getLogger("supportapp.staff.changes")
# How the buttons of an article are called, and what the trail says of them.
ACTS = {
    "publication": Act.PUBLISHED,
    "withdrawal": Act.WITHDRAWN,
    "reservation": Act.KEPT_FOR_STAFF,
    "imported a register": Act.IMPORTED,
    "up": Act.MOVED,
    "down": Act.MOVED,
}

SHOWN = 80  # characters of a value in a line of the log
Snapshot = dict[str, Any]


def snapshot(row: Any) -> Snapshot:
    """What ``row`` says now, by field: plain columns, what it points at by name, and lists of what belongs to it."""
    return {name: _said(getattr(row, name)) for name in fields(type(row))}


def stamp(row: Any) -> str:
    """The state of the row as a short word: another one when anybody has changed what a form can show of it."""
    said = sorted(
        (name, value.keys if isinstance(value, Named) else plain(value)) for name, value in snapshot(row).items()
    )
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


def fields(model: type[Any]) -> list[str]:
    """The names of what the trail keeps of a model's rows."""
    mapper = inspect(model)
    pointing = {c.key: r.key for r in mapper.relationships if not r.uselist for c in r.local_columns}
    columns = [pointing.get(column.key, column.key) for column in mapper.column_attrs]
    lists = [relation.key for relation in mapper.relationships if relation.secondary is not None]
    return [name for name in columns + lists if is_kept(model.__name__, name)]


def _said(value: Any) -> Any:
    """A value that stays what it was when the row changes; rows are kept by their keys and their names."""
    if isinstance(value, (list, set)):
        rows = sorted(value, key=lambda row: (str(row), row.id))
        return Named(tuple(sorted(row.id for row in rows)), ", ".join(map(str, rows)))
    return Named((value.id,), str(value)) if inspect(value, raiseerr=False) is not None else value


def note(act: str, row: Any, what: str = "", *, before: Mapping[str, Any] | None = None) -> None:
    """Write that the staff user of this request did ``act`` to ``row``; with ``before``, a snapshot, what changed."""
    details: dict[str, Any] = {"changes": differences(before, snapshot(row))} if before is not None else {}
    if what:
        details["note"] = what[:300]
    note_object(ACTS.get(act, act), object_of(row), details)


def note_deleted(what: Object, before: Mapping[str, Any]) -> None:
    """The row is gone; the trail keeps what it said."""
    note_object(Act.DELETED, what, {"changes": differences(before, {})})


def note_object(act: str, what: Object, details: Mapping[str, Any] | None = None) -> None:
    """The same for something that is no row: an export, for instance."""
    by, at = signed_in_staff(), clock.now()
    record(act, what, by=by, at=at, details=details, address=visitor())
    changed = (details or {}).get("changes", {})
    words = "; ".join(f"{name}: {str(old)[:SHOWN]!r} -> {str(new)[:SHOWN]!r}" for name, (old, new) in changed.items())
    log.info("staff %s (%s) %s %s %s %s", by.id, by.username, act, what.kind, what.key or "", words)


def note_export(name: str, chosen: str) -> None:
    """Somebody takes the file ``name`` away, made from what ``chosen`` says in words. For a page that reads: it writes
    in a transaction of its own and commits; what was read before must be looked up again."""
    database.begin_writing(db.session)
    note_object(Act.EXPORTED, Object("Export", None, name), {"note": chosen[:300]})
    db.session.commit()
    database.start_reading(True)


def note_visit(act: Act, what: Object, details: Mapping[str, Any] | None = None) -> None:
    """An act at the door, where nobody is signed in yet."""
    record(act, what, by=Actor.STRANGER, at=clock.now(), details=details, address=visitor())


def note_command(act: str, row: Any, what: str = "") -> None:
    """An act from the command line."""
    assert not has_request_context()
    record(act, object_of(row), by=Actor.COMMAND_LINE, at=clock.now(), details={"note": what[:300]} if what else {})
