"""Tables as files for spreadsheets: CSV line by line, XLSX in bounded memory; no cell is ever run as a formula."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import IO, Any

import xlsxwriter

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
LONGEST_CELL = 32_767  # of XLSX
IN_MEMORY = 4 * 1024 * 1024
BOM = "\ufeff"


@dataclass
class Sheet:
    """A table: ``rows`` may be endless, one at a time; ``facts`` say what it was made from."""

    title: str
    headings: list[str]
    rows: Iterable[list[Any]]
    widths: list[int] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)


def harmless(text: str) -> str:
    """``text`` as a spreadsheet shows it and does not run it: an apostrophe before whatever begins a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) or text.startswith(FORMULA_STARTS) else text


def csv_lines(sheet: Sheet, *, separator: str, tz: tzinfo) -> Iterator[str]:
    """The lines of a CSV file with a byte order mark, moments in ``tz``."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=separator, lineterminator="\r\n")
    writer.writerow([harmless(heading) for heading in sheet.headings])
    yield BOM + _taken(buffer)
    for row in sheet.rows:
        writer.writerow([_csv_cell(value, tz) for value in row])
        yield _taken(buffer)


def xlsx_file(sheet: Sheet, tz: tzinfo) -> IO[bytes]:
    """An XLSX file at its beginning: typed cells, a header that stays in sight, a second sheet with the facts."""
    file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - the caller sends and closes it
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E8EDF3", "bottom": 1})
    formats: dict[type, Any] = {
        datetime: book.add_format({"num_format": "dd.mm.yyyy hh:mm"}),
        date: book.add_format({"num_format": "dd.mm.yyyy"}),
    }
    table = book.add_worksheet(sheet.title[:31])
    table.freeze_panes(1, 0)
    for number, width in enumerate(sheet.widths):
        table.set_column(number, number, width)
    for number, heading in enumerate(sheet.headings):
        table.write_string(0, number, heading, bold)
    count = 0
    for count, row in enumerate(sheet.rows, 1):
        for number, value in enumerate(row):
            _write_cell(table, count, number, value, tz, formats)
    if count:
        table.autofilter(0, 0, count, len(sheet.headings) - 1)
    _write_facts(book, sheet.facts, count)
    book.close()
    file.seek(0)
    return file


def _write_facts(book: Any, facts: list[tuple[str, str]], count: int) -> None:
    page = book.add_worksheet("i")
    page.set_column(0, 0, 30)
    page.set_column(1, 1, 80)
    for number, (name, value) in enumerate([*facts, ("Σ", str(count))]):
        page.write_string(number, 0, name)
        page.write_string(number, 1, value[:LONGEST_CELL])


def _write_cell(table: Any, row: int, column: int, value: Any, tz: tzinfo, formats: dict[type, Any]) -> None:
    if value is None or value == "":
        return
    if isinstance(value, datetime):
        table.write_datetime(row, column, value.astimezone(tz).replace(tzinfo=None), formats[datetime])
    elif isinstance(value, date):
        table.write_datetime(row, column, value, formats[date])
    elif isinstance(value, bool) or not isinstance(value, int | float):
        table.write_string(row, column, str(value)[:LONGEST_CELL])
    else:
        table.write_number(row, column, value)


def _csv_cell(value: Any, tz: tzinfo) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.astimezone(tz):%d.%m.%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return harmless(str(value))


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
