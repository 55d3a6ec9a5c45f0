"""The customer's profile."""

from __future__ import annotations

from flask.testing import FlaskClient

from supportapp.extensions import db
from tests.portal.people import problem_of, seen, sign_in


def test_the_profile_is_saved_and_the_pages_follow_its_language(client: FlaskClient) -> None:
    customer = sign_in(client)
    form = {"name": "Anna Smirnova", "organisation": "Romashka Ltd", "phone": "+7 495 000-00-00", "language": "en"}
    after = client.post("/profile", data=form, follow_redirects=True)
    assert "Your profile is saved." in seen(after)
    db.session.refresh(customer)
    assert (customer.name, customer.organisation, customer.language) == ("Anna Smirnova", "Romashka Ltd", "en")


def test_a_wrong_field_gets_a_sentence_and_keeps_what_was_typed(client: FlaskClient) -> None:
    customer = sign_in(client)
    answer = client.post("/profile", data={"name": "Новое имя", "phone": "звоните", "language": "ru"})
    assert problem_of(answer, "phone")
    assert 'value="Новое имя"' in answer.text
    db.session.refresh(customer)
    assert customer.name != "Новое имя"


def test_an_unknown_language_is_refused(client: FlaskClient) -> None:
    sign_in(client)
    assert problem_of(client.post("/profile", data={"name": "Анна", "language": "xx"}), "language")


def test_names_are_shown_as_text(client: FlaskClient) -> None:
    sign_in(client, name="<script>alert(1)</script>")
    assert "<script>alert(1)" not in client.get("/profile").text


def test_a_visitor_signs_in_first(client: FlaskClient) -> None:
    assert "/sign-in" in client.get("/profile").location
