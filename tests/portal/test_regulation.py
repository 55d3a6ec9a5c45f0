"""The Regulation and its acceptance."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from supportapp.extensions import db
from tests.conftest import NOON
from tests.factories import BEFORE, make_regulation
from tests.portal.people import seen, sign_in


def test_everybody_reads_the_version_in_force_with_its_date(client: FlaskClient) -> None:
    make_regulation(text_ru="# Регламент\n\n## Сроки\n\nТри рабочих дня.")
    words = seen(client.get("/regulation"))
    assert "Версия 1.0 , 2 ноября 2026 · действует" in words.replace("1.0,", "1.0 ,")
    assert "Сроки Три рабочих дня." in words


def test_older_versions_can_be_reached_and_say_that_they_are_old(client: FlaskClient) -> None:
    old = make_regulation(text_ru="Старые условия.")
    make_regulation(label="2.0", text_ru="Новые условия.", published_at=NOON)
    page = client.get("/regulation")
    assert "Новые условия." in seen(page)
    assert f'href="/regulation/{old.id}"' in page.text
    old_page = seen(client.get(f"/regulation/{old.id}"))
    assert "Старые условия." in old_page
    assert "Это старая версия." in old_page


@pytest.mark.parametrize("key", ["999", "99999999999999999999999", "0", "-1", "x"])
def test_a_version_that_does_not_exist_is_404(client: FlaskClient, key: str) -> None:
    make_regulation()
    assert client.get(f"/regulation/{key}").status_code == 404


def test_a_draft_is_not_shown(client: FlaskClient) -> None:
    draft = make_regulation(published_at=None)
    assert client.get(f"/regulation/{draft.id}").status_code == 404
    assert "ещё не опубликован" in seen(client.get("/regulation"))


def test_the_english_text_is_for_english_pages(client: FlaskClient) -> None:
    make_regulation(text_ru="По-русски.", text_en="In English.")
    assert "In English." in seen(client.get("/regulation", headers={"Accept-Language": "en"}))


def test_a_newer_version_is_asked_for_and_accepted(client: FlaskClient) -> None:
    first = make_regulation()
    customer = sign_in(client, regulation_id=first.id, regulation_accepted_at=BEFORE)
    assert "новая версия Регламента" not in seen(client.get("/certificates"))
    newer = make_regulation(label="2.0", published_at=NOON - timedelta(hours=1))
    assert "Вышла новая версия Регламента" in seen(client.get("/certificates"))
    sent = client.get("/certificates/new")
    assert sent.location == "/regulation?next=/certificates/new"
    assert "Принимаю эту версию Регламента" in seen(client.get(sent.location))
    after = client.post("/regulation/acceptance", data={"regulation_id": newer.id, "next": "/certificates/new"})
    assert after.location == "/certificates/new"
    db.session.refresh(customer)
    assert (customer.regulation_id, customer.regulation_accepted_at) == (newer.id, NOON)


@pytest.mark.parametrize("seen_id", ["", "abc", "9" * 30, "-5"])
def test_only_the_version_that_was_shown_can_be_accepted(client: FlaskClient, seen_id: str) -> None:
    make_regulation()
    customer = sign_in(client)
    assert client.post("/regulation/acceptance", data={"regulation_id": seen_id}).location.startswith("/regulation")
    db.session.refresh(customer)
    assert customer.regulation_id is None


def test_a_visitor_is_not_asked_to_accept(client: FlaskClient) -> None:
    make_regulation()
    assert "Принимаю" not in seen(client.get("/regulation"))
