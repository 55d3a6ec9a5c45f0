"""The one place that knows what time it is.

Everything in the product asks :func:`now`, so tests and the demo can move time without sleeping. All moments
are aware datetimes in UTC; a local date is made from them only where a rule needs one (``worktime``).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

_source: Callable[[], datetime] | None = None
_offset_file: Path | None = None


def now() -> datetime:
    """The current moment, aware, in UTC."""
    if _source is not None:
        return _source()
    return datetime.now(UTC) + offset()


def unshifted() -> datetime:
    """:func:`now` without the demo's shift: for sign-ins, which belong to the person at the screen."""
    return now() - offset() if _source is None else now()


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Make :func:`now` return ``at`` (aware) inside the block. For tests."""
    global _source
    if at.tzinfo is None:
        raise ValueError("a frozen clock needs an aware datetime")
    before, _source = _source, lambda: at.astimezone(UTC)
    try:
        yield
    finally:
        _source = before


def use_offset_file(path: Path | None) -> None:
    """Shift the clock of this process by the seconds written in ``path``, read afresh at every call.

    Only the demo does this: all its processes share the file, so one command moves them all. ``None`` ends it.
    """
    global _offset_file
    _offset_file = path


def offset() -> timedelta:
    """How far the clock is shifted; zero outside the demo or while the file is missing or unreadable."""
    if _offset_file is None:
        return timedelta()
    try:
        return timedelta(seconds=float(_offset_file.read_text()))
    except (OSError, ValueError):
        return timedelta()


def set_offset(shift: timedelta) -> None:
    """Write the shift for every process that uses the same file; raises RuntimeError outside the demo."""
    if _offset_file is None:
        raise RuntimeError("the clock can be moved only in the demo")
    _offset_file.parent.mkdir(parents=True, exist_ok=True)
    draft = _offset_file.with_suffix(f".{os.getpid()}")
    draft.write_text(str(shift.total_seconds()))
    draft.replace(_offset_file)
