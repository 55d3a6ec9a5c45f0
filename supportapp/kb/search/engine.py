"""The index of a folder: changed in transactions by one writer at a time, read as one unchanging view.

Whoosh keeps it. Its files are pickles: a folder is read only when it is ours and nobody else can write it.
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC, FileIndex, clean_files

from supportapp.kb.search.postings import Codec, Kept, Pool, Postings, frozen
from supportapp.kb.search.segments import FIELDS, PLAIN, Facts, Segment, schema, to_stored

__all__ = ["FIELDS", "BrokenIndexError", "Document", "Facts", "Match", "Postings", "Reader", "Writer", "writing"]

log = logging.getLogger(__name__)

FORMAT = 2  # an index of another format counts as missing, and is built anew
NAME = f"articles{FORMAT}x"
WEIGHTS = {"title": 2.0, "phrases": 1.6, "body": 1.0}
KEPT_BYTES = 64 * 2**20
RETRIES, PAUSE = 5, 0.02


class BrokenIndexError(Exception):
    """There is no index in the folder, it is damaged, or it is not safe to read."""


@dataclass(frozen=True)
class Document:
    """An article as the index knows it; the texts are keys in order."""

    id: int
    stamp: str
    language: str
    products: tuple[int, ...]
    title: Sequence[str]
    phrases: Sequence[str]
    body: Sequence[str]
    grams: Sequence[str] = ()


@dataclass(frozen=True)
class Match:
    """A found article and how well it fits."""

    id: int
    score: float
    language: str
    products: tuple[int, ...]


class Writer:
    """An open transaction on an index: nothing is seen before the ``writing`` block ends."""

    def __init__(self, whoosh_writer: Any, *, new: bool) -> None:
        self._writer = whoosh_writer
        self._new = new

    def put(self, document: Document) -> None:
        """Add the document, in place of an older one with the same id. A new index must not be given one twice."""
        if not self._new:
            self.remove(document.id)
        texts = {field: getattr(document, field) for field in FIELDS}
        facts = Facts(document.id, document.stamp, document.language, document.products)
        self._writer.add_document(id=str(document.id), facts=to_stored(facts, lambda field: len(texts[field])), **texts)

    def remove(self, document_id: int) -> None:
        """Take the document out, if it is there."""
        self._writer.delete_by_term("id", str(document_id))


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
        self._averages = {field: float(self._lengths[field].sum()) / max(self.size, 1) for field in FIELDS}
        self._kept = Kept(KEPT_BYTES)
        self._vocabulary: dict[str, int] | None = None

    @property
    def is_worn(self) -> bool:
        """Whether documents that were taken out are so many that a new index would be much smaller."""
        return self.doc_limit - self.size > self.size // 2 + 100

    def is_current(self) -> bool:
        """Whether nothing was written since it was opened, and nothing was damaged as far as can be seen cheaply."""
        written: int = TOC._latest_generation(_storage(self.folder), NAME)
        return written == self.generation and all(segment.is_intact() for segment in self.segments)

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

    def average_length(self, field: str) -> float:
        """The mean of ``lengths`` over the documents that are there."""
        return self._averages[field]

    def facts(self, doc: int) -> Facts:
        """What is known of the document with this number."""
        return self._facts[doc]

    def frequency(self, key: str) -> int:
        """In how many documents the key stands (at most: the largest number of any plain field)."""
        lists = (self.postings(field, key) for field in PLAIN)
        return max((len(postings.docs) for postings in lists if postings), default=0)

    def vocabulary(self) -> Mapping[str, int]:
        """Every key of the plain fields with its frequency, documents taken out included. Shared: not to be changed."""
        if self._vocabulary is None:
            known: dict[str, int] = {}
            for number, segment in enumerate(sorted(self.segments, key=lambda segment: -len(segment.facts))):
                if number == 0:
                    known = dict(segment.vocabulary()) if len(self.segments) > 1 else segment.vocabulary()
                    continue
                for key, frequency in segment.vocabulary().items():
                    known[key] = known.get(key, 0) + frequency
            self._vocabulary = known
        return self._vocabulary

    def completions(self, beginning: str, limit: int) -> list[str]:
        """Keys of titles and phrases that begin so; the search is cut at ``limit`` a field."""
        found: dict[str, None] = {}
        for field in ("title", "phrases"):
            keys = merge(*(segment.beginning(field, beginning) for segment in self.segments))
            found.update(dict.fromkeys(islice(dict.fromkeys(islice(keys, 4 * limit)), limit)))
        return list(found)

    def best(self, terms: Mapping[str, float], limit: int) -> list[Match]:
        """The articles that fit any of the weighted keys, best first."""
        scores = np.zeros(self.doc_limit, np.float32)
        for key, weight in terms.items():
            for field, boost in WEIGHTS.items():
                postings = self.postings(field, key)
                if postings is not None:
                    b = 0.75 if field == "body" else 0.4
                    relative = self._lengths[field][postings.docs] / max(self._averages[field], 1.0)
                    rarity = np.log(1 + self.size / len(postings.docs))
                    counts = postings.counts
                    scores[postings.docs] += (
                        weight * boost * rarity * counts * 2.2 / (counts + 1.2 * (1 - b + b * relative))
                    )
        order = np.argsort(-scores, kind="stable")[:limit]
        chosen = [(int(doc), self._facts[int(doc)]) for doc in order if scores[doc] > 0]
        return [Match(facts.id, float(scores[doc]), facts.language, facts.products) for doc, facts in chosen]

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

    def _joined_lengths(self, field: str) -> NDArray[np.float32]:
        lengths = [segment.lengths[field] for segment in self.segments]
        joined = np.concatenate(lengths) * self._live if lengths else np.zeros(0, np.float32)
        joined.flags.writeable = False
        return joined.astype(np.float32, copy=False)


@contextmanager
def writing(folder: Path, *, new: bool = False) -> Iterator[Writer]:
    """Change the index in ``folder``; with ``new`` an empty one is made first. An exception undoes all.

    The caller has ``shelf.lock``: Whoosh's own is not taken.
    """
    if new:
        folder.mkdir(mode=0o700, parents=True)
        opened = FileIndex.create(_storage(folder), schema(), NAME)
    else:
        opened = _open(folder)
        _clean(opened)
    try:
        whoosh_writer = opened.writer(codec=Codec(), _lk=False)
        whoosh_writer.pool = Pool()
    except Exception as error:
        _clean(opened)
        raise BrokenIndexError(f"{folder} cannot be written") from error
    try:
        yield Writer(whoosh_writer, new=new)
        whoosh_writer.commit()
    except BaseException:
        try:
            whoosh_writer.cancel()
        except Exception:
            log.debug("the writer could not be cancelled", exc_info=True)
        _clean(opened)
        raise


def unread(folder: Path, before: Reader) -> int:
    """How many documents a reader of ``folder`` would have to read that ``before`` has not."""
    held = {segment.name for segment in before.segments} if before.folder == folder else set()
    try:
        segments = TOC.read(_open(folder).storage, NAME, schema=schema()).segments
    except BrokenIndexError:
        raise
    except Exception as error:
        raise BrokenIndexError(str(folder)) from error
    return sum(segment.doc_count_all() for segment in segments if segment.segment_id() not in held)


def _clean(opened: FileIndex) -> None:
    """Let nothing stay of a transaction that failed, or whose writer was killed: the disk may be full."""
    try:
        toc = TOC.read(opened.storage, NAME, schema=schema())
        clean_files(opened.storage, NAME, toc.generation, toc.segments)
        for pattern in ("*.tmp", "*.toc.*"):
            for path in Path(opened.storage.folder).glob(pattern):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    except Exception:
        log.debug("what a writer left could not be cleaned away", exc_info=True)


def _storage(folder: Path) -> FileStorage:
    return FileStorage(str(folder), supports_mmap=False)  # a mapped file that is truncated kills the process


def _open(folder: Path) -> FileIndex:
    try:
        state = folder.stat()
        if state.st_uid not in (os.getuid(), 0) or state.st_mode & 0o022:
            raise BrokenIndexError(f"{folder} can be written by others")
        return FileIndex(_storage(folder), schema(), NAME)
    except BrokenIndexError:
        raise
    except Exception as error:  # damaged pickles raise anything
        raise BrokenIndexError(str(folder)) from error


def _read(folder: Path, before: Reader | None) -> tuple[TOC, list[Segment]]:
    """The table of contents and its segments, those that ``before`` holds not read again."""
    held = {segment.name: segment for segment in before.segments} if before and before.folder == folder else {}
    for attempt in range(RETRIES):
        opened = _open(folder)
        try:
            toc = TOC.read(opened.storage, NAME, schema=schema())
            return toc, [_segment(folder, each, held) for each in toc.segments]
        except FileNotFoundError as error:  # a commit has just merged the segment away
            if attempt + 1 == RETRIES:
                raise BrokenIndexError(str(folder)) from error
            time.sleep(PAUSE)
        except Exception as error:
            raise BrokenIndexError(str(folder)) from error
    raise AssertionError


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
