"""Files sent ahead of their form by the page's script."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from supportapp.extensions import db
from supportapp.files import thumbnails
from supportapp.files.models import StoredFile
from tests.files.samples import HTML, picture
from tests.portal.people import sign_in


def upload(client: FlaskClient, data: bytes = b"log", name: str = "a.log", draft: str = "form-1") -> Any:
    return client.post("/uploads", data={"draft": draft, "file": (io.BytesIO(data), name)}, headers=JSON)


JSON = {"Accept": "application/json"}


def test_an_upload_answers_with_what_the_page_shows(client: FlaskClient) -> None:
    sign_in(client)
    answer = upload(client, picture(), "снимок.png")
    assert answer.status_code == 201
    stored = db.session.query(StoredFile).one()
    assert answer.json == {
        "id": stored.public_id,
        "name": "снимок.png",
        "size": answer.json["size"],
        "url": f"/files/{stored.public_id}",
        "thumbnail": f"/files/{stored.public_id}/thumbnail",
        "removal": f"/uploads/{stored.public_id}/removal",
    }
    assert answer.json["size"].endswith("КБ")
    assert client.get(answer.json["thumbnail"]).status_code == 200


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [(b"", "a.log", "Файл a.log пуст (0 байт)."), (HTML, "a.png", "a.png"), (b"MZ" + b"\0" * 80, "a.exe", "a.exe")],
)
def test_a_bad_file_gets_its_own_sentence(client: FlaskClient, data: bytes, name: str, words: str) -> None:
    sign_in(client)
    answer = upload(client, data, name)
    assert answer.status_code == 422
    assert words in answer.json["error"]
    assert db.session.query(StoredFile).count() == 0


def test_one_file_too_many_is_told(client: FlaskClient) -> None:
    sign_in(client)
    for n in range(10):
        assert upload(client, name=f"{n}.log").status_code == 201
    answer = upload(client)
    assert answer.status_code == 422
    assert "10" in answer.json["error"]


def test_waiting_files_are_listed_for_their_form_alone(client: FlaskClient) -> None:
    sign_in(client)
    upload(client, name="a.log", draft="form-1")
    upload(client, name="b.log", draft="form-2")
    names = [stored["name"] for stored in client.get("/uploads?draft=form-1").json["files"]]
    assert names == ["a.log"]
    assert client.get("/uploads?draft=%3Cb%3E").json == {"files": []}


def test_a_stranger_neither_lists_nor_removes(client: FlaskClient) -> None:
    sign_in(client)
    removal = upload(client).json["removal"]
    client.post("/sign-out")
    sign_in(client)
    assert client.get("/uploads?draft=form-1").json == {"files": []}
    assert client.post(removal).status_code == 204
    assert db.session.query(StoredFile).count() == 1


def test_a_file_is_removed(client: FlaskClient) -> None:
    sign_in(client)
    assert client.post(upload(client).json["removal"]).status_code == 204
    assert db.session.query(StoredFile).count() == 0


@pytest.mark.parametrize("draft", ["", "x" * 65, "<b>", "а"])
def test_a_damaged_form_is_told(client: FlaskClient, draft: str) -> None:
    sign_in(client)
    answer = upload(client, draft=draft)
    assert (answer.status_code, answer.json["error"]) == (400, "Файл не дошёл. Попробуйте ещё раз.")


def test_no_file_at_all_is_told(client: FlaskClient) -> None:
    sign_in(client)
    assert client.post("/uploads", data={"draft": "form-1"}).status_code == 400


def test_a_visitor_is_told_that_the_session_ended(client: FlaskClient) -> None:
    answer = upload(client)
    assert answer.status_code == 401
    assert "Сеанс закончился" in answer.json["error"]


def test_a_huge_request_is_refused_in_json(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(client)
    monkeypatch.setitem(client.application.config, "MAX_CONTENT_LENGTH", 1000)
    answer = upload(client, b"x" * 5000)
    assert answer.status_code == 413
    assert "Отправьте меньше файлов" in answer.json["error"]


def test_an_upload_without_the_token_of_the_session_is_refused(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(client)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    assert upload(client).status_code == 400
    assert db.session.query(StoredFile).count() == 0


@pytest.mark.parametrize("path", ["/uploads", "/tickets/new"])
def test_no_transaction_is_open_while_the_bytes_come_and_are_looked_at(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    open_during: list[bool] = []

    def look(source: Any) -> None:
        open_during.append(db.session().in_transaction())

    monkeypatch.setattr(thumbnails, "make_thumbnail", look)
    sign_in(client)
    shot = (io.BytesIO(picture()), "a.png")
    client.post(path, data={"draft": "form-1", "file": shot} if path == "/uploads" else {"files": shot})
    assert open_during == [False]
