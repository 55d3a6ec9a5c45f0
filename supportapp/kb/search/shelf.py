"""Which index is in use: folders side by side, and a file ``current`` that names one of them.

A rebuilt index is written beside the old one, and the name is replaced in one step; readers never see half of it.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from supportapp.extensions import settings

PREFIX, DRAFT = "index-", "draft-"
LOCK_PATIENCE = 60.0


class IndexBusyError(Exception):
    """Another process has been writing the index for longer than we care to wait."""


def root() -> Path:
    """The folder of all indexes of this node."""
    return Path(settings.INDEX_DIR)


def current() -> Path | None:
    """The index in use, whether it is readable or not; None when none was ever built."""
    try:
        name = (root() / "current").read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return None
    return root() / name if name.startswith(PREFIX) and "/" not in name else None


def candidates() -> list[Path]:
    """Every index folder: the one in use, then others that may still serve, newest first."""
    first = current()
    others = sorted((path for path in root().glob(f"{PREFIX}*") if path != first), reverse=True)
    return [first, *others] if first else others


def new_folder() -> Path:
    """A path for a fresh index, which readers do not see yet. The caller has the lock, so other drafts are dead."""
    for path in root().glob(f"{DRAFT}*"):
        discard(path)
    return root() / f"{DRAFT}{time.time_ns():020d}-{secrets.token_hex(2)}"


def put_in_use(draft: Path) -> None:
    """Let readers find a finished index. The one before stays for those who still read it; older ones go."""
    before, folder = current(), root() / draft.name.replace(DRAFT, PREFIX, 1)
    draft.rename(folder)
    name = root() / f"current.{os.getpid()}"
    name.write_text(folder.name, encoding="ascii")
    name.replace(root() / "current")
    for path in root().glob(f"{PREFIX}*"):
        if path not in (folder, before):
            discard(path)


def discard(folder: Path) -> None:
    """Take an index away that nobody is to read; what cannot be removed stays for the next time."""
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def lock(patience: float | None = None) -> Iterator[None]:
    """Hold the right to write; IndexBusyError when another process has it. The kernel frees it when its holder dies."""
    root().mkdir(mode=0o700, parents=True, exist_ok=True)
    root().chmod(0o700)
    until = time.monotonic() + (LOCK_PATIENCE if patience is None else patience)
    with (root() / "write.lock").open("w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() >= until:
                    raise IndexBusyError(str(root())) from error
                time.sleep(0.05)
        yield
