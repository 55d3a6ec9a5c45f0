"""Tables as files: typed cells, bounded memory, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import tracemalloc
import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from itertools import islice
from tempfile import TemporaryFile
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from supportapp.reports.sheets import CsvWriter, Row, Table, Writer, XlsxWriter, harmless

MSK = ZoneInfo("Europe/Moscow")
NOON = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
ROW: list[Any] = ["TP-000001", NOON, date(2026, 11, 20), 42, None, 'a;b,"c"\nd']
HEADINGS = ["Номер", "Когда", "День", "Сколько", "Пусто", "Текст"]


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+7 495", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =HYPERLINK(1)", "＝1+1", "=cmd|' /C calc'!A0", "\n=1"],
)
def test_what_begins_like_a_formula_becomes_text(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Не открывается", "1 = 1", "a@b.example", "5-0", "'quoted"])
def test_everything_else_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


def csv_file(table: Table, rows: Iterable[Row], separator: str = ";") -> bytes:
    file = io.BytesIO()
    writer = CsvWriter(file, [table], separator=separator, tz=MSK)
    writer.write(rows)
    writer.finish("О файле", [])
    return file.getvalue()


def read_csv(data: bytes, separator: str = ";") -> list[list[str]]:
    text = data.decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=separator))


def xlsx_file(table: Table, rows: Iterable[Row]) -> io.BytesIO:
    file = io.BytesIO()
    writer = XlsxWriter(file, [table], tz=MSK)
    writer.write(rows)
    writer.finish("О файле", [("Фильтр", "все")])
    file.seek(0)
    return file


@pytest.mark.parametrize("separator", [";", ","])
def test_csv_reads_back_as_it_was_shown(separator: str) -> None:
    rows = read_csv(csv_file(Table("Обращения", HEADINGS), [ROW], separator), separator)
    assert rows == [HEADINGS, ["TP-000001", "20.11.2026 14:00", "20.11.2026", "42", "", 'a;b,"c"\nd']]


def test_csv_disarms_every_cell() -> None:
    rows = read_csv(csv_file(Table("t", ["=1+1"]), [["=1+1"], ["+7"]]))
    assert rows == [["'=1+1"], ["'=1+1"], ["'+7"]]


def test_xlsx_has_typed_cells_a_frozen_header_and_the_facts() -> None:
    book = load_workbook(xlsx_file(Table("Обращения", HEADINGS, [10] * 6), [ROW]))
    table, facts = book.worksheets
    assert table.title == "Обращения"
    assert [cell.value for cell in table[1]] == HEADINGS
    assert [cell.value for cell in table[2]][:4] == [
        "TP-000001",
        datetime(2026, 11, 20, 14, 0),  # noqa: DTZ001
        datetime(2026, 11, 20),  # noqa: DTZ001
        42,
    ]
    assert table["B2"].is_date
    assert table.freeze_panes == "A2"
    assert table.auto_filter.ref == "A1:F2"
    assert [[cell.value for cell in row] for row in facts.rows] == [["Фильтр", "все"]]


def test_xlsx_runs_no_formula_and_follows_no_link() -> None:
    evil = '=HYPERLINK("http://evil.example")'
    table = load_workbook(xlsx_file(Table("t", ["x"]), [[evil], ["http://evil.example"]])).worksheets[0]
    assert table["A2"].data_type == "s"
    assert table["A2"].value == evil
    assert table["A3"].hyperlink is None


def test_a_text_longer_than_a_cell_is_cut_and_not_lost_whole() -> None:
    table = load_workbook(xlsx_file(Table("t", ["x"]), [["я" * 40_000]])).worksheets[0]
    assert table["A2"].value == "я" * 32_767


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_many_rows_take_bounded_memory(form: str) -> None:
    def rows() -> Iterator[list[Any]]:
        for number in range(10_000):
            yield [f"TP-{number:06d}", NOON, "Не открывается контейнер после обновления до новой версии " * 5]

    tracemalloc.start()
    try:
        with TemporaryFile() as file:
            tables = [Table("t", ["a", "b", "c"])]
            writer: Writer = (
                CsvWriter(file, tables, separator=";", tz=MSK) if form == "csv" else XlsxWriter(file, tables, tz=MSK)
            )
            for _batch in range(10):
                writer.write(islice(rows(), 1_000))
            writer.finish("О файле", [])
            assert file.tell() > 10_000
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 12 * 1024 * 1024


def test_csv_with_a_second_table_is_an_archive_of_both_and_the_facts() -> None:
    file = io.BytesIO()
    writer = CsvWriter(file, [Table("Обращения", ["a"]), Table("Переписка", ["b"])], separator=";", tz=MSK)
    writer.write([["1"]])
    writer.write([["x"], ["=y"]], 1)
    writer.write([["2"]])
    writer.finish("О файле", [("Фильтр", "все"), ("Обращений", "2")])
    with zipfile.ZipFile(file) as archive:
        assert archive.namelist() == ["Обращения.csv", "Переписка.csv", "О файле.txt"]
        assert read_csv(archive.read("Обращения.csv")) == [["a"], ["1"], ["2"]]
        assert read_csv(archive.read("Переписка.csv")) == [["b"], ["x"], ["'=y"]]
        assert archive.read("О файле.txt").decode("utf-8-sig") == "Фильтр: все\r\nОбращений: 2\r\n"


def test_an_outer_blank_alone_is_no_formula() -> None:
    assert harmless("   ") == "   "
