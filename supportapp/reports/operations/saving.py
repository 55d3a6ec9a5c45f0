"""Exports that are made again and again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update

from supportapp.accounts.models import StaffUser
from supportapp.accounts.queries import staff_in_role
from supportapp.errors import Refused
from supportapp.extensions import db, settings
from supportapp.i18n import N_, known_language
from supportapp.reports import letters
from supportapp.reports.models import Export, SavedExport
from supportapp.reports.operations.making import request_export
from supportapp.reports.rules import RECEIVERS, ExportForm, Period, next_moment

NAME_LENGTH = 120


def save_export(
    name: str,
    query: str,
    *,
    form: ExportForm,
    conversation: bool,
    working_time: bool,
    language: str,
    period: Period,
    hour: int,
    recipients: Sequence[StaffUser],
    by: StaffUser,
    at: datetime,
) -> SavedExport:
    """Have the list at ``query`` made regularly. Refused at the fields: name, hour, recipients."""
    name = " ".join(name.split())
    if not name or len(name) > NAME_LENGTH:
        raise Refused(
            "bad_name", N_("Give it a name of at most %(limit)s characters."), field="name", limit=NAME_LENGTH
        )
    if not 0 <= hour <= 23:
        raise Refused("bad_hour", N_("The hour is a number from 0 to 23."), field="hour")
    allowed = _allowed()
    if not recipients or any(person.id not in allowed for person in recipients):
        raise Refused("bad_recipients", N_("Choose at least one manager who is to get it."), field="recipients")
    saved = SavedExport(
        name=name,
        owner=by,
        query=query,
        form=form,
        conversation=conversation,
        working_time=working_time,
        language=known_language(language),
        period=period,
        hour=hour,
        recipients=list(recipients),
        next_at=next_moment(period, hour, after=at, tz=settings.timezone),
        created_at=at,
    )
    db.session.add(saved)
    db.session.flush()
    return saved


def take_over(saved: SavedExport, *, by: StaffUser, at: datetime) -> None:
    """``by`` answers for it from now on, when its owner may not any more. Refused: "has_an_owner"."""
    if saved.owner_id in _allowed():
        raise Refused("has_an_owner", N_("%(name)s answers for it."), name=saved.owner.display_name)
    saved.owner = by
    if not any(person.id == by.id for person in saved.recipients):
        saved.recipients.append(by)
    saved.stopped_at = None
    saved.next_at = next_moment(saved.period, saved.hour, after=at, tz=settings.timezone)
    db.session.flush()


def unsubscribe(saved: SavedExport, *, by: StaffUser) -> None:
    """``by`` gets it no longer; with the last recipient it ends."""
    saved.recipients = [person for person in saved.recipients if person.id != by.id]
    db.session.flush()
    if not saved.recipients:
        delete_saved(saved)


def delete_saved(saved: SavedExport) -> None:
    """It is made no more; files that are there stay until they expire."""
    db.session.execute(update(Export).where(Export.saved_id == saved.id).values(saved_id=None))
    db.session.delete(saved)
    db.session.flush()


def begin_due(*, at: datetime) -> int:
    """Ask for every saved export that is due, each period once; after a downtime once for all that was missed."""
    begun = 0
    due = select(SavedExport).where(SavedExport.next_at <= at).execution_options(populate_existing=True)
    for saved in db.session.scalars(due).all():
        following = next_moment(saved.period, saved.hour, after=at, tz=settings.timezone)
        mine = update(SavedExport).where(SavedExport.id == saved.id, SavedExport.next_at == saved.next_at)
        mine = mine.values(next_at=following).returning(SavedExport.id).execution_options(synchronize_session=False)
        if db.session.execute(mine).scalar() is None:
            continue  # another scheduler was faster
        db.session.refresh(saved)
        if not _may_go_on(saved):
            if saved.stopped_at is None:
                saved.stopped_at = at
                letters.stopped(saved, at=at)
            continue
        saved.stopped_at = None
        request_export(
            saved.query,
            form=saved.form,
            conversation=saved.conversation,
            working_time=saved.working_time,
            language=saved.language,
            by=saved.owner,
            at=at,
            saved=saved,
        )
        begun += 1
    return begun


def _allowed() -> set[int]:
    """The keys of those who may have exports."""
    return {person.id for person in staff_in_role(*RECEIVERS)}


def _may_go_on(saved: SavedExport) -> bool:
    allowed = _allowed()
    return saved.owner_id in allowed and any(person.id in allowed for person in saved.recipients)
