"""The same mail in other bytes, come before the first were read: kept until those turn out to be good enough.

Whoever knows what a mail says can send it first in a dress that leaves its sender in doubt; the genuine one is not to
be lost by that.
"""

from __future__ import annotations

from typing import Any

from supportapp.extensions import db
from supportapp.files import storage
from supportapp.mailbox.models import ReceivedMail
from supportapp.mailbox.rules import Door

MOST = 20  # that wait for one reading
NOTED = "noted_on"  # the ticket that tells of this mail already
_TWINS = "twins"


class Crowded(Exception):  # noqa: N818 - no error of the mail
    """Too many wait already: whoever brings another has to come again when the first was read."""


def add(row: ReceivedMail, arrival: dict[str, Any]) -> None:
    """Keep one coming of the mail beside what is being read. The row is locked."""
    waiting = row.details.get(_TWINS, [])
    if len(waiting) >= MOST:
        raise Crowded
    row.details = {**row.details, _TWINS: [*waiting, arrival]}


def take_next(row: ReceivedMail) -> bool:
    """Put the next one into the place of the bytes that were read; False when none waits."""
    waiting = row.details.get(_TWINS, [])
    if not waiting:
        return False
    storage.remove_after_commit(db.session(), [row.storage_key] if row.storage_key else [])
    row.details = {**row.details, _TWINS: waiting[1:]}
    replace(row, waiting[0])
    return True


def replace(row: ReceivedMail, arrival: dict[str, Any]) -> None:
    """Have the row speak of this coming of the mail; those that wait go on waiting."""
    kept = {name: row.details[name] for name in (_TWINS, NOTED) if name in row.details}
    for name, value in arrival.items():
        setattr(row, name, value)
    row.door, row.details = Door(arrival["door"]), {**arrival["details"], **kept}


def forget(row: ReceivedMail) -> None:
    """The mail was read, and nobody needs the others."""
    if _TWINS in row.details:
        storage.remove_after_commit(db.session(), keys_in(row.details))
        row.details = {name: value for name, value in row.details.items() if name != _TWINS}


def keys_in(details: dict[str, Any]) -> list[str]:
    """The storage keys of those that wait."""
    return [arrival["storage_key"] for arrival in details.get(_TWINS, [])]
