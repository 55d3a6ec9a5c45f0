"""The reader of this process: shared by its threads and renewed when the index moves on.

Whatever is wrong with the index, nobody is bothered: the last good one goes on answering, from memory.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from supportapp.kb.search import engine, shelf
from supportapp.kb.search.engine import BrokenIndexError, Reader

log = logging.getLogger(__name__)
T = TypeVar("T")

PAUSE = 1.0  # seconds between two looks at what the folder holds
FEW = 200  # so many documents are read while a page waits; more are read in the background

warmers: list[Callable[[Reader], None]] = []  # what to make ready in the background when much was read


class _Held:
    """What this process has open of the indexes under ``root``."""

    def __init__(self, root: Path | None) -> None:
        self.root = root
        self.reader: Reader | None = None
        self.looked = float("-inf")
        self.opening = threading.Lock()
        self.is_renewing = False
        self.is_warmed = False


_held = _Held(None)
_exchange = threading.Lock()


def read(ask: Callable[[Reader], T]) -> T | None:
    """``ask`` of the newest index that can be read; None when there is none, or when it fails."""
    try:
        reader = current()
        return None if reader is None else ask(reader)
    except Exception:
        log.exception("a question to the search index failed")
        return None


def current() -> Reader | None:
    """The reader to ask; at most PAUSE and the time it takes to open behind the index."""
    held = _of(shelf.root())
    if time.monotonic() - held.looked < PAUSE:
        return held.reader
    if held.opening.acquire(blocking=held.reader is None):
        try:
            if time.monotonic() - held.looked >= PAUSE:
                _look(held)
                held.looked = time.monotonic()  # only now: who comes meanwhile waits for the first reader
        finally:
            held.opening.release()
    return held.reader


def newest() -> Reader | None:
    """The index in use as it is at this moment; None when it cannot be read. May take as long as reading it."""
    held = _of(shelf.root())
    folder = shelf.current()
    with held.opening:
        if folder is None or (held.reader and held.reader.folder == folder and held.reader.is_current()):
            return held.reader if folder else None
        fresh = _open([folder], held.reader)
        held.reader = fresh or held.reader
        return fresh


def look_again() -> None:
    """Let the next question see what has just been written."""
    _held.looked = float("-inf")


def warm() -> None:
    """Read the index in the background, once a process, so that the first question need not wait."""
    held = _of(shelf.root())
    if held.is_warmed:
        return
    held.is_warmed, folders = True, shelf.candidates()

    def work() -> None:
        with held.opening:
            held.reader = held.reader or _open(folders, None)
        if held.reader:
            _warm(held.reader)

    _in_background(held, work)


def forget() -> None:
    """Close what is open."""
    global _held
    _held = _Held(None)


def _of(root: Path) -> _Held:
    global _held
    with _exchange:
        if _held.root != root:
            _held = _Held(root)
        return _held


def _look(held: _Held) -> None:
    if held.reader is None:
        held.reader = opened = _open(shelf.candidates(), None)
        if opened is not None and not held.is_warmed:
            held.is_warmed = True
            _in_background(held, lambda: _warm(opened))
        return
    folder = shelf.current()
    if folder is None or held.is_renewing or (held.reader.folder == folder and held.reader.is_current()):
        return
    try:
        much = engine.unread(folder, held.reader) > FEW
    except BrokenIndexError:
        log.debug("index %s cannot be read; the last good one answers", folder, exc_info=True)
        return
    if much:
        _in_background(held, lambda: _renew(held, [folder]))
    else:
        held.reader = _open([folder], held.reader) or held.reader


def _in_background(held: _Held, work: Callable[[], None]) -> None:
    def run() -> None:
        try:
            work()
        except Exception:
            log.exception("the search index could not be read in the background")
        finally:
            held.is_renewing = False

    held.is_renewing = True
    threading.Thread(target=run, name="search-index", daemon=True).start()


def _renew(held: _Held, folders: list[Path]) -> None:
    fresh = _open(folders, held.reader)
    if fresh is not None:
        _warm(fresh)
        held.reader = fresh


def _warm(reader: Reader) -> None:
    for warmer in warmers:
        warmer(reader)


def _open(folders: list[Path], before: Reader | None) -> Reader | None:
    for folder in folders:
        try:
            return Reader(folder, before)
        except BrokenIndexError:
            log.debug("index %s cannot be read", folder, exc_info=True)
    return None
