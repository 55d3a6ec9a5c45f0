"""Reading what the manager has exported, as a spreadsheet program does: CSV, and XLSX from its XML."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import datetime, timedelta
from xml.etree import ElementTree

NS = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - the day zero of spreadsheets has no zone
BUILT_IN_DATES = range(14, 23)


def csv_rows(content: bytes) -> list[list[str]]:
    """The rows of a CSV file; the separator is the one of its first line."""
    text = content.decode("utf-8-sig")
    separator = ";" if ";" in text.splitlines()[0] else ","
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


def xlsx_rows(content: bytes) -> list[list[str]]:
    """The rows of the first sheet, every cell as its text; moments as dd.mm.yyyy hh:mm."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        shared = _shared(book)
        dates = _date_styles(book)
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314 - made by the portal
    return [_row(row, shared, dates) for row in sheet.iterfind(".//x:row", NS)]


def _row(row: ElementTree.Element, shared: list[str], dates: set[str]) -> list[str]:
    cells: dict[int, str] = {}
    for cell in row.iterfind("x:c", NS):
        cells[_column(cell.get("r", "A1"))] = _text(cell, shared, dates)
    return [cells.get(number, "") for number in range(max(cells, default=-1) + 1)]


def _text(cell: ElementTree.Element, shared: list[str], dates: set[str]) -> str:
    kind, value = cell.get("t"), cell.findtext("x:v", "", NS)
    if kind == "inlineStr":
        return "".join(part.text or "" for part in cell.iterfind(".//x:t", NS))
    if kind == "s":
        return shared[int(value)]
    if value and cell.get("s") in dates:
        moment = EPOCH + timedelta(days=float(value))
        return f"{moment + timedelta(milliseconds=0.5):%d.%m.%Y %H:%M}"
    return value


def _column(reference: str) -> int:
    number = 0
    for letter in re.sub(r"\d", "", reference):
        number = number * 26 + ord(letter) - 64
    return number - 1


def _shared(book: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in book.namelist():
        return []
    root = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))  # noqa: S314
    return ["".join(part.text or "" for part in item.iterfind(".//x:t", NS)) for item in root.iterfind("x:si", NS)]


def _date_styles(book: zipfile.ZipFile) -> set[str]:
    root = ElementTree.fromstring(book.read("xl/styles.xml"))  # noqa: S314
    formats = {f.get("numFmtId", ""): f.get("formatCode", "") for f in root.iterfind(".//x:numFmt", NS)}
    styles = root.iterfind("x:cellXfs/x:xf", NS)
    ids = [style.get("numFmtId", "0") for style in styles]
    return {str(n) for n, i in enumerate(ids) if "yy" in formats.get(i, "") or int(i) in BUILT_IN_DATES}
