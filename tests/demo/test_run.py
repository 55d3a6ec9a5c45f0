"""make run as a person lives it: a terminal, a screen, Ctrl-C; and what comes back when something is killed."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest
from redis import Redis

from demo.leftovers import end_leftovers, holder
from demo.stand import Stand

pytestmark = pytest.mark.services

ROOT = Path(__file__).parents[2]
PATIENCE = 90


class Terminal:
    """``python -m demo.run`` in a terminal of its own."""

    def __init__(self, var: Path, **environment: str) -> None:
        self.var, self.text = var, ""
        self.pid, self.window = pty.fork()
        if self.pid == 0:
            for number in (signal.SIGHUP, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            os.chdir(ROOT)
            outside = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
            from sys import executable

            os.execve(executable, [executable, "-m", "demo.run"], {**outside, "VAR_DIR": str(var), **environment})

    def read_until(self, word: str) -> str:
        """Read the screen until ``word`` stands on it."""
        end = time.monotonic() + PATIENCE
        while word not in self.text and time.monotonic() < end:
            if not select.select([self.window], [], [], 1)[0]:
                continue
            try:
                self.text += os.read(self.window, 65536).decode(errors="replace")
            except OSError:  # the other side has ended
                break
        assert word in self.text, self.text
        return self.text

    def press_ctrl_c(self) -> int:
        """Press it and return the exit status."""
        os.write(self.window, b"\x03")
        self.read_until("Everything has ended")
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def close(self) -> None:
        """Close the window."""
        os.close(self.window)

    def port(self, what: str) -> int:
        """The port that the screen gives for "Portal" or "Mails"."""
        found = re.search(rf"{what} +http://localhost:(\d+)", self.text)
        assert found, self.text
        return int(found.group(1))


def stand(var: Path) -> Stand:
    """What the demo in this folder makes of it."""
    return Stand(var, 0, 0, 0, "", {})


def get(port: int, path: str) -> str:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    assert answer.status == 200
    return answer.read().decode()


def eventually(condition: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(0.1)


def running(var: Path) -> dict[str, int]:
    """The processes that hold their locks."""
    holders = {file.stem: holder(file) for file in (var / "run").glob("*.pid")}
    return {name: pid for name, pid in holders.items() if pid}


@pytest.fixture
def var(tmp_path: Path) -> Iterator[Path]:
    """The folder of one demo; whatever a failed test leaves in it is ended."""
    yield tmp_path
    end_leftovers(tmp_path / "run")
    stand(tmp_path).remove_sockets()


ALL = {"supervisor", "redis", "mail", "web", "worker", "scheduler", "receiver"}


def test_a_person_starts_stops_kills_and_starts_it_again(var: Path) -> None:
    """One story of three runs, since every start takes seconds."""
    first = Terminal(var)
    text = first.read_until("Ctrl-C ends everything")
    assert "anna@example.com" in text
    assert "DEMO-1001" in text
    assert get(first.port("Portal"), "/healthz") == "ok\n"
    assert "redis: ok" in get(first.port("Portal"), "/readyz")
    assert "messages" in json.loads(get(first.port("Mails"), "/api/messages"))
    says_that_it_runs_already(var)
    rename_anna(var, "Анна Петрова")
    what_is_killed_comes_back(var)
    assert first.press_ctrl_c() == 0
    assert running(var) == {}

    second = Terminal(var)
    second.read_until("Ctrl-C ends everything")
    assert name_of_anna(var) == "Анна Петрова"
    os.kill(running(var)["supervisor"], signal.SIGKILL)
    second.read_until("supervisord ended with")
    os.waitpid(second.pid, 0)
    eventually(lambda: not running(var), "the end of all after the supervisor")

    third = Terminal(var)
    third.read_until("Ctrl-C ends everything")
    third.close()
    eventually(lambda: not running(var), "the end of all after the terminal has gone")


def says_that_it_runs_already(var: Path) -> None:
    another = Terminal(var)
    another.read_until("already runs from")
    assert os.waitstatus_to_exitcode(os.waitpid(another.pid, 0)[1]) == 1


def what_is_killed_comes_back(var: Path) -> None:
    before = running(var)
    assert set(before) == ALL
    client = Redis.from_url(stand(var).redis_url)
    client.set("kept", "yes")
    # While an earlier fsync runs, Redis puts the write of its log off by up to two seconds; killed then, it forgets.
    eventually(lambda: client.info("persistence")["aof_buffer_length"] == 0, "what Redis wrote down")
    killed = ("redis", "worker", "web")
    for name in killed:
        os.kill(before[name], signal.SIGKILL)

    def all_back() -> bool:
        now = running(var)
        return set(now) == ALL and all(now[name] != before[name] for name in killed)

    eventually(all_back, "new processes")
    eventually(lambda: client.get("kept") == b"yes", "what Redis held")
    eventually(lambda: client.exists("rq:workers"), "the worker")


def rename_anna(var: Path, name: str) -> None:
    with closing(sqlite3.connect(var / "portal.db")) as database, database:
        database.execute("UPDATE customer SET name = ? WHERE email = 'anna@example.com'", [name])


def name_of_anna(var: Path) -> str:
    with closing(sqlite3.connect(var / "portal.db")) as database:
        return str(database.execute("SELECT name FROM customer WHERE email = 'anna@example.com'").fetchone()[0])
