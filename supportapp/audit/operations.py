"""Writing the trail, in the transaction of the act: both are kept or neither."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from supportapp.accounts.models import StaffUser
from supportapp.audit.models import AuditEntry
from supportapp.audit.rules import LONGEST_LABEL, Actor
from supportapp.extensions import db


@dataclass(frozen=True)
class Object:
    """What an act was done to: the kind (a model's name as a rule), its key, and what people call it."""

    kind: str = ""
    key: str | int | None = None
    label: str = ""


def object_of(row: Any) -> Object:
    """A row as the trail names it."""
    return Object(type(row).__name__, getattr(row, "id", None), str(row))


def record(
    act: str,
    what: Object,
    *,
    by: StaffUser | Actor,
    at: datetime,
    details: Mapping[str, Any] | None = None,
    address: str = "",
) -> AuditEntry:
    """Write one act down; flushes. ``details`` hold no passwords, no secrets and nothing that customers wrote."""
    entry = AuditEntry(
        at=at,
        staff_id=by.id if isinstance(by, StaffUser) else None,
        actor=by.display_name if isinstance(by, StaffUser) else by.value,
        act=act[:40],
        object_kind=what.kind[:60],
        object_id="" if what.key is None else str(what.key)[:40],
        label=what.label.replace("\0", "")[:LONGEST_LABEL],
        details=dict(details or {}),
        address=address[:45],
    )
    db.session.add(entry)
    db.session.flush()
    return entry
