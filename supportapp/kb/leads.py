"""The first sentences of an article, for lists, search engines and links that are shared. Standard library only."""

from __future__ import annotations

LEAD = 200
SCANNED = 1200
_SENTENCE_ENDS = tuple(".!?…:;")
_HEADING = 70  # a line that is longer is no heading, whatever it ends with


def lead(text: str, longest: int = LEAD) -> str:
    """About ``longest`` characters of ``text`` (Markdown's words, a line a block) from its first real sentence on."""
    lines = [line.strip() for line in text[:SCANNED].split("\n") if line.strip()]
    first = next((number for number, line in enumerate(lines) if _is_sentence(line)), 0)
    return cut(" ".join(lines[first:]), longest)


def cut(text: str, longest: int) -> str:
    """``text``, shortened between two words when it is too long."""
    if len(text) <= longest:
        return text
    short = text[: longest - 1]
    return (short.rpartition(" ")[0] or short).rstrip(" ,;:–—-") + "…"


def _is_sentence(line: str) -> bool:
    return len(line) > _HEADING or line.endswith(_SENTENCE_ENDS)
