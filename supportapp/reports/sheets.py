"""Tables as files for spreadsheets, written row by row in bounded memory; no cell is ever run as a formula.

A writer gets its tables first, then rows in any order of tables, then the facts that say what it was made from. A CSV
file is the one table and nothing else, so that programs can read it; with a second table it is a ZIP, facts included.
"""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import IO, Any, Protocol

import xlsxwriter

# what begins a formula, in ASCII and in full width; outer blanks do not save a spreadsheet from running it
FORMULA_STARTS = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
SUSPICIOUS = FORMULA_STARTS | {" "}
LONGEST_CELL = 32_767  # of XLSX
IN_MEMORY = 4 * 1024 * 1024
BOM = "\ufeff"

Facts = Sequence[tuple[str, str]]
Row = Sequence[Any]


@dataclass(frozen=True)
class Table:
    """What a sheet, or a file of its own, begins with."""

    title: str
    headings: Sequence[str]
    widths: Sequence[int] = ()


class Writer(Protocol):
    """Writes to a binary stream that the caller opens and closes."""

    def write(self, rows: Iterable[Row], table: int = 0) -> None:
        """Append rows to the table of that number."""

    def finish(self, title: str, facts: Facts) -> None:
        """Complete the file; ``facts`` stand under ``title``."""


def harmless(text: str) -> str:
    """``text`` as a spreadsheet shows it and does not run it: an apostrophe before whatever begins a formula."""
    if not text:
        return text
    if text[0] in FORMULA_STARTS or (text[0] == " " and text.lstrip(" ")[:1] in FORMULA_STARTS and text.strip()):
        return f"'{text}"
    return text


class CsvWriter:
    """UTF-8 with a byte order mark; moments in ``tz``."""

    def __init__(self, stream: IO[bytes], tables: Sequence[Table], *, separator: str, tz: tzinfo) -> None:
        self._stream, self._tables, self._separator, self._tz = stream, tables, separator, tz
        alone = len(tables) == 1
        # closed in finish, or with the process
        self._files: list[IO[bytes]] = [stream] if alone else [tempfile.TemporaryFile() for _ in tables]  # noqa: SIM115
        for number, table in enumerate(tables):
            self._files[number].write(BOM.encode())
            self.write([table.headings], number)

    def write(self, rows: Iterable[Row], table: int = 0) -> None:
        buffer = io.StringIO()
        writer = csv.writer(buffer, delimiter=self._separator, lineterminator="\r\n")
        writer.writerows([_csv_cell(value, self._tz) for value in row] for row in rows)
        self._files[table].write(buffer.getvalue().encode("utf-8", "replace"))

    def finish(self, title: str, facts: Facts) -> None:
        if self._files == [self._stream]:
            return
        with zipfile.ZipFile(self._stream, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
            for table, file in zip(self._tables, self._files, strict=True):
                file.seek(0)
                with archive.open(f"{table.title}.csv", "w", force_zip64=True) as member:
                    while chunk := file.read(1 << 18):
                        member.write(chunk)
                file.close()
            lines = "".join(f"{name}: {value}\r\n" for name, value in facts)
            archive.writestr(f"{title}.txt", BOM + lines)


class XlsxWriter:
    """Typed cells, a header that stays in sight, filters, a last sheet with the facts."""

    def __init__(self, stream: IO[bytes], tables: Sequence[Table], *, tz: tzinfo) -> None:
        self._tz = tz
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(stream, options)
        self._tables = tables
        self._moment = self._book.add_format({"num_format": "dd.mm.yyyy hh:mm"})
        self._day = self._book.add_format({"num_format": "dd.mm.yyyy"})
        self._number = self._book.add_format({"num_format": "0.00"})
        heading = {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E8EDF3", "bottom": 1}
        self._heading = self._book.add_format(heading)
        self._sheets = [self._begin(table) for table in tables]
        self._counts = [0] * len(tables)

    def write(self, rows: Iterable[Row], table: int = 0) -> None:
        sheet, number = self._sheets[table], self._counts[table]
        for row in rows:
            number += 1
            for column, value in enumerate(row):
                if value is not None and value != "":
                    self._cell(sheet, number, column, value)
        self._counts[table] = number

    def finish(self, title: str, facts: Facts) -> None:
        for sheet, table, count in zip(self._sheets, self._tables, self._counts, strict=True):
            if count:
                sheet.autofilter(0, 0, count, len(table.headings) - 1)
        page = self._book.add_worksheet(title[:31])
        page.set_column(0, 0, 30)
        page.set_column(1, 1, 80)
        for number, (name, value) in enumerate(facts):
            page.write_string(number, 0, name)
            page.write_string(number, 1, value[:LONGEST_CELL])
        self._book.close()

    def _begin(self, table: Table) -> Any:
        sheet = self._book.add_worksheet(table.title[:31])
        sheet.freeze_panes(1, 0)
        for number, width in enumerate(table.widths):
            sheet.set_column(number, number, width)
        for number, heading in enumerate(table.headings):
            sheet.write_string(0, number, heading, self._heading)
        return sheet

    def _cell(self, sheet: Any, row: int, column: int, value: Any) -> None:
        if type(value) is str:
            sheet.write_string(row, column, value[:LONGEST_CELL])
        elif isinstance(value, datetime):
            sheet.write_datetime(
                row, column, value.astimezone(self._tz).replace(tzinfo=None, microsecond=0), self._moment
            )
        elif isinstance(value, date):
            sheet.write_datetime(row, column, value, self._day)
        elif isinstance(value, float):
            sheet.write_number(row, column, value, self._number)
        elif isinstance(value, int) and not isinstance(value, bool):
            sheet.write_number(row, column, value)
        else:
            sheet.write_string(row, column, str(value)[:LONGEST_CELL])


def _csv_cell(value: Any, tz: tzinfo) -> str:
    if type(value) is str:
        return harmless(value) if value[:1] in SUSPICIOUS else value
    if value is None:
        return ""
    if isinstance(value, datetime):
        at = value.astimezone(tz)
        return f"{at.day:02}.{at.month:02}.{at.year} {at.hour:02}:{at.minute:02}"  # half of what strftime costs
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return harmless(str(value))
