"""The first lines of a text or a log, to be read beside the conversation."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from supportapp.files import rules
from supportapp.files.models import StoredFile
from supportapp.files.operations import open_file

MOST_BYTES = 16 * 1024
MOST_LINES = 60
LONGEST_LINE = 400


@dataclass(frozen=True)
class Excerpt:
    """``cut`` says that the file goes on, or that a line was too long."""

    text: str
    cut: bool


def has_excerpt(stored: StoredFile) -> bool:
    """Whether the file can be read as lines. A secret that was let through is shown to nobody in passing."""
    return not stored.secret and rules.has_lines(stored.name, stored.content_type)


def read_excerpt(stored: StoredFile) -> Excerpt:
    """At most MOST_LINES of the file; NotFound when it is not there any more."""
    with open_file(stored) as stream:
        head = stream.read(MOST_BYTES + 1)
    whole = len(head) <= MOST_BYTES
    lines = _decoded(head[:MOST_BYTES], whole=whole).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    shown = [_plain(line[:LONGEST_LINE]) for line in lines[:MOST_LINES]]
    cut = not whole or len(lines) > MOST_LINES or any(len(line) > LONGEST_LINE for line in lines[:MOST_LINES])
    return Excerpt("\n".join(shown), cut)


def _decoded(head: bytes, *, whole: bool) -> str:
    """UTF-8 (cut in mid-character perhaps), UTF-16 by its mark, else the Windows code page of Russian."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "replace")
    for cut in range(1 if whole else 4):
        try:
            return head[: len(head) - cut].decode("utf-8-sig")
        except UnicodeDecodeError:
            continue
    return head.decode("cp1251", "replace")


def _plain(line: str) -> str:
    """Without what a terminal or a reader of bidirectional text would obey."""
    return "".join(char if char == "\t" or unicodedata.category(char) not in _OBEYED else "\ufffd" for char in line)


_OBEYED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
