"""The first moment of every process of the demo: ``python -m demo.child NAME [--wait-for SOCKET] -- COMMAND...``.

It makes sure that the process ends with its parent, even when the parent is killed, and keeps a lock on
``$VAR_DIR/run/NAME.pid`` for as long as the process or a child of it lives; then it becomes the command.
"""

from __future__ import annotations

import argparse
import ctypes
import fcntl
import os
import signal
import socket
import sys
import time
from pathlib import Path

PR_SET_PDEATHSIG = 1
PATIENCE_SECONDS = 10


def main() -> None:
    """Become the command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("--wait-for", default="")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    end_with_parent()
    keep_lock(Path(os.environ["VAR_DIR"]) / "run" / f"{options.name}.pid")
    if options.wait_for:
        wait_for_socket(options.wait_for)
    os.execvp(options.command[0], options.command)  # noqa: S606


def end_with_parent() -> None:
    """Have the kernel send SIGTERM when the parent dies: Linux only, elsewhere the next start ends what is left."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def keep_lock(file: Path) -> None:
    """Lock the file and write the process id into it; the lock passes on through exec and fork."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    os.ftruncate(descriptor, 0)
    os.write(descriptor, str(os.getpid()).encode())
    os.set_inheritable(descriptor, True)


def wait_for_socket(path: str) -> None:
    """Give a server some time to come up; the command itself says what is wrong when it does not."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(path)
            except OSError:
                time.sleep(0.1)
            else:
                return


if __name__ == "__main__":
    main()
