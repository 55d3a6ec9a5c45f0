"""The language of the pages."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.portal.people import seen, sign_in


def test_russian_comes_first(client: FlaskClient) -> None:
    page = client.get("/regulation")
    assert '<html lang="ru">' in page.text
    assert "База знаний" in seen(page)


def test_a_browser_that_asks_for_english_gets_it(client: FlaskClient) -> None:
    page = client.get("/regulation", headers={"Accept-Language": "de, en;q=0.8, ru;q=0.5"})
    assert '<html lang="en">' in page.text
    assert "Knowledge base" in seen(page)


def test_an_unknown_language_means_russian(client: FlaskClient) -> None:
    assert '<html lang="ru">' in client.get("/regulation", headers={"Accept-Language": "fr"}).text


def test_a_customer_sees_the_language_of_the_profile(client: FlaskClient) -> None:
    sign_in(client, language="en")
    assert '<html lang="en">' in client.get("/profile").text


def test_the_switch_wins_and_comes_back_to_the_page(client: FlaskClient) -> None:
    answer = client.post("/language", data={"language": "en", "next": "/regulation?x=1"})
    assert answer.location == "/regulation?x=1"
    assert '<html lang="en">' in client.get("/regulation", headers={"Accept-Language": "ru"}).text


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_the_switch_leads_to_no_other_site(client: FlaskClient, elsewhere: str) -> None:
    assert client.post("/language", data={"language": "en", "next": elsewhere}).location == "/"


def test_a_language_we_do_not_speak_changes_nothing(client: FlaskClient) -> None:
    client.post("/language", data={"language": "../../etc"})
    assert '<html lang="ru">' in client.get("/regulation").text
