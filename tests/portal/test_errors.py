"""Error pages: calm, in the person's language, without traces."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from supportapp.extensions import db
from tests.conftest import NOON
from tests.factories import make_staff
from tests.portal.people import seen, sign_in


@pytest.fixture
def guarded(app: Flask) -> Iterator[None]:
    """CSRF protection as in real life."""
    app.config["WTF_CSRF_ENABLED"] = True
    yield
    app.config["WTF_CSRF_ENABLED"] = False


def test_a_missing_page_is_a_sentence_in_both_languages(client: FlaskClient) -> None:
    page = client.get("/no-such-page")
    assert page.status_code == 404
    assert "Такой страницы нет" in seen(page)
    assert "There is no such page" in seen(client.get("/no-such-page", headers={"Accept-Language": "en"}))


def test_a_wrong_method_is_a_sentence(client: FlaskClient) -> None:
    page = client.get("/sign-out")
    assert page.status_code == 405
    assert "Этот адрес так не открывается" in seen(page)


def test_a_form_that_is_too_large_is_a_sentence(client: FlaskClient) -> None:
    page = client.post("/sign-in", data={"email": "x" * (3 * 1024 * 1024)})
    assert page.status_code == 413
    assert "Слишком большой объём" in seen(page)


@pytest.mark.parametrize("path", ["/kb/%00", "/kb/?q=%00", "/kb/?q=%FF", "/?x=%ED%A0%80", "/sign-in?%C3=1"])
def test_nul_bytes_and_broken_utf8_in_an_address_are_400(client: FlaskClient, path: str) -> None:
    page = client.get(path)
    assert page.status_code == 400
    assert "Не удалось прочитать запрос" in seen(page)


def test_broken_utf8_in_a_path_is_400(client: FlaskClient) -> None:
    assert client.get("/kb/x", environ_overrides={"PATH_INFO": "/kb/\xff\xfe"}).status_code == 400


def test_a_nul_byte_in_the_name_of_a_field_is_400(client: FlaskClient) -> None:
    assert client.post("/sign-in", data={"em\0ail": "x"}).status_code == 400


@pytest.mark.parametrize("path", ["/sign-in", "/sign-up", "/password/forgot", "/staff/sign-in/"])
@pytest.mark.parametrize("body", ['"x"', "[" * 100_000, '{"email": 1, "password": {}, "username": []}'])
def test_json_is_not_taken_for_a_form(client: FlaskClient, path: str, body: str) -> None:
    page = client.post(path, data=body, content_type="application/json")
    assert page.status_code == 415
    assert "Не удалось прочитать запрос" in seen(page)


@pytest.mark.parametrize("path", ["/sign-in", "/sign-up", "/password/forgot", "/staff/sign-in/"])
@pytest.mark.parametrize("field", ["email", "password", "username"])
def test_a_file_is_not_taken_for_a_text(client: FlaskClient, path: str, field: str) -> None:
    form = {"email": "a@example.com", "username": "a", "password": "x", field: (io.BytesIO(b"x"), "x.txt")}
    assert client.post(path, data=form, content_type="multipart/form-data").status_code == 400


def test_a_failure_of_ours_shows_no_trace_and_asks_nothing_of_the_database(
    client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(client)

    def broken(*_args: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setitem(app.config, "TESTING", False)
    monkeypatch.setattr(db.session, "get", broken)
    page = client.get("/profile")
    assert page.status_code == 500
    assert "У нас что-то сломалось" in seen(page)
    assert "secret detail" not in page.text
    assert "Traceback" not in page.text


def test_a_script_gets_the_sentence_as_json(client: FlaskClient) -> None:
    answer = client.get("/no-such-page", headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert answer.json == {"error": "Возможно, в адресе опечатка или страница предназначена не вам."}


def test_a_stale_form_keeps_what_was_typed_but_no_secret(client: FlaskClient, guarded: None) -> None:
    typed = "Длинное описание проблемы, которое жалко потерять"
    form = {"body": typed, "password": "a password longer than twenty", "csrf_token": "not the right token at all"}
    page = client.post("/sign-in", data=form)
    assert page.status_code == 400
    assert "Форма устарела" in seen(page)
    assert typed in seen(page)
    assert "a password longer" not in page.text


def test_every_form_of_the_frame_carries_its_token(client: FlaskClient, guarded: None) -> None:
    page = client.get("/sign-in")
    assert page.text.count('name="csrf_token"') == page.text.count('method="post"') == 2


def test_staff_on_a_missing_page_are_shown_the_way_back(client: FlaskClient) -> None:
    staff = make_staff("Engineer")
    with client.session_transaction() as session:
        session["_user_id"] = staff.get_id()
        session["_fresh"] = True
        session["signed_in_at"] = NOON.timestamp()
    page = client.get("/no-such-page")
    assert 'href="/staff/"' in page.text
    assert "Зарегистрироваться" not in seen(page)
