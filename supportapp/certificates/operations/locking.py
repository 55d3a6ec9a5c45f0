"""One certificate, held until the transaction ends: seats and revocation are decided by one person at a time."""

from __future__ import annotations

from sqlalchemy import select

from supportapp.certificates.models import Certificate
from supportapp.errors import NotFound
from supportapp.extensions import db


def lock(certificate: Certificate) -> None:
    """Lock the row and read it afresh. On SQLite the transaction itself is the lock (BEGIN IMMEDIATE)."""
    query = select(Certificate).filter_by(id=certificate.id).with_for_update(of=Certificate)
    if db.session.scalar(query.execution_options(populate_existing=True)) is None:
        raise NotFound("certificate")
