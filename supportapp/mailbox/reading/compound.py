"""Compound files (MS-CFB), a file system in a file: what Outlook saves a mail in.

A chain is no longer than the file, and where the bytes make no sense it ends.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Where the entries, the small table and more of the table begin; the table.
_HEADER = struct.Struct("<48xI8xI4xI4x109I")
_ENTRY = struct.Struct("<64sHBx3I36xII4x")
_SMALL_SECTOR, _SMALL = 64, 4096
_STORAGE, _STREAM = 1, 2
_MOST_ENTRIES, _MOST_IN_ONE = 20_000, 1_000


@dataclass(frozen=True)
class Entry:
    """A storage or a stream of the tree, with the numbers of its two siblings and its first child."""

    name: str
    kind: int
    left: int
    right: int
    child: int
    start: int
    size: int

    @property
    def is_storage(self) -> bool:
        return self.kind == _STORAGE


class Compound:
    """What is in a compound file, as far as it can be read; nothing in any other."""

    def __init__(self, raw: bytes) -> None:
        self.entries: list[Entry] = []
        if not raw.startswith(SIGNATURE) or len(raw) < _HEADER.size:
            return
        self._raw, self._sector = raw, 4096 if raw[30] == 12 else 512
        directory, small_table, more, *first = _HEADER.unpack_from(raw)
        self._table = self._read_table(first, more)
        self.entries = [_entry(piece) for piece in _pieces(self._chain(directory), _ENTRY.size)]
        self._small_table = _numbers(self._chain(small_table))
        self._small = self._chain(self.entries[0].start) if self.entries else b""

    def data(self, entry: Entry) -> bytes:
        """The content of a stream."""
        if entry.size >= _SMALL:
            return self._chain(entry.start, entry.size)[: entry.size]
        pieces = [self._small[place : place + _SMALL_SECTOR] for place in self._small_places(entry)]
        return b"".join(pieces)[: entry.size]

    def streams_in(self, storage: Entry) -> dict[str, Entry]:
        """The streams of a storage by their names."""
        found, waiting, seen = dict[str, Entry](), [storage.child], set[int]()
        while waiting and len(seen) < _MOST_IN_ONE:
            number = waiting.pop()
            if number in seen or number >= len(self.entries):
                continue
            seen.add(number)
            entry = self.entries[number]
            waiting += [entry.left, entry.right]
            if entry.kind == _STREAM:
                found[entry.name] = entry
        return found

    def _read_table(self, first: list[int], more: int) -> Sequence[int]:
        """Which sector follows which; a number beyond the file ends a chain. The header says where
        the table itself lies, and of a large file a list of sectors."""
        sectors, most = list(first), len(self._raw) // self._sector - 1  # the header is none
        while more < most and len(sectors) <= most:
            *named, more = _numbers(self._at(more))
            sectors += named
        named_once = list(dict.fromkeys(number for number in sectors if number < most))
        return _numbers(b"".join(self._at(number) for number in named_once))

    def _chain(self, start: int, size: int | None = None) -> bytes:
        most = len(self._raw) if size is None else size
        return b"".join(self._at(number) for number in _follow(start, self._table, -(-most // self._sector)))

    def _small_places(self, entry: Entry) -> Iterator[int]:
        most = -(-entry.size // _SMALL_SECTOR)
        return (number * _SMALL_SECTOR for number in _follow(entry.start, self._small_table, most))

    def _at(self, number: int) -> bytes:
        return self._raw[(number + 1) * self._sector : (number + 2) * self._sector]


def _follow(start: int, table: Sequence[int], most: int) -> Iterator[int]:
    number = start
    for _ in range(most):
        if number >= len(table):
            return
        yield number
        number = table[number]


def _entry(piece: bytes) -> Entry:
    name, length, *numbers = _ENTRY.unpack(piece)
    return Entry(name[: max(0, length - 2)].decode("utf-16-le", "replace"), *numbers)


def _pieces(raw: bytes, size: int) -> Iterator[bytes]:
    return (raw[place : place + size] for place in range(0, min(len(raw), _MOST_ENTRIES * size) - size + 1, size))


def _numbers(raw: bytes) -> Sequence[int]:
    numbers = array("I", raw[: len(raw) // 4 * 4])
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
