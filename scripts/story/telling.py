"""Telling the story: each step with its number, what was seen, and how long it took."""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .people import NotSeen


class Failed(Exception):  # noqa: N818 - ends the walk
    """A step did not pass; everything has been told."""


class Telling:
    """Prints the steps. ``saw`` is for what was seen inside one."""

    def __init__(self, var: Path) -> None:
        self._var = var
        self._started = time.monotonic()
        self.steps = 0

    @contextmanager
    def step(self, number: int, title: str) -> Iterator[None]:
        """One step; raises Failed, with everything told, when something was not seen."""
        print(f"{number}. {title}", flush=True)
        started = time.monotonic()
        try:
            yield
        except NotSeen as missing:
            self._tell_failure(number, title, missing, time.monotonic() - started)
            raise Failed from missing
        except Exception as surprise:
            self._tell_failure(number, title, NotSeen(f"no surprise: {surprise!r}"), time.monotonic() - started)
            traceback.print_exc()
            raise Failed from surprise
        self.steps += 1
        print(f"   step {number} passed in {time.monotonic() - started:.1f} s\n", flush=True)

    def saw(self, words: str) -> None:
        """One line of what was seen."""
        print(f"   + {words}", flush=True)

    def end(self, clock: str) -> None:
        """The last lines."""
        seconds = time.monotonic() - self._started
        print(f"All {self.steps} steps passed in {seconds:.0f} s. The demo's clock stays at {clock}.", flush=True)

    def _tell_failure(self, number: int, title: str, missing: NotSeen, seconds: float) -> None:
        lines = [f"\nFAILED at step {number} after {seconds:.1f} s: {title}", f"  expected: {missing.expected}"]
        if missing.page is not None and missing.page.status:
            file = self._var / "walk-failed.html"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(missing.page.content)
            lines += [f"  page:     {missing.page.url} ({missing.page.status})", f"  saved as: {os.path.relpath(file)}"]
            if missing.page.headers.get("Content-Type", "").startswith("text/html"):
                lines.append(f"  it reads: {missing.page.text[:1500]}")
        print("\n".join(lines), file=sys.stderr, flush=True)
