"""Tables as files: typed cells, bounded memory, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from supportapp.reports.sheets import Sheet, csv_lines, harmless, xlsx_file

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


def read_csv(sheet: Sheet, separator: str) -> list[list[str]]:
    text = "".join(csv_lines(sheet, separator=separator, tz=MSK))
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=separator))


@pytest.mark.parametrize("separator", [";", ","])
def test_csv_reads_back_as_it_was_shown(separator: str) -> None:
    rows = read_csv(Sheet("Обращения", HEADINGS, [ROW]), separator)
    assert rows == [HEADINGS, ["TP-000001", "20.11.2026 14:00", "20.11.2026", "42", "", 'a;b,"c"\nd']]


def test_csv_disarms_every_cell() -> None:
    rows = read_csv(Sheet("t", ["=1+1"], [["=1+1"], ["+7"]]), ";")
    assert rows == [["'=1+1"], ["'=1+1"], ["'+7"]]


def test_xlsx_has_typed_cells_a_frozen_header_and_the_facts() -> None:
    book = load_workbook(xlsx_file(Sheet("Обращения", HEADINGS, [ROW], [10] * 6, [("Фильтр", "все")]), MSK))
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
    assert [[cell.value for cell in row] for row in facts.rows] == [["Фильтр", "все"], ["Σ", "1"]]


def test_xlsx_runs_no_formula_and_follows_no_link() -> None:
    evil = '=HYPERLINK("http://evil.example")'
    table = load_workbook(xlsx_file(Sheet("t", ["x"], [[evil], ["http://evil.example"]]), MSK)).worksheets[0]
    assert table["A2"].data_type == "s"
    assert table["A2"].value == evil
    assert table["A3"].hyperlink is None


def test_a_text_longer_than_a_cell_is_cut_and_not_lost_whole() -> None:
    table = load_workbook(xlsx_file(Sheet("t", ["x"], [["я" * 40_000]]), MSK)).worksheets[0]
    assert table["A2"].value == "я" * 32_767


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_many_rows_take_bounded_memory(form: str) -> None:
    def rows() -> Iterator[list[Any]]:
        for number in range(10_000):
            yield [f"TP-{number:06d}", NOON, "Не открывается контейнер после обновления до новой версии " * 5]

    sheet = Sheet("t", ["a", "b", "c"], rows())
    tracemalloc.start()
    try:
        if form == "csv":
            assert sum(1 for _line in csv_lines(sheet, separator=";", tz=MSK)) == 10_001
        else:
            xlsx_file(sheet, MSK).close()
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 12 * 1024 * 1024
