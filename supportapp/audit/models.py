"""The trail of what staff did. Rows are added and never changed: by the mapper's word and by the database's."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NoReturn

from sqlalchemy import DDL, JSON, ForeignKey, Index, String, event
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supportapp.accounts.models import StaffUser
from supportapp.database import Model, UtcDateTime


class AuditEntry(Model):
    """One act. ``actor`` is the name that the person had then, or an ``Actor`` when nobody was signed in; ``label`` is
    what the object was called then; ``address`` is where the request came from."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_staff", "staff_id", "id"),
        Index("ix_audit_entry_object", "object_kind", "object_id", "id"),
        Index("ix_audit_entry_act", "act", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    actor: Mapped[str] = mapped_column(String(150))
    act: Mapped[str] = mapped_column(String(40))
    object_kind: Mapped[str] = mapped_column(String(60), default="")
    object_id: Mapped[str] = mapped_column(String(40), default="")
    label: Mapped[str] = mapped_column(String(200), default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    address: Mapped[str] = mapped_column(String(45), default="")

    staff: Mapped[StaffUser | None] = relationship()


class TrailIsFinalError(RuntimeError):
    """Somebody tried to change or delete what is kept for good."""


def _refuse(_mapper: Any, _connection: Any, entry: AuditEntry) -> NoReturn:
    raise TrailIsFinalError(f"audit entry {entry.id} is never changed")


event.listen(AuditEntry, "before_update", _refuse)
event.listen(AuditEntry, "before_delete", _refuse)

# The migration that makes the table holds the same statements.
SQLITE_TRIGGERS = tuple(
    f"CREATE TRIGGER audit_entry_no_{verb.lower()} BEFORE {verb} ON audit_entry "
    "BEGIN SELECT RAISE(ABORT, 'audit entries are final'); END"
    for verb in ("UPDATE", "DELETE")
)
POSTGRESQL_TRIGGERS = (
    "CREATE OR REPLACE FUNCTION audit_entry_is_final() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'audit entries are final'; END $$",
    "CREATE TRIGGER audit_entry_is_final BEFORE UPDATE OR DELETE ON audit_entry "
    "FOR EACH ROW EXECUTE FUNCTION audit_entry_is_final()",
)
for _dialect, _statements in (("sqlite", SQLITE_TRIGGERS), ("postgresql", POSTGRESQL_TRIGGERS)):
    for _statement in _statements:
        _trigger = DDL(_statement).execute_if(dialect=_dialect)  # type: ignore[no-untyped-call]
        event.listen(AuditEntry.__table__, "after_create", _trigger)
