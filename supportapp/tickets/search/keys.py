"""A text to the keys that the database keeps: one spelling for all forms of a word, and letters that both can split."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

Split = Callable[[str], list[str]]

SUBJECT = "_"  # before a key that stands in the subject
LONGEST = 60
_PLAIN = re.compile(r"[0-9a-zа-я_.]+")
_split: Split = str.split


def split_with(split: Split) -> None:
    """Let ``split`` turn texts into stems; the application joins it in ``wiring``."""
    global _split
    _split = split


def keys_of(text: str) -> set[str]:
    """The keys of ``text``. Those in other alphabets become a number, which no tokenizer takes apart."""
    return {key if _PLAIN.fullmatch(key) else _spelt_out(key) for key in _split(text)}


def words_of(reference: str, subject: str, texts: Iterable[str]) -> set[str]:
    """Everything that finds a ticket; the words of its subject stand twice."""
    in_subject = keys_of(subject)
    found = in_subject | {SUBJECT + key for key in in_subject} | keys_of(reference)
    for text in texts:
        found |= keys_of(text)
    return found


def _spelt_out(key: str) -> str:
    return "x" + key.encode().hex()[:LONGEST]
