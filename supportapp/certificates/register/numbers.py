"""Which of many numbers the database holds already."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from supportapp.certificates.models import Certificate
from supportapp.certificates.rules import CertificateKind
from supportapp.extensions import db

AT_ONCE = 1000

Key = tuple[CertificateKind, str]


def numbers_taken(keys: Iterable[Key]) -> set[Key]:
    """Those of the (kind, number key) pairs that stand in the register, asked for a thousand at a time."""
    wanted = set(keys)
    numbers = sorted({number for _kind, number in wanted})
    found: set[Key] = set()
    for start in range(0, len(numbers), AT_ONCE):
        some = numbers[start : start + AT_ONCE]
        rows = db.session.execute(
            select(Certificate.kind, Certificate.number_key).where(Certificate.number_key.in_(some))
        )
        found.update((row.kind, row.number_key) for row in rows)
    return found & wanted
