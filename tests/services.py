"""Real parts for tests: a Redis server, an SMTP server, and the portal's own worker and scheduler processes.

Fixtures, known everywhere through ``tests/conftest.py``: ``redis_server``, ``smtp_server``, ``portal`` and, without any
process, ``bells``. Everything listens on a free port or on a socket in an own folder, is ready when it is returned, and
is gone after the test.
Mark tests that use them ``@pytest.mark.services``.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from threading import Event
from typing import Any
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from flask import Flask
from redis import Redis
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from config import Settings
from demo.redis_binary import EMBEDDED
from supportapp import clock, create_app
from supportapp.extensions import db
from supportapp.jobs import queue
from supportapp.jobs.queue import Bell

ROOT = Path(__file__).parents[1]
PATIENCE = 30.0  # seconds; a loaded machine starts a process slowly


def eventually(condition: Callable[[], Any], what: str, *, patience: float = PATIENCE) -> Any:
    """Wait until ``condition()`` is true and return what it said; the test fails with ``what`` otherwise."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if answer := condition():
            return answer
        time.sleep(0.05)
    pytest.fail(f"waited {patience:.0f} seconds in vain: {what}")


def free_port() -> int:
    """A TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Process:
    """A child in a session of its own, so that it and all it forked can be ended together."""

    def __init__(self, command: list[str], log: Path, env: dict[str, str] | None = None) -> None:
        self.log = log
        with log.open("ab") as output:
            self._child = subprocess.Popen(
                command,
                cwd=ROOT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def is_running(self) -> bool:
        return self._child.poll() is None

    def wait(self, patience: float = PATIENCE) -> int:
        """The exit code, when the process has ended."""
        return self._child.wait(patience)

    def stop(self) -> int:
        """End it as a supervisor does; returns the exit code."""
        with contextlib.suppress(ProcessLookupError):
            self._child.terminate()
        try:
            return self.wait()
        except subprocess.TimeoutExpired:
            self.kill()
            pytest.fail(f"SIGTERM did not end it:\n{self.log.read_text()}")

    def kill(self) -> None:
        """SIGKILL for it and everything it forked."""
        members = _session_members(self.pid)
        for pid in {self.pid, *members}:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._child.wait(PATIENCE)
        eventually(lambda: not _session_members(self.pid), "SIGKILL did not end all of it")

    def pause(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self.pid, signal.SIGCONT)


def _session_members(session_id: int) -> list[int]:
    members = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[3]) == session_id and fields[0] != "Z":
                members.append(int(stat.parent.name))
    return members


class RedisServer:
    """A real Redis on a socket; its data survives ``stop`` and ``start``."""

    def __init__(self, binary: str, folder: Path) -> None:
        self._binary, self._folder = binary, folder
        self.url = f"unix://{folder}/redis.sock"
        self.process: Process | None = None

    @property
    def connection(self) -> Redis:
        return Redis.from_url(self.url)

    def start(self) -> None:
        place = ["--port", "0", "--unixsocket", f"{self._folder}/redis.sock", "--dir", str(self._folder)]
        keeping = ["--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"]
        self.process = Process([self._binary, *place, *keeping], self._folder / "redis.log")
        eventually(self.answers, "Redis did not start")

    def answers(self) -> bool:
        with contextlib.suppress(Exception):
            return bool(self.connection.ping())
        return False

    def stop(self) -> None:
        if self.process and self.process.is_running:
            self.process.resume()
            self.process.stop()


def redis_binary() -> str | None:
    """The redis-server of this machine, or the one that the demo has unpacked."""
    return shutil.which("redis-server") or (str(EMBEDDED) if EMBEDDED.is_file() else None)


@dataclass
class SmtpServer:
    """An SMTP server in this process that keeps what it accepted, and can be slow, closed or of another opinion.

    ``answers`` holds replies by recipient ("550 5.1.1 unknown"). While ``held`` is set, every mail waits after its DATA
    was read and before it is accepted; ``reading`` is set as soon as one waits so. While ``mute`` is set, mails are
    accepted and kept, but the answer that says so does not come. ``delay`` pauses every acceptance, ``slow`` the answer
    about a recipient, by address or domain, in seconds. ``cut`` is set when a sender hung up before its answer.
    ``greeted`` counts connections.
    """

    port: int = field(default_factory=free_port)
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    delay: float = 0
    slow: dict[str, float] = field(default_factory=dict)
    greeted: int = 0
    held: Event = field(default_factory=Event)
    reading: Event = field(default_factory=Event)
    mute: Event = field(default_factory=Event)
    cut: Event = field(default_factory=Event)
    _controller: Controller | None = None

    def start(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, enable_SMTPUTF8=True)
        self._controller.start()

    def stop(self) -> None:
        self.held.clear()
        self.mute.clear()
        if self._controller:
            self._controller.stop()
            self._controller = None

    async def handle_EHLO(
        self, server: SMTP, session: Any, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.greeted += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(
        self, server: SMTP, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        await asyncio.sleep(self.slow.get(address) or self.slow.get(address.rpartition("@")[2], 0))
        if answer := self.answers.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:
        try:
            return await self._accept(envelope)
        except asyncio.CancelledError:
            self.cut.set()
            raise

    async def _accept(self, envelope: Envelope) -> str:
        if self.held.is_set():
            self.reading.set()
        while self.held.is_set():
            await asyncio.sleep(0.02)
        await asyncio.sleep(self.delay)
        content = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        self.mails.append(message_from_bytes(content, policy=policy.default))  # type: ignore[arg-type]
        self.recipients += envelope.rcpt_tos
        while self.mute.is_set():
            await asyncio.sleep(0.02)
        return "250 accepted"

    def to(self, recipient: str) -> list[EmailMessage]:
        """The mails that ``recipient`` got."""
        return [mail for mail, address in zip(self.mails, self.recipients, strict=True) if address == recipient]


class Portal:
    """An installation: an environment, a database of its own, and processes that share a clock which can be moved."""

    def __init__(self, folder: Path, database_url: str, redis_url: str, smtp_port: int) -> None:
        self.folder = folder
        self.environment = {
            "SECRET_KEY": "only-for-tests-0123456789abcdefghijklmnop",
            "DEMO": "1",
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "VAR_DIR": str(folder),
            "INDEX_DIR": str(folder / "search_index"),
            "PUBLIC_BASE_URL": "http://localhost",
            "SEMANTIC_SEARCH": "0",
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(smtp_port),
            "SMTP_TIMEOUT": "5",
            "SWEEP_SECONDS": "1",
            "MAIL_GATHER_SECONDS": "0",  # who looks into gathering says so
            "UNDO_SECONDS": "0",  # who looks into taking back says so
        }
        self.app: Flask = create_app(Settings.from_environment(self.environment))
        self._processes: list[Process] = []
        with self.app.app_context():
            db.create_all()

    def flask(self, *arguments: str) -> Process:
        """Start ``flask <arguments>`` as a process of this installation."""
        name = f"{arguments[0]}-{len(self._processes)}.log"
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
        process = Process(command, self.folder / name, {**os.environ, **self.environment})
        self._processes.append(process)
        return process

    def start_worker(self, *options: str, wait: bool = True) -> Process:
        """A worker that listens, or (``wait=False``) one that may still wait for Redis."""
        process = self.flask("worker", *options)
        if wait:
            eventually(lambda: self._says(process, "the worker listens to"), "the worker did not start")
        return process

    def start_scheduler(self, *, wait: bool = True) -> Process:
        """A scheduler that has registered."""
        process = self.flask("scheduler")
        if wait:
            eventually(lambda: self._says(process, "Registering birth"), "the scheduler did not start")
        return process

    def move_clock(self, by: timedelta) -> None:
        """Move the clock of this test and of every process of the installation."""
        clock.set_offset(clock.offset() + by)

    def close(self) -> None:
        for process in self._processes:
            if process.is_running:
                process.kill()
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
        clock.use_offset_file(None)

    def _says(self, process: Process, words: str) -> bool:
        said = process.log.read_text()
        if not process.is_running:
            pytest.fail(f"it ended:\n{said}")
        return words in said


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A real Redis, running. Its folder has a short name: the path of a socket may not be long."""
    binary = redis_binary()
    if binary is None:
        pytest.skip("there is no redis-server")
    folder = Path(tempfile.mkdtemp(prefix="redis-"))
    server = RedisServer(binary, folder)
    try:
        server.start()
        yield server
    finally:
        if server.process:
            server.process.kill()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def smtp_server() -> Iterator[SmtpServer]:
    """A real SMTP server, running, on a free port."""
    server = SmtpServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def portal(tmp_path: Path, redis_server: RedisServer, smtp_server: SmtpServer) -> Iterator[Portal]:
    """An installation without processes yet; ``portal.start_worker()`` and ``portal.start_scheduler()`` add them."""
    with own_database(tmp_path) as url:
        installation = Portal(tmp_path, url, redis_server.url, smtp_server.port)
        try:
            yield installation
        finally:
            installation.close()


@contextlib.contextmanager
def own_database(folder: Path) -> Iterator[str]:
    """An empty database that several processes can write to: a file, or one on the server of TEST_DATABASE_URL."""
    server = os.environ.get("TEST_DATABASE_URL")
    if not server or server.startswith("sqlite"):
        yield f"sqlite:///{folder / 'portal.db'}"
        return
    name = f"portal_{uuid4().hex[:12]}"
    engine = create_engine(make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        engine.dispose()


@pytest.fixture
def bells(monkeypatch: pytest.MonkeyPatch) -> list[Bell]:
    """What was rung for since the test began, instead of Redis."""
    rung: list[Bell] = []

    def capture(bells: list[Bell]) -> bool:
        rung.extend(bells)
        return True

    monkeypatch.setattr(queue, "ring", capture)
    return rung


@pytest.fixture
def own_app(tmp_path: Path) -> Iterator[Flask]:
    """An application on a database of its own, where commits are real and several threads may write."""
    from tests.conftest import make_settings

    with own_database(tmp_path) as url:
        app = create_app(make_settings(tmp_path, DATABASE_URL=url))
        with app.app_context():
            db.create_all()
        yield app
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
