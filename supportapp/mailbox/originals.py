"""The mail as it came: reading it back, keeping it without a file that may not stay, and giving it up in the end."""

from __future__ import annotations

import hashlib
import io
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default

from sqlalchemy import or_, select, update

from supportapp.errors import NotFound
from supportapp.extensions import db, settings
from supportapp.files import storage
from supportapp.mailbox.models import ReceivedMail
from supportapp.mailbox.reading import files_within, read_mail
from supportapp.mailbox.reading.contents import IncomingMail
from supportapp.mailbox.rules import PASSING

REMOVED = "[a file that held a secret was removed here when the mail was received]"


def open_original(row: ReceivedMail) -> bytes:
    """The bytes; NotFound when they are lost or were given up, StorageError when the storage is away."""
    if row.storage_key is None:
        raise NotFound("original")
    try:
        with storage.open_key(row.storage_key) as stream:
            return stream.read()
    except FileNotFoundError as error:
        raise NotFound("original") from error


def without_files(raw: bytes, digests: set[str]) -> bytes:
    """``raw`` without the parts whose contents have one of the SHA-256 ``digests``; the texts stay.

    Where a file hides in a wrapping that cannot be opened part by part (winmail.dat, a signature that holds what it
    signs), or is a mail whose own text may not stay, only the head and the text are kept.
    """
    message = message_from_bytes(raw)
    parts = [(part, _digest(part)) for part in message.walk() if not part.is_multipart()]
    for part, digest in parts:
        if digest in digests:
            _empty(part)
    try:
        rewritten = message.as_bytes()
        if digests <= {digest for _, digest in parts} and not _holds(read_mail(rewritten), digests):
            return rewritten
    except Exception:  # noqa: S110 - the library cannot write what it could read: the text is kept below
        pass
    return _text_alone(read_mail(raw))


def keep_instead(row: ReceivedMail, raw: bytes) -> str | None:
    """Store ``raw`` as the original from now on; returns the key that is to be removed after the commit."""
    key, old = storage.new_key(), row.storage_key
    storage.write(key, io.BytesIO(raw))
    row.storage_key = key
    row.details = {**row.details, "secret_removed": True}
    return old


def give_up(*, at: datetime, limit: int) -> list[str]:
    """Take their originals from mails that became no entry and were settled MAIL_KEEP_DAYS ago; the rows stay.

    Returns the keys to be removed after the commit. The row comes first: whoever is killed between the two leaves bytes
    without a row, which the sweep of the storage finds, and never a row that promises bytes.
    """
    if not settings.MAIL_KEEP_DAYS:
        return []
    past = at - timedelta(days=settings.MAIL_KEEP_DAYS)
    stale = (
        ReceivedMail.state.in_(PASSING),
        ReceivedMail.storage_key.is_not(None),
        ReceivedMail.read_at <= past,
        or_(ReceivedMail.decided_at.is_(None), ReceivedMail.decided_at <= past),
    )
    wanted = select(ReceivedMail.id, ReceivedMail.storage_key).where(*stale).order_by(ReceivedMail.id).limit(limit)
    keys = {row.id: row.storage_key for row in db.session.execute(wanted)}
    # staff may have it read again this very moment: the row is asked once more by the UPDATE itself
    statement = update(ReceivedMail).where(ReceivedMail.id.in_(keys), *stale).values(storage_key=None)
    taken = db.session.scalars(
        statement.returning(ReceivedMail.id), execution_options={"synchronize_session": False}
    ).all()
    return [keys[mail_id] for mail_id in taken]


def _digest(part: Message) -> str:
    data = part.get_payload(decode=True)
    return hashlib.sha256(data if isinstance(data, bytes) else b"").hexdigest()


def _empty(part: Message) -> None:
    for name in ("Content-Type", "Content-Transfer-Encoding"):
        del part[name]
    part["Content-Type"] = "text/plain; charset=us-ascii"
    part["Content-Transfer-Encoding"] = "7bit"
    part.set_payload(REMOVED)


def _holds(mail: IncomingMail, digests: set[str]) -> bool:
    files = [file for attachment in mail.attachments for file in (attachment, *files_within(attachment))]
    return any(hashlib.sha256(file.data).hexdigest() in digests for file in files)


def _text_alone(mail: IncomingMail) -> bytes:
    message = EmailMessage(policy=default)
    message["From"], message["Subject"] = _line(mail.sender), _line(mail.subject)
    message["Message-ID"] = _line(mail.message_id)
    message.set_content(f"{mail.whole_text}\n\n{REMOVED}\n".encode("utf-8", "replace").decode(), cte="base64")
    return message.as_bytes()


def _line(text: str) -> str:
    return "".join(c for c in text if c.isprintable())[:500]
