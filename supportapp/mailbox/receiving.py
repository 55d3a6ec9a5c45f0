"""A mail becomes a row. Its bytes lie in the storage already; the row makes them ours, once."""

from __future__ import annotations

import enum
import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from supportapp.errors import NotFound
from supportapp.extensions import db
from supportapp.files import storage
from supportapp.jobs.queue import ring_after_commit
from supportapp.mailbox import twins
from supportapp.mailbox.models import ReceivedMail
from supportapp.mailbox.originals import open_original
from supportapp.mailbox.reading import fingerprint
from supportapp.mailbox.rules import OUTSIDE, REPLACEABLE, Door, MailState

READ = "supportapp.mailbox.jobs.read_received"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Envelope:
    """What the servers said to each other: ``sender`` is None where nobody did, and empty for a report (RFC 5321)."""

    door: Door
    sender: str | None = None
    recipients: tuple[str, ...] = ()


class Bytes(enum.Enum):
    """What the bytes of a mail are worth that was here before."""

    SUPERFLUOUS = enum.auto()
    PERHAPS_NEEDED = enum.auto()
    BETTER = enum.auto()


@dataclass(frozen=True)
class Recorded:
    """``spare_key`` names bytes that nobody needs after the commit: of two for the same mail only one is kept."""

    mail_id: int
    spare_key: str | None = None


def record(raw: bytes, key: str, envelope: Envelope, *, at: datetime, complete: bool = True) -> Recorded:
    """The row of a mail whose bytes are stored under ``key``. The same mail again is the row that is there.

    ``complete`` is False when only the beginning was taken, because the mail is too large. Raises ``twins.Crowded``.
    """
    digest, arrival = _fingerprint(raw), _arrival(raw, key, envelope, complete)
    known = _known(digest)
    if known is not None:
        return _again(known, raw, arrival, at=at)
    mail = ReceivedMail(fingerprint=digest, state=MailState.RECEIVED, received_at=at, next_attempt_at=at, **arrival)
    try:
        with db.session.begin_nested():
            db.session.add(mail)
    except IntegrityError:  # the same mail by another door in the same second
        known = _known(digest)
        if known is None:
            raise
        return _again(known, raw, arrival, at=at)
    ring_after_commit(READ, mail.id, queue="default")
    return Recorded(mail.id)


def read_anew(row: ReceivedMail, *, at: datetime) -> None:
    """Have a mail read as if it had just come."""
    row.state, row.reason, row.attempts, row.last_error = MailState.RECEIVED, "", 0, ""
    row.next_attempt_at, row.read_at = at, None
    db.session.flush()
    ring_after_commit(READ, row.id, queue="default")


def _arrival(raw: bytes, key: str, envelope: Envelope, complete: bool) -> dict[str, Any]:
    """What a row says of one coming of a mail."""
    return {
        "size": len(raw),
        "door": envelope.door,
        "envelope_sender": _plain(envelope.sender),
        "envelope_recipients": [_plain(recipient) or "" for recipient in envelope.recipients[:100]],
        "storage_key": key,
        "details": {} if complete else {"cut": True},
    }


def _again(known: ReceivedMail, raw: bytes, arrival: dict[str, Any], *, at: datetime) -> Recorded:
    """A server that did not hear us sends again, or somebody who got no answer."""
    db.session.refresh(known, with_for_update={"of": ReceivedMail})
    verdict = _compare(raw, known)
    if verdict is Bytes.SUPERFLUOUS:
        logger.info("mail %s came once more", known.id)
        return Recorded(known.id, spare_key=arrival["storage_key"])
    if verdict is Bytes.PERHAPS_NEEDED:
        twins.add(known, arrival)
        db.session.flush()
        return Recorded(known.id)
    spare = known.storage_key
    twins.replace(known, arrival)
    if known.state is not MailState.RECEIVED:
        read_anew(known, at=at)
    db.session.flush()
    return Recorded(known.id, spare_key=spare)


def _compare(raw: bytes, known: ReceivedMail) -> Bytes:
    """Our first bytes may have been lost before they were read, or be others that nobody could read, that left their
    sender in doubt or looked like a machine's (a list brings the same mail as its writer): a mail is not to be lost by
    what somebody sent in its dress before it. As long as they were not read nobody knows."""
    is_waiting = known.state is MailState.RECEIVED
    if not is_waiting and not (known.state in OUTSIDE and known.reason in REPLACEABLE and known.storage_key):
        return Bytes.SUPERFLUOUS
    others = Bytes.PERHAPS_NEEDED if is_waiting else Bytes.BETTER
    try:
        return others if open_original(known) != raw else Bytes.SUPERFLUOUS
    except NotFound:
        return Bytes.BETTER
    except storage.StorageError:  # they may be there
        return Bytes.PERHAPS_NEEDED if is_waiting else Bytes.SUPERFLUOUS


def _known(digest: str) -> ReceivedMail | None:
    return db.session.scalar(select(ReceivedMail).where(ReceivedMail.fingerprint == digest))


def _fingerprint(raw: bytes) -> str:
    try:
        return fingerprint(raw)[:64]
    except Exception:  # a mail that cannot be read is kept all the same
        logger.exception("a mail has no fingerprint of its own")
        return hashlib.sha256(raw).hexdigest()


def _plain(address: str | None) -> str | None:
    return address if address is None else "".join(c for c in address if c.isprintable())[:254]
