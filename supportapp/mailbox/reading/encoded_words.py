"""Words of people in headers (RFC 2047), as programs really write them: cut within a letter, mislabelled."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass

from supportapp.mailbox.reading import charsets
from supportapp.mailbox.reading.transfer import from_base64

_WORD = re.compile(rb"=\?([^?\s]{1,60})\?([BbQq])\?([^?]*+)(?:\?=|\??\Z)")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u2028-\u202e\u2066-\u2069]")
_SPACE = re.compile(r"\s+")


@dataclass
class _Run:
    """Neighbouring words of one charset and encoding: their bytes belong together."""

    charset: str
    kind: str
    payloads: list[bytes]

    def text(self) -> str:
        return charsets.decode(self._data(), self.charset)[0]

    def _data(self) -> bytes:
        if self.kind == "q":
            return b"".join(binascii.a2b_qp(payload.replace(b" ", b"_"), header=True) for payload in self.payloads)
        data, waiting = b"", b""
        for payload in self.payloads:  # a quantum of base64 can be cut, too
            waiting += re.sub(rb"\s", b"", payload)
            if len(waiting) % 4 == 0 or waiting.endswith(b"="):
                data, waiting = data + from_base64(waiting), b""
        return data + from_base64(waiting)


def decode_words(value: bytes) -> str:
    """A header's value in letters, on one line, without control characters. Raw 8-bit bytes are guessed."""
    pieces: list[str | _Run] = []
    position = 0
    for match in _WORD.finditer(value):
        between = value[position : match.start()]
        if between.strip() or not pieces:
            pieces.append(charsets.guess(between))
        _add_word(pieces, match)
        position = match.end()
    pieces.append(charsets.guess(value[position:]))
    return tidy("".join(piece if isinstance(piece, str) else piece.text() for piece in pieces))


def tidy(text: str) -> str:
    """One line without control characters and marks that turn the reading direction."""
    return _SPACE.sub(" ", _CONTROL.sub("", text)).strip()


def _add_word(pieces: list[str | _Run], match: re.Match[bytes]) -> None:
    charset, kind = match[1].decode("ascii", "replace").partition("*")[0], match[2].decode().lower()
    last = pieces[-1]
    if isinstance(last, _Run) and (last.charset.lower(), last.kind) == (charset.lower(), kind):
        last.payloads.append(match[3])
    else:
        pieces.append(_Run(charset, kind, [match[3]]))
