"""How many mails a second one worker sends: ``python -m bench.mail_out``.

A help desk writes real ticket mails into its outbox; then one worker, started as in production, hands them to an SMTP
server that takes everything (``bench.sink``). The floor is measured in the same run: smtplib alone sends the same bytes
to the same server over one connection, and once more with a connection for each mail. ``--url`` measures another
database than a new SQLite file, which is filled and not emptied.
"""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask

if TYPE_CHECKING:
    from supportapp.accounts.models import Customer

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 300


class Sink:
    """The server that takes everything, as a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.port = _free_port()
        self._log = folder / "taken"
        self._log.touch()
        command = [sys.executable, "-m", "bench.sink", str(self.port), str(self._log)]
        self.process = subprocess.Popen(command, cwd=ROOT)
        _wait(lambda: _answers(self.port), "the sink did not start")

    def moments(self) -> list[float]:
        """When each mail was taken."""
        return [float(line) for line in self._log.read_text().split()]


@contextmanager
def installation(folder: Path, url: str) -> Iterator[tuple[Flask, Sink, dict[str, str]]]:
    """An empty portal on a database, a Redis and a sink of its own."""
    from demo.redis_binary import find_redis_server

    sink = Sink(folder)
    place = ["--port", "0", "--unixsocket", str(folder / "redis.sock"), "--dir", str(folder), "--save", ""]
    redis = subprocess.Popen([str(find_redis_server()), *place], stdout=subprocess.DEVNULL)
    environment = {
        **os.environ,
        "DEMO": "1",
        "DATABASE_URL": url or f"sqlite:///{folder / 'bench.db'}",
        "REDIS_URL": f"unix://{folder / 'redis.sock'}",
        "VAR_DIR": str(folder),
        "INDEX_DIR": str(folder / "index"),
        "PUBLIC_BASE_URL": "http://127.0.0.1",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(sink.port),
        "MAIL_GATHER_SECONDS": "0",
        "MAIL_PER_MINUTE": "0",
        "MAIL_PER_RECIPIENT": "0",
    }
    os.environ.update(environment)
    try:
        _wait((folder / "redis.sock").exists, "Redis did not start")
        from supportapp import create_app

        app = create_app()
        with app.app_context():
            from supportapp.extensions import db

            db.create_all()
        yield app, sink, environment
    finally:
        redis.terminate()
        sink.process.terminate()


def fill(app: Flask, count: int) -> list[bytes]:
    """Write ``count`` mails of tickets as an engineer's replies make them; returns them as they will travel."""
    from supportapp import clock
    from supportapp.extensions import db
    from supportapp.notifications.compose import compose
    from supportapp.notifications.models import Notification
    from supportapp.tickets import operations

    with app.app_context():
        for number in range(count):
            operations.submit(
                customer=_customer(number),
                subject="Ошибка 0x80090016 при создании подписи",
                body="После переноса ключа на новый компьютер подпись не создаётся. " * 8,
                at=clock.now(),
            )
        db.session.commit()
        rows = db.session.query(Notification).order_by(Notification.id).limit(count).all()
        return [compose(row, at=clock.now()).as_bytes() for row in rows]


def _customer(number: int) -> Customer:
    from supportapp import clock
    from supportapp.accounts.models import Customer
    from supportapp.extensions import db

    customer = Customer(
        email=f"{secrets.token_hex(8)}@firm{number % 50}.example", name=f"Customer {number}", password_hash="",
        created_at=clock.now(), confirmed_at=clock.now(), language="ru",
    )  # fmt: skip
    db.session.add(customer)
    db.session.flush()
    return customer


def send_bare(port: int, mails: list[bytes], *, anew: bool) -> float:
    """Mails a second by smtplib alone; ``anew`` opens a connection for each."""
    start, server = time.perf_counter(), smtplib.SMTP("127.0.0.1", port)
    for mail in mails:
        if anew:
            server.quit()
            server = smtplib.SMTP("127.0.0.1", port)
        server.sendmail("support@localhost", ["anna@example.com"], mail)
    server.quit()
    return len(mails) / (time.perf_counter() - start)


def send_by_worker(sink: Sink, environment: dict[str, str], count: int) -> tuple[float, float]:
    """Mails a second from the first to the last, and seconds until the worker has nothing left to do."""
    before, start = len(sink.moments()), time.time()
    worker = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "worker", "--burst"],
        cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        worker.wait(PATIENCE)
    finally:
        if worker.poll() is None:
            os.killpg(worker.pid, signal.SIGKILL)
    taken = sink.moments()[before:]
    if len(taken) != count:
        raise SystemExit(f"{len(taken)} of {count} mails arrived")
    return (count - 1) / (taken[-1] - taken[0]), time.time() - start


def measure_out(count: int, url: str) -> None:
    """The way out: one worker beside smtplib alone."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as name,
        installation(Path(name), url) as (app, sink, environment),
    ):
        start = time.perf_counter()
        mails = fill(app, count)
        size = sum(map(len, mails)) / len(mails) / 1024
        print(
            f"{'out: written into the outbox':<38}{count / (time.perf_counter() - start):10.1f} /s, {size:.0f} kB each"
        )
        floor = send_bare(sink.port, mails, anew=False)
        anew = send_bare(sink.port, mails, anew=True)
        rate, whole = send_by_worker(sink, environment, count)
        print(f"{'floor: smtplib alone, one connection':<38}{floor:10.1f} /s")
        print(f"{'smtplib alone, a connection for each':<38}{anew:10.1f} /s{anew / floor:8.2f} x floor")
        print(f"{'out: one worker':<38}{rate:10.1f} /s{rate / floor:8.2f} x floor")
        print(f"{'':<38}{whole:10.1f} s until the worker had started, sent all and had nothing left to do")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _wait(condition: object, what: str) -> None:
    for _ in range(400):
        if condition():  # type: ignore[operator]
            return
        time.sleep(0.05)
    raise SystemExit(what)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=300)
    parser.add_argument("--url", default=os.environ.get("BENCH_DATABASE_URL", ""))
    asked, _others = parser.parse_known_args()  # make bench-mail gives both halves the same
    measure_out(asked.mails, asked.url)


if __name__ == "__main__":
    main()
