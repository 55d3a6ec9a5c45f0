"""smtplib's client, which knows how far the mail at hand has come and can be cut off from outside."""

from __future__ import annotations

import contextlib
import enum
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from threading import Event, Thread
from typing import Any

from supportapp.extensions import settings
from supportapp.notifications.compose import portal_host


class Stage(enum.Enum):
    """What the server was last told of the mail at hand."""

    SENDER = "sender"  # nothing yet, or who sends it
    RECIPIENT = "recipient"  # who is to get it, or what it says


class Client(smtplib.SMTP):
    """A connection. ``begun`` gets to know it before it is connected, so that a server that greets too slowly can be
    cut off as well."""

    def __init__(self, begun: Callable[[Client], None], *args: Any, **options: Any) -> None:
        self.stage = Stage.SENDER
        begun(self)
        super().__init__(*args, **options)

    def rcpt(self, recip: str, options: Sequence[str] = ()) -> tuple[int, bytes]:
        """Name the recipient."""
        self.stage = Stage.RECIPIENT
        return super().rcpt(recip, options)

    def cut(self) -> None:
        """Wake up whoever waits for the server; from another thread."""
        if self.sock is not None:
            with contextlib.suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)

    def say_goodbye(self) -> None:
        """QUIT, if anybody is there to hear it; the answer changes nothing and is not waited for long."""
        if self.sock is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                self.sock.settimeout(1)
                self.quit()


class TlsClient(Client, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte on."""


class Watch:
    """Ends what lasts too long: ``cut`` is called from another thread when the time that was set is up."""

    TICK = 0.25  # seconds

    def __init__(self, cut: Callable[[], None]) -> None:
        self.is_late = False
        self._cut, self._ends, self._over = cut, float("inf"), Event()
        self._thread: Thread | None = None

    def start(self, seconds: float) -> None:
        """From now on."""
        self.is_late, self._ends = False, time.monotonic() + seconds
        if self._thread is None:
            self._thread = Thread(target=self._run, daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """It is done; nothing will be cut until the next start."""
        self._ends = float("inf")

    def close(self) -> None:
        """No more."""
        self._over.set()

    def _run(self) -> None:
        while not self._over.wait(self.TICK):
            if time.monotonic() > self._ends:
                self.is_late, self._ends = True, float("inf")
                self._cut()


def connect(begun: Callable[[Client], None]) -> Client:
    """A connection on which mails can be sent: encrypted and signed in as the settings want it.

    Raises what smtplib and sockets raise; ``begun`` has the client then, and closes it.
    """
    where = settings.SMTP_HOST, settings.SMTP_PORT
    options: dict[str, Any] = {"local_hostname": portal_host(), "timeout": settings.SMTP_TIMEOUT}
    if settings.SMTP_SECURITY == "tls":
        return _signed_in(TlsClient(begun, *where, context=ssl.create_default_context(), **options))
    client = Client(begun, *where, **options)
    if settings.SMTP_SECURITY == "starttls":
        client.starttls(context=ssl.create_default_context())
    return _signed_in(client)


def _signed_in(client: Client) -> Client:
    if settings.SMTP_USER:
        client.login(settings.SMTP_USER, settings.SMTP_PASSWORD)
    return client
