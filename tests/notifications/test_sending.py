"""What a real SMTP server can do to a mail."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask

from config import Settings
from supportapp.notifications import smtp
from supportapp.notifications.rules import Failure
from supportapp.notifications.smtp import Line, Outcome
from tests.conftest import make_settings
from tests.services import SmtpServer, free_port

pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture
def configure(app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Any:
    """Change the settings for one test."""

    def change(**changes: Any) -> Settings:
        settings = make_settings(tmp_path, **{"SMTP_HOST": "127.0.0.1", "SMTP_TIMEOUT": 5, **changes})
        monkeypatch.setitem(app.extensions, "settings", settings)
        return settings

    return change


def make_mail(recipient: str = "anna@example.com") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "support@localhost"
    message["To"] = recipient
    message["Subject"] = "Здравствуйте"
    message.set_content("Здравствуйте!\n", cte="base64")
    return message


def test_an_accepted_mail_arrives_once(smtp_server: SmtpServer, configure: Any) -> None:
    configure(SMTP_PORT=smtp_server.port)
    assert smtp.send(make_mail()) == Outcome()
    assert smtp_server.recipients == ["anna@example.com"]
    assert smtp_server.mails[0].get_content() == "Здравствуйте!\n"


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        ("550 5.1.1 no such user", Failure.PERMANENT),
        ("450 4.2.0 greylisted", Failure.TEMPORARY),
        ("552 full", Failure.PERMANENT),
    ],
)
def test_what_the_server_says_about_the_recipient_decides(
    answer: str, failure: Failure, smtp_server: SmtpServer, configure: Any
) -> None:
    configure(SMTP_PORT=smtp_server.port)
    smtp_server.answers["anna@example.com"] = answer
    assert smtp.send(make_mail()) == Outcome(answer, failure)
    assert smtp_server.mails == []


def test_a_mail_that_cannot_be_written_down_is_no_trouble_of_the_next(
    smtp_server: SmtpServer, configure: Any, caplog: pytest.LogCaptureFixture
) -> None:
    configure(SMTP_PORT=smtp_server.port)
    broken = make_mail("broken@example.com")
    broken.add_attachment("x", filename="x")
    broken.get_payload()[1].set_payload(object())  # type: ignore[index, union-attr, arg-type]
    with closing(Line()) as line:
        outcome = line.send(broken)
        assert line.send(make_mail()).accepted
    assert (outcome.failure, outcome.server_away) == (Failure.REFUSED, False)
    assert "could not be handed over" in caplog.text
    assert smtp_server.recipients == ["anna@example.com"]


def test_a_closed_port_is_no_verdict_on_the_mail(configure: Any) -> None:
    port = free_port()
    configure(SMTP_PORT=port)
    outcome = smtp.send(make_mail())
    assert (outcome.failure, outcome.server_away) == (Failure.REFUSED, True)
    assert f"127.0.0.1:{port}" in outcome.error
    assert "refused" in outcome.error


def test_an_international_mailbox_is_reached_when_the_server_can(smtp_server: SmtpServer, configure: Any) -> None:
    configure(SMTP_PORT=smtp_server.port)
    assert smtp.send(make_mail("почта@example.com")).accepted
    assert smtp_server.recipients == ["почта@example.com"]


def test_an_international_mailbox_is_unreachable_when_the_server_cannot(configure: Any) -> None:
    with talking(b"220 hello", b"250 hello", b"250 bye") as port:
        configure(SMTP_PORT=port)
        outcome = smtp.send(make_mail("почта@example.com"))
    assert (outcome.failure, outcome.server_away) == (Failure.PERMANENT, False)


def test_a_server_without_the_encryption_we_insist_on_gets_no_mail(smtp_server: SmtpServer, configure: Any) -> None:
    configure(SMTP_PORT=smtp_server.port, SMTP_SECURITY="starttls")
    outcome = smtp.send(make_mail())
    assert (outcome.failure, outcome.server_away) == (Failure.REFUSED, True)
    assert "STARTTLS" in outcome.error
    assert smtp_server.mails == []


def test_a_wrong_password_is_our_fault_and_not_the_mails(configure: Any) -> None:
    with talking(b"220 hello", b"250-hello\r\n250 AUTH PLAIN", b"535 5.7.8 bad credentials", b"221 bye") as port:
        configure(SMTP_PORT=port, SMTP_USER="portal", SMTP_PASSWORD="not-to-be-seen")
        outcome = smtp.send(make_mail())
    assert (outcome.failure, outcome.server_away) == (Failure.REFUSED, True)
    assert "bad credentials" in outcome.error
    assert "not-to-be-seen" not in outcome.error


def test_a_refused_sender_is_our_fault_and_not_the_mails(configure: Any) -> None:
    with talking(b"220 hello", b"250 hello", b"550 5.7.1 not your address", b"250 reset") as port:
        configure(SMTP_PORT=port)
        outcome = smtp.send(make_mail())
    assert (outcome.failure, outcome.server_away) == (Failure.REFUSED, True)


def test_a_refused_content_is_final_and_a_postponed_one_is_not(configure: Any) -> None:
    for answer, failure in ((b"554 5.6.0 looks like spam", Failure.PERMANENT), (b"451 later", Failure.TEMPORARY)):
        with talking(b"220 hello", b"250 hello", b"250 ok", b"250 ok", b"354 go", answer, b"250 reset") as port:
            configure(SMTP_PORT=port)
            assert smtp.send(make_mail()) == Outcome(answer.decode(), failure)


def test_a_server_that_hangs_up_after_acceptance_has_accepted(configure: Any) -> None:
    with talking(b"220 hello", b"250 hello", b"250 ok", b"250 ok", b"354 go", b"250 accepted") as port:
        configure(SMTP_PORT=port)
        assert smtp.send(make_mail()).accepted


def test_a_silent_server_is_given_up_after_the_timeout(configure: Any) -> None:
    with talking() as port:
        configure(SMTP_PORT=port, SMTP_TIMEOUT=1)
        started = time.monotonic()
        outcome = smtp.send(make_mail())
    assert (outcome.failure, outcome.server_away) == (Failure.SLOW, True)
    assert "timed out" in outcome.error
    assert time.monotonic() - started < 3


def test_a_server_that_drips_does_not_outlast_the_claim(configure: Any) -> None:
    with dripping() as port:
        configure(SMTP_PORT=port, SMTP_TIMEOUT=1)
        started = time.monotonic()
        outcome = smtp.send(make_mail())
    assert outcome == Outcome(f"127.0.0.1:{port}: the server took too long", Failure.SLOW, server_away=True)
    assert time.monotonic() - started < 5


def test_many_mails_go_over_one_line_and_a_line_that_was_cut_between_two_is_opened_once_more(
    smtp_server: SmtpServer, configure: Any
) -> None:
    configure(SMTP_PORT=smtp_server.port)
    with closing(Line()) as line:
        assert line.send(make_mail("a@example.com")).accepted
        assert line.send(make_mail("b@example.com")).accepted
        assert smtp_server.greeted == 1
        smtp_server.stop()
        smtp_server.start()
        assert line.send(make_mail("c@example.com")).accepted
    assert smtp_server.greeted == 2
    assert smtp_server.recipients == ["a@example.com", "b@example.com", "c@example.com"]


def test_a_server_that_takes_one_mail_a_connection_gets_another_connection(configure: Any) -> None:
    one = b"220 hello", b"250 hello", b"250 ok", b"250 ok", b"354 go", b"250 accepted"
    with talking(*one, b"421 enough", then=[*one, b"221 bye"]) as port:
        configure(SMTP_PORT=port)
        with closing(Line()) as line:
            assert line.send(make_mail()).accepted
            assert line.send(make_mail()).accepted


def test_a_line_that_breaks_in_mid_mail_is_not_tried_again_at_once(configure: Any) -> None:
    with talking(b"220 hello", b"250 hello", b"250 ok", b"250 ok", b"354 go", then=[b"220 hello"]) as port:
        configure(SMTP_PORT=port)
        with closing(Line()) as line:
            outcome = line.send(make_mail())
    assert (outcome.failure, outcome.server_away) == (Failure.REFUSED, False)


def test_a_server_that_falls_silent_about_one_recipient_is_slow_and_not_away(
    smtp_server: SmtpServer, configure: Any
) -> None:
    configure(SMTP_PORT=smtp_server.port, SMTP_TIMEOUT=1)
    smtp_server.slow["anna@example.com"] = 3
    with closing(Line()) as line:
        outcome = line.send(make_mail())
        assert (outcome.failure, outcome.server_away) == (Failure.SLOW, False)
        assert line.send(make_mail("boris@example.com")).accepted


def test_a_mail_that_is_too_large_is_refused_itself_and_not_our_server(configure: Any) -> None:
    with talking(b"220 hello", b"250-hello\r\n250 SIZE 10", b"552 5.3.4 too large", b"250 reset") as port:
        configure(SMTP_PORT=port)
        assert smtp.send(make_mail()) == Outcome("552 5.3.4 too large", Failure.PERMANENT)


@contextmanager
def talking(*answers: bytes, then: Sequence[bytes] = ()) -> Iterator[int]:
    """A server that says its lines whatever it hears, and then hangs up; without lines it says nothing. To the next
    connection it says the lines of ``then``."""
    turns = iter([answers, then])

    def serve(connection: socket.socket) -> None:
        answers = next(turns)
        if not answers:
            connection.recv(1)  # until the client hangs up
        heard = connection.makefile("rb")
        for answer in answers:
            connection.sendall(answer + b"\r\n")
            if not _listen(heard, until_dot=answer.startswith(b"354")):
                return

    with _server(serve, connections=2 if then else 1) as port:
        yield port


@contextmanager
def dripping() -> Iterator[int]:
    """A server whose greeting comes, and whose next answer never ends."""

    def serve(connection: socket.socket) -> None:
        connection.sendall(b"220 hello\r\n")
        for _ in range(100):
            connection.sendall(b"2")
            time.sleep(0.1)

    with _server(serve) as port:
        yield port


def _listen(heard: Any, *, until_dot: bool) -> bool:
    line = heard.readline()
    while until_dot and line and line != b".\r\n":
        line = heard.readline()
    return bool(line)


@contextmanager
def _server(serve: Any, connections: int = 1) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def run() -> None:
            for _ in range(connections):
                try:
                    connection, _ = listener.accept()
                    with connection:
                        serve(connection)
                except OSError:
                    continue  # the client hung up, or the test is over

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
    thread.join(5)
