"""Scheduled work of certificates."""

from __future__ import annotations

from supportapp import clock
from supportapp.certificates import operations
from supportapp.extensions import db

AT_ONCE = 100


def send_expiry_notices() -> int:
    """Record every notice that is due, a hundred a transaction, and return how many. May run twice at once."""
    total = 0
    while sent := operations.send_expiry_notices(at=clock.now(), most=AT_ONCE):
        db.session.commit()
        total += sent
    db.session.rollback()
    return total
