"""Who may see which export."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select

from supportapp.accounts.models import StaffUser
from supportapp.database import GREATEST_ID
from supportapp.errors import NotFound
from supportapp.extensions import db
from supportapp.reports.models import Export, SavedExport
from supportapp.reports.rules import ExportState

SHOWN = 50


def get_export_for(person: StaffUser, export_id: int, *, is_admin: bool) -> Export:
    """An export of his own, one that is made for him regularly, or, for an Admin, anybody's; raises NotFound."""
    export = db.session.get(Export, export_id) if 0 < export_id <= GREATEST_ID else None
    if export is None or not (is_admin or export.owner_id == person.id or _receives(person, export.saved)):
        raise NotFound(f"export {export_id}")
    return export


def exports_for(person: StaffUser, *, is_admin: bool) -> list[Export]:
    """What he may see, the newest first."""
    wanted = select(Export).where(Export.state != ExportState.EXPIRED).order_by(Export.id.desc()).limit(SHOWN)
    return list(db.session.scalars(wanted if is_admin else wanted.where(_visible_to(person))))


def get_saved_for(person: StaffUser, saved_id: int, *, is_admin: bool) -> SavedExport:
    """A saved export that he owns or receives, one that has stopped, or, for an Admin, anybody's; raises NotFound."""
    saved = db.session.get(SavedExport, saved_id) if 0 < saved_id <= GREATEST_ID else None
    known = saved is not None and (is_admin or saved.owner_id == person.id or saved.stopped_at is not None)
    if saved is None or not (known or _receives(person, saved)):
        raise NotFound(f"saved export {saved_id}")
    return saved


def saved_for(person: StaffUser, *, is_admin: bool) -> list[SavedExport]:
    """The saved exports that he may see, by name."""
    wanted = select(SavedExport).order_by(SavedExport.name, SavedExport.id)
    mine = (SavedExport.owner_id == person.id) | SavedExport.recipients.any(StaffUser.id == person.id)
    mine |= SavedExport.stopped_at.is_not(None)  # somebody has to take it over
    return list(db.session.scalars(wanted if is_admin else wanted.where(mine)))


def _visible_to(person: StaffUser) -> ColumnElement[bool]:
    received = SavedExport.recipients.any(StaffUser.id == person.id)
    return (Export.owner_id == person.id) | Export.saved.has(received)


def _receives(person: StaffUser, saved: SavedExport | None) -> bool:
    return saved is not None and any(one.id == person.id for one in saved.recipients)
