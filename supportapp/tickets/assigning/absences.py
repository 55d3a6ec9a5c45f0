"""Who is away, and who stands in for him. Days are those of SUPPORT_TIMEZONE."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, select

from supportapp.accounts.models import StaffUser
from supportapp.errors import Refused
from supportapp.extensions import db, settings
from supportapp.i18n import N_
from supportapp.tickets.assigning.models import StaffAbsence
from supportapp.worktime.rules import local_date


def absence_of(person: StaffUser, *, at: datetime) -> StaffAbsence | None:
    """The absence of ``person`` at that moment; None while he is here."""
    wanted = select(StaffAbsence).where(StaffAbsence.staff_id == person.id, _on(_today(at)))
    return db.session.scalars(wanted.limit(1)).one_or_none()


def is_here(person: StaffUser, *, at: datetime) -> bool:
    """Whether ``person`` works here, and is not absent."""
    return bool(person.active) and absence_of(person, at=at) is None


def find_deputy(absence: StaffAbsence, *, at: datetime) -> StaffUser | None:
    """Who stands in at that moment; None when the deputy has gone or is away, too."""
    return absence.deputy if is_here(absence.deputy, at=at) else None


def who_stands_in(*, at: datetime) -> dict[int, int]:
    """Everybody who is away, by key, and the deputy's key."""
    rows = db.session.execute(select(StaffAbsence.staff_id, StaffAbsence.deputy_id).where(_on(_today(at))))
    return {person: deputy for person, deputy in rows}  # noqa: C416 - rows are no pairs to mypy


def represented_by(person: StaffUser, *, at: datetime) -> Sequence[StaffAbsence]:
    """The absences in which ``person`` stands in now."""
    wanted = select(StaffAbsence).where(StaffAbsence.deputy_id == person.id, _on(_today(at)))
    return db.session.scalars(wanted.order_by(StaffAbsence.last_day, StaffAbsence.id)).all()


def stands_in_later(person: StaffUser, *, at: datetime) -> Sequence[StaffAbsence]:
    """The absences, those to come included, in which ``person`` is to stand in."""
    wanted = select(StaffAbsence).where(StaffAbsence.deputy_id == person.id, StaffAbsence.last_day >= _today(at))
    return db.session.scalars(wanted.order_by(StaffAbsence.first_day, StaffAbsence.id)).all()


def whose_tickets(person: StaffUser, *, at: datetime) -> list[int]:
    """Whose tickets are those of ``person`` now: his own and those of colleagues for whom he stands in."""
    return [person.id, *sorted({absence.staff_id for absence in represented_by(person, at=at)})]


def hearers(person: StaffUser | None, *, at: datetime) -> list[tuple[StaffUser, StaffUser | None]]:
    """Who is to hear what concerns ``person``, each with the colleague for whom he stands in: ``person`` himself, and
    his deputy while he is away. Accounts that are off or have no address hear nothing."""
    if person is None or not person.active:
        return []
    found: list[tuple[StaffUser, StaffUser | None]] = [(person, None)]
    absence = absence_of(person, at=at)
    deputy = find_deputy(absence, at=at) if absence is not None else None
    if deputy is not None:
        found.append((deputy, person))
    return [pair for pair in found if pair[0].email]


def require_present(person: StaffUser, *, at: datetime) -> None:
    """Raise Refused("assignee_absent") while ``person`` is away; its parameters name the deputy, if there is one."""
    absence = absence_of(person, at=at)
    if absence is None:
        return
    deputy = find_deputy(absence, at=at)
    sentence = N_("%(name)s is absent until %(day)s, and nobody stands in.")
    if deputy is not None:
        sentence = N_("%(name)s is absent until %(day)s; %(deputy)s stands in.")
    raise Refused(
        "assignee_absent",
        sentence,
        name=person.display_name,
        day=absence.last_day,
        person_id=person.id,
        deputy=deputy.display_name if deputy else "",
        deputy_id=deputy.id if deputy else None,
    )


def absences_during(first: date, last: date) -> ColumnElement[bool]:
    """That an absence and the days from ``first`` to ``last`` have at least one in common."""
    return and_(StaffAbsence.first_day <= last, StaffAbsence.last_day >= first)


def _on(day: date) -> ColumnElement[bool]:
    return absences_during(day, day)


def _today(at: datetime) -> date:
    return local_date(at, settings.timezone)
