"""The LMTP and the SMTP door, open until told to close: a mail in flight is committed and answered, or not answered."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from config import Settings
from supportapp.extensions import db
from supportapp.mailbox.doors import protocol
from supportapp.mailbox.doors.protocol import Handler, LmtpDoor, Sessions, SmtpDoor
from supportapp.mailbox.jobs import take_in
from supportapp.mailbox.receiving import Envelope
from supportapp.mailbox.rules import Door
from supportapp.notifications.keys import is_our_address

# what makes the settings and the database of the application known to a thread
Context = Callable[[], AbstractContextManager[object]]

COMMITTING = 4  # threads; each holds a connection to the database while it commits
GRACE_SECONDS = 20.0

logger = logging.getLogger(__name__)


class Doors:
    """All listening sockets of one process."""

    def __init__(self, settings: Settings, in_context: Context) -> None:
        self._settings, self._in_context = settings, in_context
        self._pool = ThreadPoolExecutor(COMMITTING, thread_name_prefix="commit")
        self._servers: list[asyncio.Server] = []
        self._sockets: list[Path] = []
        self.sessions = Sessions()

    async def open(self) -> None:
        """Listen; OSError when an address is taken."""
        for where, kind in ((self._settings.LMTP_LISTEN, LmtpDoor), (self._settings.SMTP_LISTEN, SmtpDoor)):
            if where:
                self._servers.append(await self._listen(where, kind))
                logger.info("listening on %s (%s)", where, kind.__name__.removesuffix("Door").upper())

    async def close(self) -> None:
        """Let nobody in any more, let those inside finish their mail for a while, then cut."""
        self.sessions.close()
        for server in self._servers:
            server.close()
        end = asyncio.get_running_loop().time() + GRACE_SECONDS
        while any(_is_busy(session) for session in self.sessions.open) and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(0.05)
        for session in list(self.sessions.open):
            if session.transport is not None:
                session.transport.close()
        self._pool.shutdown(wait=True)
        for path in self._sockets:
            path.unlink(missing_ok=True)

    async def _listen(self, where: str, kind: type[SmtpDoor] | type[LmtpDoor]) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        if where.startswith("unix:"):
            path = Path(where.removeprefix("unix:"))
            _remove_stale(path)
            server = await loop.create_unix_server(lambda: self._session(kind), str(path))
            path.chmod(0o660)
            self._sockets.append(path)
            return server
        host, _, port = where.rpartition(":")
        return await loop.create_server(lambda: self._session(kind), host.strip("[]"), int(port))

    def _session(self, kind: Any) -> Any:
        # twice the limit is taken and its beginning kept for staff; what is larger still, its server sends back
        door = kind(
            Handler(self._keep, self._is_ours),
            data_size_limit=2 * self._settings.MAX_MAIL_BYTES,
            enable_SMTPUTF8=True,
            hostname=self._settings.MAIL_FROM.rpartition("@")[2],
            ident="support portal",
            timeout=protocol.TIMEOUT,
            loop=asyncio.get_running_loop(),
        )
        door.sessions = self.sessions
        return door

    def _is_ours(self, address: str) -> bool:
        with self._in_context():
            return is_our_address(address)

    async def _keep(self, content: bytes, sender: str, recipients: tuple[str, ...]) -> None:
        work = asyncio.get_running_loop().run_in_executor(self._pool, self._commit, content, sender, recipients)
        await asyncio.shield(work)  # a client that hangs up stops no commit: it will send the same mail again

    def _commit(self, content: bytes, sender: str, recipients: tuple[str, ...]) -> None:
        limit = self._settings.MAX_MAIL_BYTES
        with self._in_context():
            try:
                take_in(content[:limit], Envelope(Door.LMTP, sender, recipients), complete=len(content) <= limit)
            finally:
                db.session.remove()


def _is_busy(session: Any) -> bool:
    """Whether a mail is on its way: between MAIL and the answer to DATA."""
    envelope = session.envelope
    return envelope is not None and envelope.mail_from is not None


def _remove_stale(path: Path) -> None:
    """A socket whose owner was killed is no door; one that answers is somebody's."""
    if not path.is_socket():
        return
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            path.unlink(missing_ok=True)
