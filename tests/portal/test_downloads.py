"""Attached files: who gets them, and how they come."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from supportapp.accounts.models import Customer
from supportapp.files import storage
from supportapp.files.models import StoredFile
from supportapp.files.operations import store_upload
from supportapp.tickets import operations
from tests.factories import make_customer, make_staff, make_ticket
from tests.files.samples import HTML, picture
from tests.portal.people import seen, sign_in


def stored_by(owner: Any, at: datetime, data: bytes = b"log", name: str = "журнал ошибок.log") -> StoredFile:
    return store_upload(io.BytesIO(data), name, owner=owner, draft="d", at=at)


def attached(customer: Customer, at: datetime, data: bytes = b"log", name: str = "журнал ошибок.log") -> StoredFile:
    stored = stored_by(customer, at, data, name)
    make_ticket(customer, files=[stored], at=at)
    return stored


def test_a_file_comes_as_a_download_under_its_own_name(client: FlaskClient, at: datetime) -> None:
    answer = client.get(f"/files/{attached(sign_in(client), at).public_id}")
    assert answer.data == b"log"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "filename*=UTF-8''%D0%B6%D1%83%D1%80" in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Length"] == "3"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "private, no-cache"


def test_a_page_pretending_to_be_text_is_never_sent_as_a_page(client: FlaskClient, at: datetime) -> None:
    answer = client.get(f"/files/{attached(sign_in(client), at, HTML, 'page.html').public_id}")
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")


def test_a_picture_shows_as_a_picture_encoded_anew(client: FlaskClient, at: datetime) -> None:
    shot = attached(sign_in(client), at, picture(), "снимок.png")
    answer = client.get(f"/files/{shot.public_id}/thumbnail")
    assert answer.mimetype == "image/webp"
    assert answer.data[8:12] == b"WEBP"
    assert answer.headers["Content-Disposition"].startswith("inline;")


def test_a_file_without_a_picture_has_no_thumbnail(client: FlaskClient, at: datetime) -> None:
    assert client.get(f"/files/{attached(sign_in(client), at).public_id}/thumbnail").status_code == 404


@pytest.mark.parametrize("suffix", ["", "/thumbnail"])
def test_a_strangers_file_looks_like_a_missing_one(client: FlaskClient, at: datetime, suffix: str) -> None:
    shot = attached(make_customer(), at, picture(), "снимок.png")
    sign_in(client)
    answer, missing = client.get(f"/files/{shot.public_id}{suffix}"), client.get(f"/files/{'0' * 32}{suffix}")
    assert answer.status_code == missing.status_code == 404
    assert seen(answer) == seen(missing)


def test_a_visitor_signs_in_first(client: FlaskClient, at: datetime) -> None:
    shot = attached(make_customer(), at)
    assert client.get(f"/files/{shot.public_id}").location == f"/sign-in?next=/files/{shot.public_id}"


def test_a_file_of_an_internal_note_does_not_exist_for_the_customer(client: FlaskClient, at: datetime) -> None:
    engineer, ticket = make_staff(), make_ticket(sign_in(client))
    secret, answer = stored_by(engineer, at), stored_by(engineer, at, name="ответ.log")
    operations.add_note(ticket, "Тайна", by=engineer, at=at, files=[secret])
    operations.reply(ticket, "Ответ", by=engineer, at=at, files=[answer])
    assert client.get(f"/files/{secret.public_id}").status_code == 404
    assert client.get(f"/files/{answer.public_id}").status_code == 200


@pytest.mark.parametrize("public_id", ["x", "..%2f..%2fetc", "%00", "я", "a" * 5000])
def test_a_damaged_address_is_not_found(client: FlaskClient, public_id: str) -> None:
    sign_in(client)
    assert client.get(f"/files/{public_id}").status_code in (400, 404)


def test_a_storage_that_does_not_answer_is_told(
    client: FlaskClient, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = attached(sign_in(client), at)

    def away(_key: str) -> None:
        raise storage.StorageError("away")

    monkeypatch.setattr(storage, "open_key", away)
    answer = client.get(f"/files/{stored.public_id}")
    assert answer.status_code == 503
    assert "Файл сейчас не открывается" in seen(answer)
