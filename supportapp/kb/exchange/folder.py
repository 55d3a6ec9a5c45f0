"""A folder on the disk that somebody else filled: only regular files inside it are read, and none without a limit."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from supportapp.kb.exchange.problems import Findings, Unusable

TOPICS = "topics.yaml"
IMAGES = "images"
MAX_TEXT_BYTES = 1024 * 1024


class Folder:
    """Files are named by their path from the root, with slashes."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def articles(self, findings: Findings) -> Iterator[str]:
        """Every Markdown file, in order. Hidden ones and those with a capital letter in front (README.md) are not
        articles; symbolic links are problems, wherever they lead."""
        for here, folders, names in os.walk(self.root):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted([*folders, *names]):
                path = Path(here, name).relative_to(self.root).as_posix()
                if name.startswith("."):
                    continue
                if Path(here, name).is_symlink():
                    findings.problem(shown(path), "is a symbolic link; put the file itself into the folder.")
                elif name.lower().endswith(".md") and name in names and not name[0].isupper():
                    yield path

    def has(self, path: str) -> bool:
        """Whether there is a regular file, inside the folder and reached through no symbolic link."""
        target = self.root / path
        try:
            return target.is_file() and target.resolve() == target
        except (OSError, ValueError):  # no file can have such a name
            return False

    def read(self, path: str, limit: int = MAX_TEXT_BYTES) -> bytes:
        """The bytes of a file; Unusable when it is no regular file or has more than ``limit``."""
        try:
            descriptor = os.open(self.root / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(descriptor, "rb") as stream:
                facts = os.fstat(stream.fileno())
                if not stat.S_ISREG(facts.st_mode):
                    raise Unusable("is not a regular file.")
                content = stream.read(limit + 1) if facts.st_size <= limit else b""
        except OSError as error:
            raise Unusable(f"cannot be read: {error.strerror}.") from error
        if facts.st_size > limit or len(content) > limit:
            raise Unusable(f"is larger than {limit / 1024 / 1024:.3g} MB.")
        return content

    def text(self, path: str) -> str:
        """The text of a file with line feeds only; Unusable when it is not UTF-8."""
        return decoded(self.read(path))

    def inside(self, start: str, link: str) -> str | None:
        """Where a relative link in the file ``start`` leads; None when it leads out of the folder."""
        path = os.path.normpath(Path(start).parent / link)
        return None if path.startswith("..") or os.path.isabs(path) else path  # noqa: PTH117


def decoded(content: bytes) -> str:
    """Bytes as text; Unusable when they are not UTF-8 or hold NUL characters."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unusable("is not UTF-8 here; save the file in that encoding.", f"line {line}") from error
    if "\0" in text:
        raise Unusable("holds a NUL character.", f"line {text.count(chr(10), 0, text.index(chr(0))) + 1}")
    return plain(text)


def plain(text: str) -> str:
    """``text`` with line feeds only and without blanks at its ends, as the database and the files have it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def shown(path: str) -> str:
    """A file's name fit to print, whatever bytes it is made of."""
    return "".join(letter if letter.isprintable() else "?" for letter in path)
