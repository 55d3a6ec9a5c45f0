"""A mail as Outlook saves it, written by hand: a compound file (MS-CFB) with storages for its files."""

from __future__ import annotations

import struct

Tree = dict[str, "bytes | Tree"]
TABLES = 8  # sectors that say which follows which: enough for 1024 of them
FREE, END, TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def file(name: str, data: bytes) -> Tree:
    return {"__substg1.0_3707001F": name.encode("utf-16-le"), "__substg1.0_37010102": data}


def saved_by_outlook(*files: Tree) -> bytes:
    return Writer().write(tree_of(*files))


def tree_of(*files: Tree) -> Tree:
    return {
        "__properties_version1.0": bytes(32),
        **{f"__attach_version1.0_#{n:08X}": one for n, one in enumerate(files)},
    }


class Writer:
    """Sectors of 512 bytes; streams shorter than 4096 bytes lie in small sectors of 64."""

    def __init__(self) -> None:
        self.sectors, self.table = [b""] * TABLES, [TABLE] * TABLES
        self.small, self.small_table = b"", list[int]()
        self.entries = list[bytes]()

    def write(self, tree: Tree) -> bytes:
        self._storage("Root Entry", tree, kind=5)
        small, table = self._chain(self.small), self._chain(numbers(self.small_table))
        self.entries[0] = self.entries[0][:116] + struct.pack("<IQ", small, len(self.small))
        directory = self._chain(b"".join(self.entries))
        written = numbers(self.table).ljust(TABLES * 512, b"\xff")
        self.sectors[:TABLES] = [written[place * 512 : place * 512 + 512] for place in range(TABLES)]
        head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<5H6x", 62, 3, 0xFFFE, 9, 6)
        head += struct.pack("<3I4x2I", 0, TABLES, directory, 4096, table) + struct.pack("<3I", 1, END, 0)
        return head + numbers(list(range(TABLES))).ljust(436, b"\xff") + b"".join(self.sectors)

    def _storage(self, name: str, tree: Tree, kind: int = 1) -> int:
        number = len(self.entries)
        self.entries.append(b"")
        sibling = FREE
        for child, content in reversed(tree.items()):
            own = len(self.entries)
            if isinstance(content, bytes):
                self.entries.append(entry(child, 2, sibling, FREE, self._stream(content), len(content)))
            else:
                self._storage(child, content)
                self.entries[own] = self.entries[own][:72] + struct.pack("<I", sibling) + self.entries[own][76:]
            sibling = own
        self.entries[number] = entry(name, kind, FREE, sibling, 0, 0)
        return number

    def _stream(self, data: bytes) -> int:
        if len(data) >= 4096:
            return self._chain(data)
        start, count = len(self.small_table), -(-len(data) // 64)
        self.small += data.ljust(count * 64, b"\0")
        self.small_table += [*range(start + 1, start + count), END]
        return start

    def _chain(self, data: bytes) -> int:
        start, count = len(self.sectors), max(1, -(-len(data) // 512))
        self.sectors += [data[place * 512 : place * 512 + 512].ljust(512, b"\0") for place in range(count)]
        self.table += [*range(start + 1, start + count), END]
        return start


def entry(name: str, kind: int, right: int, child: int, start: int, size: int) -> bytes:
    written = name.encode("utf-16-le") + b"\0\0"
    return struct.pack("<64sHBx3I36xIQ", written, len(written), kind, FREE, right, child, start, size)


def numbers(values: list[int]) -> bytes:
    return struct.pack(f"<{len(values)}I", *values)
