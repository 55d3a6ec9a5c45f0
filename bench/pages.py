"""p50 and p95 of the portal's pages beside a bare Flask page on the same server: ``python -m bench.pages``.

Starts gunicorn twice (the portal on a seeded database of its own, and ``bench.bare``), asks each page in turn over one
kept connection, and prints milliseconds and the ratio to the floor of the same round. Machines are noisy: read the
ratios.
"""

from __future__ import annotations

import argparse
import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).parents[1]
SERVER = (
    *("--worker-class", "gthread", "--workers", "2", "--threads", "8"),
    *("--keep-alive", "75", "--log-level", "warning"),
)
PASSWORD = "demo-portal-2026"  # noqa: S105 - the demo's


@dataclass
class Client:
    """One kept connection with its cookies."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        """Status and text of one answer; a redirect is an answer."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode(form)
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        for header in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, answer.read().decode()

    def submit(self, path: str, **values: str) -> None:
        """Fill in the form of a page with what it hides and ``values``; the answer must be a redirect."""
        _, page = self.ask("GET", path)
        status, _ = self.ask("POST", path, {**hidden_fields(page), **values})
        if status not in (302, 303):
            raise SystemExit(f"POST {path} answered {status}")


class _Hidden(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        if tag == "input" and facts.get("type") == "hidden" and facts.get("name"):
            self.fields[str(facts["name"])] = facts.get("value") or ""


def hidden_fields(page: str) -> dict[str, str]:
    """The hidden fields of a page, its CSRF token among them."""
    parser = _Hidden()
    parser.feed(page)
    return parser.fields


@contextmanager
def serving(app: str, environment: dict[str, str]) -> Iterator[int]:
    """gunicorn with ``app`` on a free port, ready; ended afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", *SERVER, "--bind", f"127.0.0.1:{port}", app]
    server = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port
    finally:
        server.terminate()
        server.wait(20)


def prepared(folder: Path) -> dict[str, str]:
    """An environment whose database has the demo content."""
    environment = {
        **os.environ,
        "DEMO": "1",
        "DATABASE_URL": os.environ.get("BENCH_DATABASE_URL") or f"sqlite:///{folder / 'bench.db'}",
        "REDIS_URL": f"unix://{folder}/none.sock",
        "VAR_DIR": str(folder),
        "INDEX_DIR": str(folder / "index"),
        "PUBLIC_BASE_URL": "http://127.0.0.1",
    }
    for command in (["init-db"], ["demo", "seed"], ["reindex"]):
        subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *command], cwd=ROOT, env=environment, check=True
        )
    return environment


def measure(client: Client, floor: Client, method: str, path: str, rounds: int) -> tuple[list[float], list[float]]:
    """Milliseconds of the page and of the floor, asked in turn."""
    mine, bare = [], []
    for number in range(rounds + 5):
        for whom, where, how, taken in ((client, path, method, mine), (floor, "/", "GET", bare)):
            start = time.perf_counter()
            status, _ = whom.ask(how, where)
            milliseconds = (time.perf_counter() - start) * 1000
            if status != 200:
                raise SystemExit(f"{how} {where} answered {status}")
            if number >= 5:
                taken.append(milliseconds)
    return mine, bare


def report(name: str, mine: list[float], bare: list[float]) -> None:
    """One line of the table."""
    p50, floor = statistics.median(mine), statistics.median(bare)
    p95 = statistics.quantiles(mine, n=20)[-1]
    print(f"{name:<34}{p50:>9.1f}{p95:>9.1f}{floor:>9.2f}{p50 / floor:>9.1f}")


def main() -> None:
    """Prepare, serve, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        environment = prepared(Path(name))
        with serving("wsgi:app", environment) as port, serving("bench.bare:app", environment) as bare_port:
            visitor, customer, staff, floor = Client(port), Client(port), Client(port), Client(bare_port)
            customer.submit("/sign-in", email="anna@example.com", password=PASSWORD)
            staff.submit("/staff/sign-in/", username="manager", password=PASSWORD)
            print(f"\n{'page (ms)':<34}{'p50':>9}{'p95':>9}{'floor':>9}{'ratio':>9}")
            for title, client, path in (
                ("home, visitor", visitor, "/"),
                ("knowledge base search", visitor, "/kb/?q=0x80090016"),
                ("regulation", visitor, "/regulation"),
                ("my certificates", customer, "/certificates"),
                ("ticket form", customer, "/tickets/new"),
                ("my tickets", customer, "/tickets"),
                ("ticket", customer, "/tickets/TP-000002"),
                ("staff: start page", staff, "/staff/"),
                ("staff: ticket list", staff, "/staff/tickets/"),
                ("staff: ticket", staff, "/staff/tickets/TP-000002"),
            ):
                report(title, *measure(client, floor, "GET", path, rounds))


if __name__ == "__main__":
    main()
