"""Invented articles and questions about them, the same at every run: Zipf's law over Russian-looking words.

Where the evaluation set lies beside the checkout, its words are used instead, as often as they stand there.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

EVALUATION = Path(__file__).parents[2] / "shared" / "kb_eval" / "articles.jsonl"
VOCABULARY = 60_000
ONSETS = ("", *"бвгдзклмнпрст", "пр", "ст", "тр", "кл", "гр", "св", "ж", "ш", "ч", "ц", "ф", "х")
VOWELS = tuple("оеаиуяыюэ")
ENDINGS = ("", "", "ть", "ние", "ки", "ов", "ам", "ого", "ость", "ать", "ил", "ная", "ный", "ция")
LOG = (
    "2026-11-20 11:04:{second:02d},{ms:03d} ERROR [main-{n}] {name}: CryptAcquireContext failed 0x{code:08x} {words}\n"
)


@dataclass(frozen=True)
class Invented:
    """One article."""

    title: str
    phrases: str
    text: str


class Tongue:
    """A vocabulary whose words come as often as their rank allows."""

    def __init__(self, seed: int, source: Path = EVALUATION) -> None:
        self.random = random.Random(seed)  # noqa: S311 - not a secret
        self.source = source if source.is_file() else None
        counted = _counted(source) if self.source else self._invented()
        self.words = list(counted)
        self._weights = list(accumulate(counted.values()))

    def some(self, least: int, most: int) -> list[str]:
        """Between ``least`` and ``most`` words of a text."""
        number = self.random.randint(least, most)
        return self.random.choices(self.words, cum_weights=self._weights, k=number)

    def articles(self, number: int) -> Iterator[Invented]:
        """A title, what customers write, and 150 to 400 words."""
        for place in range(number):
            title = f"{' '.join(self.some(4, 9)).capitalize()} ({place})"
            phrases = "\n".join(" ".join(self.some(2, 6)) for _ in range(self.random.randint(0, 3)))
            text = ". ".join(" ".join(self.some(8, 20)).capitalize() for _ in range(self.random.randint(14, 22)))
            yield Invented(title[:200], phrases, text)

    def subject(self) -> str:
        """What stands in a subject line; every fourth names an error code."""
        words = self.some(3, 8)
        if self.random.random() < 0.25:
            words.append(f"0x8009{self.random.randrange(65536):04x}")
        return " ".join(words)

    def log(self, size: int) -> str:
        """A pasted log of ``size`` characters."""
        lines: list[str] = []
        while sum(map(len, lines)) < size:
            lines.append(self._log_line())
        return "".join(lines)[:size]

    def _log_line(self) -> str:
        chance = self.random
        return LOG.format(
            second=chance.randrange(60),
            ms=chance.randrange(1000),
            n=chance.randrange(20),
            name=chance.choice(self.words).upper(),
            code=chance.randrange(2**32),
            words=" ".join(self.some(3, 9)),
        )

    def _invented(self) -> dict[str, float]:
        words: dict[str, float] = {}
        while len(words) < VOCABULARY:
            syllables = self.random.choices((1, 2, 3, 4), (1, 4, 4, 2))[0]
            word = "".join(self.random.choice(ONSETS) + self.random.choice(VOWELS) for _ in range(syllables))
            words.setdefault(word + self.random.choice(ENDINGS), 1 / (len(words) + 3))
        return words


def _counted(source: Path) -> dict[str, float]:
    found: Counter[str] = Counter()
    with source.open(encoding="utf-8") as lines:
        for line in lines:
            article = json.loads(line)
            found.update(re.findall(r"[^\W_]+", f"{article['title']} {article['body']}".lower()))
    return {word: float(times) for word, times in found.most_common(VOCABULARY)}
