"""«Помогла ли статья?»"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from supportapp.extensions import db, limiter
from supportapp.kb.models import ArticleVote
from tests.factories import make_customer
from tests.portal.knowledge import make_article, sign_in_as_staff
from tests.portal.people import problem_of, seen, sign_in

PATH = "/kb/error-0x8009001d"


@pytest.fixture(autouse=True)
def article(client: FlaskClient) -> None:
    make_article()


@pytest.fixture
def counting(client: FlaskClient) -> Iterator[None]:
    limiter.enabled = True
    yield
    assert limiter._fallback_storage is not None
    limiter._fallback_storage.reset()
    limiter.enabled = False


def votes() -> list[tuple[bool, str]]:
    return [(row.helped, row.comment) for row in db.session.query(ArticleVote).order_by(ArticleVote.id)]


def test_a_visitor_answers_comments_and_changes_his_mind(client: FlaskClient) -> None:
    assert "Помогла ли вам статья? Да Нет" in seen(client.get(PATH))
    answer = client.post(f"{PATH}/vote", data={"helped": "no"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{PATH}#vote")
    assert "Вы ответили, что статья не помогла. Отправить обращение Чего не хватило" in seen(client.get(PATH))
    client.post(f"{PATH}/vote", data={"helped": "no", "comment": " Нет про <Linux>\n"})
    assert "Ваш комментарий передан редакторам" in seen(client.get(PATH))
    client.post(f"{PATH}/vote", data={"helped": "yes"})
    assert votes() == [(True, "Нет про <Linux>")]
    page = client.get(PATH)
    assert "Вы ответили, что статья помогла." in seen(page)
    assert "Нет про &lt;Linux&gt;</textarea>" in page.text


def test_a_visitors_cookie_comes_with_the_vote_and_is_stored_nowhere(client: FlaskClient) -> None:
    assert "reader=" not in "".join(client.get(PATH).headers.getlist("Set-Cookie"))
    answer = client.post(f"{PATH}/vote", data={"helped": "yes"})
    cookie = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith("reader="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Max-Age=31536000" in cookie
    value = cookie.partition("=")[2].partition(";")[0]
    stored = db.session.query(ArticleVote.reader).scalar()
    assert len(stored) == 64
    assert value not in stored


def test_one_visitors_votes_for_two_articles_cannot_be_joined(client: FlaskClient) -> None:
    make_article(slug="other")
    for slug in ("error-0x8009001d", "other"):
        client.post(f"/kb/{slug}/vote", data={"helped": "yes"})
    assert db.session.query(ArticleVote.reader).distinct().count() == 2


def test_over_https_the_cookie_is_for_this_host_alone(app: Flask, client: FlaskClient) -> None:
    settings = app.extensions["settings"]
    object.__setattr__(settings, "PUBLIC_BASE_URL", "https://localhost")
    try:
        answer = client.post(f"{PATH}/vote", data={"helped": "yes"}, base_url="https://localhost")
    finally:
        object.__setattr__(settings, "PUBLIC_BASE_URL", "http://localhost")
    cookie = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith("__Host-reader="))
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


@pytest.mark.parametrize("cookie", ["", "short", "x" * 500, "я" * 30])
def test_a_damaged_cookie_is_replaced(client: FlaskClient, cookie: str) -> None:
    client.set_cookie("reader", cookie)
    assert client.get(PATH).status_code == 200
    answer = client.post(f"{PATH}/vote", data={"helped": "yes"})
    assert any(line.startswith("reader=") for line in answer.headers.getlist("Set-Cookie"))
    assert votes() == [(True, "")]


def test_a_customer_votes_by_his_account(client: FlaskClient) -> None:
    customer = sign_in(client)
    client.post(f"{PATH}/vote", data={"helped": "yes"})
    client.post(f"{PATH}/vote", data={"helped": "no"})
    row = db.session.query(ArticleVote).one()
    assert (row.customer_id, row.reader, row.helped) == (customer.id, f"customer:{customer.id}", False)
    other = client.application.test_client()
    sign_in(other, customer)
    assert "Вы ответили, что статья не помогла." in seen(other.get(PATH))


def test_who_voted_and_then_signed_in_has_one_vote(client: FlaskClient) -> None:
    client.post(f"{PATH}/vote", data={"helped": "no", "comment": "Мало"})
    customer = sign_in(client)
    assert "Вы ответили, что статья не помогла." in seen(client.get(PATH))
    client.post(f"{PATH}/vote", data={"helped": "yes"})
    assert votes() == [(True, "Мало")]
    assert db.session.query(ArticleVote).one().customer_id == customer.id


def test_two_visitors_have_two_votes(client: FlaskClient) -> None:
    for browser in (client, client.application.test_client()):
        browser.post(f"{PATH}/vote", data={"helped": "yes"})
    assert votes() == [(True, ""), (True, "")]


def test_a_member_of_staff_may_read_and_does_not_count(client: FlaskClient) -> None:
    sign_in_as_staff(client, "Engineer")
    page = client.get(PATH)
    assert "ваш ответ не учитывается" in seen(page)
    assert f'action="{PATH}/vote"' not in page.text
    assert client.post(f"{PATH}/vote", data={"helped": "yes"}).status_code == 303
    assert votes() == []
    assert seen(client.get(PATH)).count("ваш ответ не учитывается") == 2


def test_a_comment_that_is_too_long_is_kept_in_its_field(client: FlaskClient) -> None:
    client.post(f"{PATH}/vote", data={"helped": "no"})
    page = client.post(f"{PATH}/vote", data={"helped": "no", "comment": "я" * 1001})
    assert page.status_code == 422
    assert "не больше 1000" in problem_of(page, "comment").lower()
    assert "я" * 1001 in page.text
    assert votes() == [(False, "")]


def test_words_that_are_too_long_do_not_cost_the_answer(client: FlaskClient) -> None:
    page = client.post(f"{PATH}/vote", data={"helped": "yes", "comment": "я" * 1001})
    assert page.status_code == 422
    assert "я" * 1001 in page.text
    assert votes() == [(True, "")]
    client.post(f"{PATH}/vote", data={"helped": "yes", "comment": "я" * 1000})
    assert votes() == [(True, "я" * 1000)]


@pytest.mark.parametrize("form", [{}, {"helped": "maybe"}, {"comment": "x"}])
def test_what_is_no_answer_is_400(client: FlaskClient, form: dict[str, str]) -> None:
    assert client.post(f"{PATH}/vote", data=form).status_code == 400
    assert votes() == []


def test_an_answer_from_elsewhere_is_refused(client: FlaskClient, app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        assert client.post(f"{PATH}/vote", data={"helped": "yes"}).status_code == 400
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    assert votes() == []


def test_nobody_votes_without_end(client: FlaskClient, counting: None) -> None:
    codes = [client.post(f"{PATH}/vote", data={"helped": "yes"}).status_code for _ in range(61)]
    assert codes == [303] * 60 + [429]


def test_a_customers_vote_is_not_shown_to_another(client: FlaskClient) -> None:
    sign_in(client)
    client.post(f"{PATH}/vote", data={"helped": "no"})
    other = client.application.test_client()
    sign_in(other, make_customer())
    assert "Помогла ли вам статья? Да Нет" in seen(other.get(PATH))


def test_a_vote_for_what_is_not_there_looks_for_nothing_like_it(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supportapp.kb.public.nearest", lambda *_args, **_options: pytest.fail("it looked"))
    answer = client.post("/kb/error-0x8009001/vote", data={"helped": "yes"})
    assert answer.status_code == 404
    assert "0x8009001D" not in answer.text
