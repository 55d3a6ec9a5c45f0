"""Real servers and real processes: what is acknowledged is committed, what is not is brought again."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import subprocess
import sys
import time
from email.message import EmailMessage
from pathlib import Path
from threading import Event, Thread

import pytest

from supportapp.extensions import db
from supportapp.mailbox.doors.protocol import MOST_SESSIONS, MOST_WAITING
from supportapp.mailbox.rules import MailState
from supportapp.tickets.models import Message
from tests.mailbox.letters import write
from tests.mailbox.servers import Dovecot, a_ticket, dialogue, hear, lmtp, open_doors, read_all, received
from tests.services import ROOT, Portal, eventually, free_port

pytestmark = pytest.mark.services

ANNA, SUPPORT = "anna@example.com", "support@localhost"


def entries(portal: Portal, ticket_id: int) -> int:
    with portal.app.app_context():
        return db.session.query(Message).filter_by(ticket_id=ticket_id).count()


def reply(message_id: str, text: str = "Вот журнал.") -> EmailMessage:
    return write(ANNA, text, in_reply_to=message_id)


# LMTP and SMTP


@pytest.mark.parametrize("kind", ["LMTP", "SMTP"])
def test_a_mail_over_the_wire_enters_the_ticket(portal: Portal, kind: str) -> None:
    ticket_id, message_id = a_ticket(portal)
    port = free_port()
    doors = open_doors(portal, **{f"{kind}_LISTEN": f"127.0.0.1:{port}"})
    with (smtplib.LMTP if kind == "LMTP" else smtplib.SMTP)("127.0.0.1", port, timeout=20) as client:
        assert client.sendmail(ANNA, [SUPPORT], reply(message_id).as_bytes()) == {}
    assert received(portal)[0].envelope_sender == ANNA
    read_all(portal)
    assert entries(portal, ticket_id) == 2
    assert doors.stop() == 0


@pytest.mark.parametrize("kind", ["LMTP", "SMTP"])
def test_a_mail_from_the_null_sender_is_from_a_machine(portal: Portal, kind: str) -> None:
    ticket_id, message_id = a_ticket(portal)
    port = free_port()
    open_doors(portal, **{f"{kind}_LISTEN": f"127.0.0.1:{port}"})
    with (smtplib.LMTP if kind == "LMTP" else smtplib.SMTP)("127.0.0.1", port, timeout=20) as client:
        client.sendmail("", [SUPPORT], reply(message_id).as_bytes())
    read_all(portal)
    (row,) = received(portal)
    assert (row.envelope_sender, row.reason) == ("", "auto_reply")
    assert entries(portal, ticket_id) == 1


def test_lmtp_answers_once_for_each_recipient(portal: Portal) -> None:
    port = free_port()
    open_doors(portal, LMTP_LISTEN=f"127.0.0.1:{port}")
    client = dialogue(
        port, b"LHLO here", b"MAIL FROM:<anna@example.com>", b"RCPT TO:<support@localhost>",
        b"RCPT TO:<support+x@localhost>", b"DATA",
    )  # fmt: skip
    client.sendall(write(ANNA).as_bytes().replace(b"\n", b"\r\n") + b"\r\n.\r\n")
    said = b""
    while said.count(b"\r\n") < 2:
        said += client.recv(4096)
    assert said == b"250 2.0.0 committed\r\n" * 2
    client.sendall(b"NOOP\r\n")
    assert client.recv(4096).startswith(b"250")
    client.close()


@pytest.mark.parametrize("stranger", ["somebody@example.org", "support@example.org", "postmaster@localhost"])
def test_the_door_is_no_relay(portal: Portal, stranger: str) -> None:
    port = free_port()
    open_doors(portal, SMTP_LISTEN=f"127.0.0.1:{port}")
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            client.sendmail(ANNA, [stranger], write(ANNA).as_bytes())
        assert refused.value.recipients[stranger] == (550, b"5.1.1 no such mailbox here")
    assert received(portal) == []


def test_an_address_in_russian_letters_is_heard(portal: Portal) -> None:
    port = free_port()
    open_doors(portal, SMTP_LISTEN=f"127.0.0.1:{port}")
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
        raw = write("anna@example.com").as_bytes()
        client.sendmail("анна@пример.рф", [SUPPORT], raw, mail_options=["SMTPUTF8", "BODY=8BITMIME"])
    assert received(portal)[0].envelope_sender == "анна@пример.рф"


def test_what_is_larger_than_the_limit_is_kept_by_its_beginning_and_what_is_far_larger_is_sent_back(
    portal: Portal,
) -> None:
    port = free_port()
    open_doors(portal, LMTP_LISTEN=f"127.0.0.1:{port}", MAX_MAIL_BYTES="65536")
    with lmtp(port) as client:
        client.sendmail(ANNA, [SUPPORT], write(ANNA, "слово " * 5_000).as_bytes())
    (row,) = received(portal)
    assert (row.size, row.details) == (65536, {"cut": True})
    with lmtp(port) as client, pytest.raises(smtplib.SMTPResponseException) as refused:
        client.sendmail(ANNA, [SUPPORT], write(ANNA, "слово " * 60_000).as_bytes())
    assert refused.value.smtp_code == 552


def test_a_line_as_long_as_a_mail_is_taken(portal: Portal) -> None:
    port = free_port()
    open_doors(portal, SMTP_LISTEN=f"127.0.0.1:{port}")
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
        client.sendmail(ANNA, [SUPPORT], b"Subject: long\r\n\r\n" + b"x" * 200_000)
    assert received(portal)[0].size > 200_000


def test_a_database_that_is_away_is_a_reason_to_come_again(portal: Portal, tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "files").write_text("a file where the folder of the storage should be")
    open_doors(portal, LMTP_LISTEN=f"127.0.0.1:{port}")
    with lmtp(port) as client, pytest.raises(smtplib.SMTPDataError) as later:
        client.sendmail(ANNA, [SUPPORT], write(ANNA).as_bytes())
    assert (later.value.smtp_code, later.value.smtp_error[:5]) == (451, b"4.3.0")
    (tmp_path / "files").unlink()
    with lmtp(port) as client:
        client.sendmail(ANNA, [SUPPORT], write(ANNA).as_bytes())
    assert len(received(portal)) == 1


def test_a_door_killed_before_its_answer_is_asked_again_and_makes_one_entry(portal: Portal, tmp_path: Path) -> None:
    ticket_id, message_id = a_ticket(portal)
    port = free_port()
    doors = open_doors(portal, LMTP_LISTEN=f"127.0.0.1:{port}")
    mail = reply(message_id).as_bytes().replace(b"\n", b"\r\n")
    client = dialogue(
        port, b"LHLO here", b"MAIL FROM:<anna@example.com>", b"RCPT TO:<support@localhost>", b"DATA"
    )  # fmt: skip
    with portal.app.app_context():  # somebody else writes for so long that no commit can pass
        db.session.execute(db.text("UPDATE customer SET name = name"))
        client.sendall(mail + b"\r\n.\r\n")
        if db.engine.dialect.name == "sqlite":
            time.sleep(0.5)
        doors.kill()
        db.session.rollback()
    acknowledged = b""
    with client:
        client.settimeout(5)
        with contextlib.suppress(OSError):
            acknowledged = client.recv(4096)
    if portal.app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        assert acknowledged == b""
    open_doors(portal, LMTP_LISTEN=f"127.0.0.1:{port}")
    for _ in range(2):
        with lmtp(port) as again:
            again.sendmail(ANNA, [SUPPORT], mail)
    read_all(portal)
    assert len(received(portal)) == 1
    assert entries(portal, ticket_id) == 2


def test_a_door_told_to_end_answers_the_mail_in_flight_and_lets_nobody_in(portal: Portal) -> None:
    port = free_port()
    doors = open_doors(portal, LMTP_LISTEN=f"127.0.0.1:{port}")
    client = dialogue(
        port, b"LHLO here", b"MAIL FROM:<anna@example.com>", b"RCPT TO:<support@localhost>", b"DATA"
    )  # fmt: skip
    stopping = Thread(target=doors.stop)
    stopping.start()
    eventually(lambda: "closing" in doors.log.read_text(), "it does not close")
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=2)
    client.sendall(write(ANNA).as_bytes().replace(b"\n", b"\r\n") + b"\r\n.\r\n")
    assert client.recv(4096).startswith(b"250 2.0.0")
    stopping.join(30)
    assert not doors.is_running
    assert len(received(portal)) == 1


def test_half_a_mail_is_no_mail(portal: Portal) -> None:
    port = free_port()
    open_doors(portal, SMTP_LISTEN=f"127.0.0.1:{port}")
    client = dialogue(
        port, b"EHLO here", b"MAIL FROM:<anna@example.com>", b"RCPT TO:<support@localhost>", b"DATA"
    )  # fmt: skip
    client.sendall(b"Subject: half\r\n\r\nand then the line")
    client.close()
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as other:
        other.sendmail(ANNA, [SUPPORT], write(ANNA, "целое").as_bytes())
    assert len(received(portal)) == 1


def test_a_unix_socket_left_by_a_killed_process_is_taken_over(portal: Portal, tmp_path: Path) -> None:
    path = f"{portal.environment['REDIS_URL'].removeprefix('unix://').rpartition('/')[0]}/lmtp.sock"
    open_doors(portal, LMTP_LISTEN=f"unix:{path}").kill()
    assert Path(path).is_socket()
    doors = open_doors(portal, LMTP_LISTEN=f"unix:{path}")
    with smtplib.LMTP(path) as client:
        client.sendmail(ANNA, [SUPPORT], write(ANNA).as_bytes())
    assert doors.stop() == 0
    assert not Path(path).exists()


def test_a_port_that_is_taken_is_named(portal: Portal) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        portal.environment["LMTP_LISTEN"] = f"127.0.0.1:{other.getsockname()[1]}"
        doors = portal.flask("mail", "receive")
        assert doors.wait() == 1
    assert "a door cannot be opened" in doors.log.read_text()


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=20)


def test_a_client_for_whom_there_is_no_room_is_greeted_when_another_one_leaves(portal: Portal) -> None:
    port = free_port()
    open_doors(portal, SMTP_LISTEN=f"127.0.0.1:{port}")
    with contextlib.ExitStack() as crowd:
        first, *others = [crowd.enter_context(connect(port)) for _ in range(MOST_SESSIONS)]
        assert all(hear(one).startswith(b"220") for one in (first, *others))
        late = crowd.enter_context(connect(port))
        late.sendall(b"EHLO impatient\r\n")
        late.settimeout(0.5)
        with pytest.raises(TimeoutError):
            late.recv(200)
        first.close()
        late.settimeout(20)
        with late.makefile("rb") as lines:
            assert [next(lines)[:3], next(lines)[:3]] == [b"220", b"250"]


def test_a_crowd_without_end_is_asked_to_come_again_and_leaves_no_place_taken(portal: Portal) -> None:
    port = free_port()
    open_doors(portal, SMTP_LISTEN=f"127.0.0.1:{port}")
    with contextlib.ExitStack() as crowd:
        for _ in range(MOST_SESSIONS + MOST_WAITING):
            crowd.enter_context(connect(port))
        assert hear(crowd.enter_context(connect(port))).startswith(b"421 4.3.2")
    with connect(port) as one_more:
        assert hear(one_more).startswith(b"220")


def test_who_waits_when_the_doors_close_is_asked_to_come_again(portal: Portal) -> None:
    port = free_port()
    doors = open_doors(portal, SMTP_LISTEN=f"127.0.0.1:{port}")
    with contextlib.ExitStack() as crowd:
        for _ in range(MOST_SESSIONS):
            hear(crowd.enter_context(connect(port)))
        late = crowd.enter_context(connect(port))
        assert doors.stop() == 0
        assert hear(late).startswith(b"421 4.3.2")


# the pipe


def pipe(portal: Portal, raw: bytes, *options: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "mail", "ingest", *options]
    environment = {"PATH": "/usr/bin:/bin", **portal.environment}
    return subprocess.run(command, cwd=ROOT, env=environment, input=raw, capture_output=True, timeout=60)


def test_the_pipe_takes_a_mail_with_its_envelope(portal: Portal) -> None:
    ticket_id, message_id = a_ticket(portal)
    raw = reply(message_id).as_bytes()
    for _ in range(2):  # a mail server that did not hear us brings it again
        assert pipe(portal, raw, "--sender", ANNA, "--recipient", SUPPORT).returncode == 0
    (row,) = received(portal)
    assert (row.envelope_sender, row.envelope_recipients) == (ANNA, [SUPPORT])
    read_all(portal)
    assert entries(portal, ticket_id) == 2


def test_the_pipe_says_later_when_the_storage_is_away(portal: Portal, tmp_path: Path) -> None:
    (tmp_path / "files").write_text("no folder")
    assert pipe(portal, b"Subject: x\n\ntext\n").returncode == 75
    assert received(portal) == []


def test_a_pipe_killed_while_it_reads_has_taken_nothing_and_is_fed_again(portal: Portal) -> None:
    raw = write(ANNA).as_bytes()
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "mail", "ingest"]
    environment = {"PATH": "/usr/bin:/bin", **portal.environment}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE) as child:
        assert child.stdin is not None
        child.stdin.write(raw[:100])
        child.stdin.flush()
        child.kill()
        assert child.wait(30) != 0
    assert received(portal) == []
    assert pipe(portal, raw).returncode == 0
    assert len(received(portal)) == 1


# IMAP


def box_settings(server: Dovecot) -> dict[str, str]:
    return {
        "IMAP_HOST": "127.0.0.1",
        "IMAP_PORT": str(server.port),
        "IMAP_USER": "support",
        "IMAP_PASSWORD": "secret",
        "IMAP_SECURITY": "none",
        "IMAP_SECONDS": "1",
    }


def test_unseen_mails_of_a_box_are_taken_and_marked_after_the_commit(
    portal: Portal,
    dovecot: Dovecot,
) -> None:
    ticket_id, message_id = a_ticket(portal)
    for text in ("Первое", "Второе"):
        dovecot.put(reply(message_id, text).as_bytes())
    doors = open_doors(portal, **box_settings(dovecot))
    eventually(lambda: dovecot.unseen() == 0, "the box is not read")
    assert len(received(portal)) == 2
    read_all(portal)
    assert entries(portal, ticket_id) == 3
    dovecot.put(reply(message_id, "Третье").as_bytes())
    eventually(lambda: len(received(portal)) == 3, "the box is looked into once only")
    assert doors.stop() == 0


def test_a_mail_that_cannot_be_kept_stays_unseen_until_it_can(
    portal: Portal,
    dovecot: Dovecot,
    tmp_path: Path,
) -> None:
    (tmp_path / "files").write_text("no folder")
    dovecot.put(write(ANNA).as_bytes())
    doors = open_doors(portal, **box_settings(dovecot))
    eventually(lambda: "mails stay in the box" in doors.log.read_text(), "it does not say so")
    assert (dovecot.unseen(), received(portal)) == (1, [])
    (tmp_path / "files").unlink()
    eventually(lambda: dovecot.unseen() == 0, "it is not tried again")
    assert len(received(portal)) == 1


def test_of_a_mail_too_large_the_head_alone_is_fetched(portal: Portal, dovecot: Dovecot) -> None:
    dovecot.put(write(ANNA, "слово " * 20_000).as_bytes())
    open_doors(portal, **box_settings(dovecot), MAX_MAIL_BYTES="65536")
    eventually(lambda: dovecot.unseen() == 0, "the box is not read")
    (row,) = received(portal)
    assert row.size < 2000
    read_all(portal)
    assert (received(portal)[0].state, received(portal)[0].reason) == (MailState.QUARANTINED, "too_large")


def test_a_box_that_was_renumbered_brings_nothing_twice(portal: Portal, dovecot: Dovecot) -> None:
    raw = write(ANNA).as_bytes()
    dovecot.put(raw)
    open_doors(portal, **box_settings(dovecot))
    eventually(lambda: dovecot.unseen() == 0, "the box is not read")
    dovecot.put(raw)
    with dovecot.signed_in() as box:
        box.select("INBOX")
        box.store("1:*", "-FLAGS", r"(\Seen)")
    eventually(lambda: dovecot.unseen() == 0, "the box is not read again")
    assert len(received(portal)) == 1


def test_a_server_that_went_away_is_found_again(portal: Portal, dovecot: Dovecot) -> None:
    doors = open_doors(portal, **box_settings(dovecot))
    dovecot.stop()
    eventually(lambda: "the box cannot be read" in doors.log.read_text(), "nobody noticed")
    dovecot.start()
    dovecot.put(write(ANNA).as_bytes())
    eventually(lambda: dovecot.unseen() == 0, "it was not found again")
    assert doors.is_running


@pytest.mark.parametrize(
    "greeting",
    [
        b"", b"* BYE go away\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\0" * 5000,
        b"* OK " + b"x" * 2_000_000 + b"\r\n",
        b"* OK hello\r\n* CAPABILITY IMAP4rev1\r\nXXXX BAD\r\n" * 50,
    ],
    ids=["nothing", "bye", "http", "zeros", "endless", "nonsense"],
)  # fmt: skip
def test_no_answer_of_a_server_kills_the_poller(portal: Portal, greeting: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        came, over = Event(), Event()

        def serve() -> None:
            for _ in range(2):
                client, _address = server.accept()
                with client:
                    came.set()
                    with contextlib.suppress(OSError):
                        client.sendall(greeting)
                        client.settimeout(1)
                        client.recv(4096)
            over.set()

        Thread(target=serve, daemon=True).start()
        settings = {**box_settings(Dovecot(Path(), server.getsockname()[1])), "IMAP_SECONDS": "1"}
        doors = open_doors(portal, **settings)
        assert came.wait(30)
        eventually(lambda: "the box cannot be read" in doors.log.read_text(), "it says nothing")
        assert over.wait(30), "it does not come again"
        assert doors.is_running
        assert doors.stop() == 0
