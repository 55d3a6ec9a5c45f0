"""The pictures of the reports on a telephone."""

from __future__ import annotations

from supportapp.staff.narrow_picture import NARROW, narrowed
from supportapp.staff.picture import LEFT, RIGHT, RowsChart, chart, rows_chart


def test_all_columns_and_lines_stand_within_the_narrow_picture() -> None:
    narrow = narrowed(chart([[1, 2], [0, 4], [3, 0]], [[1, 2, 3]]))
    assert [bar.height for bar in narrow.bars] == [bar.height for bar in chart([[1, 2], [0, 4], [3, 0]]).bars]
    assert all(bar.x >= LEFT and bar.x + bar.width <= NARROW - RIGHT for bar in narrow.bars)
    middles = [bar.x + bar.width / 2 for bar in narrow.bars if bar.kind == "0"]
    ends = [float(point.split(",")[0]) for point in narrow.lines[0].split()]  # type: ignore[union-attr]
    assert abs(middles[0] - ends[0]) < 0.2
    assert abs(middles[1] - ends[2]) < 0.2


def test_every_name_stands_above_its_bars_and_below_those_of_the_row_before() -> None:
    narrow = narrowed(rows_chart([[2.0, 6.0], [8.0, 1.0], [0.0, 3.0]], [4.0, 9.0, 1.0], stacked=False))
    assert isinstance(narrow, RowsChart)
    for place, name in enumerate(narrow.rows):
        later = [bar.y for bar in narrow.bars if bar.y > name]
        assert len(later) == sum([2, 2, 1][place:])
        assert all(bar.y + bar.height < name - 12 for bar in narrow.bars if bar.y < name)
        assert name < narrow.marks[place][1] < name + 12
    assert max(bar.y + bar.height for bar in narrow.bars) < narrow.height
    assert max(x for x, _y in narrow.marks) <= NARROW
    longest = max(narrow.bars, key=lambda bar: bar.width)
    assert longest.x + longest.width <= NARROW
