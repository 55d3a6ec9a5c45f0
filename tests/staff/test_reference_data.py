"""Reference data: what may be written, what history it leaves, and what bad input does."""

from __future__ import annotations

import io
import logging
import re
from datetime import date, datetime
from typing import BinaryIO

import pytest
from flask.testing import FlaskClient

from supportapp import database
from supportapp.accounts.models import RegulationVersion, StaffUser
from supportapp.certificates.models import Certificate, Product, SupportLevel
from supportapp.certificates.register import Register, read_register
from supportapp.certificates.rules import CertificateKind
from supportapp.extensions import db
from supportapp.kb import operations as kb
from supportapp.kb.models import Article, ArticleState, Topic
from supportapp.notifications.models import NotificationState
from supportapp.staff import register_import
from supportapp.tickets import operations
from supportapp.worktime.models import CalendarCorrection
from supportapp.worktime.queries import current_calendar
from tests.factories import (
    deliver_mails,
    mails,
    make_certificate,
    make_customer,
    make_level,
    make_product,
    make_registration,
    make_staff,
    make_ticket,
)
from tests.staff.conftest import SignIn

HUGE = "99999999999999999999"
LEVEL = {"name_ru": "Срочный", "name_en": "Urgent", "priority": "5", "opens_at": "09:00", "closes_at": "18:00"}


def test_in_english_levels_and_topics_bear_their_english_names(client: FlaskClient, admin: StaffUser) -> None:
    level, topic = make_level(name_ru="Расширенный", name_en="Extended"), Topic(name_ru="Токены", name_en="Tokens")
    registration = make_registration(make_customer(), make_certificate(level=level))
    kb.save_article(None, title="PIN", body="Text.", topic=topic, by=None, at=registration.registered_at)
    db.session.commit()
    client.post("/staff/language", data={"language": "en"})
    certificates = f"/staff/certificates/show/{registration.certificate_id}"
    customer = f"/staff/customers/show/{registration.customer_id}"
    for page in ("/staff/certificates/", "/staff/certificates/add", certificates, customer):
        text = client.get(page).text
        assert "Extended" in text, page
        assert "Расширенный" not in text, page
    articles = client.get("/staff/articles/").text
    assert articles.count("Tokens") == 2  # in the row and among the filters
    assert "Токены" not in articles
    assert "Delete “Tokens”" in client.get(f"/staff/topics/delete/{topic.id}").text


def test_an_empty_list_says_why_and_what_comes_next(client: FlaskClient, manager: StaffUser) -> None:
    assert "Ни одно письмо не ждёт вашего решения." in client.get("/staff/quarantine/").text
    assert "действует официальный производственный календарь" in client.get("/staff/calendar/").text
    narrowed = client.get("/staff/products/?_flt_0_name=zzz").text
    assert "Под эти условия ничего не подходит." in narrowed
    assert '<a href="/staff/products/">Показать список без них</a>' in narrowed
    assert '<a href="/staff/tickets/">Все открытые обращения</a>' in client.get("/staff/tickets/?scope=mine").text


def test_a_product_is_added_changed_and_deleted(client: FlaskClient, manager: StaffUser) -> None:
    client.post("/staff/products/add", data={"name": " Клиент VPN ", "versions": "2.0\n1.0", "active": "y"})
    product = db.session.query(Product).one()
    assert (product.name, product.version_list, product.active) == ("Клиент VPN", ["2.0", "1.0"], True)
    assert "2.0, 1.0" in client.get("/staff/products/").text
    client.post(f"/staff/products/edit/{product.id}", data={"name": "Клиент VPN", "versions": ""})
    assert product.active is False
    assert "Удалить «Клиент VPN»" in client.get(f"/staff/products/delete/{product.id}").text
    assert db.session.query(Product).count() == 1
    client.post(f"/staff/products/delete/{product.id}")
    assert db.session.query(Product).count() == 0


def test_a_name_twice_is_refused_next_to_it_and_nothing_typed_is_lost(client: FlaskClient, manager: StaffUser) -> None:
    product = make_product()
    answer = client.post("/staff/products/add", data={"name": product.name, "versions": "моя версия"})
    assert answer.status_code == 200
    assert "Такое уже есть." in answer.text
    assert "моя версия" in answer.text
    assert db.session.query(Product).count() == 1


def test_what_is_in_use_is_not_deleted(client: FlaskClient, manager: StaffUser) -> None:
    product = make_certificate().products[0]
    answer = client.post(f"/staff/products/delete/{product.id}", follow_redirects=True)
    assert "Запись используется" in answer.text
    assert db.session.query(Product).count() == 1


def test_a_change_is_logged_with_its_author(
    client: FlaskClient, manager: StaffUser, caplog: pytest.LogCaptureFixture
) -> None:
    level = make_level(name_ru="Срочный", name_en="Urgent", priority=20)
    with caplog.at_level(logging.INFO, "supportapp.staff.changes"):
        client.post(f"/staff/levels/edit/{level.id}", data=LEVEL)
    assert level.priority == 5
    assert f"({manager.username}) changed SupportLevel {level.id}" in caplog.text
    assert "priority: '20' -> '5'" in caplog.text


@pytest.mark.parametrize(
    "changes",
    [
        {"priority": "0"}, {"priority": HUGE}, {"priority": "abc"}, {"first_response_hours": "-1"},
        {"resolution_hours": HUGE}, {"closes_at": "08:00"}, {"opens_at": "25:99"}, {"name_en": ""},
        {"name_ru": "x" * 81},
    ],
)  # fmt: skip
def test_a_level_that_makes_no_sense_is_refused(
    client: FlaskClient, manager: StaffUser, changes: dict[str, str]
) -> None:
    answer = client.post("/staff/levels/add", data=LEVEL | changes)
    assert 'class="help-block error"' in answer.text
    assert db.session.query(SupportLevel).count() == 0


def test_a_calendar_correction_moves_running_deadlines(client: FlaskClient, manager: StaffUser, at: datetime) -> None:
    ticket = make_ticket()
    operations.request_information(ticket, "Пришлите журнал.", by=manager, at=at)
    deliver_mails(at=at)
    before = ticket.closes_at
    form = {"day": "2026-11-24", "working": "n", "source": "Указ № 1"}
    page = client.post("/staff/calendar/add", data=form | {"seen": "2026-11-24 n"}, follow_redirects=True).text
    assert "Сдвинулось сроков: 1." in page
    assert not current_calendar().is_working(date(2026, 11, 24))
    assert before is not None
    assert ticket.closes_at is not None
    assert ticket.closes_at > before
    correction = db.session.query(CalendarCorrection).one()
    assert correction.changed_by_id == manager.id
    client.post(f"/staff/calendar/delete/{correction.id}")
    assert ticket.closes_at == before


def test_before_a_correction_the_tickets_whose_deadline_moves_are_shown(
    client: FlaskClient, manager: StaffUser, at: datetime
) -> None:
    ticket = make_ticket()
    operations.request_information(ticket, "Пришлите журнал.", by=manager, at=at)
    deliver_mails(at=at)
    form = {"day": "2026-11-24", "working": "n", "source": "Указ № 1"}
    page = client.post("/staff/calendar/add", data=form).text
    assert f'href="/staff/tickets/{ticket.reference}"' in page
    assert "26.11.2026 00:00" in page
    assert "27.11.2026 00:00" in page
    assert db.session.query(CalendarCorrection).count() == 0
    # what was seen was another day: it is asked again
    client.post("/staff/calendar/add", data=form | {"seen": "2026-11-23 n"})
    assert db.session.query(CalendarCorrection).count() == 0
    client.post("/staff/calendar/add", data=form | {"seen": "2026-11-24 n"})
    assert db.session.query(CalendarCorrection).count() == 1


def test_a_correction_that_moves_nothing_is_saved_at_once(client: FlaskClient, manager: StaffUser) -> None:
    client.post("/staff/calendar/add", data={"day": "2026-11-24", "working": "n", "source": "Указ № 1"})
    assert db.session.query(CalendarCorrection).count() == 1


def test_changing_and_deleting_a_correction_show_what_moves_back(
    client: FlaskClient, manager: StaffUser, at: datetime
) -> None:
    form = {"day": "2026-11-24", "working": "n", "source": "Указ № 1"}
    client.post("/staff/calendar/add", data=form)
    ticket = make_ticket()
    operations.request_information(ticket, "Пришлите журнал.", by=manager, at=at)
    deliver_mails(at=at)
    correction = db.session.query(CalendarCorrection).one()
    page = client.post(f"/staff/calendar/edit/{correction.id}", data=form | {"day": "2026-12-15"}).text
    assert ticket.reference in page
    assert correction.day == date(2026, 11, 24)
    page = client.get(f"/staff/calendar/delete/{correction.id}").text
    assert ticket.reference in page
    assert "26.11.2026 00:00" in page


def _hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found
    return found[1]


def test_what_a_colleague_saved_meanwhile_is_not_overwritten(client: FlaskClient, manager: StaffUser) -> None:
    product = make_product(name="Клиент VPN", versions="1.0")
    stamp = _hidden(client.get(f"/staff/products/edit/{product.id}").text, "row_stamp")
    product.versions = "2.0\n1.0"
    form = {"name": "Клиент VPN 3", "versions": "моё", "active": "y", "row_stamp": stamp}
    answer = client.post(f"/staff/products/edit/{product.id}", data=form)
    assert "Пока страница была открыта, запись изменил кто-то другой" in answer.text
    assert "моё" in answer.text
    assert _hidden(answer.text, "row_stamp") == stamp
    assert (product.name, product.versions) == ("Клиент VPN", "2.0\n1.0")
    stamp = _hidden(client.get(f"/staff/products/edit/{product.id}").text, "row_stamp")
    client.post(f"/staff/products/edit/{product.id}", data=form | {"row_stamp": stamp})
    assert product.name == "Клиент VPN 3"


def test_a_certificate_whose_products_a_colleague_changed_is_not_overwritten(
    client: FlaskClient, manager: StaffUser
) -> None:
    form = certificate_form()
    client.post("/staff/certificates/add", data=form)
    certificate = db.session.query(Certificate).one()
    stamp = _hidden(client.get(f"/staff/certificates/edit/{certificate.id}").text, "row_stamp")
    certificate.products = [make_product()]
    client.post(f"/staff/certificates/edit/{certificate.id}", data=form | {"seats": "9", "row_stamp": stamp})
    assert (certificate.seats, len(certificate.products)) == (3, 1)


@pytest.mark.parametrize("day", ["1066-10-14", "9999-12-31", "31.12.2026x", ""])
def test_a_day_outside_our_times_is_refused(client: FlaskClient, manager: StaffUser, day: str) -> None:
    form = {"day": day, "working": "n", "source": "Указ"}
    assert 'class="help-block error"' in client.post("/staff/calendar/add", data=form).text
    assert db.session.query(CalendarCorrection).count() == 0


def certificate_form(**changes: str) -> dict[str, object]:
    values: dict[str, object] = {
        "kind": "contract",
        "number": "ДТП-77/2026",
        "activation_code": "DEMO-2002",
        "level": make_level().id,
        "products": [make_product().id, make_product().id],
        "holder": "АО «Вектор»",
        "valid_from": "2026-01-01",
        "valid_to": "2026-12-31",
        "seats": "3",
    }
    return values | changes


def test_a_manager_enters_and_corrects_a_certificate(client: FlaskClient, manager: StaffUser) -> None:
    form = certificate_form()
    client.post("/staff/certificates/add", data=form)
    certificate = db.session.query(Certificate).one()
    assert (certificate.kind, certificate.seats, len(certificate.products)) == (CertificateKind.CONTRACT, 3, 2)
    assert certificate.created_by is not None
    page = client.get(f"/staff/certificates/edit/{certificate.id}").text
    assert "DEMO-2002" in page
    client.post(f"/staff/certificates/edit/{certificate.id}", data=form | {"holder": "АО «Вектор-2»"})
    assert certificate.holder == "АО «Вектор-2»"


@pytest.mark.parametrize(
    "changes",
    [{"valid_to": "2025-01-01"}, {"seats": "0"}, {"seats": HUGE}, {"number": " "}, {"level": ""}, {"level": HUGE},
     {"products": "abc"}, {"kind": "gift"}, {"valid_from": "yesterday"}, {"number": "x" * 65}],
)  # fmt: skip
def test_a_certificate_that_makes_no_sense_is_refused(
    client: FlaskClient, manager: StaffUser, changes: dict[str, str]
) -> None:
    answer = client.post("/staff/certificates/add", data=certificate_form(**changes))
    assert answer.status_code == 200
    assert 'class="help-block error"' in answer.text
    assert db.session.query(Certificate).count() == 0


def test_a_revocation_needs_a_reason(client: FlaskClient, manager: StaffUser) -> None:
    certificate = make_registration(make_customer()).certificate
    path = f"/staff/certificates/{certificate.id}/revocation"
    assert "навсегда" in client.get(path).text
    assert client.post(path, data={"reason": ""}).status_code == 422
    assert not certificate.is_revoked
    client.post(path, data={"reason": "Возврат денег"})
    assert certificate.revocation_reason == "Возврат денег"
    page = client.get(f"/staff/certificates/show/{certificate.id}").text
    assert "Возврат денег" in page
    assert certificate.registrations[0].customer.email in page


def register_file(*rows: str) -> tuple[io.BytesIO, str]:
    header = "Вид;Номер;Код активации;Уровень поддержки;Продукты;Владелец;Действует с;Действует по;Мест"
    return io.BytesIO("\n".join((header, *rows)).encode()), "реестр.csv"


def test_a_register_is_looked_at_and_then_imported_whole(client: FlaskClient, manager: StaffUser) -> None:
    level, product = make_level(), make_product()
    rows = [
        f"сертификат;СП-2026-{n};КОД-{n};{level.name_ru};{product.name};ООО «Ромашка»;01.01.2026;31.12.2026;1"
        for n in range(3)
    ]
    page = client.post("/staff/certificate-import/", data={"register": register_file(*rows)})
    assert page.status_code == 200, page.text
    assert "СП-2026-2" in page.text
    assert db.session.query(Certificate).count() == 0
    action = page.text.split('action="/staff/certificate-import/')[1].split('"')[0]
    assert client.post(f"/staff/certificate-import/{action}").headers["Location"] == "/staff/certificates/"
    assert db.session.query(Certificate).count() == 3
    again = client.post(f"/staff/certificate-import/{action}", follow_redirects=True)
    assert "Загруженного файла больше нет" in again.text
    assert db.session.query(Certificate).count() == 3


def test_nobody_waits_while_a_register_is_read(
    client: FlaskClient, manager: StaffUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    level, product = make_level(), make_product()
    row = f"сертификат;СП-1;КОД-1;{level.name_ru};{product.name};ООО;01.01.2026;31.12.2026;1"
    only_reads: list[bool] = []

    def read(stream: BinaryIO, name: str) -> Register:
        only_reads.append(database._read_only.get())
        return read_register(stream, name)

    monkeypatch.setattr(register_import, "read_register", read)
    page = client.post("/staff/certificate-import/", data={"register": register_file(row)})
    action = page.text.split('action="/staff/certificate-import/')[1].split('"')[0]
    client.post(f"/staff/certificate-import/{action}")
    assert only_reads == [True, True]
    assert db.session.query(Certificate).count() == 1


def test_a_register_with_a_bad_row_imports_nothing_and_names_the_row(client: FlaskClient, manager: StaffUser) -> None:
    level, product = make_level(), make_product()
    good = f"сертификат;СП-1;КОД-1;{level.name_ru};{product.name};ООО;01.01.2026;31.12.2026;1"
    bad = f"сертификат;СП-2;КОД-2;{level.name_ru};{product.name};ООО;31.12.2026;01.01.2026;1"
    page = client.post("/staff/certificate-import/", data={"register": register_file(good, bad)})
    assert page.status_code == 422
    assert "Строка 3" in page.text
    assert "Внести все" not in page.text


@pytest.mark.parametrize("upload", [None, (io.BytesIO(b""), "empty.csv"), (io.BytesIO(b"\x00\x01"), "junk.xlsx")])
def test_a_file_that_is_no_register_says_so(client: FlaskClient, manager: StaffUser, upload: object) -> None:
    data = {"register": upload} if upload else {}
    answer = client.post("/staff/certificate-import/", data=data)
    assert answer.status_code == 422
    assert 'class="alert alert-danger"' in answer.text


def test_a_customer_is_blocked_and_let_in_again(client: FlaskClient, manager: StaffUser) -> None:
    customer = make_customer()
    client.post(f"/staff/customers/{customer.id}/blocking")
    assert customer.blocked_at is not None
    page = client.post(f"/staff/customers/{customer.id}/blocking", follow_redirects=True).text
    assert "alert-danger" in page
    client.post(f"/staff/customers/{customer.id}/unblocking")
    assert customer.blocked_at is None


def test_staff_see_that_one_account_continues_another(client: FlaskClient, engineer: StaffUser, at: datetime) -> None:
    new = make_customer()
    old = make_customer(successor=new, closed_at=at)
    registration, ticket = make_registration(new), make_ticket(new)
    assert new.email in client.get(f"/staff/customers/show/{old.id}").text
    page = client.get(f"/staff/customers/show/{new.id}").text
    for words in (old.email, registration.certificate.number, ticket.reference):
        assert words in page


def test_an_editor_writes_publishes_and_withdraws_an_article(client: FlaskClient, editor: StaffUser) -> None:
    topic = Topic(name_ru="Установка", name_en="Setup")
    db.session.add(topic)
    db.session.flush()
    form = {
        "title": "Ошибка 0x8009",
        "body": "**Переустановите**",
        "phrases": "0x8009",
        "language": "ru",
        "topic": topic.id,
    }
    client.post("/staff/articles/add", data=form)
    article = db.session.query(Article).one()
    assert (article.state, article.topic) == (ArticleState.DRAFT, topic)
    assert "<strong>Переустановите</strong>" in client.get(f"/staff/articles/show/{article.id}").text
    client.post(f"/staff/articles/{article.id}/publication")
    assert article.is_published
    client.post(f"/staff/articles/{article.id}/withdrawal")
    assert article.state is ArticleState.DRAFT
    assert client.get(f"/staff/articles/{article.id}/publication").status_code == 405


def test_two_editors_do_not_overwrite_each_other(client: FlaskClient, editor: StaffUser, at: datetime) -> None:
    article = kb.save_article(None, title="Статья", body="Текст", by=None, at=at)
    seen = article.revision
    kb.save_article(article, title="Статья", body="Текст коллеги", by=None, at=at)
    form = {"title": "Статья", "body": "Мой текст", "language": "ru", "topic": "", "revision": str(seen)}
    answer = client.post(f"/staff/articles/edit/{article.id}", data=form)
    assert article.body == "Текст коллеги"
    assert "Мой текст" in answer.text


def test_a_topic_cannot_be_its_own_ancestor(client: FlaskClient, editor: StaffUser) -> None:
    upper = Topic(name_ru="Верх", name_en="Upper")
    lower = Topic(name_ru="Низ", name_en="Lower", parent=upper)
    db.session.add_all([upper, lower])
    db.session.flush()
    form = {"name_ru": "Верх", "name_en": "Upper", "position": "1", "parent_id": lower.id}
    answer = client.post(f"/staff/topics/edit/{upper.id}", data=form)
    assert "не может входить в самого себя" in answer.text
    assert upper.parent_id is None


def test_a_published_regulation_is_never_changed(client: FlaskClient, editor: StaffUser) -> None:
    form = {"label": "2.0", "text_ru": "# Новый", "text_en": "# New"}
    client.post("/staff/regulation/add", data=form)
    version = db.session.query(RegulationVersion).one()
    assert (version.published_at, version.author_id) == (None, editor.id)
    client.post(f"/staff/regulation/edit/{version.id}", data=form | {"text_ru": "# Правка"})
    assert version.text_ru == "# Правка"
    client.post(f"/staff/regulation/{version.id}/publication")
    assert version.published_at is not None
    client.post(f"/staff/regulation/edit/{version.id}", data=form | {"text_ru": "# Подмена"})
    assert version.text_ru == "# Правка"
    again = client.post(f"/staff/regulation/{version.id}/publication", follow_redirects=True)
    assert "Опубликованная версия не меняется" in again.text


def test_the_outbox_shows_no_text_and_sends_again_what_failed(client: FlaskClient, manager: StaffUser) -> None:
    make_ticket()
    mail = mails()[0]
    mail.text_body = "https://portal/confirm/very-secret-link"
    mail.state, mail.last_error = NotificationState.UNDELIVERABLE, "550 no such user"
    assert mail.subject in client.get("/staff/outbox/?troubled=1").text
    page = client.get(f"/staff/outbox/show/{mail.id}").text
    assert "550 no such user" in page
    assert "very-secret-link" not in page
    client.post(f"/staff/outbox/{mail.id}/resending")
    assert mail.state is NotificationState.QUEUED
    assert mail.subject not in client.get("/staff/outbox/?troubled=1").text
    assert "alert-danger" in client.post(f"/staff/outbox/{mail.id}/resending", follow_redirects=True).text


def staff_form(**changes: object) -> dict[str, object]:
    values: dict[str, object] = {
        "username": "Olga.K", "email": "olga@vendor.example", "first_name": "Ольга", "last_name": "Ким",
        "roles": ["Engineer", "Editor"], "active": "y", "password": "пять слов для входа",
    }  # fmt: skip
    return values | changes


def test_an_admin_makes_a_colleague_who_can_sign_in(client: FlaskClient, admin: StaffUser) -> None:
    client.post("/staff/users/add", data=staff_form())
    person = db.session.query(StaffUser).filter_by(username="olga.k").one()
    assert {role.name for role in person.roles} == {"Engineer", "Editor"}  # type: ignore[attr-defined]
    browser = client.application.test_client()
    answer = browser.post("/staff/sign-in/", data={"username": "OLGA.K", "password": "пять слов для входа"})
    assert answer.status_code == 303


@pytest.mark.parametrize(
    "changes",
    [{"username": "ольга"}, {"username": "a@b"}, {"email": "nobody"}, {"roles": []}, {"roles": ["Root"]},
     {"password": ""}, {"password": "short"}, {"username": "taken"}, {"username": "TAKEN"},
     {"email": "TAKEN@vendor.example"}],
)  # fmt: skip
def test_a_staff_account_that_may_not_be_is_refused(
    client: FlaskClient, admin: StaffUser, changes: dict[str, object]
) -> None:
    make_staff(username="taken", email="taken@vendor.example")
    count = db.session.query(StaffUser).count()
    answer = client.post("/staff/users/add", data=staff_form(**changes))
    assert 'class="help-block error"' in answer.text
    assert db.session.query(StaffUser).count() == count


def test_switching_a_colleague_off_ends_the_sessions(client: FlaskClient, sign_in: SignIn) -> None:
    sign_in("Admin")
    person = make_staff("Engineer")
    epoch = person.session_epoch
    form = staff_form(username=person.username, email=person.email, password="")
    del form["active"]
    client.post(f"/staff/users/edit/{person.id}", data=form)
    assert not person.active
    assert person.session_epoch > epoch
    assert client.get(f"/staff/users/delete/{person.id}").status_code == 404


def test_an_admin_cannot_shut_himself_out(client: FlaskClient, admin: StaffUser) -> None:
    form = staff_form(username=admin.username, email=admin.email, password="", roles=["Manager"])
    answer = client.post(f"/staff/users/edit/{admin.id}", data=form)
    assert "Нельзя отключить собственную учётную запись" in answer.text
    assert [role.name for role in admin.roles] == ["Admin"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("key", [HUGE, "0", "-1", "abc", "1.5", "９"])
def test_a_key_that_no_row_can_have_is_404(client: FlaskClient, admin: StaffUser, key: str) -> None:
    for path in ("products/show", "products/edit", "products/delete", "customers/show", "users/edit", "outbox/show"):
        assert client.get(f"/staff/{path}/{key}").status_code == 404, path
    assert client.post(f"/staff/certificates/{key}/revocation").status_code == 404


@pytest.mark.parametrize("query", ["page_ProductView=abc", "_flt_0_name=%00", "_flt_7_name=x", "_flt_0_id=1"])
def test_a_broken_address_of_any_list_is_400(client: FlaskClient, admin: StaffUser, query: str) -> None:
    assert client.get(f"/staff/products/?{query}").status_code == 400


def test_lists_are_searched_whatever_the_case_of_cyrillic(client: FlaskClient, engineer: StaffUser) -> None:
    wanted, other = make_customer(name="Ёлкина Жанна"), make_customer(name="Пётр")
    page = client.get("/staff/customers/?_flt_0_name=ёЛКИНА").text
    assert wanted.email in page
    assert other.email not in page
