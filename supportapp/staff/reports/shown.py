"""What a report page consists of: pictures, tables under them, and links to the tickets behind every number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Protocol, TypeVar

from flask import url_for
from flask_babel import format_decimal, format_percent

from supportapp.reports.rules import Days
from supportapp.staff.arguments import LONGEST_VALUE
from supportapp.staff.frame import show_day
from supportapp.staff.narrow_picture import narrowed
from supportapp.staff.picture import Chart, RowsChart
from supportapp.staff.tickets.columns import duration

NOTHING = "—"


@dataclass(frozen=True)
class Number:
    """A number in a table, a link when there are tickets behind it; ``before`` is that of the period before, with its
    own."""

    text: str
    link: str = ""
    before: str = ""
    before_link: str = ""


@dataclass(frozen=True)
class Table:
    """``rows`` begin with their name."""

    heads: Sequence[Any]
    rows: Sequence[tuple[Any, Sequence[Number]]]
    caption: Any = ""


@dataclass(frozen=True)
class Picture:
    """A chart with its title, the names of its rows or columns, and what its patterns mean."""

    title: Any
    drawing: Chart | RowsChart
    names: Sequence[str]
    legend: Sequence[Any]
    line_legend: Any = ""
    mark_legend: Any = ""

    @property
    def lies(self) -> bool:
        """Whether its bars lie below one another."""
        return isinstance(self.drawing, RowsChart)

    @property
    def narrow(self) -> Chart | RowsChart:
        """The drawing for a telephone."""
        return narrowed(self.drawing)


@dataclass(frozen=True)
class Section:
    heading: Any
    note: Any = ""
    picture: Picture | None = None
    table: Table | None = None


@dataclass(frozen=True)
class Report:
    """A page: first what matters in a few large numbers, then its sections."""

    title: Any
    tiles: Sequence[tuple[Any, Number]] = ()
    sections: Sequence[Section] = field(default=())


def behind(*figures: str) -> str:
    """The ticket list with exactly these tickets; nothing where a name is too long for an address of the list."""
    figure = ";".join(figures)
    return url_for("TicketView.list", scope="all", _flt_0_figure=figure) if len(figure) <= LONGEST_VALUE else ""


def counted(number: int, *figures: str, before: int | None = None) -> Number:
    """A number with its tickets; nothing is linked to nothing."""
    return Number(whole(number), behind(*figures) if number else "", "" if before is None else whole(before))


Figures = Callable[[Days], Sequence[str]]


class Part(Protocol):
    """The figures of some days, by name; ``open`` is a state, the others are what happened."""

    @property
    def days(self) -> Days: ...


T = TypeVar("T", bound=Part)


def during(name: str, *more: str) -> Figures:
    """The figure of that name in a period, with others that hold at any time."""
    return lambda days: (f"{name}:{days}", *more)


def newest_first(parts: Sequence[T], earlier: Sequence[T]) -> list[tuple[T, T]]:
    """Each part of a period beside that of the period before. Where nothing happened part after part, in neither
    period, they are one: nobody reads rows of noughts."""
    rows: list[tuple[T, T]] = []
    for part, old in zip(reversed(parts), reversed(earlier), strict=True):
        if rows and _goes_on(part, rows[-1][0]) and _goes_on(old, rows[-1][1]):
            part, old = _joined(part, rows[-1][0]), _joined(old, rows.pop()[1])
        rows.append((part, old))
    return rows


def _goes_on(part: Part, newer: Part) -> bool:
    """Whether nothing happened in either."""
    happened = [value for one in (part, newer) for name, value in vars(one).items() if name not in ("days", "open")]
    return not any(happened) and vars(part).get("open") == vars(newer).get("open")


def _joined(part: T, newer: T) -> T:
    joined: T = replace(newer, days=Days(part.days.first, newer.days.last))  # type: ignore[type-var]
    return joined


def compared(number: int, before: int, figures: Figures, days: Days, earlier: Days | None = None) -> Number:
    """A number of a period beside that of ``earlier``, the one before unless given, each with its tickets."""
    earlier = earlier or days.before
    return Number(
        whole(number),
        behind(*figures(days)) if number else "",
        whole(before),
        behind(*figures(earlier)) if before else "",
    )


def told(text: str, before: str, figures: Figures, days: Days, earlier: Days | None = None) -> Number:
    """The same of what is no count: a dash leads nowhere."""
    earlier = earlier or days.before
    return Number(
        text,
        behind(*figures(days)) if text != NOTHING else "",
        before,
        behind(*figures(earlier)) if before != NOTHING else "",
    )


def whole(number: int) -> str:
    return str(format_decimal(number))


def share(part: float | None) -> str:
    """A part of a whole for people."""
    return NOTHING if part is None else str(format_percent(part, "#,##0 %"))


def time(minutes: int | None) -> str:
    """Working time for people."""
    return NOTHING if minutes is None else duration(timedelta(minutes=minutes))


def days_name(days: Days) -> str:
    """A part of a period in a table."""
    if days.first == days.last:
        return show_day(days.first)
    return f"{days.first:%d.%m.%Y} – {days.last:%d.%m.%Y}"


def short_name(days: Days) -> str:
    """The same under a column."""
    return f"{days.first:%d.%m}" if days.first.year == days.last.year else f"{days.first:%m.%y}"
