"""Pages that are asked for with a slash too many: they open, and lead nowhere else."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.portal.people import seen, sign_in


def pages(app: Flask) -> list[str]:
    """An address of every page of the portal that has no slash at its end."""
    address = app.url_map.bind("").build
    return [
        address(rule.endpoint, {name: "replies" if name == "act" else "1" for name in rule.arguments})
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("portal.") and "GET" in (rule.methods or ()) and "path:" not in rule.rule
    ]


def test_every_page_is_found_with_a_slash_too_many(client: FlaskClient, app: Flask) -> None:
    without = {page for page in pages(app) if not page.endswith("/")}
    assert {"/certificates", "/tickets", "/tickets/new", "/profile", "/kb/1", "/files/1/thumbnail"} <= without
    assert {page: client.get(f"{page}/").location for page in without} == {page: page for page in without}


def test_the_page_opens_with_what_was_asked_of_it(client: FlaskClient) -> None:
    sign_in(client)
    answer = client.get("/tickets/?page=2&q=%D0%BA%D0%BB%D1%8E%D1%87&q=a+b")
    assert answer.location == "/tickets?page=2&q=%D0%BA%D0%BB%D1%8E%D1%87&q=a+b"
    assert "Мои сертификаты" in seen(client.get("/certificates/", follow_redirects=True))
    assert client.head("/certificates/").location == "/certificates"


def test_a_query_that_is_no_text_is_nobodys_fault(client: FlaskClient) -> None:
    for path in ("/tickets/", "/tickets", "/staff/tickets/"):
        answer = client.get(path, environ_overrides={"QUERY_STRING": "q=\xff\xfe"})
        assert (answer.status_code, "<h1" in answer.text) == (400, True), path


@pytest.mark.parametrize("path", ["/no-such-page/", "/sign-out/", "/healthz/", "/evil.example/", "/%5Cevil.example/"])
def test_what_is_no_page_of_the_portal_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "path", ["//evil.example/", "///evil.example//", "//evil.example/certificates/", "/kb//evil.example/"]
)
def test_nobody_is_led_to_another_host(client: FlaskClient, path: str) -> None:
    answer = client.get("/", environ_overrides={"PATH_INFO": path})
    while answer.location:
        assert answer.location.startswith(("/", "http://localhost/"))
        assert not answer.location.startswith("//")
        answer = client.get(answer.location)
    assert answer.status_code == 404


def test_only_reading_is_led_on(client: FlaskClient) -> None:
    assert client.post("/sign-in/", data={"email": "a@example.com"}).status_code == 404
