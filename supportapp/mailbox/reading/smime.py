"""S/MIME (RFC 8551): what lies in a signed message is read; no signature is verified, and none is claimed to be.

Certificates and algorithms are not looked at, so that messages signed by GOST R 34.10 are read like any other.
"""

from __future__ import annotations

import enum
import zlib

from supportapp.mailbox.reading import der

_PKCS7_TYPES = {"application/pkcs7-mime", "application/x-pkcs7-mime"}
SIGNATURE_TYPES = {
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "application/pgp-signature",
}
_UNPACKED_BYTES = 60 * 1024 * 1024


class Wrapping(enum.Enum):
    SIGNED = "signed"
    ENCRYPTED = "encrypted"
    COMPRESSED = "compressed"


_KINDS = {
    bytes.fromhex("2a864886f70d010702"): Wrapping.SIGNED,
    bytes.fromhex("2a864886f70d010703"): Wrapping.ENCRYPTED,
    bytes.fromhex("2a864886f70d010704"): Wrapping.ENCRYPTED,
    bytes.fromhex("2a864886f70d0109100117"): Wrapping.ENCRYPTED,
    bytes.fromhex("2a864886f70d0109100109"): Wrapping.COMPRESSED,
}


def is_wrapped(content_type: str) -> bool:
    return content_type in _PKCS7_TYPES


def unwrap(data: bytes) -> tuple[Wrapping | None, bytes]:
    """What kind of CMS message (RFC 5652) it is, and the content that can be read without a key; else nothing."""
    try:
        return _unwrap(data)
    except (der.NotDer, zlib.error, IndexError):
        return None, b""


def _unwrap(data: bytes) -> tuple[Wrapping | None, bytes]:
    outer = der.read_element(data, 0, len(data))
    kind, *content = der.elements(data, outer.start, outer.end)
    wrapping = _KINDS.get(data[kind.start : kind.end])
    if wrapping in (None, Wrapping.ENCRYPTED) or not content:
        return wrapping, b""
    inner = der.read_element(data, content[0].start, content[0].end)
    found = _encapsulated(data, inner)
    return wrapping, _inflated(found) if wrapping is Wrapping.COMPRESSED else found


def _encapsulated(data: bytes, inner: der.Element) -> bytes:
    """SignedData and CompressedData both hold: version, algorithms, EncapsulatedContentInfo."""
    info = list(der.elements(data, inner.start, inner.end))[2]
    _, *content = der.elements(data, info.start, info.end)
    if not content:
        return b""
    return der.octets(data, der.read_element(data, content[0].start, content[0].end))


def _inflated(data: bytes) -> bytes:
    return zlib.decompressobj().decompress(data, _UNPACKED_BYTES)
