"""MAPI properties as they lie in a winmail.dat (MS-OXTNEF 2.1.3.4)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from supportapp.mailbox.reading import charsets

_FIXED = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_VARIABLE = {0x0D, 0x1E, 0x1F, 0x102}
_UNICODE = 0x1F
_PROPERTIES = 2_000
_VALUES = 1_000
_OBJECT_ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class Value:
    kind: int
    data: bytes


def text_of(value: Value | None, charset: str) -> str:
    """The letters of a string property, or nothing."""
    if value is None:
        return ""
    if value.kind == _UNICODE:
        return value.data.decode("utf-16-le", "replace").rstrip("\x00")
    return charsets.decode(value.data.rstrip(b"\x00"), charset)[0]


def read_properties(data: bytes) -> dict[int, Value]:
    """Properties by their number, the first value of each, as far as the bytes make sense. Never raises."""
    found: dict[int, Value] = {}
    try:
        (count,) = struct.unpack_from("<I", data)
        position = 4
        for _ in range(min(count, _PROPERTIES)):
            number, value, position = _property(data, position)
            found.setdefault(number, value)
    except (struct.error, IndexError):
        pass
    return found


def _property(data: bytes, position: int) -> tuple[int, Value, int]:
    kind, number = struct.unpack_from("<HH", data, position)
    position += 4
    if number >= 0x8000:
        position = _past_name(data, position)
    is_many, kind = bool(kind & 0x1000), kind & 0x0FFF
    count = 1
    if kind in _VARIABLE or is_many:
        (count,) = struct.unpack_from("<I", data, position)
        position += 4
    first = Value(kind, b"")
    if count > _VALUES:
        raise IndexError
    for index in range(count):
        value, position = _value(data, position, kind)
        first = first if index else value
    return number, first, position


def _past_name(data: bytes, position: int) -> int:
    (kind,) = struct.unpack_from("<I", data, position + 16)
    if kind == 0:
        return position + 24
    (length,) = struct.unpack_from("<I", data, position + 20)
    return position + 24 + int(length) + -int(length) % 4


def _value(data: bytes, position: int, kind: int) -> tuple[Value, int]:
    if kind not in _VARIABLE:
        size = _FIXED[kind] if kind in _FIXED else _unknown()
        return Value(kind, data[position : position + size]), position + max(4, size)
    (size,) = struct.unpack_from("<I", data, position)
    position += 4
    if position + size > len(data):
        raise IndexError
    start = position + (_OBJECT_ID_BYTES if kind == 0x0D else 0)
    return Value(kind, data[start : position + size]), position + size + -size % 4


def _unknown() -> int:
    raise IndexError
