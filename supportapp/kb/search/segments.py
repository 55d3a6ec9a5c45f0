"""Segments: what one commit wrote. A segment's file never changes, so it is read into memory once and checked there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from whoosh import fields, formats
from whoosh.filedb.compound import CompoundStorage
from whoosh.filedb.structfile import BufferFile, StructFile
from whoosh.reading import TermNotFound

from supportapp.kb.search.postings import Postings, read

FIELDS = ("title", "phrases", "body", "grams")
PLAIN = ("title", "phrases", "body")  # the fields whose keys are words that a person could have typed


class DamagedError(Exception):
    """The file is not what was written."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a document without looking into its text."""

    id: int
    stamp: str
    language: str
    products: tuple[int, ...]


class Segment:
    """One segment, whole in memory: whatever becomes of its file, it answers. Shared by threads; never changes."""

    def __init__(self, folder: Path, segment: Any) -> None:
        self.name: str = segment.segment_id()
        self.path: Path = folder / segment.make_filename(segment.COMPOUND_EXT)
        data = self.path.read_bytes()
        if crc32(data) != segment.checksum:
            raise DamagedError(str(self.path))
        self.bytes = len(data)
        files = _Files(data)
        self._terms = segment.codec().terms_reader(files, segment)
        self.facts, self.lengths = _facts(segment, files)
        self._vocabulary: dict[str, int] | None = None

    def is_intact(self) -> bool:
        """Whether the file still looks as it did."""
        try:
            return self.path.stat().st_size == self.bytes
        except OSError:
            return False

    def postings(self, field: str, key: str) -> Postings | None:
        """The list of a key, numbered within the segment; None when it stands nowhere."""
        entry = self._entry(field, key)
        return None if entry is None else read(self._terms._postfile, entry)

    def frequency(self, field: str, key: str) -> int:
        """In how many documents the key stands, taken-out ones included."""
        entry = self._entry(field, key)
        return 0 if entry is None else int(entry.doc_frequency())

    def vocabulary(self) -> dict[str, int]:
        """Every plain key with its largest frequency of any field. Read once; half a second for 10,000 articles."""
        if self._vocabulary is None:
            known: dict[str, int] = {}
            for key, frequency in self._plain_entries():
                if frequency > known.get(key, 0):
                    known[key] = frequency
            self._vocabulary = known
        return self._vocabulary

    def _plain_entries(self) -> Iterator[tuple[str, int]]:
        for field in PLAIN:
            for (found, key), entry in self._terms.items_from(field, b""):
                if found != field:
                    break
                yield key.decode(), entry.doc_frequency()

    def _entry(self, field: str, key: str) -> Any:
        try:
            return self._terms.term_info(field, key.encode())
        except TermNotFound:
            return None


class _Files(CompoundStorage):  # type: ignore[misc]
    """The files of a segment, cut from its bytes: several threads may read one, which Whoosh's own do not allow."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        super().__init__(StructFile(BytesIO(data)), use_mmap=False)

    def open_file(self, name: str, *args: Any, **kwargs: Any) -> BufferFile:
        offset, length = self.range(name)
        return BufferFile(self._data[offset : offset + length], name=name)


class Keys(fields.FieldType):  # type: ignore[misc]
    """A field whose value is a sequence of keys. Pickled into the index by name."""

    def __init__(self) -> None:
        super().__init__(formats.Existence(), None)

    def index(self, value: Any, **_: Any) -> list[tuple[bytes, int, float, bytes]]:
        """Each key once, with its count as weight."""
        counted: dict[str, int] = {}
        for key in value:
            counted[key] = counted.get(key, 0) + 1
        return [(key.encode(), count, float(count), b"") for key, count in counted.items()]


def schema() -> fields.Schema:
    """The fields of an index."""
    return fields.Schema(id=fields.ID(unique=True), facts=fields.STORED(), **{field: Keys() for field in FIELDS})


def to_stored(facts: Facts, length: Callable[[str], int]) -> list[Any]:
    """What is stored of a document, lengths of the fields included."""
    return [facts.id, facts.stamp, facts.language, list(facts.products), [length(field) for field in FIELDS]]


def _facts(segment: Any, files: _Files) -> tuple[list[Facts], dict[str, NDArray[np.float32]]]:
    reader = segment.codec().per_document_reader(files, segment)
    stored = [reader.stored_fields(number)["facts"] for number in range(segment.doc_count_all())]
    facts = [Facts(number, stamp, language, tuple(products)) for number, stamp, language, products, _ in stored]
    lengths = np.array([each[4] for each in stored], np.float32).reshape(len(stored), len(FIELDS))
    return facts, {field: lengths[:, place].copy() for place, field in enumerate(FIELDS)}
