"""The mails about exports; they carry a link, never the file."""

from __future__ import annotations

from datetime import datetime

from supportapp.accounts.models import StaffUser
from supportapp.accounts.queries import staff_in_role
from supportapp.extensions import settings
from supportapp.i18n import N_
from supportapp.notifications.mail import Letter
from supportapp.notifications.operations import notify
from supportapp.reports.models import Export, SavedExport
from supportapp.reports.rules import RECEIVERS

OPEN = N_("Open the export")
EXPORTS = N_("Open the exports")


def ready(export: Export, *, at: datetime) -> None:
    """It can be fetched: to who asked, or to the recipients of a saved export."""
    for person in _readers(export):
        _send("staff_export_ready", export, person, at=at)


def failed(export: Export, *, at: datetime) -> None:
    """It could not be made."""
    _send("staff_export_failed", export, export.owner, at=at)


def stopped(saved: SavedExport, *, at: datetime) -> None:
    """It is made no more: to who got it and still may; when nobody of them may, to all who may have exports."""
    allowed = staff_in_role(*RECEIVERS)
    keys = {person.id for person in saved.recipients}
    left = not any(person.id == saved.owner_id for person in allowed)
    for person in [one for one in allowed if one.id in keys] or allowed:
        if not person.active or not person.email:
            continue
        context = {"staff": person, "name": saved.name, "owner": saved.owner, "owner_left": left}
        letter = Letter(
            "staff_export_stopped", context, buttons=[(EXPORTS, f"{settings.PUBLIC_BASE_URL}/staff/exports/")]
        )
        notify(
            kind=letter.name,
            recipient=person.email,
            language=saved.language,
            letter=letter,
            at=at,
            about=f"saved-export:{saved.id}",
        )


def _readers(export: Export) -> list[StaffUser]:
    if export.saved is None:
        return [export.owner]
    allowed = {person.id for person in staff_in_role(*RECEIVERS)}
    return [person for person in export.saved.recipients if person.id in allowed]


def _send(name: str, export: Export, person: StaffUser, *, at: datetime) -> None:
    if not person.active or not person.email:
        return
    context = {
        "staff": person,
        "name": export.saved.name if export.saved is not None else "",
        "form": export.form.value.upper(),
        "rows": export.rows_done,
        "expires_at": export.expires_at,
        "reason": export.reason,
    }
    address = f"{settings.PUBLIC_BASE_URL}/staff/exports/{export.id}"
    letter = Letter(name, context, buttons=[(OPEN, address)])
    about = f"export:{export.id}"
    notify(kind=name, recipient=person.email, language=export.language, letter=letter, at=at, about=about)
