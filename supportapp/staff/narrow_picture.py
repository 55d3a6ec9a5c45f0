"""The pictures of the reports as wide as a telephone, where their words would shrink with them. Only geometry here."""

from __future__ import annotations

from dataclasses import replace

from supportapp.staff.picture import LEFT, NAMES_WIDTH, RIGHT, ROW_GAP, ROW_HEIGHT, WIDTH, Bar, Chart, RowsChart

NARROW = 340
NAME_HEIGHT, MARGIN = 18, 4


def narrowed(chart: Chart | RowsChart) -> Chart | RowsChart:
    """The same bars side by side but thinner, or below one another with each name above its bars."""
    return _rows(chart) if isinstance(chart, RowsChart) else _columns(chart)


def _columns(chart: Chart) -> Chart:
    return replace(
        chart,
        bars=[replace(bar, x=_column(bar.x), width=round(bar.width * _shrunk(), 1)) for bar in chart.bars],
        places=[_column(place) for place in chart.places],
        lines=[_line(points) for points in chart.lines],
    )


def _column(x: float) -> float:
    return round(LEFT + (x - LEFT) * _shrunk(), 1)


def _shrunk() -> float:
    return (NARROW - LEFT - RIGHT) / (WIDTH - LEFT - RIGHT)


def _line(points: str) -> str:
    places = (point.split(",") for point in points.split())
    return " ".join(f"{_column(float(x))},{y}" for x, y in places)


def _rows(chart: RowsChart) -> RowsChart:
    return RowsChart(
        bars=[_lying(bar) for bar in chart.bars],
        rows=[_lowered(place * (ROW_HEIGHT + ROW_GAP)) + MARGIN for place in range(len(chart.rows))],
        marks=[(_along(x), _lowered(y)) for x, y in chart.marks],
        height=chart.height + NAME_HEIGHT * len(chart.rows),
    )


def _lying(bar: Bar) -> Bar:
    return replace(bar, x=_along(bar.x), y=_lowered(bar.y), width=round(_along(NAMES_WIDTH + bar.width) - MARGIN, 1))


def _along(x: float) -> float:
    return round(MARGIN + (x - NAMES_WIDTH) * (NARROW - 4 * MARGIN) / (WIDTH - NAMES_WIDTH - 60), 1)


def _lowered(y: float) -> float:
    """Below as many names as there are down to this row."""
    return y + NAME_HEIGHT * (int(y) // (ROW_HEIGHT + ROW_GAP) + 1)
