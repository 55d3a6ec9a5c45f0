"""The walk reads like a person and owes nothing to the code it walks through."""

from __future__ import annotations

import ast
import io
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

import pytest

from scripts.story.forms import NoSuchField, fill_in, find_form
from scripts.story.people import Page
from scripts.story.reading import Element, parse
from scripts.story.spreadsheets import csv_rows, xlsx_rows
from supportapp.reports.sheets import CsvWriter, Table, Writer, XlsxWriter

SCRIPTS = Path(__file__).parents[2] / "scripts"
MODULES = [SCRIPTS / "walk.py", *sorted((SCRIPTS / "story").glob("*.py"))]
MOSCOW = ZoneInfo("Europe/Moscow")
FORM = """
<nav><form action="/search"><label for="q">Поиск</label><input id="q" name="q"><button>Найти</button></form></nav>
<form method="post" action="/send" enctype="multipart/form-data">
  <input type="hidden" name="csrf_token" value="secret">
  <label for="name">Имя <span>(необязательно)</span></label><input id="name" name="name" value="Анна">
  <label><input type="radio" name="kind" value="one" checked> Первый</label>
  <label><input type="radio" name="kind" value="two"> Второй, с обещанием</label>
  <label for="level">Уровень *</label>
  <select id="level" name="level"><option value="1">Базовый<option value="2">Премиум</select>
  <label for="text">Текст</label><textarea id="text" name="text">
строка</textarea>
  <label for="files">Файлы</label><input type="file" id="files" name="files" multiple>
  <button name="act" value="go" formaction="/go">Отправить</button>
</form>"""


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_the_walk_stands_on_the_standard_library_alone(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        assert all(name.split(".")[0] in {*sys.stdlib_module_names, "story"} for name in names), names


def send(**values: object) -> str:
    page = parse(FORM)
    form, button = find_form(page, "Отправить", list(values))
    return fill_in(page, form, button, values).body.decode()  # type: ignore[arg-type]


def test_a_form_keeps_what_the_page_says_and_what_was_not_touched() -> None:
    body = send()
    assert 'name="csrf_token"\r\n\r\nsecret' in body
    assert 'name="name"\r\n\r\nАнна' in body
    assert 'name="kind"\r\n\r\none' in body
    assert 'name="level"\r\n\r\n1\r\n' in body
    assert 'name="text"\r\n\r\nстрока\r\n' in body
    assert 'name="act"\r\n\r\ngo' in body


def test_fields_are_found_by_the_words_beside_them() -> None:
    body = send(Имя="Ольга", Второй=True, Уровень="Премиум", Файлы=[("а.txt", b"one", "text/plain")])
    assert 'name="name"\r\n\r\nОльга' in body
    assert 'name="kind"\r\n\r\ntwo' in body
    assert "\r\n\r\none\r\n" in body
    assert 'name="level"\r\n\r\n2\r\n' in body
    assert body.count('name="kind"') == 1


def test_a_field_or_a_button_that_is_not_there_is_told() -> None:
    page = parse(FORM)
    with pytest.raises(NoSuchField, match="Отчество"):
        find_form(page, "Отправить", ["Отчество"])
    with pytest.raises(LookupError, match="Удалить"):
        find_form(page, "Удалить", [])


def test_a_button_may_send_its_form_elsewhere() -> None:
    page = parse(FORM)
    form, button = find_form(page, "Отправить", [])
    sending = fill_in(page, form, button, {})
    assert (sending.method, sending.action) == ("POST", "/go")


def test_hidden_words_and_scripts_are_not_read() -> None:
    page = parse("<p>Видно</p><p hidden>Скрыто</p><script>var x = 'код'</script><ul><li>раз<li>два</ul>")
    assert page.text == "Видно раз два"


def test_a_link_is_known_by_its_words() -> None:
    html = '<a href="/long">Обращения мои</a><a href="/short">Обращения</a>'
    page = Page("http://localhost/", 200, {}, html.encode())
    assert page.link("Обращения") == "/short"
    assert page.link("Обращения мо") == "/long"
    assert page.link("Письма") is None


def test_exports_are_read_as_a_spreadsheet_shows_them() -> None:
    moment = datetime(2026, 11, 20, 11, 0, 59, 600_000, UTC)
    rows = [["TP-000001", "=1+1", None, moment], ["TP-000002", "а, б; в", 7, None]]

    def written(writer: Callable[[IO[bytes], Sequence[Table]], Writer]) -> bytes:
        file = io.BytesIO()
        made = writer(file, [Table("Обращения", ["Номер", "Тема", "Число", "Когда"])])
        made.write(rows)
        made.finish("О файле", [])
        return file.getvalue()

    xlsx = xlsx_rows(written(partial(XlsxWriter, tz=MOSCOW)))
    lines = csv_rows(written(partial(CsvWriter, separator=";", tz=MOSCOW)))
    assert xlsx[0] == lines[0] == ["Номер", "Тема", "Число", "Когда"]
    assert xlsx[1] == ["TP-000001", "=1+1", "", "20.11.2026 14:00"]
    assert lines[1] == ["TP-000001", "'=1+1", "", "20.11.2026 14:00"]
    assert xlsx[2][:3] == lines[2][:3] == ["TP-000002", "а, б; в", "7"]


def test_an_element_knows_what_is_around_it() -> None:
    button = next(element for element in parse(FORM).walk() if element.tag == "button")
    around = button.ancestor("form")
    assert isinstance(around, Element)
    assert around.get("action") == "/search"
