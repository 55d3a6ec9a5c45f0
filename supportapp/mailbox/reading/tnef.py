"""winmail.dat (MS-OXTNEF): the files and, where there is no other, the text that Outlook packed in its own way."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from supportapp.mailbox.reading import charsets
from supportapp.mailbox.reading.mapi import read_properties, text_of

_SIGNATURE = b"\x78\x9f\x3e\x22"
_ATTRIBUTES = 5_000
_FILES = 200
_BODY, _CODEPAGE, _MESSAGE_PROPERTIES = 0x800C, 0x9007, 0x9003
_NEW_FILE, _FILE_TITLE, _FILE_DATA, _FILE_PROPERTIES = 0x9002, 0x8010, 0x800F, 0x9005
_LONG_NAME, _SHORT_NAME, _DATA, _MIME_TYPE = 0x3707, 0x3704, 0x3701, 0x370E
_PLAIN_BODY, _HTML_BODY, _RTF_BODY = 0x1000, 0x1013, 0x1009


@dataclass
class PackedFile:
    name: str = ""
    data: bytes = b""
    content_type: str = ""


@dataclass
class Package:
    """What was found; ``html`` and ``rtf`` (still compressed) are bytes. ``is_broken``: it ended too early."""

    text: str = ""
    html: bytes = b""
    rtf: bytes = b""
    files: list[PackedFile] = field(default_factory=list)
    is_broken: bool = False


def is_tnef(data: bytes) -> bool:
    return data.startswith(_SIGNATURE)


def read_package(data: bytes) -> Package:
    """Everything up to where the bytes make no sense any more. Never raises."""
    package, charset = Package(), "cp1251"
    try:
        for identifier, value in _attributes(data):
            if identifier == _CODEPAGE and len(value) >= 4:
                charset = f"cp{struct.unpack_from('<I', value)[0]}"
            _take(package, identifier, value, charset)
    except (struct.error, IndexError):
        package.is_broken = True
    package.files = [packed for packed in package.files if packed.data or packed.name][:_FILES]
    return package


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    position = 6
    for _ in range(_ATTRIBUTES):
        if position >= len(data):
            return
        _, identifier, _, length = struct.unpack_from("<BHHI", data, position)
        position += 9
        if position + length > len(data):
            raise IndexError
        yield identifier, data[position : position + length]
        position += length + 2


def _take(package: Package, identifier: int, value: bytes, charset: str) -> None:
    if identifier == _BODY:
        package.text = charsets.decode(value.rstrip(b"\x00"), charset)[0]
    elif identifier == _MESSAGE_PROPERTIES:
        _take_message(package, value, charset)
    elif identifier == _NEW_FILE:
        package.files.append(PackedFile())
    elif package.files and identifier == _FILE_TITLE:
        package.files[-1].name = package.files[-1].name or charsets.decode(value.rstrip(b"\x00"), charset)[0]
    elif package.files and identifier == _FILE_DATA:
        package.files[-1].data = value
    elif package.files and identifier == _FILE_PROPERTIES:
        _take_file(package.files[-1], value, charset)


def _take_message(package: Package, value: bytes, charset: str) -> None:
    found = read_properties(value)
    package.text = package.text or text_of(found.get(_PLAIN_BODY), charset)
    html = found.get(_HTML_BODY)
    package.html = html.data if html else package.html
    rtf = found.get(_RTF_BODY)
    package.rtf = rtf.data if rtf else package.rtf


def _take_file(packed: PackedFile, value: bytes, charset: str) -> None:
    found = read_properties(value)
    name = text_of(found.get(_LONG_NAME), charset) or text_of(found.get(_SHORT_NAME), charset)
    packed.name = name or packed.name
    packed.content_type = text_of(found.get(_MIME_TYPE), charset).lower()
    data = found.get(_DATA)
    if data and not packed.data:
        packed.data = data.data
