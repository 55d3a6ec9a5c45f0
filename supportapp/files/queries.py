"""Reads of stored files. Who may see an attached file is for the ticket to say; a draft is its uploader's alone."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, select

from supportapp.accounts.models import Customer, StaffUser
from supportapp.errors import NotFound
from supportapp.extensions import db
from supportapp.files.models import StoredFile


def files_for_draft(owner: Customer | StaffUser, draft: str) -> list[StoredFile]:
    """What ``owner`` uploaded for the form ``draft`` and has not sent yet, in the order of upload."""
    chosen = select(StoredFile).where(_waiting(owner), StoredFile.draft == draft).order_by(StoredFile.id)
    return list(db.session.scalars(chosen)) if draft and "\0" not in draft else []


def get_draft_file(public_id: str, owner: Customer | StaffUser) -> StoredFile:
    """The not yet sent file of this owner; NotFound for anybody else's and for sent ones."""
    return _one(StoredFile.public_id == _plain(public_id), _waiting(owner))


def get_file(public_id: str) -> StoredFile:
    """The file with this public id. No access follows from it: ask the ticket."""
    return _one(StoredFile.public_id == _plain(public_id))


def count_waiting(owner: Customer | StaffUser) -> tuple[int, int]:
    """How many files of ``owner`` wait to be sent, over all forms, and how many bytes they are."""
    totals = select(func.count(), func.coalesce(func.sum(StoredFile.size), 0)).where(_waiting(owner))
    number, size = db.session.execute(totals).one()
    return int(number), int(size)


def owned_by(owner: Customer | StaffUser) -> ColumnElement[bool]:
    """The condition that ``owner`` uploaded the file."""
    return StoredFile.staff_id == owner.id if isinstance(owner, StaffUser) else StoredFile.customer_id == owner.id


def _waiting(owner: Customer | StaffUser) -> ColumnElement[bool]:
    return owned_by(owner) & StoredFile.attached_at.is_(None)


def _plain(public_id: str) -> str:
    if not public_id.isascii() or not public_id.isalnum():
        raise NotFound("file")
    return public_id


def _one(*conditions: ColumnElement[bool]) -> StoredFile:
    stored = db.session.scalar(select(StoredFile).where(*conditions))
    if stored is None:
        raise NotFound("file")
    return stored
