"""A mail from the standard input, as an MTA's pipe hands it over; the exit status says what became of it."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from typing import BinaryIO

from supportapp.extensions import settings
from supportapp.mailbox.jobs import NotNow, take_in
from supportapp.mailbox.receiving import Envelope
from supportapp.mailbox.rules import Door

CHUNK = 1024 * 1024

logger = logging.getLogger(__name__)


def ingest(stream: BinaryIO, *, sender: str | None, recipients: Sequence[str]) -> int:
    """The exit status of sysexits(3): 0 when the mail is committed, 75 when the MTA has to try again later.

    Nothing else: what cannot be used goes to the quarantine, and an MTA that gets another status sends the mail back.
    """
    raw, complete = _read(stream, settings.MAX_MAIL_BYTES)
    try:
        mail_id = take_in(raw, Envelope(Door.PIPE, sender, tuple(recipients)), complete=complete)
    except NotNow as reason:
        logger.warning("a mail has to come again: %s", reason)
        return os.EX_TEMPFAIL
    logger.info("mail %s came by the pipe", mail_id)
    return os.EX_OK


def _read(stream: BinaryIO, limit: int) -> tuple[bytes, bool]:
    """Everything up to the limit; the rest is read and dropped, so that the MTA sees no broken pipe."""
    raw = stream.read(limit)
    complete = True
    while stream.read(CHUNK):
        complete = False
    return raw, complete
