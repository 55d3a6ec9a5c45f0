"""Where a demo keeps its state and which doors it opens: the environment of ``make run``, read once."""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from redis import Redis
from redis.exceptions import RedisError

from demo import ports

ROOT = Path(__file__).resolve().parent.parent
LONGEST_SOCKET_PATH = 90  # the kernel takes 107 bytes, macOS 103, and supervisord adds its process id for a moment


class CannotStart(RuntimeError):  # noqa: N818 - told to people as it stands
    """The demo cannot start; the message says why and what a person can do."""


@dataclass(frozen=True)
class Stand:
    """One demo: its folder, its ports and the Redis it was given, if any."""

    var: Path
    port: int
    mail_port: int
    smtp_port: int
    given_redis_url: str
    given: Mapping[str, str]

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Stand:
        """Read VAR_DIR, REDIS_URL, PORT, MAIL_PORT and SMTP_PORT; raises CannotStart naming the one that is wrong."""
        taken: set[int] = set()
        port = _choose_port("PORT", 8000, environ, taken)
        mail_port = _choose_port("MAIL_PORT", 8025, environ, taken)
        smtp_port = _choose_port("SMTP_PORT", 1025, environ, taken)
        _check_redis(environ.get("REDIS_URL", ""))
        var = Path(environ.get("VAR_DIR") or ROOT / "var").absolute()
        return cls(var, port, mail_port, smtp_port, environ.get("REDIS_URL", ""), environ)

    @property
    def run(self) -> Path:
        """Process ids, locks and the generated configuration."""
        return self.var / "run"

    @property
    def log(self) -> Path:
        """One log per process."""
        return self.var / "log"

    @property
    def sockets(self) -> Path:
        """The folder of the sockets: a private one under the system's temporary folder when ours is too deep."""
        if len(os.fsencode(self.run / "supervisor.sock")) <= LONGEST_SOCKET_PATH:
            return self.run
        name = hashlib.sha256(os.fsencode(self.var)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"support-portal-{os.getuid()}-{name}"

    @property
    def redis_socket(self) -> Path:
        """Where the embedded Redis listens."""
        return self.sockets / "redis.sock"

    @property
    def mail_socket(self) -> Path:
        """Where the portal takes mails by LMTP: answers that are written on the page of the mails."""
        return self.sockets / "mail.sock"

    @property
    def redis_url(self) -> str:
        """The Redis that every process uses."""
        return self.given_redis_url or f"unix://{quote(str(self.redis_socket))}?db=0"

    @property
    def base_url(self) -> str:
        """The address that people open."""
        return self.given.get("PUBLIC_BASE_URL") or f"http://localhost:{self.port}"

    @property
    def mail_url(self) -> str:
        """The page on which the mails are read."""
        return f"http://localhost:{self.mail_port}"

    def settings(self) -> dict[str, str]:
        """The portal's settings in this demo. What was set outside stays, but for mail: it never leaves the machine."""
        ours = {
            "DATABASE_URL": f"sqlite:///{self.var / 'portal.db'}",
            "INDEX_DIR": str(self.var / "search_index"),
            "SWEEP_SECONDS": "15",
            "MAIL_GATHER_SECONDS": "3",  # who tries the portal out looks for a mail at once
        }
        return {name: self.given.get(name) or value for name, value in ours.items()} | {
            "DEMO": "1",
            "VAR_DIR": str(self.var),
            "REDIS_URL": self.redis_url,
            "PUBLIC_BASE_URL": self.base_url,
            "SMTP_HOST": ports.HOST,
            "SMTP_PORT": str(self.smtp_port),
            "SMTP_SECURITY": "none",
            "SMTP_USER": "",
            "SMTP_PASSWORD": "",
            "LMTP_LISTEN": f"unix:{self.mail_socket}",
            "SMTP_LISTEN": "",
            "IMAP_HOST": "",
        }

    def environment(self) -> dict[str, str]:
        """The environment of every process."""
        return {**self.given, **self.settings(), "PYTHONUNBUFFERED": "1"}

    def prepare_folders(self) -> None:
        """Make the folders and leave word, in ``run/environment`` and ``run/urls``, for commands beside the demo."""
        for folder in (self.var, self.run, self.log, self.var / "redis"):
            folder.mkdir(parents=True, exist_ok=True)
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        if self.sockets.is_symlink() or self.sockets.stat().st_uid != os.getuid():
            raise CannotStart(f"{self.sockets} belongs to somebody else. Set VAR_DIR to a folder with a shorter path.")
        lines = [f"export {name}={shlex.quote(value)}\n" for name, value in self.settings().items()]
        (self.run / "environment").write_text("".join(lines))
        (self.run / "urls").write_text(f"--base-url {self.base_url} --mail-url {self.mail_url}\n")

    def remove_sockets(self) -> None:
        """Leave nothing behind in the system's temporary folder."""
        if self.sockets != self.run:
            shutil.rmtree(self.sockets, ignore_errors=True)


def _choose_port(name: str, usual: int, environ: Mapping[str, str], taken: set[int]) -> int:
    """The port asked for, or the first free one from the usual one on."""
    asked = environ.get(name, "")
    if not asked:
        port = ports.first_free(usual, avoid=taken)
    elif not asked.isdecimal() or not 0 < int(asked) < 65536 or int(asked) in taken:
        raise CannotStart(f"{name}={asked} is not a port of its own (1-65535).")
    elif not ports.is_free(int(asked)):
        raise CannotStart(f"Port {asked} is taken by another program: choose another one, make run {name}=...")
    else:
        port = int(asked)
    taken.add(port)
    return port


def _check_redis(url: str) -> None:
    if not url:
        return
    try:
        Redis.from_url(url, socket_connect_timeout=3, socket_timeout=3).ping()
    except (RedisError, OSError, ValueError) as error:
        raise CannotStart(
            f"REDIS_URL is set, but that Redis does not answer: {error}\n"
            "Start it, or unset REDIS_URL to have one started for the demo."
        ) from error
