"""A mail becomes a row. Its bytes lie in the storage already; the row makes them ours, once."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from supportapp.extensions import db
from supportapp.files import storage
from supportapp.jobs.queue import ring_after_commit
from supportapp.mailbox.models import ReceivedMail
from supportapp.mailbox.reading import fingerprint
from supportapp.mailbox.rules import Door, MailState

READ = "supportapp.mailbox.jobs.read_received"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Envelope:
    """What the servers said to each other: ``sender`` is None where nobody did, and empty for a report (RFC 5321)."""

    door: Door
    sender: str | None = None
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recorded:
    """``keeps_bytes`` is False when the same mail was here already and its bytes are safe."""

    mail_id: int
    keeps_bytes: bool


def record(raw: bytes, key: str, envelope: Envelope, *, at: datetime, complete: bool = True) -> Recorded:
    """The row of a mail whose bytes are stored under ``key``. The same mail again is the row that is there.

    ``complete`` is False when only the beginning was taken, because the mail is too large.
    """
    digest = _fingerprint(raw)
    known = _known(digest)
    if known is not None:
        return _again(known, key)
    mail = ReceivedMail(
        fingerprint=digest,
        size=len(raw),
        door=envelope.door,
        envelope_sender=_plain(envelope.sender),
        envelope_recipients=[_plain(recipient) or "" for recipient in envelope.recipients[:100]],
        storage_key=key,
        state=MailState.RECEIVED,
        details={} if complete else {"cut": True},
        received_at=at,
        next_attempt_at=at,
    )
    try:
        with db.session.begin_nested():
            db.session.add(mail)
    except IntegrityError:  # the same mail by another door in the same second
        known = _known(digest)
        if known is None:
            raise
        return _again(known, key)
    ring_after_commit(READ, mail.id, queue="default")
    return Recorded(mail.id, keeps_bytes=True)


def _again(known: ReceivedMail, key: str) -> Recorded:
    """A server that did not hear us sends again. Where our first bytes were lost, the second ones take their place."""
    if known.state is MailState.RECEIVED and not _is_there(known.storage_key):
        known.storage_key = key
        db.session.flush()
        return Recorded(known.id, keeps_bytes=True)
    logger.info("mail %s came once more", known.id)
    return Recorded(known.id, keeps_bytes=False)


def _is_there(key: str | None) -> bool:
    try:
        if key is not None:
            storage.open_key(key).close()
        return key is not None
    except FileNotFoundError:
        return False
    except storage.StorageError:  # it may be there
        return True


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
