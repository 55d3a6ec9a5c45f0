"""The staff's register: real files in, every bad row with its sentence, all or nothing."""

from __future__ import annotations

import io
import resource
import time
import tracemalloc
import zipfile
from datetime import date, datetime
from typing import Any

import pytest
import xlsxwriter

from supportapp.certificates import queries
from supportapp.certificates.models import Certificate
from supportapp.certificates.operations import look_up
from supportapp.certificates.register import Register, import_register, read_register, reading, tables
from supportapp.certificates.rules import CertificateKind
from supportapp.errors import Refused
from supportapp.extensions import db
from tests.factories import make_certificate, make_customer, make_level, make_product, make_staff

pytestmark = pytest.mark.usefixtures("names")
HEADER = ["Вид", "Номер", "Код активации", "Уровень поддержки", "Продукты", "Владелец", "Действует с", "Действует по"]
GOOD = ["сертификат", "СП-1", "DEMO-1", "Расширенный", "Клиент VPN", "ООО «Ромашка»", "01.01.2026", "31.12.2026"]
SINGLE, CONTRACT = CertificateKind.CERTIFICATE, CertificateKind.CONTRACT


@pytest.fixture
def names(session: object) -> None:
    make_level(name_ru="Расширенный", name_en="Extended")
    make_level(name_ru="Базовый", name_en="Basic")
    make_product(name="Клиент VPN")
    make_product(name="Криптопровайдер", active=False)
    make_product(name="Сервер, большой")


def row(**changes: str) -> list[str]:
    titles = dict(zip(("kind", "number", "code", "level", "products", "holder", "since", "until"), GOOD, strict=True))
    return list({**titles, **changes}.values())


def csv_bytes(
    *rows: list[str], header: list[str] | None = None, delimiter: str = ";", encoding: str = "utf-8"
) -> bytes:
    return "\r\n".join(delimiter.join(cells) for cells in [header or HEADER, *rows]).encode(encoding)


def xlsx_bytes(*rows: list[Any], header: list[str] | None = None) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "default_date_format": "dd.mm.yyyy"}) as book:
        sheet = book.add_worksheet()
        for index, cells in enumerate([header or HEADER, *rows]):
            sheet.write_row(index, 0, cells)
    return target.getvalue()


def read(data: bytes, filename: str = "register.csv") -> Register:
    return read_register(io.BytesIO(data), filename)


def refusal(data: bytes, filename: str = "register.csv") -> Refused:
    with pytest.raises(Refused) as refused:
        read(data, filename)
    assert refused.value.text("ru")
    return refused.value


def only_problem(data: bytes, filename: str = "register.csv") -> tuple[int, str, str | None]:
    register = read(data, filename)
    assert register.rows == []
    (problem,) = register.problems
    assert problem.text("ru")
    return problem.line, problem.refused.reason, problem.refused.field


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1251", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_csv_is_read_in_every_usual_shape(encoding: str, delimiter: str) -> None:
    register = read(csv_bytes(GOOD, delimiter=delimiter, encoding=encoding))
    assert register.is_clean
    (found,) = register.rows
    assert found.line == 2
    assert (found.entry.number, found.entry.holder) == ("СП-1", "ООО «Ромашка»")
    assert (found.entry.valid_from, found.entry.valid_to) == (date(2026, 1, 1), date(2026, 12, 31))


def test_columns_stand_in_any_order_under_english_titles_and_others_are_left_out() -> None:
    header = [
        "Valid to",
        "Comment",
        "Seats",
        "Number",
        "Activation Code",
        "TYPE",
        "Level",
        "Product",
        "Holder",
        "Valid from",
    ]
    cells = ["2026-12-31", "=1+1", "3", "C-1", "CODE-1", "Contract", "extended", "клиент vpn", "ACME", "2026-01-01"]
    register = read(csv_bytes(cells, header=header, delimiter=","))
    assert register.ignored_columns == ["Comment"]
    assert register.rows[0].entry.kind is CONTRACT
    assert register.rows[0].entry.seats == 3


def test_a_heading_above_the_table_and_empty_lines_are_passed_over() -> None:
    text = "sep=;\r\nРеестр сертификатов;;\r\n;;;\r\n" + csv_bytes(GOOD, ["", " "]).decode() + "\r\n\r\n"
    register = read(text.encode())
    assert register.is_clean
    assert len(register.rows) == 1


def test_xlsx_with_real_dates_and_numbers_is_read() -> None:
    cells: list[Any] = [*GOOD]
    cells[1], cells[2], cells[6], cells[7] = 1001, 12345678, date(2026, 1, 1), datetime(2026, 12, 31)  # noqa: DTZ001 - spreadsheets know no zones
    register = read(xlsx_bytes(cells, [*GOOD, ""]), "Реестр.XLSX")
    assert [r.entry.number for r in register.rows] == ["1001", "СП-1"]
    assert register.rows[0].entry.activation_code == "12345678"
    assert register.rows[0].entry.valid_to == date(2026, 12, 31)
    assert [r.line for r in register.rows] == [2, 3]


@pytest.mark.parametrize(
    ("changes", "reason", "field"),
    [
        ({"kind": "полис"}, "kind_unknown", "kind"),
        ({"kind": "договор"}, "not_a_number", "seats"),
        ({"number": ""}, "empty", "number"),
        ({"number": "1" * 65}, "too_long", "number"),
        ({"number": "A\x00B"}, "control_characters", "number"),
        ({"number": "=HYPERLINK(1)"}, "formula", "number"),
        ({"number": "1,23457E+15"}, "changed_by_spreadsheet", "number"),
        ({"code": "12"}, "code_too_short", "activation_code"),
        ({"level": "Золотой"}, "level_unknown", "level"),
        ({"level": ""}, "empty", "level"),
        ({"products": "Клиент VPN, Тостер"}, "product_unknown", "products"),
        ({"products": ""}, "empty", "products"),
        ({"holder": "@SUM(A1)"}, "formula", "holder"),
        ({"holder": "#REF!"}, "formula", "holder"),
        ({"holder": "Я" * 5000}, "too_long", "holder"),
        ({"since": "31.02.2026"}, "not_a_date", "valid_from"),
        ({"since": "1/2/2026"}, "not_a_date", "valid_from"),
        ({"until": ""}, "not_a_date", "valid_to"),
        ({"until": "31.12.2025"}, "ends_before_it_starts", "valid_to"),
    ],
)
def test_every_bad_row_has_its_line_its_column_and_its_sentence(
    changes: dict[str, str], reason: str, field: str
) -> None:
    data = csv_bytes(row(**changes), delimiter="\t")
    assert only_problem(data) == (2, reason, field)


def test_a_short_row_lacks_its_last_cells() -> None:
    assert only_problem(csv_bytes(GOOD[:6])) == (2, "not_a_date", "valid_from")


def test_formulas_and_what_excel_made_of_numbers_are_bad_rows() -> None:
    formula = [*GOOD[:5], "=A1", *GOOD[6:]]
    turned = [GOOD[0], date(2026, 1, 2), *GOOD[2:]]
    rounded = [*GOOD[:2], 1234567890123456789.0, *GOOD[3:]]
    register = read(xlsx_bytes(formula, turned, rounded), "r.xlsx")
    assert [(p.line, p.refused.reason, p.refused.field) for p in register.problems] == [
        (2, "formula", "holder"),
        (3, "changed_by_spreadsheet", "number"),
        (4, "changed_by_spreadsheet", "activation_code"),
    ]


def test_the_sentence_of_a_bad_row_reads_well() -> None:
    register = read(csv_bytes(GOOD, row(number="СП-2", level="Золотой")))
    (problem,) = register.problems
    assert problem.text("en") == "Line 3, column “Support level”: There is no support level “Золотой”."


def test_a_number_twice_in_the_file_is_a_bad_row_that_names_the_first() -> None:
    register = read(
        csv_bytes(
            row(number="СМ-1"),
            row(number="cm – 1"),
            [*row(number="СМ-1", kind="договор"), "4"],
            header=[*HEADER, "Мест"],
        )
    )
    assert [r.line for r in register.rows] == [2, 4]
    (problem,) = register.problems
    assert (problem.line, problem.refused.params["earlier"]) == (3, 2)


def test_a_number_that_the_database_holds_is_a_bad_row() -> None:
    make_certificate(number="СП-1")
    register = read(csv_bytes(row(), row(number="СП-2")))
    assert [(p.line, p.refused.reason) for p in register.problems] == [(2, "number_taken")]
    assert [r.entry.number for r in register.rows] == ["СП-2"]


def test_products_are_split_but_a_name_with_a_comma_stays_whole() -> None:
    several, whole = row(products="клиент VPN; криптопровайдер"), row(number="СП-2", products='"Сервер, большой"')
    register = read(csv_bytes([*several[:4], f'"{several[4]}"', *several[5:]], whole))
    assert register.is_clean
    assert [len(r.product_ids) for r in register.rows] == [2, 1]


def test_a_clean_register_is_imported_whole_and_its_certificates_work(at: datetime) -> None:
    staff = make_staff("Manager")
    seats = [*HEADER, "Количество мест"]
    register = read(csv_bytes([*row(), ""], [*row(kind="договор", number="ДТП-77/2026"), "3"], header=seats))
    told: list[tuple[int, int]] = []
    assert import_register(register, by=staff, at=at, progress=lambda done, total: told.append((done, total))) == 2
    assert told == [(2, 2)]
    contract = queries.find_certificate(CONTRACT, "дтп-77/2026")
    assert contract is not None
    assert (contract.seats, contract.created_by, contract.created_at) == (3, staff, at)
    assert [product.name for product in contract.products] == ["Клиент VPN"]
    assert contract.level.name_en == "Extended"
    assert look_up(SINGLE, "CП-1", "demo-1", customer=make_customer(), at=at)


def test_a_register_with_a_bad_row_is_not_imported_at_all(at: datetime) -> None:
    register = read(csv_bytes(row(), row(number="СП-2", until="вчера")))
    with pytest.raises(Refused) as refused:
        import_register(register, by=None, at=at)
    assert refused.value.reason == "register_has_problems"
    assert db.session.query(Certificate).count() == 0


def test_a_number_entered_meanwhile_stops_the_whole_import(at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    from supportapp.certificates.register import importing

    register = read(csv_bytes(*(row(number=f"СП-{n}") for n in range(1200))))
    make_certificate(number="СП-1199")
    for blind in (False, True):
        if blind:  # even when it is entered between the check and the writing
            monkeypatch.setattr(importing, "numbers_taken", lambda _keys: set())
        with pytest.raises(Refused) as refused:
            import_register(register, by=None, at=at)
        assert refused.value.reason == "register_outdated"
        assert db.session.query(Certificate).count() == 1


def test_twenty_thousand_rows_take_seconds_and_little_memory(at: datetime) -> None:
    rows = [row(number=f"СП-2026-{n:06}", code=f"CODE-{n:06}") for n in range(20_000)]
    for data, filename in ((csv_bytes(*rows), "r.csv"), (xlsx_bytes(*rows), "r.xlsx")):
        started = time.thread_time()
        register = read(data, filename)
        assert len(register.rows) == 20_000
        assert time.thread_time() - started < 30, filename
    started, calls = time.thread_time(), []
    assert import_register(register, by=None, at=at, progress=lambda *done: calls.append(done)) == 20_000
    assert time.thread_time() - started < 15
    assert len(calls) == 40
    assert db.session.query(Certificate).count() == 20_000
    tracemalloc.start()
    read(csv_bytes(*rows[:5_000]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


def test_more_rows_than_allowed_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_ROWS", 3)
    rows = [row(number=f"N-{n}") for n in range(4)]
    assert refusal(csv_bytes(*rows)).reason == "register_too_long"
    assert len(read(csv_bytes(*rows[:3])).rows) == 3


def test_more_bytes_than_allowed_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_BYTES", 100)
    assert refusal(csv_bytes(*[GOOD] * 10)).reason == "register_too_large"


@pytest.mark.parametrize(
    ("data", "filename", "reason"),
    [
        (b"", "r.csv", "register_columns"),
        (csv_bytes(), "r.csv", "register_empty"),
        (b"a;b;c\n1;2;3\n", "r.csv", "register_columns"),
        (csv_bytes(GOOD, header=HEADER[:-1]), "r.csv", "register_columns"),
        (csv_bytes(GOOD, header=[*HEADER, "Number"]), "r.csv", "register_column_twice"),
        (csv_bytes(GOOD) + b'\r\n"open;quote\r\n', "r.csv", "register_quotes"),
        (csv_bytes(GOOD) + b"\r\n\x98\xff", "r.csv", "register_encoding"),
        (b"%PDF-1.7 ...", "r.pdf", "register_format"),
        (b"<html></html>", "r.xlsx", "register_unreadable"),
        (b"PK\x03\x04 and nothing else", "r.xlsx", "register_unreadable"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "r.xls", "register_format"),
    ],
)
def test_a_file_that_is_no_register_is_refused_with_a_sentence(data: bytes, filename: str, reason: str) -> None:
    assert refusal(data, filename).reason == reason


def test_missing_columns_are_named_in_the_readers_language() -> None:
    refused = refusal(csv_bytes(GOOD, header=["Вид", "Номер", "Код", "Уровень", "Продукт", "X", "Действует с", "Y"]))
    assert refused.text("en") == "The file lacks these columns: Holder, Valid to."


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    target = io.BytesIO(xlsx_bytes(GOOD))
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as package, package.open("xl/bomb.xml", "w") as part:
        for _ in range(60):
            part.write(bytes(1 << 20))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert refusal(target.getvalue(), "r.xlsx").reason == "register_bomb"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40_000


def _with_sheet(xml: str) -> bytes:
    source, target = zipfile.ZipFile(io.BytesIO(xlsx_bytes(GOOD))), io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for part in source.infolist():
            package.writestr(part, xml if part.filename == "xl/worksheets/sheet1.xml" else source.read(part))
    return target.getvalue()


SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'
)


def test_a_workbook_with_exploding_entities_is_refused() -> None:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    laughs = f'<!DOCTYPE x [<!ENTITY l0 "{"ha" * 50}">{levels}]>'
    cell = '<row r="1"><c r="A1" t="inlineStr"><is><t>&l11;</t></is></c></row>'
    started = time.thread_time()
    assert refusal(_with_sheet(laughs + SHEET % cell), "r.xlsx").reason == "register_unreadable"
    assert time.thread_time() - started < 20


def test_a_row_and_a_column_far_out_cost_little() -> None:
    far = '<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>'
    wide = '<row r="1"><c r="XFD1"><v>1</v></c></row>'
    started = time.thread_time()
    assert refusal(_with_sheet(SHEET % (wide + far)), "r.xlsx").reason in ("register_columns", "register_unreadable")
    assert time.thread_time() - started < 10
