"""Secrets in files: containers and keystores by name and content, texts by what stands in them. Pure rules.

Nothing is unpacked; of an archive the list of names at its end is read, and of everything only so much.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from supportapp.guard.findings import FileFinding, Secret
from supportapp.guard.texts import found_in_text

HEAD_BYTES = 8192
LARGEST_TEXT = 2 * 1024 * 1024
LARGEST_DIRECTORY = 2 * 1024 * 1024
MOST_NAMES = 20_000

CRYPTOPRO_NAMES = frozenset({"header.key", "masks.key", "masks2.key", "primary.key", "primary2.key"})
CONTAINER_ENDS = (".pfx", ".p12", ".jks", ".jceks", ".bks", ".keystore", ".ppk")
OPENSSH_NAMES = frozenset({"id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"})
TEXT_ENDS = (
    ".txt",
    ".log",
    ".pem",
    ".key",
    ".csv",
    ".md",
    ".ini",
    ".conf",
    ".cfg",
    ".json",
    ".yml",
    ".yaml",
    ".xml",
    ".env",
)

_LENGTH = rb"(?:[\x00-\x80]|\x81.|\x82..|\x83...|\x84....)"
_PKCS12 = re.compile(
    rb"0" + _LENGTH + rb"\x02\x01\x030" + _LENGTH + rb"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01", re.S
)
_DER_KEYS = re.compile(
    rb"0" + _LENGTH + rb"(?:\x02\x01\x000" + _LENGTH + rb"\x06.{1,20}"  # PKCS 8
    rb"|\x02\x01\x00\x02(?:\x81.|\x82..)\x00|\x02\x01\x01\x04[\x14-\x42])",  # RSA, EC
    re.S,
)
_STORES = (b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce")
_PRIVATE_NAME = re.compile(r"priv|secret|server|client|ssl|tls|закрыт|секрет", re.I)
_PUBLIC_NAME = re.compile(r"pub(?:lic)?(?:[._-]|\Z)|открыт", re.I)


def found_in_file(name: str, stream: BinaryIO) -> list[FileFinding]:
    """The secrets that the file holds, each kind once. ``stream`` can be sought; it is left anywhere."""
    stream.seek(0)
    head = stream.read(HEAD_BYTES)
    found = [*_by_name(name), *_by_content(head)]
    if head.startswith(b"PK"):
        found += _in_archive(stream)
    elif not found and _may_be_text(name, head):
        found += _in_text(stream)
    return list({one.kind: one for one in reversed(found)}.values())[::-1]


def is_container_name(path: str) -> bool:
    """Whether a file of that name, in an archive or alone, is made to hold a private key."""
    name = path.replace("\\", "/").rsplit("/", 1)[-1].lower()
    if name in CRYPTOPRO_NAMES or name in OPENSSH_NAMES or name.endswith(CONTAINER_ENDS):
        return True
    stem, dot, end = name.rpartition(".")
    return bool(dot) and end == "key" and bool(_PRIVATE_NAME.search(stem)) and not _PUBLIC_NAME.search(stem)


def _by_name(name: str) -> Iterator[FileFinding]:
    """A single .key file is judged by its content, but for the parts of a CryptoPro container."""
    if name.lower() in CRYPTOPRO_NAMES or (is_container_name(name) and not name.lower().endswith(".key")):
        yield FileFinding(Secret.KEY_CONTAINER)


def _by_content(head: bytes) -> Iterator[FileFinding]:
    if _PKCS12.match(head) or head.startswith(_STORES):
        yield FileFinding(Secret.KEY_CONTAINER)
    elif _DER_KEYS.match(head):
        yield FileFinding(Secret.PRIVATE_KEY)


def _in_archive(stream: BinaryIO) -> Iterator[FileFinding]:
    for path in _names(stream):
        if is_container_name(path):
            yield FileFinding(Secret.KEY_CONTAINER, path[-120:])
            return


def _names(stream: BinaryIO) -> Iterator[str]:
    """The names in the central directory of a ZIP: the records at the end of the file, however many parts it has."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - LARGEST_DIRECTORY))
    tail, place = stream.read(LARGEST_DIRECTORY), 0
    for _count in range(MOST_NAMES):
        place = tail.find(b"PK\x01\x02", place)
        if place < 0 or place + 46 > len(tail):
            return
        length = int.from_bytes(tail[place + 28 : place + 30], "little")
        raw = tail[place + 46 : place + 46 + length]
        utf8 = tail[place + 9] & 0x08
        yield raw.decode("utf-8" if utf8 else "cp866", "replace")
        place += 46


def _may_be_text(name: str, head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return b"\0" not in head or name.lower().endswith(TEXT_ENDS)


def _in_text(stream: BinaryIO) -> Iterator[FileFinding]:
    stream.seek(0)
    for one in found_in_text(_decoded(stream.read(LARGEST_TEXT))):
        yield FileFinding(one.kind, one.shown)


def _decoded(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1251", "replace")
