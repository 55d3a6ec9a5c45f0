"""A read register becomes certificates: all of them or none."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from supportapp.accounts.models import StaffUser
from supportapp.certificates.entry import Entry
from supportapp.certificates.models import Certificate, certificate_product
from supportapp.certificates.register.numbers import numbers_taken
from supportapp.certificates.register.reading import Register, RegisterRow
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.i18n import N_

AT_ONCE = 500
_FACTS = [fact.name for fact in fields(Entry)]

logger = logging.getLogger(__name__)


def import_register(
    register: Register, *, by: StaffUser | None, at: datetime, progress: Callable[[int, int], None] | None = None
) -> int:
    """Enter every row and say how many; ``by`` is None for whoever sits at the console.

    Refused "register_has_problems", or "register_outdated" when the database changed since the file was read; then
    nothing is entered. ``progress`` is told how many of how many are done.
    """
    if register.problems:
        raise Refused(
            "register_has_problems",
            N_("%(count)d rows have to be corrected first; nothing was imported."),
            count=len(register.problems),
        )
    if numbers_taken((row.entry.kind, row.entry.number_key) for row in register.rows):
        raise _outdated()
    try:
        with db.session.begin_nested():
            _insert_all(register.rows, by.id if by else None, at, progress or (lambda _done, _total: None))
    except IntegrityError as error:
        raise _outdated() from error
    logger.info("%s certificates were imported by staff user %s", len(register.rows), by.id if by else None)
    return len(register.rows)


def _insert_all(
    rows: Sequence[RegisterRow], by_id: int | None, at: datetime, progress: Callable[[int, int], None]
) -> None:
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        statement = insert(Certificate).returning(Certificate.kind, Certificate.number_key, Certificate.id)
        written = db.session.execute(statement, [_values(row, by_id, at) for row in some])
        ids = {(kind, key): certificate_id for kind, key, certificate_id in written}
        links = [
            {"certificate_id": ids[row.entry.kind, row.entry.number_key], "product_id": product_id}
            for row in some
            for product_id in row.product_ids
        ]
        db.session.execute(insert(certificate_product), links)
        progress(start + len(some), len(rows))


def _values(row: RegisterRow, by_id: int | None, at: datetime) -> dict[str, object]:
    facts = {name: getattr(row.entry, name) for name in _FACTS}
    return {**facts, "level_id": row.level_id, "created_at": at, "created_by_id": by_id}


def _outdated() -> Refused:
    return Refused(
        "register_outdated",
        N_("The portal's data changed after the file was read; nothing was imported. Read the file again."),
    )
