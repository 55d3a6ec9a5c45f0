"""One open reader a thread, renewed when the index moves on. Whatever is wrong with the index, nobody is bothered."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from supportapp.kb.search import shelf
from supportapp.kb.search.engine import BrokenIndexError, Reader

log = logging.getLogger(__name__)
T = TypeVar("T")


class _Open(threading.local):
    """What this thread has open: readers may not be shared."""

    folder: Path | None = None
    reader: Reader | None = None


_open = _Open()


def read(ask: Callable[[Reader], T]) -> T | None:
    """``ask`` of the newest index that can be read; None when there is none.

    A reader in the middle of a commit fails now and then: the question is put once more to a fresh one.
    """
    for _ in range(2):
        try:
            reader = _reader()
            return None if reader is None else ask(reader)
        except Exception:
            log.warning("the search index failed a reader", exc_info=True)
            forget()
    return None


def forget() -> None:
    """Close what this thread has open."""
    reader, _open.reader, _open.folder = _open.reader, None, None
    if reader is not None:
        try:
            reader.close()
        except Exception:
            log.debug("a reader did not close", exc_info=True)


def _reader() -> Reader | None:
    if _open.reader is not None and _open.folder == shelf.current() and _is_current(_open.reader):
        return _open.reader
    for folder in shelf.candidates():
        try:
            fresh = Reader(folder)
        except BrokenIndexError:
            log.debug("index %s cannot be read", folder, exc_info=True)
            continue
        forget()
        _open.folder, _open.reader = folder, fresh
        return fresh
    if _open.reader is not None and (_open.folder or Path()).parent != shelf.root():
        forget()
    return _open.reader  # the last good one still answers from the files it holds open


def _is_current(reader: Reader) -> bool:
    try:
        return reader.is_current()
    except Exception:  # the folder is being taken away under us
        return False
