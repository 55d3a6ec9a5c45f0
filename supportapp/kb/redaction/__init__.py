"""Taking names and private data out of what staff wrote to one customer, before everybody reads it. Pure rules.

They would rather take too much than too little; error codes, versions and public addresses stay, since they are what an
article is found by. What was taken leaves a readable mark («[имя]»), so that a person can look at each place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from supportapp.kb.redaction import machines, manners, numbers, people
from supportapp.kb.redaction.canvas import Canvas, Kind

__all__ = ["LONGEST_READ", "Kind", "Known", "Redacted", "redact", "redact_line"]

LONGEST_READ = 100_000


@dataclass(frozen=True)
class Known:
    """What the ticket itself tells: full names of everybody in it, organisations, numbers (certificates, activation
    codes, references), mail addresses, and how references of tickets begin."""

    names: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    ticket_prefix: str = "TP"


@dataclass(frozen=True)
class Redacted:
    """The text with its marks, and how many of each kind stand in it; ``is_cut`` when its end was too long to read."""

    text: str
    removed: Mapping[Kind, int]
    is_cut: bool = False


def redact(text: str, known: Known, *, language: str = "ru") -> Redacted:
    """``text`` without private data, greeting and signature; marks in ``language``. What stands beyond
    ``LONGEST_READ`` characters is left out."""
    return _redacted(text, known, language, manners.without_manners)


def redact_line(text: str, known: Known, *, language: str = "ru") -> Redacted:
    """The same for a title: one line, nobody greets in it."""
    return _redacted(" ".join(text[: LONGEST_READ + 1].split()), known, language, lambda line: line)


def _redacted(text: str, known: Known, language: str, finish: Callable[[str], str]) -> Redacted:
    canvas = Canvas(text[:LONGEST_READ])
    machines.take_addresses(canvas, known.addresses)
    numbers.take_known(canvas, known.numbers, known.ticket_prefix)
    numbers.take_secrets(canvas)
    machines.take_paths(canvas)
    machines.take_hosts(canvas, known.addresses)
    numbers.take_numbers(canvas)
    people.take_organisations(canvas, known.organisations)
    people.take_names(canvas, known.names)
    canvas.text = finish(canvas.text)
    return Redacted(canvas.shown(language), canvas.count(), len(text) > LONGEST_READ)
