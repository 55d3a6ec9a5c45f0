"""``make run``: the whole portal on one machine, from one command, until Ctrl-C.

Prepares the database and the demo content, has supervisord keep the processes (demo.supervision), waits for the first
page, prints one screen, and ends everything when it is told to or when its terminal goes away.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType
from typing import IO, Never

from demo import ports
from demo.leftovers import end_leftovers
from demo.redis_binary import NoRedis
from demo.screen import screen
from demo.stand import ROOT, CannotStart, Stand
from demo.supervision import write_configuration

FIRST_PAGE_SECONDS = 60


class Ended(BaseException):
    """Ctrl-C, a closed terminal or a SIGTERM."""


def main() -> None:
    """Run the demo; the exit status is 0 when a person ended it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            signal.signal(number, _end)
    os.umask(0o077)
    try:
        run(float(os.environ.pop("STARTED_AT", time.time())))
    except (CannotStart, NoRedis) as problem:
        sys.exit(f"\n{problem}")
    except Ended:
        with suppress(OSError):  # the terminal may have gone
            print("\nEverything has ended. The data stays for the next make run.", flush=True)


def run(started: float) -> None:
    """Prepare, start, say so, wait. ``started`` is when the person gave the command (time.time())."""
    folder = Path(os.environ.get("VAR_DIR") or ROOT / "var").absolute() / "run"
    with claim(folder):
        if end_leftovers(folder):
            print("Ended what an earlier run had left behind.", flush=True)
        stand = Stand.from_environment(os.environ)
        stand.prepare_folders()
        prepare(stand)
        supervise(stand, started)


def claim(folder: Path) -> IO[str]:
    """The lock that one folder's demo holds while it runs; raises CannotStart when another one has it."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = (folder / "run.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        raise CannotStart(
            f"The portal already runs from {folder.parent} (process {lock.read().strip()}).\n"
            "Press Ctrl-C in its terminal, or set VAR_DIR to another folder for a second one."
        ) from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def preparations(stand: Stand) -> list[str]:
    """The portal's own commands that come before its processes. Later the worker keeps the search index true."""
    index = Path(stand.settings()["INDEX_DIR"])
    first = [] if index.is_dir() and any(index.iterdir()) else ["reindex"]
    return ["init-db", "demo seed", *first]


def prepare(stand: Stand) -> None:
    """Tables, roles, demo content and index; raises CannotStart with what was said when one of them fails."""
    command = [sys.executable, "-m", "demo.prepare", *preparations(stand)]
    answer = subprocess.run(command, cwd=ROOT, env=stand.environment(), capture_output=True, text=True)  # noqa: S603
    with (stand.log / "setup.log").open("a") as log:
        log.write(answer.stdout + answer.stderr)
    if answer.returncode:
        raise CannotStart(f"The demo could not be prepared:\n{(answer.stdout + answer.stderr)[-3000:]}")


def supervise(stand: Stand, started: float) -> None:
    """Keep the processes until this one is told to end; whatever happens, none outlives it."""
    configuration = write_configuration(stand)
    command = [sys.executable, "-m", "demo.child", "supervisor", "--"]
    command += [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(configuration)]
    # a session of its own: the terminal's Ctrl-C reaches this process alone, which ends the others in good order
    supervisor = subprocess.Popen(command, cwd=ROOT, env=stand.environment(), start_new_session=True)  # noqa: S603
    try:
        wait_for_first_page(stand, supervisor)
        print(screen(stand, time.time() - started), flush=True)
        wait_for_end(supervisor)
        raise CannotStart(f"supervisord ended with {supervisor.returncode}: see {stand.log / 'supervisord.log'}")
    finally:
        end(supervisor)
        stand.remove_sockets()


def wait_for_first_page(stand: Stand, supervisor: subprocess.Popen[bytes]) -> None:
    """Return when the web server answers; raises CannotStart with the end of its log when it never does."""
    deadline = time.monotonic() + FIRST_PAGE_SECONDS
    while time.monotonic() < deadline and supervisor.poll() is None:
        if answers(stand.port):
            return
        time.sleep(0.1)
    log = stand.log / ("web.log" if supervisor.poll() is None else "supervisord.log")
    end_of_log = log.read_text(errors="replace")[-3000:] if log.exists() else ""
    raise CannotStart(f"The web server does not answer. The end of {log}:\n{end_of_log}")


def wait_for_end(supervisor: subprocess.Popen[bytes]) -> None:
    """Return when supervisord has ended by itself; raises Ended when the terminal has gone.

    A shell passes its SIGHUP on to us. make, when a terminal runs it without a shell, waits for us instead.
    """
    terminals = [] if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else [fd for fd in range(3) if os.isatty(fd)]
    while supervisor.poll() is None:
        time.sleep(1)
        if not all(os.isatty(fd) for fd in terminals):
            raise Ended


def answers(port: int) -> bool:
    """Whether the web server on this port says that it is well."""
    connection = HTTPConnection(ports.HOST, port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def end(supervisor: subprocess.Popen[bytes]) -> None:
    """End supervisord and, through it, everything else; a second Ctrl-C changes nothing."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if supervisor.poll() is None:
        supervisor.terminate()
        supervisor.wait()


def _end(number: int, frame: FrameType | None) -> Never:
    raise Ended


if __name__ == "__main__":
    main()
