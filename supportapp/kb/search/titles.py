"""The vectors of the articles' titles: one file beside the indexes, each vector under its article's stamp.

The file is derived. While it is missing, damaged or behind, meaning plays no part for the articles concerned.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from supportapp.kb.search import meaning, shelf
from supportapp.kb.search.meaning import Vectors

log = logging.getLogger(__name__)

NAME = "titles.npz"
LOOK_EVERY = 2.0  # seconds
UNLIKE = 0.2  # texts that have nothing to do with each other are as near as this
UNKNOWN = -1.0
_Seen = tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class Titles:
    """Unit vectors, and in which row the title of an article with this stamp is. Never changes."""

    rows: Mapping[str, int] = field(default_factory=dict)
    vectors: Vectors = field(default_factory=lambda: np.zeros((0, meaning.DIMENSIONS), np.float32))

    def near(self, vector: Vectors, rows: NDArray[np.intp]) -> Vectors:
        """How near each of ``rows`` is to a question, from 0 to 1; UNKNOWN for a row of -1."""
        near = np.maximum((self.vectors @ vector - UNLIKE) / (1 - UNLIKE), 0)
        return np.append(near, UNKNOWN)[rows].astype(np.float32)


NONE = Titles()


class _Kept:
    titles = NONE
    path: Path | None = None
    seen: _Seen | None = None
    looked = float("-inf")
    lock = threading.Lock()


_kept = _Kept()


def titles() -> Titles:
    """The vectors there are, at most LOOK_EVERY behind the file. One thread looks, the others go on with what was."""
    path = _path()
    is_time = time.monotonic() - _kept.looked >= LOOK_EVERY or _kept.path != path
    if is_time and _kept.lock.acquire(blocking=False):
        try:
            _look(path)
        finally:
            _kept.lock.release()
    return _kept.titles if _kept.path == path else NONE


def _look(path: Path) -> None:
    seen = _signature(path)
    if (path, seen) != (_kept.path, _kept.seen):
        _kept.titles, _kept.path, _kept.seen = read(), path, seen
    _kept.looked = time.monotonic()


def look_again() -> None:
    """Let the next question see what has just been written."""
    _kept.looked = float("-inf")


def read() -> Titles:
    """What the file holds now; nothing when it is missing, damaged or of another model."""
    try:
        with np.load(_path(), allow_pickle=False) as file:
            if str(file["edition"]) != meaning.EDITION:
                return NONE
            stamps, vectors = file["stamps"].tolist(), file["vectors"].astype(np.float32)
    except FileNotFoundError:
        return NONE
    except Exception:  # a damaged archive fails in many ways
        log.warning("the vectors of titles cannot be read; they are made anew", exc_info=True)
        return NONE
    if vectors.shape != (len(stamps), meaning.DIMENSIONS) or not np.isfinite(vectors).all():
        return NONE
    return Titles({stamp: row for row, stamp in enumerate(stamps)}, vectors)


def write(stamps: list[str], vectors: Vectors) -> None:
    """Put a new file in the place of the old one in one step."""
    path = _path()
    draft = path.with_name(f"{NAME}.{os.getpid()}")
    try:
        with draft.open("wb") as file:
            np.savez(file, edition=meaning.EDITION, stamps=np.array(stamps, str), vectors=vectors.astype(np.float16))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    look_again()


def _path() -> Path:
    return shelf.root() / NAME


def _signature(path: Path) -> _Seen | None:
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size, state.st_ino
