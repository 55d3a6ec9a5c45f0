"""The index of a folder, as it is asked: an unchanging view in memory. Whoosh keeps it; ``writing`` changes it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supportapp.kb.search.folder import BrokenIndexError, contents, generation
from supportapp.kb.search.postings import Kept, Postings, frozen
from supportapp.kb.search.segments import FIELDS, PLAIN, Facts, Segment
from supportapp.kb.search.writing import Document, Writer, writing

__all__ = ["FIELDS", "BrokenIndexError", "Document", "Facts", "Postings", "Reader", "Writer", "unread", "writing"]

KEPT_BYTES = 64 * 2**20
RETRIES, PAUSE = 5, 0.02


class Reader:
    """The index as it was when opened. Never changes and is held in memory, so threads share it.

    Documents are numbered 0..doc_limit-1; those taken out appear in no postings. Given the reader of an earlier state
    of the folder, it reads only what is new since.
    """

    def __init__(self, folder: Path, before: Reader | None = None) -> None:
        self.folder = folder
        toc, self.segments = _read(folder, before)
        self.generation: int = toc.generation
        sizes = [len(segment.facts) for segment in self.segments]
        self._bases = [0, *np.cumsum(sizes, dtype=int).tolist()]
        self.doc_limit: int = self._bases[-1]
        self._gone = [_gone(each, size) for each, size in zip(toc.segments, sizes, strict=True)]
        self._live = np.ones(self.doc_limit, bool)
        for base, gone in zip(self._bases, self._gone, strict=False):
            if gone is not None:
                self._live[base : base + len(gone)] &= ~gone
        self.size = int(self._live.sum())
        self._facts = [facts for segment in self.segments for facts in segment.facts]
        self._lengths = {field: self._joined_lengths(field) for field in FIELDS}
        self._kept = Kept(KEPT_BYTES)
        self._vocabulary: dict[str, int] | None = None
        self._collecting = Lock()

    @property
    def is_worn(self) -> bool:
        """Whether documents that were taken out are so many that a new index would be much smaller."""
        return self.doc_limit - self.size > self.size // 2 + 100

    def is_current(self) -> bool:
        """Whether nothing was written since it was opened, and nothing was damaged as far as can be seen cheaply."""
        return generation(self.folder) == self.generation and all(segment.is_intact() for segment in self.segments)

    def postings(self, field: str, key: str) -> Postings | None:
        """Where the key stands in the field; None when nowhere."""
        known, postings = self._kept.find((field, key))
        if not known:
            postings = self._collected(field, key)
            self._kept.keep((field, key), postings)
        return postings

    def lengths(self, field: str) -> NDArray[np.float32]:
        """How many keys the field has, by document number; nought for documents taken out."""
        return self._lengths[field]

    def facts(self, doc: int) -> Facts:
        """What is known of the document with this number."""
        return self._facts[doc]

    def frequency(self, key: str) -> int:
        """In how many documents the key stands (at most: the largest number of any plain field)."""
        lists = (self.postings(field, key) for field in PLAIN)
        return max((len(postings.docs) for postings in lists if postings), default=0)

    def vocabulary(self) -> Mapping[str, int]:
        """Every key of the plain fields with its frequency, documents taken out included. Shared: not to be changed."""
        with self._collecting:
            if self._vocabulary is None:
                self._vocabulary = self._collected_vocabulary()
            return self._vocabulary

    def stamps(self) -> dict[int, str]:
        """What the index holds: the stamp of every article by its id."""
        return {facts.id: facts.stamp for facts, live in zip(self._facts, self._live.tolist(), strict=True) if live}

    def _collected(self, field: str, key: str) -> Postings | None:
        parts = []
        for segment, base, gone in zip(self.segments, self._bases, self._gone, strict=False):
            part = segment.postings(field, key)
            if part is not None and gone is not None:
                left = ~gone[part.docs]
                part = Postings(part.docs[left], part.counts[left])
            if part is not None and len(part.docs):
                parts.append(Postings(part.docs + np.int32(base), part.counts) if base else part)
        if len(parts) == 1:
            return frozen(parts[0].docs, parts[0].counts)
        docs, counts = [part.docs for part in parts], [part.counts for part in parts]
        return frozen(np.concatenate(docs), np.concatenate(counts)) if parts else None

    def _collected_vocabulary(self) -> dict[str, int]:
        known: dict[str, int] = {}
        for segment in self.segments:
            for key, frequency in segment.vocabulary().items():
                known[key] = known.get(key, 0) + frequency
        return known

    def _joined_lengths(self, field: str) -> NDArray[np.float32]:
        lengths = [segment.lengths[field] for segment in self.segments]
        joined = np.concatenate(lengths) * self._live if lengths else np.zeros(0, np.float32)
        joined.flags.writeable = False
        return joined.astype(np.float32, copy=False)


def unread(folder: Path, before: Reader) -> int:
    """How many documents a reader of ``folder`` would have to read that ``before`` has not."""
    held = before.segments if before.folder == folder else []
    known = {segment.name for segment in held}
    return sum(each.doc_count_all() for each in contents(folder).segments if each.segment_id() not in known)


def _read(folder: Path, before: Reader | None) -> tuple[Any, list[Segment]]:
    """The table of contents and its segments, those that ``before`` holds not read again."""
    held = {segment.name: segment for segment in before.segments} if before and before.folder == folder else {}
    for _ in range(RETRIES):
        try:
            toc = contents(folder)
            return toc, [_segment(folder, each, held) for each in toc.segments]
        except Exception as error:
            if folder.is_dir() and isinstance(error.__cause__ or error, FileNotFoundError):
                time.sleep(PAUSE)  # a commit has just replaced the file
                continue
            raise BrokenIndexError(str(folder)) from error
    raise BrokenIndexError(f"{folder} lacks a file")


def _segment(folder: Path, segment: Any, held: Mapping[str, Segment]) -> Segment:
    known = held.get(segment.segment_id())
    return known if known and known.is_intact() else Segment(folder, segment)


def _gone(segment: Any, size: int) -> NDArray[np.bool_] | None:
    """Which documents of the segment were taken out."""
    numbers = list(segment.deleted_docs())
    if not numbers:
        return None
    gone = np.zeros(size, bool)
    gone[numbers] = True
    return gone
