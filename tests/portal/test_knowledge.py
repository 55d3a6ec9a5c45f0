"""The knowledge base as readers see it."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from supportapp.kb.models import Article, ArticleState, Topic
from supportapp.kb.search import upkeep
from tests import factories
from tests.factories import BEFORE
from tests.portal.people import seen


def make_topic(**changes: Any) -> Topic:
    return factories._add(Topic(**{"name_ru": "Установка", "name_en": "Installation", **changes}))


def make_article(**changes: Any) -> Article:
    values = {
        "slug": "error-0x8009001d",
        "title": "Ошибка 0x8009001D",
        "body": "## Причина\n\nНе установлен криптопровайдер.\n\n## Решение\n\nУстановите его.",
        "text": "Причина\nНе установлен криптопровайдер.\nРешение\nУстановите его.",
        "state": ArticleState.PUBLISHED,
        "created_at": BEFORE,
        "updated_at": BEFORE,
        "published_at": BEFORE,
    }
    return factories._add(Article(**{**values, **changes}))


def test_topics_and_articles_are_listed(client: FlaskClient) -> None:
    topic = make_topic()
    make_article(topic=topic)
    make_article(slug="other", title="Другая статья")
    words = seen(client.get("/kb/"))
    assert "Установка 1" in words
    assert "Ошибка 0x8009001D" in words
    only = seen(client.get(f"/kb/?topic={topic.id}"))
    assert "Ошибка 0x8009001D" in only
    assert "Другая статья" not in only


def test_a_reader_whose_language_has_no_articles_sees_the_others(client: FlaskClient) -> None:
    make_article()
    page = client.get("/kb/", headers={"Accept-Language": "en"})
    assert "Ошибка 0x8009001D" in seen(page)
    assert 'lang="ru" href="/kb/error-0x8009001d"' in page.text
    make_article(slug="english", title="In English", language="en")
    assert "0x8009001D" not in seen(client.get("/kb/", headers={"Accept-Language": "en"}))


def test_an_empty_knowledge_base_says_what_to_do(client: FlaskClient) -> None:
    page = seen(client.get("/kb/"))
    assert "Статей здесь пока нет" in page
    assert "Отправить обращение" in page


def test_an_article_is_shown_with_headings_to_link_to(client: FlaskClient) -> None:
    make_article(body="## Причина\n\nТекст **важный**.\n\n<script>alert(1)</script>")
    page = client.get("/kb/error-0x8009001d")
    assert "<strong>важный</strong>" in page.text
    assert '<h2 id="' in page.text
    assert "<script>alert" not in page.text


@pytest.mark.parametrize("state", [ArticleState.DRAFT, ArticleState.STAFF_ONLY])
def test_what_is_not_published_is_404_and_not_listed(client: FlaskClient, state: ArticleState) -> None:
    make_article(state=state)
    assert client.get("/kb/error-0x8009001d").status_code == 404
    assert "0x8009001D" not in seen(client.get("/kb/"))


def test_a_search_shows_extracts_with_the_words_marked(client: FlaskClient) -> None:
    make_article()
    upkeep.rebuild()
    page = client.get("/kb/?q=криптопровайдер")
    assert "Ошибка 0x8009001D" in seen(page)
    assert "<mark>" in page.text


def test_a_search_without_a_result_says_what_to_try(client: FlaskClient) -> None:
    page = client.get("/kb/?q=" + "я" * 5000)
    assert page.status_code == 200
    assert "Ничего не нашлось" in seen(page)
    assert "Текст длинный" in seen(page)


def test_the_question_is_shown_as_text(client: FlaskClient) -> None:
    assert "<script>" not in client.get("/kb/?q=<script>").text


@pytest.mark.parametrize(
    "path",
    [
        "/kb/?topic=999",
        "/kb/?topic=x",
        "/kb/?topic=99999999999999999999",
        "/kb/?page=0",
        "/kb/?page=-1",
        "/kb/нет",
        "/kb/?page=²",
    ],
)
def test_what_does_not_exist_is_404(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("page", ["2", "999999999999999999"])
def test_a_page_beyond_the_last_is_empty(client: FlaskClient, page: str) -> None:
    make_article()
    assert client.get(f"/kb/?page={page}").status_code == 200
