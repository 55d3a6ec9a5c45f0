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
_UNPACKED_BYTES = 30 * 1024 * 1024


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
        return _unwrap(der.Reader(data))
    except (der.NotDer, zlib.error, ValueError, IndexError):
        return None, b""


def _unwrap(reader: der.Reader) -> tuple[Wrapping | None, bytes]:
    kind, *content = reader.inside(reader.element(0, len(reader.data)))
    wrapping = _KINDS.get(reader.bytes_of(kind))
    if wrapping in (None, Wrapping.ENCRYPTED) or not content:
        return wrapping, b""
    found = _encapsulated(reader, reader.element(content[0].start, content[0].end))
    return wrapping, _inflated(found) if wrapping is Wrapping.COMPRESSED else found


def _encapsulated(reader: der.Reader, inner: der.Element) -> bytes:
    """SignedData and CompressedData both hold: version, algorithms, EncapsulatedContentInfo."""
    info = list(reader.inside(inner))[2]
    _, *content = reader.inside(info)
    return reader.octets(reader.element(content[0].start, content[0].end)) if content else b""


def _inflated(data: bytes) -> bytes:
    return zlib.decompressobj().decompress(data, _UNPACKED_BYTES)
