"""Posting lists as arrays, and how Whoosh writes and reads them so: a list is two arrays, one after the other.

Whoosh's own lists are blocks of compressed pickles, made to be walked number by number; scores are reckoned on arrays.
"""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.whoosh3 import W3Codec, W3PostingsWriter, W3Segment
from whoosh.matching import ListMatcher

_DOC, _COUNT = np.dtype("<i4"), np.dtype("<u2")
_POSTING = _DOC.itemsize + _COUNT.itemsize
_NO_LIMIT = 2**31


@dataclass(frozen=True, slots=True, eq=False)
class Postings:
    """In which documents a key stands, in order, and how often in each. The arrays are shared and read-only."""

    docs: NDArray[np.int32]
    counts: NDArray[np.float32]

    @property
    def nbytes(self) -> int:
        """What they take in memory."""
        return self.docs.nbytes + self.counts.nbytes


def frozen(docs: NDArray[Any], counts: NDArray[Any]) -> Postings:
    """Postings that nobody can change any more."""
    made = Postings(docs.astype(np.int32, copy=False), counts.astype(np.float32, copy=False))
    made.docs.flags.writeable = made.counts.flags.writeable = False
    return made


class Kept:
    """The posting lists asked for last, as long as they fit in ``limit`` bytes; also what is known to be absent."""

    ENTRY = 200  # bytes of the key and its place, roughly

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = Lock()
        self._lists: OrderedDict[tuple[str, str], Postings | None] = OrderedDict()
        self._bytes = 0

    def find(self, name: tuple[str, str]) -> tuple[bool, Postings | None]:
        """Whether the list is kept, and the list."""
        with self._lock:
            if name not in self._lists:
                return False, None
            self._lists.move_to_end(name)
            return True, self._lists[name]

    def keep(self, name: tuple[str, str], postings: Postings | None) -> None:
        """Keep the list, and let go of those that nobody has asked for the longest."""
        with self._lock:
            if name in self._lists:
                return
            self._lists[name] = postings
            self._bytes += self._size(postings)
            while self._bytes > self._limit:
                _, oldest = self._lists.popitem(last=False)
                self._bytes -= self._size(oldest)

    def _size(self, postings: Postings | None) -> int:
        return self.ENTRY + (postings.nbytes if postings else 0)


class Codec(W3Codec):  # type: ignore[misc]
    """Whoosh's file format, with arrays for posting lists. Pickled into the index by name."""

    length_stats = False  # field lengths are stored facts

    def postings_writer(self, dbfile: Any, byteids: bool = False) -> W3PostingsWriter:
        """Writes the lists of one field."""
        return _Writer(dbfile, _NO_LIMIT, byteids=byteids, inlinelimit=0)

    def postings_reader(
        self, dbfile: Any, terminfo: Any, format_: Any, term: Any = None, scorer: Any = None
    ) -> ListMatcher:
        """One list, as Whoosh walks it when it merges or deletes."""
        postings = read(dbfile, terminfo)
        ids, counts = postings.docs.tolist(), postings.counts.tolist()
        return ListMatcher(ids, counts, [b""] * len(ids), format_, scorer=scorer, term=term, terminfo=terminfo)

    def new_segment(self, storage: Any, indexname: str) -> W3Segment:
        """A segment that will know the checksum of its file."""
        return _Segment(self, indexname)


class Pool:
    """What a transaction gathers before it is written, in place of Whoosh's, which sorts it in files on disk.

    Documents come in the order of their numbers, so every list is in order from the start.
    """

    def __init__(self) -> None:
        self._lists: dict[tuple[str, bytes], tuple[array[int], array[float]]] = {}

    def add(self, item: tuple[str, bytes, int, float, bytes]) -> None:
        """Note one posting: field, key, document, count, and a payload that we do not use."""
        field, key, doc, count, _ = item
        docs, counts = self._lists.setdefault((field, key), (array("I"), array("f")))
        docs.append(doc)
        counts.append(count)

    def iter_postings(self) -> Iterator[tuple[str, bytes, int, float, bytes]]:
        """All of them, by field, key and document."""
        for field, key in sorted(self._lists):
            for doc, count in zip(*self._lists.pop((field, key)), strict=True):
                yield field, key, doc, count, b""

    def cleanup(self) -> None:
        """Forget everything."""
        self._lists.clear()


def read(dbfile: Any, terminfo: Any) -> Postings:
    """The list that the term's entry points to."""
    offset, number = terminfo.extent()[0], terminfo.doc_frequency()
    stored = dbfile.get(offset, number * _POSTING)
    docs = np.frombuffer(stored, _DOC, number)
    return frozen(docs, np.frombuffer(stored, _COUNT, number, number * _DOC.itemsize))


class _Writer(W3PostingsWriter):  # type: ignore[misc]
    def _write_block(self, last: bool = False) -> None:
        """Called once a list, for no list reaches the limit of a block."""
        self._terminfo.add_block(self)
        self._postfile.write(np.asarray(self._ids, _DOC).tobytes())
        self._postfile.write(np.minimum(self._weights, np.iinfo(_COUNT).max).astype(_COUNT).tobytes())
        self._blockcount += 1
        self._new_block()


class _Segment(W3Segment):  # type: ignore[misc]
    checksum: int

    def create_compound_file(self, storage: Any) -> None:
        super().create_compound_file(storage)
        with storage.open_file(self.make_filename(self.COMPOUND_EXT)) as file:
            self.checksum = crc32(file.read())
