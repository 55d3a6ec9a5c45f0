"""The doors as real processes, and a real IMAP server (Dovecot) with a box of its own."""

from __future__ import annotations

import contextlib
import getpass
import grp
import imaplib
import os
import pwd
import re
import shutil
import smtplib
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from supportapp.extensions import db
from supportapp.mailbox.jobs import read_received
from supportapp.mailbox.models import ReceivedMail
from tests.factories import make_customer, make_ticket
from tests.services import Portal, Process, eventually, free_port

CONFIGURATION = """\
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{folder}/box
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/home
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass
class Dovecot:
    """An IMAP server with one box: user "support", password "secret"."""

    folder: Path
    port: int
    process: Process | None = None

    def start(self) -> None:
        binary = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin")
        assert binary is not None
        command = [binary, "-F", "-c", str(self.folder / "dovecot.conf")]
        self.process = Process(command, self.folder / "output.log")
        eventually(self.answers, "Dovecot did not start")

    def answers(self) -> bool:
        with contextlib.suppress(OSError, imaplib.IMAP4.error), self.signed_in() as box:
            return box.select("INBOX")[0] == "OK"
        return False

    @contextlib.contextmanager
    def signed_in(self) -> Iterator[imaplib.IMAP4]:
        box = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
        try:
            box.login("support", "secret")
            yield box
        finally:
            with contextlib.suppress(OSError, imaplib.IMAP4.error):
                box.logout()

    def put(self, raw: bytes) -> None:
        """A mail arrives in the box."""
        with self.signed_in() as box:
            assert box.append("INBOX", "", "", raw)[0] == "OK"

    def unseen(self) -> int:
        with self.signed_in() as box:
            box.select("INBOX", readonly=True)
            return len(box.search(None, "UNSEEN")[1][0].split())

    def stop(self) -> None:
        if self.process and self.process.is_running:
            self.process.stop()


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    if not shutil.which("dovecot") and not shutil.which("dovecot", path="/usr/sbin"):
        pytest.skip("there is no dovecot")
    folder, port = Path(tempfile.mkdtemp(prefix="imap-")), free_port()
    user = "nobody" if os.getuid() == 0 else getpass.getuser()  # nobody's mail may be read by root
    account = pwd.getpwnam(user)
    group = grp.getgrgid(account.pw_gid).gr_name
    (folder / "dovecot.conf").write_text(CONFIGURATION.format(folder=folder, user=user, group=group, port=port))
    folder.chmod(0o755)
    for name in ("home", "box"):
        (folder / name).mkdir()
        os.chown(folder / name, account.pw_uid, account.pw_gid)
    server = Dovecot(folder, port)
    try:
        server.start()
        yield server
    finally:
        if server.process:
            server.process.kill()
        shutil.rmtree(folder, ignore_errors=True)


def open_doors(portal: Portal, **settings: str) -> Process:
    """``flask mail receive`` with these settings, ready."""
    portal.environment |= settings
    process = portal.flask("mail", "receive")
    eventually(lambda: portal._says(process, "receiving mail"), "the doors did not open")
    return process


def lmtp(port: int) -> smtplib.LMTP:
    return smtplib.LMTP("127.0.0.1", port, timeout=20)


def dialogue(port: int, *lines: bytes) -> socket.socket:
    """A session by hand: each line is sent when the answer to the one before has come."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    hear(connection)
    for line in lines:
        connection.sendall(line + b"\r\n")
        hear(connection)
    return connection


def hear(connection: socket.socket) -> bytes:
    """One whole answer, of several lines it may be; what came before the end of the connection otherwise."""
    said = b""
    while not re.search(rb"(?:^|\n)[0-9]{3} [^\n]*\n$", said):
        piece = connection.recv(4096)
        if not piece:
            break
        said += piece
    return said


def a_ticket(portal: Portal) -> tuple[int, str]:
    """A ticket of anna@example.com; its key and the Message-ID of our mail about it."""
    from tests.factories import mails

    with portal.app.app_context():
        ticket = make_ticket(make_customer(email="anna@example.com"))
        db.session.commit()
        return ticket.id, mails("ticket_submitted")[0].message_id


def received(portal: Portal) -> list[ReceivedMail]:
    """The rows as they are now, detached."""
    with portal.app.app_context():
        rows = db.session.query(ReceivedMail).order_by(ReceivedMail.id).all()
        for row in rows:
            db.session.expunge(row)
        db.session.rollback()
        return rows


def read_all(portal: Portal) -> None:
    """Be the worker."""
    for row in received(portal):
        with portal.app.app_context():
            read_received(row.id)
            db.session.remove()
