"""The trail of what staff did. Rows are added and never changed: by the mapper's word and by the database's."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supportapp.accounts.models import StaffUser
from supportapp.database import Model, UtcDateTime, keep_final


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


keep_final(AuditEntry, "audit entries")
