"""Changing an index: transactions by one writer at a time, of which either everything stays or nothing."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whoosh.index import clean_files

from supportapp.kb.search.folder import NAME, BrokenIndexError, contents, create, open_folder
from supportapp.kb.search.postings import Codec, Pool
from supportapp.kb.search.segments import FIELDS, Facts, to_stored

log = logging.getLogger(__name__)


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


@contextmanager
def writing(folder: Path, *, new: bool = False) -> Iterator[Writer]:
    """Change the index in ``folder``; with ``new`` an empty one is made first. An exception undoes all.

    The caller has ``shelf.lock``: Whoosh's own is not taken.
    """
    opened = create(folder) if new else open_folder(folder)
    _clean(folder)
    try:
        whoosh_writer = opened.writer(codec=Codec(), _lk=False)
        whoosh_writer.pool = Pool()
    except Exception as error:
        _clean(folder)
        raise BrokenIndexError(f"{folder} cannot be written") from error
    try:
        yield Writer(whoosh_writer, new=new)
        whoosh_writer.commit()
    except BaseException:
        _cancel(whoosh_writer)
        _clean(folder)
        raise


def _cancel(whoosh_writer: Any) -> None:
    try:
        whoosh_writer.cancel()
    except Exception:
        log.debug("the writer could not be cancelled", exc_info=True)


def _clean(folder: Path) -> None:
    """Let nothing stay of a transaction that failed, or whose writer was killed: the disk may be full."""
    try:
        toc = contents(folder)
        clean_files(open_folder(folder).storage, NAME, toc.generation, toc.segments)
        for pattern in ("*.tmp", "*.toc.*"):
            for path in folder.glob(pattern):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    except Exception:
        log.debug("what a writer left could not be cleaned away", exc_info=True)
