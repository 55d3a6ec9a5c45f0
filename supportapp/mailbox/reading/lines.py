"""What text and HTML become before they are judged: lines that know how deep in a quotation they stand."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Mark(enum.Enum):
    """What a mail program itself said about a line: ``head`` opens a quotation that runs to the end of the mail,
    ``attribution`` names whose words follow as a quotation."""

    HEAD = "head"
    ATTRIBUTION = "attribution"


@dataclass(frozen=True, slots=True)
class Line:
    """``text`` without the signs of quoting, which are counted in ``depth``; ``shown`` is the line as people see it."""

    text: str
    depth: int = 0
    mark: Mark | None = None
    shown: str = ""

    @property
    def is_blank(self) -> bool:
        return not self.text.strip(" \t\xa0\u200b\ufeff")


def join_lines(lines: list[Line]) -> str:
    """Lines as a text: no more than two empty ones in a row, none at either end, no spaces at the ends of lines."""
    out: list[str] = []
    for line in lines:
        text = line.shown if line.shown.strip() in ("--", "---") else line.shown.rstrip()
        if text or out[-2:] != ["", ""]:
            out.append(text)
    return "\n".join(out).strip("\n").rstrip()
