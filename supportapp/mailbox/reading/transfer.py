"""Content-Transfer-Encodings, taken leniently: what can be decoded is, and nothing raises."""

from __future__ import annotations

import binascii
import re

_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_PADDED_BLOCK = re.compile(rb"(?<!=)=++(?=[A-Za-z0-9+/])")


def decode_transfer(data: bytes, encoding: str) -> bytes:
    """``data`` as it was before it was encoded for the way; unknown encodings leave it as it is."""
    if encoding == "base64":
        return from_base64(data)
    if encoding in ("quoted-printable", "quotedprintable", "qp"):
        return binascii.a2b_qp(data)
    return data


def from_base64(data: bytes) -> bytes:
    """Blocks that were padded one by one are joined; a last letter that means nothing is dropped."""
    data = data.translate(None, b" \t\r\n")
    try:
        return binascii.a2b_base64(data, strict_mode=True)
    except binascii.Error:
        return b"".join(_block(block) for block in _PADDED_BLOCK.split(data))


def _block(data: bytes) -> bytes:
    letters = _NOT_BASE64.sub(b"", data)
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
