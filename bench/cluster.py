"""A PostgreSQL of one's own for a measurement: a new cluster in a folder, reached by a socket, gone afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OPTIONS = "-c listen_addresses='' -c shared_buffers=512MB -c work_mem=32MB -c max_connections=100"


def binaries() -> Path | None:
    """The folder of initdb: on the PATH, or where Debian keeps each version's; None where there is no server."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    kept = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return kept[-1].parent if kept else None


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """A server with an empty database ``bench`` below ``folder``, with its usual promises (fsync); yields its URL."""
    where = binaries()
    if where is None:
        raise SystemExit("PostgreSQL's initdb was not found.")
    folder.mkdir()
    as_server = []
    if os.geteuid() == 0:  # it refuses to run as root
        shutil.chown(folder, "postgres")
        for parent in folder.parents:
            if parent.stat().st_uid == 0 and parent.stat().st_mode & 0o001 == 0:
                parent.chmod(parent.stat().st_mode | 0o011)
        as_server = ["runuser", "-u", "postgres", "--"]
    data = str(folder / "data")
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "cwd": "/"}
    subprocess.run([*as_server, where / "initdb", "-D", data, "-U", "portal", "-A", "trust", "-E", "UTF8",
                    "--locale=C.UTF-8"], **quiet)  # fmt: skip
    control = [*as_server, where / "pg_ctl", "-D", data, "-w"]
    subprocess.run([*control, "-l", str(folder / "log"), "-o", f"-k {folder} {OPTIONS}", "start"], **quiet)
    try:
        subprocess.run([where / "createdb", "-h", str(folder), "-U", "portal", "bench"], **quiet)
        yield f"postgresql+psycopg://portal@/bench?host={folder}"
    finally:
        subprocess.run([*control, "-m", "fast", "stop"], **quiet)
