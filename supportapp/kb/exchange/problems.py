"""What is wrong in a folder, said so that its author finds the place."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, order=True)
class Problem:
    """One sentence about one file; ``place`` is a field, a line, both, or nothing for the whole file."""

    path: str
    place: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}{f' ({self.place})' if self.place else ''}: {self.sentence}"


class Unusable(Exception):  # noqa: N818 - a problem that is not yet written down
    """A file, or a place in it, cannot be used; the sentence says why."""

    def __init__(self, sentence: str, place: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.place = place


@dataclass
class Findings:
    """All that is wrong (``problems``: nothing is imported) or only odd (``remarks``: imported as it is)."""

    problems: list[Problem] = field(default_factory=list)
    remarks: list[Problem] = field(default_factory=list)

    def problem(self, path: str, sentence: str, place: str = "") -> None:
        self.problems.append(Problem(path, place, sentence))

    def remark(self, path: str, sentence: str, place: str = "") -> None:
        self.remarks.append(Problem(path, place, sentence))
