"""From a file to rows that may be imported, and a sentence for every row that may not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO

from supportapp.certificates.entry import Entry, check_entry
from supportapp.certificates.operations.entering import number_taken
from supportapp.certificates.register import cells, columns
from supportapp.certificates.register.columns import TITLES, Column
from supportapp.certificates.register.names import Names
from supportapp.certificates.register.numbers import numbers_taken
from supportapp.certificates.register.tables import Line, read_table
from supportapp.certificates.rules import CertificateKind
from supportapp.errors import Refused
from supportapp.i18n import N_, Terms, gettext

MAX_ROWS = 200_000
HEADING_LINES = 10


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """A line that may become a certificate."""

    line: int
    entry: Entry
    level_id: int
    product_ids: tuple[int, ...]
    level: str
    products: str


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A line that may not, and why."""

    line: int
    refused: Refused

    def text(self, language: str) -> str:
        """The sentence with its line and column."""
        sentence = self.refused.text(language)
        if self.refused.field is None:
            return gettext(N_("Line %(line)d: %(sentence)s"), language, line=self.line, sentence=sentence)
        column = Terms([TITLES[Column(self.refused.field)]])
        whole = N_("Line %(line)d, column “%(column)s”: %(sentence)s")
        return gettext(whole, language, line=self.line, column=column, sentence=sentence)


@dataclass(frozen=True, slots=True)
class Register:
    """A file that was read: what may be imported, what is wrong, and which columns mean nothing to us."""

    rows: list[RegisterRow]
    problems: list[RowProblem]
    ignored_columns: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not self.problems

    def preview(self, rows: int = 10) -> list[RegisterRow]:
        """The first rows, to be looked at before the import."""
        return self.rows[:rows]


def read_register(stream: BinaryIO, filename: str) -> Register:
    """Read a CSV or XLSX register and check every row, against the file itself and against the database.

    Refused when the file as a whole cannot be read; a row that is wrong becomes a RowProblem.
    """
    lines = read_table(stream, filename)
    header = _header(lines)
    rows, problems = _checked(lines, columns.layout(header))
    if not rows and not problems:
        raise Refused("register_empty", N_("The file holds no rows below its titles."))
    taken = numbers_taken((row.entry.kind, row.entry.number_key) for row in rows)
    problems += [RowProblem(row.line, number_taken()) for row in rows if _key(row) in taken]
    problems.sort(key=lambda problem: problem.line)
    return Register([row for row in rows if _key(row) not in taken], problems, columns.ignored_titles(header))


def _header(lines: Iterator[Line]) -> list[object]:
    first: list[object] = []
    for _line, titles in islice(lines, HEADING_LINES):
        if columns.is_header(titles):
            return titles
        first = first or titles
    columns.layout(first)  # says what is missing
    return first


def _checked(lines: Iterable[Line], places: dict[Column, int]) -> tuple[list[RegisterRow], list[RowProblem]]:
    names = Names()
    rows: list[RegisterRow] = []
    problems: list[RowProblem] = []
    seen: dict[tuple[CertificateKind, str], int] = {}
    for line, values in lines:
        if len(rows) + len(problems) >= MAX_ROWS:
            raise Refused("register_too_long", N_("The file has more than %(most)d rows. Split it."), most=MAX_ROWS)
        try:
            row = _row(line, values, places, names)
            _refuse_repetition(row, seen)
        except Refused as refused:
            problems.append(RowProblem(line, refused))
        else:
            rows.append(row)
    return rows, problems


def _row(line: int, values: list[object], places: dict[Column, int], names: Names) -> RegisterRow:
    cell = {column: values[place] if place < len(values) else None for column, place in places.items()}
    kind = cells.kind(cell[Column.KIND])
    entry = check_entry(
        kind=kind,
        number=cells.text(cell[Column.NUMBER], Column.NUMBER),
        activation_code=cells.text(cell[Column.ACTIVATION_CODE], Column.ACTIVATION_CODE),
        holder=cells.text(cell[Column.HOLDER], Column.HOLDER),
        valid_from=cells.day(cell[Column.VALID_FROM], Column.VALID_FROM),
        valid_to=cells.day(cell[Column.VALID_TO], Column.VALID_TO),
        seats=cells.seats(cell.get(Column.SEATS), kind),
    )
    level = cells.text(cell[Column.LEVEL], Column.LEVEL)
    products = cells.text(cell[Column.PRODUCTS], Column.PRODUCTS)
    return RegisterRow(line, entry, names.level(level), names.products(products), level, products)


def _refuse_repetition(row: RegisterRow, seen: dict[tuple[CertificateKind, str], int]) -> None:
    earlier = seen.setdefault(_key(row), row.line)
    if earlier != row.line:
        raise Refused(
            "number_repeated",
            N_("The same number stands in line %(earlier)d already."),
            field=Column.NUMBER,
            earlier=earlier,
        )


def _key(row: RegisterRow) -> tuple[CertificateKind, str]:
    return row.entry.kind, row.entry.number_key
