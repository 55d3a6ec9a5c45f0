"""The lines above a mail or a part: split off, unfolded, looked up by name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from supportapp.mailbox.reading import limits

_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:")
_LINE_END = re.compile(rb"\r\n|\n|\r(?!\n)")
_FOLD = re.compile(rb"[\r\n]+[ \t]*|\x00")
_BLOCK = re.compile(rb"(?:>?From .*\n)?(?:[!-9;-~]++[ \t]*:.*\n|[ \t].*\n)*+")


@dataclass(frozen=True)
class Headers:
    """Fields in their order; names in lower case, values unfolded and still bytes."""

    fields: tuple[tuple[str, bytes], ...] = ()

    def get_all(self, name: str) -> list[bytes]:
        return [value for field, value in self.fields if field == name]

    def get(self, name: str) -> bytes:
        """The first field of that name, or nothing."""
        return next((value for field, value in self.fields if field == name), b"")

    def has(self, name: str) -> bool:
        return any(field == name for field, _ in self.fields)

    def ascii(self, name: str) -> str:
        """A value whose words are a protocol's, not a person's: lower case, trimmed, no comments."""
        return re.sub(r"\([^()]{0,200}\)", "", self.get(name).decode("ascii", "replace")).strip().lower()


def written_plainly(raw: bytes, name: str) -> list[bytes]:
    """The fields of that name that every mail server on the way took for such: none behind a line that is no header or
    an end of line that SMTP does not know, none with a blank before its colon or a zero in it."""
    block = _BLOCK.match(raw, 0, limits.HEADER_BYTES)
    fields = re.findall(rb"^%s:(.*\n(?:[ \t].*\n)*)" % name.encode(), block[0] if block else b"", re.I | re.M)
    values = [re.sub(rb"\r?\n", b"", field).strip() for field in fields]
    return [value for value in values if b"\r" not in value and b"\0" not in value]


def split_headers(raw: bytes, start: int, end: int) -> tuple[Headers, int]:
    """The headers that begin at ``start``, and where the body begins.

    Lines that are no headers are passed over while headers follow; where none follows, the body has begun there.
    """
    lines, body = _header_lines(raw, start, end)
    fields: list[tuple[str, list[bytes]]] = []
    stray: int | None = None
    for position, line in lines:
        match = _FIELD.match(line)
        if match:
            fields.append((match[1].decode("ascii").lower(), [line[match.end() :]]))
            stray = None
        elif line[:1] in (b" ", b"\t") and fields and stray is None:
            fields[-1][1].append(line)
        elif stray is None and not (position == start and line.startswith((b"From ", b">From "))):
            stray = position
    return Headers(tuple((name, _unfolded(parts)) for name, parts in fields)), body if stray is None else stray


def _header_lines(raw: bytes, start: int, end: int) -> tuple[list[tuple[int, bytes]], int]:
    """Up to the first empty line, with the place of each; and the place behind it."""
    lines: list[tuple[int, bytes]] = []
    position, stop = start, min(end, start + limits.HEADER_BYTES)
    while position < stop and len(lines) < limits.HEADER_LINES:
        match = _LINE_END.search(raw, position, stop)
        line_end, following = (match.start(), match.end()) if match else (stop, stop)
        if line_end == position:
            return lines, following
        lines.append((position, raw[position:line_end]))
        position = following
    return lines, position


def _unfolded(parts: list[bytes]) -> bytes:
    value = b"".join(parts)[: limits.VALUE_CHARACTERS]
    return _FOLD.sub(b"", value).strip()
