"""LMTP (RFC 2033) and SMTP as aiosmtpd speaks them, with what a door to a portal needs besides."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from supportapp.mailbox.jobs import NotNow

TIMEOUT = 300.0  # seconds for one command, the whole of a mail included
MOST_SESSIONS = 10  # each may hold a mail of the largest size in memory
MOST_WAITING = 100  # for a greeting: Postfix comes with twenty at once, and lets rest for minutes whom we send away
MOST_RECIPIENTS = 100
LONGEST_LINE = 1024 * 1024  # broken programs write a mail on one line; it is their mail all the same

ACCEPTED = "250 2.0.0 committed"
LATER = "451 4.3.0 not now, please try again"
NOT_OURS = "550 5.1.1 no such mailbox here"
TOO_MANY_RECIPIENTS = "452 4.5.3 too many recipients"
BUSY = b"421 4.3.2 too many sessions, please come again\r\n"

# bytes, sender, recipients; returns after the commit, raises NotNow
Keep = Callable[[bytes, str, tuple[str, ...]], Awaitable[None]]
logger = logging.getLogger(__name__)


class Handler:
    """What the door does with a mail: our recipients only, and no answer before the commit."""

    def __init__(self, keep: Keep, is_ours: Callable[[str], bool]) -> None:
        self._keep, self._is_ours = keep, is_ours

    async def handle_RCPT(  # noqa: N802 - aiosmtpd looks for this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        """Nobody but ourselves gets mail here: this is no relay."""
        if not self._is_ours(address):
            return NOT_OURS
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return TOO_MANY_RECIPIENTS
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """One answer, or in LMTP one for each recipient: they share one fate."""
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content or "").encode()
        sender = (envelope.mail_from or "").removeprefix("<>")  # so aiosmtpd spells the null sender
        answer = await self._answer(content, sender, tuple(envelope.rcpt_tos))
        return "\r\n".join([answer] * len(envelope.rcpt_tos)) if isinstance(server, LMTP) else answer

    async def _answer(self, content: bytes, sender: str, recipients: tuple[str, ...]) -> str:
        try:
            await self._keep(content, sender, recipients)
        except NotNow as reason:
            logger.warning("a mail has to come again: %s", reason)
            return LATER
        except Exception:  # whatever it was, the mail is not lost while its server keeps it
            logger.exception("a mail could not be taken in")
            return LATER
        return ACCEPTED


class Sessions:
    """Who is inside and who waits for his greeting, so that no crowd of clients takes all memory."""

    def __init__(self) -> None:
        self.open: set[Any] = set()
        self.waiting: dict[Any, asyncio.Transport] = {}
        self.closing = False

    def receive(self, session: Any, transport: asyncio.Transport) -> None:
        """Greet a client, let him wait, or send him away."""
        if self.closing or len(self.waiting) >= MOST_WAITING:
            _send_away(transport)
            return
        transport.pause_reading()
        self.waiting[session] = transport
        self._let_in()

    def leave(self, session: Any) -> None:
        """He is gone: there is room for the next."""
        self.waiting.pop(session, None)
        self.open.discard(session)
        self._let_in()

    def close(self) -> None:
        """Nobody is let in any more."""
        self.closing = True
        for transport in self.waiting.values():
            _send_away(transport)
        self.waiting.clear()

    def _let_in(self) -> None:
        while self.waiting and len(self.open) < MOST_SESSIONS:
            session = next(iter(self.waiting))
            transport = self.waiting.pop(session)
            self.open.add(session)
            transport.resume_reading()
            session.greet(transport)


class _Door(SMTP):
    line_length_limit = LONGEST_LINE
    sessions: Sessions

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.sessions.receive(self, transport)

    def greet(self, transport: asyncio.Transport) -> None:
        """Begin the session: his turn has come."""
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        is_open = self in self.sessions.open
        self.sessions.leave(self)
        if is_open:
            super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        if self in self.sessions.open:
            super().data_received(data)

    def eof_received(self) -> bool | None:
        return super().eof_received() if self in self.sessions.open else False


class SmtpDoor(_Door):
    """For a server that relays to us by SMTP."""


class LmtpDoor(_Door, LMTP):
    """For a server that delivers to us by LMTP."""

    async def push(self, status: Any) -> None:
        """What aiosmtpd refuses after DATA, it refuses once; LMTP wants an answer for each recipient."""
        envelope = self.envelope
        refused_data = isinstance(status, str) and status.startswith(("500 Line too long", "552 Error: Too much"))
        if refused_data and envelope is not None and len(envelope.rcpt_tos) > 1:
            status = "\r\n".join([status] * len(envelope.rcpt_tos))
        await super().push(status)


def _send_away(transport: asyncio.Transport) -> None:
    transport.write(BUSY)
    transport.close()
