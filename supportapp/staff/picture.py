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


@dataclass(frozen=True)
class Chart:
    """Stacked columns side by side, and lines over them on the same scale; ``kind`` is the place in the stack."""

    bars: list[Bar]
    counts: list[tuple[float, int]]
    places: list[float]
    lines: list[str]


def chart(stacks: Sequence[Sequence[int]], lines: Sequence[Sequence[int]] = ()) -> Chart:
    """Place the stacks from left to right."""
    step = (WIDTH - LEFT - RIGHT) / max(len(stacks), 1)
    most = max([sum(stack) for stack in stacks] + [number for line in lines for number in line], default=0)
    unit = _unit(max(most, 1))
    middles = [round(LEFT + step * (place + 0.5), 1) for place in range(len(stacks))]
    bars = []
    for place, stack in enumerate(stacks):
        below = 0
        for kind, number in enumerate(stack):
            y, foot = _height(below + number, unit * 4), _height(below, unit * 4)
            if number:
                x, width = round(LEFT + step * (place + 0.12), 1), round(step * 0.76, 1)
                bars.append(Bar(str(kind), x, y, width, round(foot - y, 1)))
            below += number
    return Chart(
        bars=bars,
        counts=[(_height(number * unit, unit * 4), number * unit) for number in range(5)],
        places=middles,
        lines=[
            " ".join(f"{x},{_height(number, unit * 4)}" for x, number in zip(middles, line, strict=True))
            for line in lines
        ],
    )


NAMES_WIDTH, ROW_HEIGHT, ROW_GAP = 260, 22, 10


@dataclass(frozen=True)
class RowsChart:
    """Bars lying below one another, each row with its bars and its mark, if it has one."""

    bars: list[Bar]
    rows: list[float]
    marks: list[tuple[float, float]]
    height: int


def rows_chart(
    rows: Sequence[Sequence[float]], marks: Sequence[float | None] = (), *, stacked: bool = True
) -> RowsChart:
    """Stacked bars, or (``stacked=False``) bars from the same start, the first the thickest."""
    ends = [sum(row) if stacked else max(row, default=0) for row in rows] + [mark for mark in marks if mark]
    scale = (WIDTH - NAMES_WIDTH - 60) / max([1.0, *ends])
    bars, tops = [], []
    for place, row in enumerate(rows):
        top = ROW_GAP + place * (ROW_HEIGHT + ROW_GAP)
        tops.append(top + ROW_HEIGHT / 2 + 4)
        start = 0.0
        for kind, number in enumerate(row):
            y, height = (top, ROW_HEIGHT) if stacked else (top + kind * ROW_HEIGHT / 2, ROW_HEIGHT / 2)
            if number:
                x, width = NAMES_WIDTH + start * scale, number * scale
                bars.append(Bar(str(kind), round(x, 1), y, round(max(width, 1.0), 1), height))
            start += number if stacked else 0
    return RowsChart(
        bars=bars,
        rows=tops,
        marks=[
            (round(NAMES_WIDTH + mark * scale, 1), ROW_GAP + place * (ROW_HEIGHT + ROW_GAP))
            for place, mark in enumerate(marks)
            if mark
        ],
        height=ROW_GAP + len(rows) * (ROW_HEIGHT + ROW_GAP),
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
