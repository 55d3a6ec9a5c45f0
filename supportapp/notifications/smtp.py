"""Handing one mail to the SMTP server, and what came of it."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from threading import Event, Timer

from supportapp.extensions import settings
from supportapp.notifications import rules
from supportapp.notifications.compose import portal_host

ERROR_LENGTH = 500


@dataclass(frozen=True)
class Outcome:
    """``error`` is empty when the server accepted the mail; ``permanent`` means that another try cannot help.

    ``server_away`` says that no mail would have got through, so that a batch can stop.
    """

    error: str = ""
    permanent: bool = False
    server_away: bool = False

    @property
    def accepted(self) -> bool:
        return not self.error


ACCEPTED = Outcome()


def send(message: EmailMessage) -> Outcome:
    """Send to the one recipient in ``To``; never raises for what a network or a server does."""
    recipient = message["To"].addresses[0].addr_spec
    try:
        with _connected() as server:
            server.send_message(message, to_addrs=[recipient])
            return ACCEPTED  # whatever happens to the connection from now on
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        return Outcome(_words(code, words), permanent=code >= 500)
    except smtplib.SMTPDataError as error:
        return Outcome(_words(error.smtp_code, error.smtp_error), permanent=error.smtp_code >= 500)
    except smtplib.SMTPNotSupportedError as error:
        international = not recipient.isascii()  # else it is STARTTLS or AUTH: a matter of configuration
        return Outcome(_short(str(error)), permanent=international, server_away=not international)
    except smtplib.SMTPResponseException as error:  # greeting, sign-in, sender: our server or our settings
        return Outcome(_words(error.smtp_code, error.smtp_error), server_away=True)
    except (smtplib.SMTPException, OSError) as error:
        return Outcome(_short(f"{_server()}: {str(error) or type(error).__name__}"), server_away=True)


@contextmanager
def _connected() -> Iterator[smtplib.SMTP]:
    server = _open()
    try:
        with _limited(server):
            if settings.SMTP_SECURITY == "starttls":
                server.starttls(context=ssl.create_default_context())
            if settings.SMTP_USER:
                server.login(settings.SMTP_USER, settings.SMTP_PASSWORD)
            yield server
            with contextlib.suppress(smtplib.SMTPException, OSError):
                server.quit()
    finally:
        server.close()


def _open() -> smtplib.SMTP:
    where, name, timeout = (settings.SMTP_HOST, settings.SMTP_PORT), portal_host(), settings.SMTP_TIMEOUT
    if settings.SMTP_SECURITY == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(*where, local_hostname=name, timeout=timeout, context=context)
    return smtplib.SMTP(*where, local_hostname=name, timeout=timeout)


@contextmanager
def _limited(server: smtplib.SMTP) -> Iterator[None]:
    """End the sending in time, even when the server sends a byte now and then: the claim must outlive it."""
    late = Event()

    def cut() -> None:
        late.set()
        if server.sock is not None:
            with contextlib.suppress(OSError):
                server.sock.shutdown(socket.SHUT_RDWR)

    timer = Timer(rules.sending_limit(settings.SMTP_TIMEOUT).total_seconds(), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (smtplib.SMTPException, OSError) as error:
        raise TimeoutError("the server took too long") if late.is_set() else error from None
    finally:
        timer.cancel()


def _server() -> str:
    return f"{settings.SMTP_HOST}:{settings.SMTP_PORT}"


def _words(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return _short(f"{code} {text}")


def _short(text: str) -> str:
    return " ".join(text.split())[:ERROR_LENGTH]
