"""The first sentences of an article, for lists, search engines and links that are shared. Standard library only."""

from __future__ import annotations

from itertools import dropwhile, takewhile

LEAD = 200
SCANNED = 1200
_SENTENCE_ENDS = tuple(".!?…:;")
_HEADING = 70  # a line that is longer is no heading, whatever it ends with


def lead(text: str, longest: int = LEAD) -> str:
    """At most ``longest`` characters of ``text`` (a block a line): its first sentences without the heading."""
    lines = [line.strip() for line in text[:SCANNED].split("\n") if line.strip()]
    sentences = takewhile(_is_sentence, dropwhile(lambda line: not _is_sentence(line), lines))
    return cut(" ".join(sentences) or " ".join(lines), longest)


def cut(text: str, longest: int) -> str:
    """``text``, shortened between two words when it is too long."""
    if len(text) <= longest:
        return text
    short = text[: longest - 1]
    return (short.rpartition(" ")[0] or short).rstrip(" ,;:–—-") + "…"


def _is_sentence(line: str) -> bool:
    return len(line) > _HEADING or line.endswith(_SENTENCE_ENDS)
