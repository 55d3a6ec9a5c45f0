"""Whoosh, and everything that knows Whoosh. A folder is one index; other modules see folders, keys and numbers.

Its files are pickles: a folder is read only when it is ours and nobody else can write it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from whoosh import fields, index, query, scoring
from whoosh.analysis import SpaceSeparatedTokenizer

WEIGHTS = {"title": 2.0, "phrases": 1.6, "body": 1.0}
MEMORY_MB = 64


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


@dataclass(frozen=True)
class Match:
    """A found article and how well it fits."""

    id: int
    score: float
    language: str
    products: tuple[int, ...]


class Writer:
    """An open transaction on an index: nothing is seen before the ``writing`` block ends."""

    def __init__(self, whoosh_writer: Any) -> None:
        self._writer = whoosh_writer

    def put(self, document: Document) -> None:
        """Add the document, in place of an older one with the same id."""
        self._writer.update_document(
            id=str(document.id),
            title=" ".join(document.title),
            phrases=" ".join(document.phrases),
            body=" ".join(document.body),
            facts=[document.id, document.stamp, document.language, list(document.products)],
        )

    def remove(self, document_id: int) -> None:
        """Take the document out, if it is there."""
        self._writer.delete_by_term("id", str(document_id))


class Reader:
    """A view of an index as it was when opened. For one thread at a time."""

    def __init__(self, folder: Path) -> None:
        self._index = _open(folder)
        try:
            self._searcher = self._index.searcher(weighting=scoring.BM25F(B=0.75, K1=1.2, title_B=0.4, phrases_B=0.4))
        except Exception as error:
            raise BrokenIndexError(str(folder)) from error
        self._reader = self._searcher.reader()
        self.size: int = self._searcher.doc_count()

    def is_current(self) -> bool:
        """Whether nothing was written since it was opened."""
        return bool(self._searcher.up_to_date())

    def close(self) -> None:
        self._searcher.close()

    def frequency(self, key: str) -> int:
        """In how many articles the key stands (at most: the largest number of any field)."""
        return max(int(self._reader.doc_frequency(field, key)) for field in WEIGHTS)

    def completions(self, beginning: str, limit: int) -> list[str]:
        """Keys of titles and phrases that begin so; the search is cut at ``limit`` a field."""
        found: dict[str, None] = {}
        for field in ("title", "phrases"):
            for number, key in enumerate(self._reader.expand_prefix(field, beginning)):
                if number >= limit:
                    break
                found[key.decode() if isinstance(key, bytes) else key] = None
        return list(found)

    def best(self, terms: Mapping[str, float], limit: int) -> list[Match]:
        """The articles that fit any of the weighted keys, best first."""
        wanted = [
            query.Term(field, key, boost=weight * boost)
            for key, boost in terms.items()
            for field, weight in WEIGHTS.items()
            if self._reader.doc_frequency(field, key)
        ]
        if not wanted:
            return []
        found = self._searcher.search(query.Or(wanted), limit=limit)
        return [_match(hit.fields()["facts"], float(hit.score)) for hit in found]

    def stamps(self) -> dict[int, str]:
        """What the index holds: the stamp of every article by its id."""
        return {facts["facts"][0]: facts["facts"][1] for facts in self._reader.all_stored_fields()}


@contextmanager
def writing(folder: Path, *, new: bool = False) -> Iterator[Writer]:
    """Change the index in ``folder``; with ``new`` an empty one is made first. An exception in the block undoes all."""
    if new:
        folder.mkdir(mode=0o700, parents=True)
        opened = index.create_in(str(folder), _schema())
    else:
        opened = _open(folder)
    try:
        whoosh_writer = opened.writer(limitmb=MEMORY_MB)
    except Exception as error:
        raise BrokenIndexError(f"{folder} cannot be written") from error
    try:
        yield Writer(whoosh_writer)
    except BaseException:
        whoosh_writer.cancel()
        raise
    whoosh_writer.commit()


def _schema() -> fields.Schema:
    def keys() -> fields.TEXT:
        return fields.TEXT(analyzer=SpaceSeparatedTokenizer(), phrase=False)

    return fields.Schema(id=fields.ID(unique=True), title=keys(), phrases=keys(), body=keys(), facts=fields.STORED())


def _open(folder: Path) -> Any:
    try:
        state = folder.stat()
        if state.st_uid not in (os.getuid(), 0) or state.st_mode & 0o022:
            raise BrokenIndexError(f"{folder} can be written by others")
        return index.open_dir(str(folder))
    except BrokenIndexError:
        raise
    except Exception as error:  # damaged pickles raise anything
        raise BrokenIndexError(str(folder)) from error


def _match(facts: Sequence[Any], score: float) -> Match:
    return Match(id=cast(int, facts[0]), score=score, language=str(facts[2]), products=tuple(facts[3]))
