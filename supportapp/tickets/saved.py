"""Lists of tickets that staff have given a name, for themselves or for everybody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import ForeignKey, Select, String, UniqueConstraint, bindparam, func, or_, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from supportapp.accounts.models import StaffUser
from supportapp.database import GREATEST_ID, Model, UtcDateTime
from supportapp.errors import NotFound, Refused
from supportapp.extensions import db
from supportapp.i18n import N_
from supportapp.tickets.operations.record import clean_line

NAME_LENGTH = 60
ADDRESS_LENGTH = 2_000
MOST = 30


class SavedFilter(Model):
    """A named address of the ticket list: its filters and order, never a place in it. Everybody sees a shared one."""

    __tablename__ = "saved_filter"
    __table_args__ = (UniqueConstraint("owner_id", "name", name="uq_saved_filter_name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    address: Mapped[str] = mapped_column(String(ADDRESS_LENGTH))
    shared: Mapped[bool] = mapped_column(default=False, index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    owner: Mapped[StaffUser] = relationship()

    def __repr__(self) -> str:
        return self.name


def filters_for(person: StaffUser) -> Sequence[SavedFilter]:
    """One's own and those that are shared, by name."""
    return db.session.scalars(_seen_by(), {"person": person.id}).all()


@cache
def _seen_by() -> Select[SavedFilter]:
    """The statement alone: every page of the list runs it."""
    seen = or_(SavedFilter.owner_id == bindparam("person"), SavedFilter.shared.is_(True))
    owner = joinedload(SavedFilter.owner).load_only(StaffUser.first_name, StaffUser.last_name, StaffUser.username)
    return select(SavedFilter).where(seen).options(owner).order_by(SavedFilter.name)


def save_filter(name: str, address: str, *, by: StaffUser, at: datetime, shared: bool = False) -> SavedFilter:
    """Keep a list under a name; one's own of that name is replaced, and stays shared when it was: ``keep_private`` ends
    that. Refused: no name, too long, too many."""
    name = clean_line(name, field="name", limit=NAME_LENGTH, required=True)
    if len(address) > ADDRESS_LENGTH:
        raise Refused("filter_too_long", N_("This list has too many filters to be kept."))
    own = select(SavedFilter).where(SavedFilter.owner_id == by.id)
    kept = db.session.scalars(own.where(SavedFilter.name == name)).one_or_none()
    if kept is None:
        if (db.session.scalar(select(func.count()).select_from(own.subquery())) or 0) >= MOST:
            raise Refused("too_many_filters", N_("At most %(limit)s lists can be kept. Delete one first."), limit=MOST)
        kept = SavedFilter(owner_id=by.id, name=name, created_at=at)
        db.session.add(kept)
    kept.address, kept.shared = address, shared or bool(kept.shared)
    db.session.flush()
    return kept


def keep_private(key: int, *, by: StaffUser, of_others: bool) -> str:
    """The list is its owner's alone again; access as for ``delete_filter``."""
    kept = _get_filter(key, by=by, of_others=of_others)
    kept.shared = False
    db.session.flush()
    return kept.name


def delete_filter(key: int, *, by: StaffUser, of_others: bool) -> str:
    """Forget a list and return its name: one's own, and with ``of_others`` a shared one. NotFound for any other."""
    kept = _get_filter(key, by=by, of_others=of_others)
    db.session.delete(kept)
    db.session.flush()
    return kept.name


def _get_filter(key: int, *, by: StaffUser, of_others: bool) -> SavedFilter:
    kept = db.session.get(SavedFilter, key) if 0 < key <= GREATEST_ID else None
    if kept is None or not (kept.owner_id == by.id or (of_others and kept.shared)):
        raise NotFound(f"saved filter {key}")
    return kept
