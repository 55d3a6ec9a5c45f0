"""Values with parameters (Content-Type, Content-Disposition): RFC 2045, 2231 and what programs write instead."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from supportapp.mailbox.reading import charsets
from supportapp.mailbox.reading.encoded_words import decode_words, tidy

_PARAMETER = re.compile(rb';[\s;]*+([^\s=;"]{1,80})\s*+=\s*+(?:"((?:[^"\\]|\\.)*+)"|"?([^;"]*+))', re.DOTALL)
_SECTION = re.compile(r"([^*]+)(?:\*(\d{1,3}))?(\*)?\Z")
_QUOTED_PAIR = re.compile(rb'\\(["\\])')


@dataclass(frozen=True)
class Parameters:
    """``value`` in lower case ("text/plain"); parameters by lower-case name."""

    value: str = ""
    named: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        return self.named.get(name, "")


@dataclass
class _Sections:
    """The pieces of one parameter, by number; whether each is percent-encoded."""

    pieces: dict[int, tuple[bytes, bool]] = field(default_factory=dict)

    def text(self) -> str:
        ordered = [self.pieces[number] for number in sorted(self.pieces)]
        if not any(is_encoded for _, is_encoded in ordered):
            return decode_words(b"".join(piece for piece, _ in ordered))
        charset, first = "", ordered[0][0]
        if ordered[0][1] and first.count(b"'") >= 2:
            label, _, first = first.split(b"'", 2)
            charset, ordered[0] = label.decode("ascii", "replace"), (first, True)
        data = b"".join(unquote_to_bytes(piece) if is_encoded else piece for piece, is_encoded in ordered)
        return tidy(charsets.decode(data, charset)[0])


def read_parameters(header: bytes) -> Parameters:
    """Parameters that name the same thing twice: the first stands, an extended one (RFC 2231) before a plain one."""
    value, _, _ = header.partition(b";")
    plain: dict[str, str] = {}
    extended: dict[str, _Sections] = {}
    for match in _PARAMETER.finditer(header):
        name = match[1].decode("ascii", "replace").lower()
        data = _QUOTED_PAIR.sub(rb"\1", match[2]) if match[2] is not None else match[3].strip()
        section = _SECTION.match(name)
        if section and (section[2] or section[3]):
            pieces = extended.setdefault(section[1], _Sections()).pieces
            pieces.setdefault(int(section[2] or 0), (data, bool(section[3])))
        else:
            plain.setdefault(name, decode_words(data))
    plain.update({name: sections.text() for name, sections in extended.items()})
    return Parameters(value.decode("ascii", "replace").strip().lower(), plain)
