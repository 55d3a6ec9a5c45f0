"""What can become of a mail that came in. Pure names and rules on the standard library."""

from __future__ import annotations

import enum


class Door(enum.StrEnum):
    """Which way a mail came in."""

    PIPE = "pipe"
    IMAP = "imap"
    LMTP = "lmtp"


class MailState(enum.StrEnum):
    """``received`` waits to be read; ``entered`` became an entry or a ticket; ``noted`` stands on a timeline alone;
    ``ignored`` was recognised as nothing for people; ``quarantined`` waits for staff; ``released`` and ``discarded``
    were decided by them."""

    RECEIVED = "received"
    ENTERED = "entered"
    NOTED = "noted"
    IGNORED = "ignored"
    QUARANTINED = "quarantined"
    RELEASED = "released"
    DISCARDED = "discarded"
