"""What a run that was killed may have left behind: processes without a master."""

from __future__ import annotations

import fcntl
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

PATIENCE_SECONDS = 15


def end_leftovers(folder: Path) -> int:
    """End the process groups that still hold a lock in ``folder`` (see demo.child); returns how many there were."""
    files = [file for file in folder.glob("*.pid") if holder(file) is not None]
    for file in files:
        _signal_group(file, signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and any(holder(file) is not None for file in files):
        time.sleep(0.1)
    for file in files:
        _signal_group(file, signal.SIGKILL)
    return len(files)


def holder(file: Path) -> int | None:
    """The id of the process that locked the file (0 when it has not said yet), None when nobody holds the lock."""
    if not file.exists():
        return None
    with file.open() as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            text = handle.read().strip()
            return int(text) if text.isdecimal() else 0
        return None


def _signal_group(file: Path, number: signal.Signals) -> None:
    pid = holder(file)
    if pid:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(os.getpgid(pid), number)
