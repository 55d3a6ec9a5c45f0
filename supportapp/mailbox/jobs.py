"""The edges of the room: taking a mail in, so that it may be acknowledged, and reading it."""

from __future__ import annotations

import io
import logging
import time

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from supportapp import clock
from supportapp.database import reading
from supportapp.errors import NotFound, Refused
from supportapp.extensions import db
from supportapp.files import storage
from supportapp.mailbox import boxes, enclosures, operations, originals, queries
from supportapp.mailbox.enclosures import Enclosed
from supportapp.mailbox.models import ReceivedMail
from supportapp.mailbox.operations import Turn
from supportapp.mailbox.reading import read_mail
from supportapp.mailbox.receiving import Envelope, record
from supportapp.mailbox.routing import route
from supportapp.mailbox.twins import Crowded

BATCH = 200
BATCH_SECONDS = 40
MOST_FORGOTTEN = 500

logger = logging.getLogger(__name__)


class NotNow(Exception):  # noqa: N818 - no error of the mail
    """The storage or the database is away: whoever brings the mail has to come again. Nothing is acknowledged."""


def take_in(raw: bytes, envelope: Envelope, *, complete: bool = True) -> int:
    """Store the bytes, then the row, and commit; only then may a door say that the mail has arrived.

    Returns the key of the row, which is an older one when the same mail was here before. Raises NotNow.
    """
    key = storage.new_key()
    try:
        storage.write(key, io.BytesIO(raw))
    except storage.StorageError as error:
        raise NotNow("the storage did not take it") from error
    try:
        recorded = record(raw, key, envelope, at=clock.now(), complete=complete)
        db.session.commit()
    except Crowded as error:
        _roll_back()
        storage.remove([key])
        raise NotNow("the same mail waits too often") from error
    except SQLAlchemyError as error:  # the bytes stay: nobody knows whether the commit has got through
        _roll_back()
        raise NotNow("the database did not take it") from error
    if recorded.spare_key:
        storage.remove([recorded.spare_key])
    return recorded.mail_id


def find_place(name: str) -> boxes.Place | None:
    """Where the last look at the box ``name`` ended. Raises NotNow."""
    try:
        with reading():
            place = boxes.find_place(name)
            db.session.rollback()
        return place
    except SQLAlchemyError as error:
        _roll_back()
        raise NotNow("the database does not say how far the box was read") from error


def keep_place(name: str, place: boxes.Place) -> None:
    """Remember where a look ended. Raises NotNow."""
    try:
        boxes.keep_place(name, place)
        db.session.commit()
    except SQLAlchemyError as error:
        _roll_back()
        raise NotNow("the database did not take how far the box was read") from error


def read_received(mail_id: int) -> None:
    """Read one mail, if it waits and nobody else is at it."""
    turn = operations.take_turn(mail_id, at=clock.now())
    db.session.commit()
    if turn is None:
        return
    try:
        _read(turn)
    except Exception as error:
        _roll_back()
        _again_later(turn, error)


def sweep_received() -> None:
    """Whatever nobody rang for, or whose reader died. Two at once do no harm."""
    due = queries.due_mails(clock.now(), BATCH)
    db.session.rollback()
    started = time.monotonic()
    for mail_id in due:
        read_received(mail_id)
        if time.monotonic() - started > BATCH_SECONDS:
            return


def forget_originals() -> None:
    """Some of the originals that nobody needs any more. Two at once do no harm."""
    keys = originals.give_up(at=clock.now(), limit=MOST_FORGOTTEN)
    db.session.commit()
    storage.remove(keys)


def _read(turn: Turn) -> None:
    with reading():
        row = db.session.get_one(ReceivedMail, turn.mail_id)
        raw = originals.open_original(row)
        mail = read_mail(raw, envelope_sender=row.envelope_sender)
        enters = route(mail, row).enters
        db.session.rollback()
    enclosed = enclosures.take(mail) if enters else Enclosed()  # takes seconds, and nobody waits for us
    old_key = None
    try:
        settled = operations.settle(turn, mail, enclosed, at=clock.now())
        used = settled is not None and settled.entry_id is not None
        if settled is not None and used and enclosed.secret_digests:
            old_key = originals.keep_instead(settled, originals.without_files(raw, enclosed.secret_digests))
    except BaseException:
        _roll_back()
        storage.remove(enclosed.keys)
        raise
    db.session.commit()  # when this fails, the sweep of the storage finds what belongs to nobody
    storage.remove([*([old_key] if old_key else []), *([] if used else enclosed.keys)])


def _again_later(turn: Turn, error: Exception) -> None:
    at = clock.now()
    try:
        if _is_passing(error):
            logger.warning("mail %s is read later (%s)", turn.mail_id, type(error).__name__)
            operations.postpone(turn, at=at)
        else:
            logger.error("reading mail %s failed, attempt %s", turn.mail_id, turn.attempt, exc_info=error)
            operations.fail(turn, error, at=at)
        db.session.commit()
    except SQLAlchemyError:  # the turn runs out by itself
        _roll_back()
        logger.exception("mail %s waits for the sweep", turn.mail_id)


def _is_passing(error: Exception) -> bool:
    """Whether it is no fault of the mail: the storage or the database did not answer, or somebody was quicker."""
    if isinstance(error, Refused):
        return error.reason in ("storage_unavailable", "file_gone")
    if isinstance(error, NotFound):  # the customer was blocked, the ticket merged in this very second
        return False
    return isinstance(error, storage.StorageError) or (isinstance(error, DBAPIError) and _is_away(error))


def _is_away(error: DBAPIError) -> bool:
    return error.connection_invalidated or type(error).__name__ in ("OperationalError", "InterfaceError")


def _roll_back() -> None:
    try:
        db.session.rollback()
    except SQLAlchemyError:
        db.session.remove()
