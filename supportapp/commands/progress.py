"""How far a long command is: a bar on a terminal, a line for every tenth anywhere else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """A function to be told how many of how many are done; everything it shows goes to the error output."""
    if not sys.stderr.isatty():
        yield _lines(label)
        return
    with click.progressbar(length=0, label=label, file=sys.stderr) as bar:

        def move(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield move


def _lines(label: str) -> Callable[[int, int], None]:
    said = 0

    def say(done: int, total: int) -> None:
        nonlocal said
        tenth = done * 10 // max(total, 1)
        if tenth > said or (done == total and not said):
            said = tenth
            click.echo(f"{label}: {done} of {total}", err=True)

    return say
