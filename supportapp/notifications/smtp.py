"""Handing mails to the SMTP server, and what came of each."""

from __future__ import annotations

import contextlib
import logging
import smtplib
from dataclasses import dataclass
from email.message import EmailMessage

from supportapp.extensions import settings
from supportapp.notifications import rules
from supportapp.notifications.connection import Client, Stage, Watch, connect
from supportapp.notifications.rules import Failure

ERROR_LENGTH = 500
TOO_LARGE = 552  # said to MAIL FROM with its SIZE, of this mail alone (RFC 1870)


logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """``error`` is empty when the server accepted the mail; ``failure`` decides about another try.

    ``server_away`` says that no mail would have got through, so that a batch can stop.
    """

    error: str = ""
    failure: Failure | None = None
    server_away: bool = False

    @property
    def accepted(self) -> bool:
        return self.failure is None

    @property
    def got_nowhere(self) -> bool:
        """Whether nobody gave a verdict on the mail."""
        return self.failure in (Failure.REFUSED, Failure.SLOW)


ACCEPTED = Outcome()


class Line:
    """A connection for one mail after another. It opens when it is needed, and once more when the server has had
    enough of it between two mails. Close it at the end."""

    def __init__(self) -> None:
        self._client: Client | None = None
        self._watch = Watch(self._cut)

    def send(self, message: EmailMessage) -> Outcome:
        """Send to the one recipient in ``To``; never raises, so that no mail holds up another.

        It ends in time, even when the server sends a byte now and then: the claim must outlive it.
        """
        self._watch.start(rules.sending_limit(settings.SMTP_TIMEOUT).total_seconds())
        recipient = ""
        try:
            recipient = message["To"].addresses[0].addr_spec
            self._hand_over(message, recipient)
            return ACCEPTED  # whatever happens to the connection from now on
        except (smtplib.SMTPException, OSError) as error:
            return self._outcome(error, late=self._watch.is_late, international=not recipient.isascii())
        except Exception as error:  # a mistake of ours: nobody knows what the server was told
            logger.exception("a mail to %s could not be handed over", recipient)
            self._drop()
            return Outcome(_short(f"{type(error).__name__}: {error}"), Failure.REFUSED)
        finally:
            self._watch.stop()
            if self._client is not None and (self._watch.is_late or self._client.sock is None):
                self._drop()

    def close(self) -> None:
        """Take leave of the server, where it still listens."""
        self._watch.close()
        if self._client is not None:
            self._client.say_goodbye()
            self._drop()

    def _hand_over(self, message: EmailMessage, recipient: str) -> None:
        if self._client is not None:
            try:
                self._transfer(self._client, message, recipient)
                return
            except (smtplib.SMTPServerDisconnected, smtplib.SMTPSenderRefused) as error:
                if self._client.stage is not Stage.SENDER or _timed_out(error) or _too_large(error):
                    raise
                self._drop()  # closed, or full of us, since the last mail; nothing of this one was said yet
        self._transfer(self._open(), message, recipient)

    def _transfer(self, client: Client, message: EmailMessage, recipient: str) -> None:
        client.stage = Stage.SENDER
        sender = message["From"].addresses[0].addr_spec
        if f"{sender}{recipient}".isascii():
            client.sendmail(sender, [recipient], message.as_bytes(policy=message.policy.clone(linesep="\r\n")))
        else:  # it finds out whether the server can (SMTPUTF8)
            client.send_message(message, to_addrs=[recipient])

    def _open(self) -> Client:
        connect(self._take)
        assert self._client is not None
        return self._client

    def _take(self, client: Client) -> None:
        self._client = client

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _cut(self) -> None:
        if self._client is not None:
            self._client.cut()

    def _outcome(self, error: smtplib.SMTPException | OSError, *, late: bool, international: bool) -> Outcome:
        reached = self._client is not None and self._client.stage is Stage.RECIPIENT
        if late or _timed_out(error):
            words = "the server took too long" if late else str(error) or "timed out"
            return Outcome(_at_server(words), Failure.SLOW, server_away=not reached)
        match error:
            case smtplib.SMTPRecipientsRefused():
                return _verdict(*next(iter(error.recipients.values())))
            case smtplib.SMTPDataError():
                return _verdict(error.smtp_code, error.smtp_error)
            case smtplib.SMTPSenderRefused() if _too_large(error):
                return _verdict(error.smtp_code, error.smtp_error)
            case smtplib.SMTPNotSupportedError() if international:
                return Outcome(_short(str(error)), Failure.PERMANENT)
            case smtplib.SMTPResponseException():  # greeting, sign-in, sender: our server or our settings
                return Outcome(_words(error.smtp_code, error.smtp_error), Failure.REFUSED, server_away=True)
        return Outcome(_at_server(str(error) or type(error).__name__), Failure.REFUSED, server_away=not reached)


def send(message: EmailMessage) -> Outcome:
    """One mail over a connection of its own."""
    with contextlib.closing(Line()) as line:
        return line.send(message)


def _verdict(code: int, words: bytes | str) -> Outcome:
    return Outcome(_words(code, words), Failure.PERMANENT if code >= 500 else Failure.TEMPORARY)


def _too_large(error: BaseException) -> bool:
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code == TOO_LARGE


def _timed_out(error: BaseException | None) -> bool:
    """Whether a timeout is at the bottom of it: smtplib reports one as a lost connection."""
    while error is not None and not isinstance(error, TimeoutError):
        error = error.__cause__ or error.__context__
    return error is not None


def _at_server(words: str) -> str:
    return _short(f"{settings.SMTP_HOST}:{settings.SMTP_PORT}: {words}")


def _words(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return _short(f"{code} {text}")


def _short(text: str) -> str:
    return " ".join(text.split())[:ERROR_LENGTH]
