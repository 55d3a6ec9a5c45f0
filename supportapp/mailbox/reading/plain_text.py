"""Plain text into lines: any line ends, format=flowed (RFC 3676), signs of quoting."""

from __future__ import annotations

import re

from supportapp.mailbox.reading import limits
from supportapp.mailbox.reading.lines import Line

_QUOTED = re.compile(r"[ \t]{0,2}((?:>[ \t]?){1,80})")
_LINE_ENDS = re.compile(r"\r\n|\r|\n|\x0b|\x0c|\x85|\u2028|\u2029")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ufeff\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """Without NUL and other control characters, and without marks that turn the reading direction."""
    return _CONTROL.sub("", text)


def text_lines(text: str, *, is_flowed: bool = False, del_sp: bool = False) -> list[Line]:
    """The lines of a text part; those that a flowed text was broken into are joined again."""
    lines = _LINE_ENDS.split(clean(text))
    return _flowed(lines, del_sp) if is_flowed else [_line(line) for line in lines]


def _line(raw: str) -> Line:
    match = _QUOTED.match(raw)
    if not match:
        return Line(raw, shown=raw)
    return Line(raw[match.end() :], min(match[1].count(">"), limits.QUOTE_DEPTH), shown=raw)


def _flowed(raw_lines: list[str], del_sp: bool) -> list[Line]:
    lines: list[Line] = []
    pieces: list[str] = []
    open_depth = -1
    for raw in raw_lines:
        depth = len(raw) - len(raw.lstrip(">"))
        text = raw[depth:].removeprefix(" ")
        if pieces and (depth != open_depth or text == "-- "):
            lines.append(_joined(pieces, open_depth))
            pieces = []
        open_depth = depth
        if text.endswith(" ") and text != "-- ":
            pieces.append(text[:-1] if del_sp else text)
        else:
            lines.append(_joined([*pieces, text], depth))
            pieces = []
    return [*lines, _joined(pieces, open_depth)] if pieces else lines


def _joined(pieces: list[str], depth: int) -> Line:
    text, depth = "".join(pieces), min(depth, limits.QUOTE_DEPTH)
    return Line(text, depth, shown=f"{'>' * depth} {text}" if depth else text)
