"""An export is asked for, made by one worker at a time, finished or given up, offered for a while and removed.

The row is the truth: whoever makes the file holds ``claim``, shows signs of life in ``beat_at``, and stops as soon as
the row says something else (cancelled, or given to another after a long silence).
"""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update

from supportapp.accounts.models import StaffUser
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.files import storage
from supportapp.files.models import StoredFile
from supportapp.i18n import N_, known_language
from supportapp.jobs.queue import ring_after_commit
from supportapp.reports import letters, rules
from supportapp.reports.models import Export, SavedExport
from supportapp.reports.rules import ExportForm, ExportState

MAKE = "supportapp.staff.reports.jobs.make_export"
MOST_WAITING = 5  # of one person at a time
UNFINISHED = (ExportState.QUEUED, ExportState.RUNNING)
TOLD = ("no_space", "worker_died", "failed")


def request_export(
    query: str,
    *,
    form: ExportForm,
    conversation: bool,
    language: str,
    by: StaffUser,
    at: datetime,
    working_time: bool = True,
    saved: SavedExport | None = None,
) -> Export:
    """Ask a worker for the file of the list at ``query``. Refused: "too_many_exports"."""
    waiting = select(func.count()).where(Export.owner_id == by.id, Export.state.in_(UNFINISHED))
    if saved is None and (db.session.scalar(waiting) or 0) >= MOST_WAITING:
        raise Refused(
            "too_many_exports",
            N_("%(number)s exports of yours are being made already. Wait for them or cancel one."),
            number=MOST_WAITING,
        )
    export = Export(
        owner=by,
        saved=saved,
        query=query,
        form=form,
        conversation=conversation,
        working_time=working_time,
        language=known_language(language),
        created_at=at,
        beat_at=at,
    )
    db.session.add(export)
    db.session.flush()
    ring_after_commit(MAKE, export.id)
    return export


def claim(export_id: int, *, at: datetime) -> str | None:
    """Begin to make it; the claim that goes with it, None when it is not waiting or somebody is at it."""
    mine = secrets.token_hex(16)
    taken = {
        "state": ExportState.RUNNING,
        "claim": mine,
        "beat_at": at,
        "rows_done": 0,
        "attempts": Export.attempts + 1,
    }
    return mine if _changed(taken, Export.id == export_id, Export.state == ExportState.QUEUED) else None


def progress(export_id: int, mine: str, *, done: int, total: int, at: datetime) -> bool:
    """Show how far it is, and a sign of life; False when the row belongs to this worker no more."""
    return _changed({"rows_done": done, "rows_total": total, "beat_at": at}, *_held(export_id, mine))


def finish(export_id: int, mine: str, file: StoredFile, *, rows: int, at: datetime) -> bool:
    """Offer the file and tell who waits for it; False when it was cancelled meanwhile."""
    db.session.add(file)
    db.session.flush()
    ready = {
        "state": ExportState.READY,
        "file_id": file.id,
        "rows_done": rows,
        "rows_total": rows,
        "finished_at": at,
        "expires_at": at + rules.KEPT,
    }
    if not _changed(ready, *_held(export_id, mine)):
        return False
    letters.ready(_fresh(export_id), at=at)
    return True


def fail(export_id: int, mine: str, reason: str, *, at: datetime) -> None:
    """Give it up for ``reason`` (one of TOLD) and say so; nothing half made is ever offered."""
    failed = {"state": ExportState.FAILED, "reason": reason, "finished_at": at}
    if _changed(failed, *_held(export_id, mine)):
        letters.failed(_fresh(export_id), at=at)


def cancel(export: Export, *, at: datetime) -> None:
    """Stop it; whoever makes it notices within a batch. Refused: "already_finished"."""
    stopped = {"state": ExportState.CANCELLED, "finished_at": at}
    if not _changed(stopped, Export.id == export.id, Export.state.in_(UNFINISHED)):
        raise Refused("already_finished", N_("It is finished already."))
    db.session.refresh(export)


def revive_stale(*, at: datetime) -> int:
    """Hand exports whose worker died to another, or give them up after MOST_ATTEMPTS; ring for those nobody began."""
    silent = Export.beat_at <= at - rules.DEAD_AFTER
    asked = select(Export).where(Export.state.in_(UNFINISHED), silent).execution_options(populate_existing=True)
    stale = db.session.scalars(asked).all()
    for export in stale:
        same = (Export.id == export.id, Export.state == export.state, Export.claim == export.claim, silent)
        if export.attempts >= rules.MOST_ATTEMPTS:
            given_up = {"state": ExportState.FAILED, "reason": "worker_died", "finished_at": at}
            if _changed(given_up, *same):
                letters.failed(_fresh(export.id), at=at)
        elif _changed({"state": ExportState.QUEUED, "claim": "", "beat_at": at}, *same):
            ring_after_commit(MAKE, export.id)
    return len(stale)


def expire_old(*, at: datetime) -> int:
    """Remove the files that were offered long enough."""
    old = db.session.scalars(select(Export).where(Export.state == ExportState.READY, Export.expires_at <= at)).all()
    for export in old:
        file, export.file, export.state = export.file, None, ExportState.EXPIRED
        db.session.flush()
        if file is not None:
            storage.remove_after_commit(db.session(), [file.storage_key])
            db.session.delete(file)
    db.session.flush()
    return len(old)


def _held(export_id: int, mine: str) -> tuple[ColumnElement[bool], ...]:
    return Export.id == export_id, Export.claim == mine, Export.state == ExportState.RUNNING


def _changed(values: dict[str, object], *conditions: ColumnElement[bool]) -> bool:
    """A conditional UPDATE: of two who try the same, one hears True."""
    changing = update(Export).where(*conditions).values(values).returning(Export.id)
    changing = changing.execution_options(synchronize_session=False)
    return db.session.execute(changing).scalar() is not None


def _fresh(export_id: int) -> Export:
    export = db.session.get_one(Export, export_id)
    db.session.refresh(export)
    return export
