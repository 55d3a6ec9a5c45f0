"""Pictures in articles."""

from __future__ import annotations

import io

import pytest
from flask.testing import FlaskClient

from supportapp.files import storage
from supportapp.files.models import StoredFile
from supportapp.kb.models import ArticleState
from tests import factories
from tests.factories import BEFORE, make_customer, make_staff
from tests.files.samples import HTML, SVG, picture
from tests.portal.knowledge import make_article, sign_in_as_staff
from tests.portal.people import sign_in

HIDDEN = [ArticleState.DRAFT, ArticleState.STAFF_ONLY]


def store(content: bytes, **changes: object) -> StoredFile:
    key = storage.new_key()
    storage.write(key, io.BytesIO(content))
    values = {
        "public_id": "a" * 32,
        "name": "снимок.png",
        "content_type": "image/png",
        "size": len(content),
        "sha256": "0" * 64,
        "storage_key": key,
        "created_at": BEFORE,
    }
    return factories._add(StoredFile(**{**values, **changes}))


PATH = f"/kb/images/{'a' * 32}"


def test_a_picture_of_a_public_article_is_for_everybody(client: FlaskClient) -> None:
    content = picture()
    make_article(images=[store(content)])
    answer = client.get(PATH)
    assert answer.data == content
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "public, no-cache"
    assert client.get(PATH, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert client.head(PATH).headers["Content-Length"] == str(len(content))


@pytest.mark.parametrize("state", HIDDEN)
def test_a_picture_of_a_hidden_article_is_for_staff_alone(client: FlaskClient, state: ArticleState) -> None:
    make_article(state=state, images=[store(picture("WEBP"))])
    assert client.get(PATH).status_code == 404
    sign_in(client)
    assert client.get(PATH).status_code == 404
    client.post("/sign-out")
    sign_in_as_staff(client)
    answer = client.get(PATH)
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_picture_of_two_articles_is_public_when_one_of_them_is(client: FlaskClient) -> None:
    stored = store(picture())
    make_article(state=ArticleState.DRAFT, images=[stored])
    make_article(slug="public", images=[stored])
    assert client.get(PATH).status_code == 200


def test_a_file_that_no_article_shows_is_404_for_everybody(client: FlaskClient) -> None:
    store(picture(), customer_id=make_customer().id)
    assert client.get(PATH).status_code == 404
    sign_in_as_staff(client)
    assert client.get(PATH).status_code == 404


def test_staff_see_the_pictures_of_what_they_are_writing(client: FlaskClient) -> None:
    store(picture(), staff_id=make_staff().id, draft="kb-1234")
    assert client.get(PATH).status_code == 404
    sign_in_as_staff(client)
    assert client.get(PATH).status_code == 200


@pytest.mark.parametrize("content", [SVG, HTML, b"", picture("BMP"), picture("TIFF")])
def test_what_browsers_do_not_take_for_a_harmless_picture_is_404(client: FlaskClient, content: bytes) -> None:
    make_article(images=[store(content)])
    assert client.get(PATH).status_code == 404


def test_lost_bytes_are_404(client: FlaskClient) -> None:
    stored = store(picture())
    make_article(images=[stored])
    storage.remove([stored.storage_key])
    assert client.get(PATH).status_code == 404


@pytest.mark.parametrize("name", ["x", "a" * 3000, "нет", "..%2f..%2fetc"])
def test_what_is_no_picture_of_ours_is_404(client: FlaskClient, name: str) -> None:
    assert client.get(f"/kb/images/{name}").status_code == 404
