"""Entering an absence. Flushes, never commits."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ColumnElement, or_, select

from supportapp.accounts.models import StaffUser
from supportapp.errors import Refused
from supportapp.extensions import db, settings
from supportapp.i18n import N_
from supportapp.tickets.assigning.absences import absences_during
from supportapp.tickets.assigning.models import StaffAbsence
from supportapp.tickets.assigning.queries import desk
from supportapp.worktime.rules import local_date

LONGEST_NOTE = 200


def enter_absence(
    absence: StaffAbsence | None,
    *,
    staff: StaffUser,
    deputy: StaffUser,
    first_day: date,
    last_day: date,
    note: str = "",
    by: StaffUser,
    at: datetime,
) -> StaffAbsence:
    """A new absence of ``staff``, or ``absence`` changed.

    Refused beside its field: "ends_before_it_begins", "over_already", "own_deputy", "deputy_not_here",
    "absent_already", "deputy_absent" and "stands_in" (he is a deputy himself on one of these days, and would have to
    be stood in for as one: there are no chains and no rings of deputies).
    """
    _lock(staff, deputy)
    _check_days(absence, first_day, last_day, at=at)
    if deputy.id == staff.id:
        raise Refused("own_deputy", N_("Nobody is his own deputy."), field="deputy")
    if deputy not in desk():
        raise Refused("deputy_not_here", N_("%(name)s does not work on tickets."), field="deputy", name=str(deputy))
    _check_others(absence, staff, deputy, first_day, last_day)
    if absence is None:
        absence = StaffAbsence(created_by_id=by.id)
        db.session.add(absence)
    absence.staff, absence.deputy = staff, deputy
    absence.first_day, absence.last_day, absence.note = first_day, last_day, note.strip()[:LONGEST_NOTE]
    db.session.flush()
    return absence


def _lock(*people: StaffUser) -> None:
    """Two who enter absences of the same people at once come one after the other."""
    keys = {person.id for person in people}
    rows = select(StaffUser.id).where(StaffUser.id.in_(keys)).order_by(StaffUser.id)
    db.session.execute(rows.with_for_update(key_share=True))


def _check_days(absence: StaffAbsence | None, first_day: date, last_day: date, *, at: datetime) -> None:
    if last_day < first_day:
        raise Refused("ends_before_it_begins", N_("The last day lies before the first."), field="last_day")
    ended = last_day < local_date(at, settings.timezone)
    if ended and (absence is None or absence.last_day != last_day):
        raise Refused("over_already", N_("These days are over already."), field="last_day")


def _check_others(
    absence: StaffAbsence | None, staff: StaffUser, deputy: StaffUser, first_day: date, last_day: date
) -> None:
    """The other absences on these days leave room for this one."""
    people = (staff.id, deputy.id)
    concerned = or_(StaffAbsence.staff_id.in_(people), StaffAbsence.deputy_id == staff.id)
    same_days: list[ColumnElement[bool]] = [absences_during(first_day, last_day), concerned]
    if absence is not None:
        same_days.append(StaffAbsence.id != absence.id)
    for other in db.session.scalars(select(StaffAbsence).where(*same_days).order_by(StaffAbsence.first_day)):
        days = {"first": other.first_day, "last": other.last_day, "name": other.staff.display_name}
        if other.staff_id == staff.id:
            sentence = N_("%(name)s is absent from %(first)s to %(last)s already.")
            raise Refused("absent_already", sentence, field="first_day", **days)
        if other.staff_id == deputy.id:
            sentence = N_("%(name)s is absent from %(first)s to %(last)s. Choose somebody else.")
            raise Refused("deputy_absent", sentence, field="deputy", **days)
        sentence = N_(
            "%(deputy)s stands in for %(name)s from %(first)s to %(last)s. Choose another deputy there first."
        )
        raise Refused("stands_in", sentence, field="first_day", deputy=staff.display_name, **days)
