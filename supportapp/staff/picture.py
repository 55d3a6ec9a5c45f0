"""The weeks as a picture: bars that can be told apart without colours, and a line of the rate. Only geometry here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from supportapp.kb.learning.figures import Week

WIDTH, LEFT, RIGHT = 920, 46, 8
BARS_TOP, BARS_BOTTOM = 14, 174
RATE_TOP, RATE_BOTTOM = 222, 302
MOST_LABELS = 13
STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 100_000)


@dataclass(frozen=True)
class Bar:
    """One part of a week's bar."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Picture:
    """Where everything stands. ``lines`` of the rate break where a week had no form."""

    bars: list[Bar]
    counts: list[tuple[float, int]]
    days: list[tuple[float, date]]
    dots: list[tuple[float, float]]
    lines: list[str]


def draw(weeks: Sequence[Week]) -> Picture:
    """Place the weeks side by side, oldest first."""
    step = (WIDTH - LEFT - RIGHT) / max(len(weeks), 1)
    unit = _unit(max((week.shown for week in weeks), default=0))
    top = unit * 4
    bars, runs = [], [[]]  # type: ignore[var-annotated]
    for place, week in enumerate(weeks):
        middle = LEFT + step * (place + 0.5)
        bars += _stack(week, LEFT + step * (place + 0.12), step * 0.76, top)
        if week.rate is None:
            runs.append([])
        else:
            runs[-1].append((round(middle, 1), round(RATE_BOTTOM - week.rate * (RATE_BOTTOM - RATE_TOP), 1)))
    every = max(1, -(-len(weeks) // MOST_LABELS))
    return Picture(
        bars=bars,
        counts=[(_height(number * unit, top), number * unit) for number in range(5)],
        days=[(round(LEFT + step * (n + 0.5), 1), week.begins) for n, week in enumerate(weeks) if n % every == 0],
        dots=[dot for run in runs for dot in run],
        lines=[" ".join(f"{x},{y}" for x, y in run) for run in runs if len(run) > 1],
    )


def _stack(week: Week, x: float, width: float, top: int) -> list[Bar]:
    parts, below = [], 0
    for kind in ("solved", "sent", "left"):
        number = getattr(week, kind)
        if number:
            y, foot = _height(below + number, top), _height(below, top)
            parts.append(Bar(kind, round(x, 1), y, round(width, 1), round(foot - y, 1)))
        below += number
    return parts


def _height(number: int, top: int) -> float:
    return round(BARS_BOTTOM - number / top * (BARS_BOTTOM - BARS_TOP), 1)


def _unit(most: int) -> int:
    """The round number of which four or fewer reach to the highest bar."""
    return next((step for step in STEPS if step * 4 >= most), most)
