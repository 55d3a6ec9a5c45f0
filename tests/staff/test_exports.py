"""The exports: exactly what is on the screen, all its pages, for managers."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import urlencode

from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select

from supportapp import clock
from supportapp.accounts.models import StaffUser
from supportapp.extensions import db
from supportapp.reports.models import SavedExport
from supportapp.staff.reports.making import _message_rows
from supportapp.staff.reports.screen import as_seen_by
from supportapp.tickets import operations
from supportapp.tickets.models import Ticket
from tests.factories import PASSWORD, make_certificate, make_customer, make_level, make_registration, make_ticket


def rows_of(client: FlaskClient, query: str = "", separator: str = ";") -> list[list[str]]:
    answer = client.get(f"/staff/exports/tickets.csv?{query}", buffered=True)
    assert answer.mimetype == "text/csv"
    assert re.fullmatch(r'attachment; filename="tickets-[0-9-]+\.csv"', answer.headers["Content-Disposition"])
    text = answer.data.decode("utf-8-sig")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


def on_screen(client: FlaskClient, query: str) -> list[str]:
    return re.findall(r'name="rowid" value="([^"]+)"', client.get(f"/staff/tickets/?{query}").text)


def test_the_file_has_the_filters_and_the_order_of_the_screen(
    client: FlaskClient, manager: StaffUser, at: datetime
) -> None:
    for number in range(8):
        ticket = make_ticket(subject=f"{'Ошибка' if number % 2 else 'Вопрос'} {9 - number}")
        if number in (1, 2):
            operations.take(ticket, by=manager, at=at)
        if number == 5:
            operations.close(ticket, "Решено.", by=manager, at=at)
    for query in ("", "scope=all", "scope=mine", "_flt_0_subject=ошибка", "_flt_0_status=new",
                  "_oc_TicketView=subject&_od_TicketView=desc", "scope=closed&_flt_0_subject=вопрос"):  # fmt: skip
        assert [row[0] for row in rows_of(client, query)[1:]] == on_screen(client, query), query


def test_the_file_has_all_pages_of_the_list(client: FlaskClient, manager: StaffUser) -> None:
    customer = make_customer()
    for number in range(30):
        make_ticket(customer, subject=f"Вопрос {number}")
    assert len(on_screen(client, "")) == 25
    assert len(rows_of(client, "page_TicketView=1&psize_TicketView=25")) == 31


def test_the_headings_are_those_of_the_screen_in_its_language(client: FlaskClient, manager: StaffUser) -> None:
    make_ticket()
    headings = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', client.get("/staff/tickets/").text, re.S)
    shown = [unescape(re.sub(r"<[^>]+>", "", heading)).strip() for heading in headings]
    assert shown[:3] == ["Номер", "Тема", "Пользователь"]
    assert rows_of(client)[0] == [*shown, "Срок", "Метки"]  # which the screen has in the title of a cell
    client.post("/staff/language", data={"language": "en"})
    english = rows_of(client, separator=",")
    assert english[0][:3] == ["Reference", "Subject", "Customer"]
    assert english[1][5] == "New, our turn"


def test_the_buttons_carry_the_address_of_the_list(client: FlaskClient, manager: StaffUser) -> None:
    page = client.get("/staff/tickets/?scope=all&_flt_0_subject=a%26b").text
    assert "/staff/exports/tickets.csv?scope=all&amp;_flt_0_subject=a%26b" in page
    assert "/staff/exports/tickets.xlsx?scope=all&amp;_flt_0_subject=a%26b" in page


def test_an_engineer_sees_no_export_and_gets_none(client: FlaskClient, engineer: StaffUser) -> None:
    assert "/staff/exports/" not in client.get("/staff/tickets/").text
    assert client.get("/staff/exports/tickets.csv").status_code == 403


def test_a_formula_in_a_subject_is_harmless(client: FlaskClient, manager: StaffUser) -> None:
    make_ticket(make_customer(organisation="@SUM(1)"), subject='=HYPERLINK("http://evil.example";"x")')
    row = rows_of(client)[1]
    assert row[1].startswith("'=")


def test_xlsx_holds_moments_and_says_what_it_was_made_from(
    client: FlaskClient, manager: StaffUser, at: datetime
) -> None:
    customer = make_customer()
    certificate = make_certificate(level=make_level(first_response_hours=2))
    make_registration(customer, certificate)
    ticket = make_ticket(customer, certificate_id=certificate.id, at=at)
    answer = client.get("/staff/exports/tickets.xlsx?_flt_0_customer=смирнова", buffered=True)
    table, facts = load_workbook(io.BytesIO(answer.data)).worksheets
    values: list[Any] = [cell.value for cell in table[2]]
    assert values[0] == ticket.reference
    assert values[6] == "2 ч"
    assert values[9] == datetime(2026, 11, 20, 16, 0)  # noqa: DTZ001
    assert values[8] == datetime(2026, 11, 20, 14, 0)  # noqa: DTZ001
    said = {row[0].value: row[1].value for row in facts.rows}
    assert said["Пользователь"] == "содержит смирнова"
    assert said["Составил"] == manager.display_name
    assert said["Показаны обращения"] == "Открытые"


def test_a_broken_address_is_400_here_too(client: FlaskClient, manager: StaffUser) -> None:
    for query in ("_flt_0_status=flying", "_flt_0_password=x", "page_TicketView=abc"):
        assert client.get(f"/staff/exports/tickets.csv?{query}").status_code == 400
    assert client.get("/staff/exports/tickets.exe").status_code == 404


def test_a_secret_that_was_let_through_stays_out_of_the_file(client: FlaskClient, manager: StaffUser) -> None:
    operations.add_note(make_ticket(body="пароль: Gx7!kLm2pQ"), "пин-код: 48151623", by=manager, at=clock.now())
    db.session.commit()
    with client.application.test_request_context(), as_seen_by(manager, "scope=all", "ru"):
        said = [row[-1] for row in _message_rows(db.session.scalars(select(Ticket)).all())]
    assert len(said) == 2
    assert not [text for text in said if "Gx7" in text or "48151623" in text]
    assert all("[удалено" in text for text in said)


def facts_of(client: FlaskClient, query: str) -> dict[str, str]:
    answer = client.get(f"/staff/exports/tickets.xlsx?{query}", buffered=True)
    return {row[0].value: row[1].value for row in load_workbook(io.BytesIO(answer.data)).worksheets[1].rows}


def test_the_facts_speak_in_words(client: FlaskClient, manager: StaffUser, at: datetime) -> None:
    level = make_level(name_ru="Базовый")
    said = facts_of(
        client,
        f"scope=all&_flt_0_level={level.id}&_flt_0_status=awaiting_info&_flt_0_assignee=0"
        "&_flt_0_created_at=2026-10-01&_oc_TicketView=subject&_od_TicketView=asc",
    )
    assert said["Уровень поддержки"] == "это Базовый"
    assert said["Статус"] == "это Запрошена информация"
    assert said["Исполнитель"] == "это никто"
    assert said["Создано"] == "не раньше 01.10.2026"
    assert said["Порядок"] == "Тема, по возрастанию"
    assert facts_of(client, "scope=closed")["Порядок"] == "Последнее сообщение, по убыванию"


def test_the_facts_name_a_figure_of_a_report(client: FlaskClient, manager: StaffUser) -> None:
    figure = "created:2026-11-01..2026-11-30;response:kept;assignee:none;organisation:ООО;Ко"
    said = facts_of(client, urlencode({"scope": "all", "_flt_0_figure": figure}))
    assert said["Число из отчёта"] == (
        "это поступило 01.11.2026 – 30.11.2026, Первый ответ: соблюдено, Исполнитель: никто, Организация: ООО;Ко"
    )


def test_relative_days_are_other_ones_at_another_time(client: FlaskClient, manager: StaffUser, at: datetime) -> None:
    ticket = make_ticket(at=datetime(2026, 10, 31, 20, 30, tzinfo=UTC))  # half an hour before November
    later = make_ticket(at=datetime(2026, 10, 31, 21, 30, tzinfo=UTC))
    for query, found in (
        ("_flt_2_created_at=last-month", [ticket]),
        ("_flt_2_created_at=this-month", [later]),
        ("_flt_0_created_at=this-month", [later]),
        ("_flt_1_created_at=last-month", [ticket]),
        ("_flt_0_created_at=today-19d", [later]),
        ("_flt_0_created_at=today-20d", [ticket, later]),
    ):
        assert on_screen(client, f"{query}&_oc_TicketView=reference") == [one.reference for one in found], query
    assert facts_of(client, "_flt_2_created_at=last-month")["Создано"] == "за прошлый месяц (01.10.2026 – 31.10.2026)"
    with clock.frozen(datetime(2026, 12, 2, 9, tzinfo=UTC)):
        manager_again = client.get("/staff/tickets/?_flt_2_created_at=last-month")
        if manager_again.status_code == 303:  # the session has ended by then
            client.post("/staff/sign-in/", data={"username": manager.username, "password": PASSWORD})
        assert on_screen(client, "_flt_2_created_at=last-month") == [later.reference]


def test_relative_days_that_nobody_knows_are_400(client: FlaskClient, manager: StaffUser) -> None:
    for value in ("next-century", "today-99999d", "today-d", "today*3d"):
        assert client.get("/staff/tickets/", query_string={"_flt_2_created_at": value}).status_code == 400


def test_the_form_of_the_list_offers_periods_that_move_on(client: FlaskClient, manager: StaffUser) -> None:
    page = client.get("/staff/tickets/?_flt_2_created_at=last-month").text
    assert 'name="_flt_2_created_at"' in page
    assert '<option value="last-month" selected>прошлый месяц</option>' in page
    assert '<option value="today-14d" selected>14' in client.get("/staff/tickets/?_flt_0_created_at=today-14d").text


def test_a_saved_export_gets_days_that_move_on(client: FlaskClient, manager: StaffUser) -> None:
    query = "scope=all&_flt_0_created_at=2026-10-01&_flt_1_created_at=2026-10-31"
    assert "одни и те же" in client.get(f"/staff/exports/new?{query}").text
    form = {"form": "csv", "period": "monthly", "hour": "7", "name": "Месяц", "recipients": str(manager.id)}
    days = {"days_of": "created_at", "days": "last-month"}
    client.post(f"/staff/exports/saved?{query}", data=form | days)
    saved = db.session.query(SavedExport).one()
    assert saved.query == "scope=all&_flt_2_created_at=last-month"
    for wrong in ({"days": "next-century"}, {"days_of": "password"}):
        assert client.post(f"/staff/exports/saved?{query}", data=form | days | wrong).status_code == 400


def test_the_file_says_what_the_screen_says_of_the_target(
    client: FlaskClient, manager: StaffUser, at: datetime
) -> None:
    customer = make_customer()
    certificate = make_certificate(level=make_level(first_response_hours=2))
    make_registration(customer, certificate)
    paused = make_ticket(customer, certificate_id=certificate.id, at=at)
    operations.request_information(paused, "Пришлите журнал.", by=manager, at=at)
    late = make_ticket(customer, certificate_id=certificate.id, at=at - timedelta(hours=3))
    rows = {row[0]: row for row in rows_of(client)[1:]}
    assert rows[paused.reference][6] == "на паузе"
    assert rows[late.reference][6].startswith("просрочено")
    assert rows[late.reference][9] == "20.11.2026 13:00"
