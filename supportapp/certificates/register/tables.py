"""Files as lines of cells: CSV in the usual encodings and delimiters, and XLSX."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any, BinaryIO

from supportapp.certificates.register import columns
from supportapp.errors import Refused
from supportapp.i18n import N_

MAX_BYTES = 32 * 1024 * 1024
MAX_UNPACKED = 400 * 1024 * 1024
MAX_PART = 48 * 1024 * 1024  # what openpyxl keeps in memory whole: shared texts, styles
MAX_PARTS = 1000
MAX_COLUMNS = 40
EXCEL_ROWS = 1_048_576
DELIMITERS = ";,\t"
EXTENSIONS = (".csv", ".tsv", ".txt", ".xlsx")

Line = tuple[int, list[Any]]


def read_table(stream: BinaryIO, filename: str) -> Iterator[Line]:
    """The lines of the file that hold anything, with their numbers. Refused while reading, when it is unreadable."""
    if PurePath(filename).suffix.lower() not in (*EXTENSIONS, ".xls"):
        raise _wrong_format()
    data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise Refused(
            "register_too_large", N_("The file is larger than %(megabytes)d MB. Split it."), megabytes=MAX_BYTES >> 20
        )
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise _wrong_format()
    if data.startswith(b"PK\x03\x04"):
        return _workbook_lines(data)
    if not filename.lower().endswith((".csv", ".tsv", ".txt")):
        raise _unreadable()
    return _text_lines(_decoded(data))


def _decoded(data: bytes) -> str:
    encodings = ["utf-16"] if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "windows-1251"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused("register_encoding", N_("The letters of the file cannot be read. Save it as CSV in UTF-8."))


def _text_lines(text: str) -> Iterator[Line]:
    text = re.sub(r"\Asep=.\r?\n", "", text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, list(cells[:MAX_COLUMNS])
            line = reader.line_num + 1
    except csv.Error as error:
        raise Refused(
            "register_quotes",
            N_("The file cannot be read from line %(line)d on: a quotation mark is missing or too many."),
            line=line,
        ) from error


def _delimiter(text: str) -> str:
    head = text[:20_000].splitlines()[:10]

    def titles(delimiter: str) -> int:
        return max((len(columns.known_columns(line.replace('"', "").split(delimiter))) for line in head), default=0)

    return max(DELIMITERS, key=titles)


def _workbook_lines(data: bytes) -> Iterator[Line]:
    from openpyxl import load_workbook  # 5 MB that no process needs but the one that reads a workbook

    try:
        _refuse_bomb(data)
        sheets = load_workbook(io.BytesIO(data), read_only=True, keep_links=False).worksheets
        sheets[0].reset_dimensions()  # written by the program that made the file, and often wrong
        rows = sheets[0].iter_rows(values_only=True, max_col=MAX_COLUMNS, max_row=EXCEL_ROWS)
        for line, cells in enumerate(rows, start=1):
            if any(cell not in (None, "") for cell in cells):
                yield line, list(cells)
    except (Refused, MemoryError):
        raise
    except Exception as error:
        # a broken or hostile workbook fails in dozens of ways inside openpyxl, zipfile, zlib and expat
        raise _unreadable() from error


def _refuse_bomb(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = package.infolist()
    kept = [part.file_size for part in parts if not part.filename.startswith("xl/worksheets/")]
    if (
        len(parts) > MAX_PARTS
        or sum(part.file_size for part in parts) > MAX_UNPACKED
        or max(kept, default=0) > MAX_PART
    ):
        raise Refused("register_bomb", N_("The workbook unpacks to too much data. Save the table alone, as CSV."))


def _wrong_format() -> Refused:
    return Refused(
        "register_format", N_("Only CSV and XLSX files can be read. Save the table in one of these formats.")
    )


def _unreadable() -> Refused:
    return Refused(
        "register_unreadable", N_("The file is damaged or is not what its name says. Save it again as XLSX or CSV.")
    )
