"""The knowledge base as readers browse and search it."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from supportapp.kb.learning.weighing import weigh_articles
from supportapp.kb.models import ArticleState, ArticleVote
from supportapp.kb.search import upkeep
from tests import factories
from tests.conftest import NOON
from tests.factories import make_product
from tests.portal.knowledge import cost, make_article, make_topic
from tests.portal.people import seen

ENGLISH = {"Accept-Language": "en"}


def test_topics_and_articles_are_listed(client: FlaskClient) -> None:
    topic = make_topic()
    make_article(topic=topic)
    make_article(slug="other", title="Другая статья")
    words = seen(client.get("/kb/"))
    assert "Установка 1" in words
    assert "Ошибка 0x8009001D" in words
    only = seen(client.get(f"/kb/topics/{topic.id}"))
    assert "Ошибка 0x8009001D Не установлен криптопровайдер." in only
    assert "Другая статья" not in only
    assert "Другая статья" in seen(client.get("/kb/topics/all"))


def test_topics_are_a_tree_whose_numbers_include_sub_topics(client: FlaskClient) -> None:
    top = make_topic()
    below = make_topic(name_ru="В Linux", parent=top)
    deep = make_topic(name_ru="Astra", parent=below)
    make_topic(name_ru="Пустой", parent=top)
    make_article(topic=deep)
    make_article(slug="second", topic=below)
    make_article(slug="draft", topic=deep, state=ArticleState.DRAFT)
    make_article(slug="english", topic=deep, language="en")
    words = seen(client.get("/kb/"))
    assert "Установка 2 В Linux 2 Astra 1" in words
    assert "Пустой" not in words
    page = client.get(f"/kb/topics/{deep.id}")
    assert f'<a href="/kb/topics/{top.id}">Установка</a>' in page.text
    assert "База знаний Установка В Linux Astra" in seen(page)


def test_a_topic_without_a_public_article_is_not_there(client: FlaskClient) -> None:
    topic = make_topic()
    make_article(topic=topic, state=ArticleState.STAFF_ONLY)
    assert client.get(f"/kb/topics/{topic.id}").status_code == 404


def test_a_topic_that_speaks_another_language_alone_says_so(client: FlaskClient) -> None:
    topic = make_topic()
    make_article(topic=topic, language="en", title="In English")
    make_article(slug="russian")
    page = seen(client.get(f"/kb/topics/{topic.id}"))
    assert "На вашем языке здесь пока ничего нет" in page
    assert "In English на английском" in page


def test_a_reader_whose_language_has_no_articles_sees_the_others(client: FlaskClient) -> None:
    make_article()
    page = client.get("/kb/", headers=ENGLISH)
    assert "Ошибка 0x8009001D in Russian" in seen(page)
    make_article(slug="english", title="In English", language="en")
    assert "0x8009001D" not in seen(client.get("/kb/", headers=ENGLISH))


def test_an_empty_knowledge_base_says_what_to_do(client: FlaskClient) -> None:
    page = seen(client.get("/kb/"))
    assert "Статей здесь пока нет" in page
    assert "Отправить обращение" in page


def test_what_helped_stands_above_what_is_new(client: FlaskClient) -> None:
    helped = make_article(slug="helped", title="Полезная")
    hidden = make_article(slug="hidden", title="Снятая", state=ArticleState.DRAFT)
    old = make_article(slug="old", title="Бесполезная")
    helped.usefulness, hidden.usefulness, old.usefulness = 0.3, 0.9, -0.2
    words = seen(client.get("/kb/"))
    assert "Помогло другим Полезная Новые статьи" in words
    assert "Снятая" not in words


def test_votes_of_one_reader_put_no_article_before_others(client: FlaskClient) -> None:
    played = make_article(slug="played", title="Раскрученная")
    for number in range(2):
        factories._add(ArticleVote(article=played, reader=f"cookie{number}", helped=True, at=NOON))
    weigh_articles()
    assert "Помогло другим" not in seen(client.get("/kb/"))


def test_articles_are_narrowed_to_a_product(client: FlaskClient) -> None:
    first, second, unused = make_product(name="Сервер"), make_product(name="Плагин"), make_product(name="Прочее")
    topic = make_topic()
    make_article(topic=topic, products=[first])
    make_article(slug="other", title="Про плагин", topic=topic, products=[second])
    page = client.get(f"/kb/topics/{topic.id}?product={second.id}")
    assert "Про плагин" in seen(page)
    assert "0x8009001D" not in seen(page)
    assert f'<option value="{second.id}" selected>' in page.text
    assert "Прочее" not in page.text
    make_article(slug="third", title="Прочая", products=[unused])
    assert "О продукте «Прочее» здесь пока ничего нет" in seen(client.get(f"/kb/topics/{topic.id}?product={unused.id}"))
    assert client.get(f"/kb/?product={second.id}&q=").headers["Location"] == f"/kb/topics/all?product={second.id}"


@pytest.mark.parametrize("path", ["/kb/topics/all?", "/kb/?", "/kb/?q=ключ&"])
def test_a_product_that_nothing_public_is_about_is_not_named(client: FlaskClient, path: str) -> None:
    secret = make_product(name="Проект Заря")
    make_article()
    make_article(slug="draft", products=[secret], state=ArticleState.STAFF_ONLY)
    answers = [client.get(f"{path}product={number}") for number in (secret.id, 999_999, 10**17)]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert "Заря" not in answers[0].text


def test_long_lists_have_pages_that_keep_the_product(client: FlaskClient) -> None:
    product = make_product()
    for number in range(21):
        make_article(slug=f"n{number}", title=f"Статья {number:02}", products=[product])
    first = client.get(f"/kb/topics/all?product={product.id}")
    assert "21 статья" in seen(first)
    assert "Статья 20" not in seen(first)
    assert f'rel="next" href="/kb/topics/all?page=2&amp;product={product.id}"' in first.text
    assert "Статья 20" in seen(client.get(f"/kb/topics/all?page=2&product={product.id}"))


@pytest.mark.parametrize("page", ["2", "999999999999999999"])
def test_a_page_beyond_the_last_leads_to_the_first(client: FlaskClient, page: str) -> None:
    make_article()
    answer = client.get(f"/kb/topics/all?page={page}")
    assert answer.status_code == 200
    assert "К началу списка" in seen(answer)


def test_old_addresses_of_topics_and_pages_still_lead_there(client: FlaskClient) -> None:
    topic = make_topic()
    make_article(topic=topic)
    assert client.get(f"/kb/?topic={topic.id}").headers["Location"] == f"/kb/topics/{topic.id}"
    assert client.get("/kb/?page=2").headers["Location"] == "/kb/topics/all?page=2"


def test_old_addresses_do_not_tell_which_topics_staff_have(client: FlaskClient) -> None:
    topic = make_topic()
    make_article(topic=topic, state=ArticleState.DRAFT)
    assert [client.get(f"/kb/?topic={number}").status_code for number in (topic.id, 999_999)] == [404, 404]


def test_a_search_shows_extracts_with_the_words_marked(client: FlaskClient) -> None:
    make_article(topic=make_topic(), products=[make_product(name="Сервер подписи")])
    upkeep.rebuild()
    page = client.get("/kb/?q=криптопровайдер")
    assert "Ошибка 0x8009001D" in seen(page)
    assert "<mark>криптопровайдер</mark>" in page.text
    assert "Установка · Сервер подписи" in seen(page)
    assert "<title>криптопровайдер · " in page.text


def test_words_of_the_question_are_marked_in_the_title(client: FlaskClient) -> None:
    make_article(title="Ошибки <b> и код")
    upkeep.rebuild()
    assert "><mark>Ошибки</mark> &lt;b&gt; и код</a>" in client.get("/kb/?q=ошибка").text


def test_a_hit_in_another_language_says_so(client: FlaskClient) -> None:
    make_article(language="en", title="Keyset does not exist", text="Keyset does not exist", body="Keyset")
    upkeep.rebuild()
    assert "Keyset does not exist на английском" in seen(client.get("/kb/?q=keyset exist"))


def test_a_chosen_product_moves_its_articles_up_and_hides_none(client: FlaskClient) -> None:
    products = [make_product(), make_product()]
    for number, product in enumerate(products):
        make_article(slug=f"n{number}", title=f"Не найден контейнер {number}", products=[product])
    upkeep.rebuild()
    for product, order in zip(products, (("n0", "n1"), ("n1", "n0")), strict=True):
        page = client.get(f"/kb/?q=контейнер&product={product.id}").text
        assert 0 < page.index(f"/kb/{order[0]}") < page.index(f"/kb/{order[1]}")


def test_a_search_without_a_result_says_what_to_try(client: FlaskClient) -> None:
    make_article(topic=make_topic())
    page = client.get("/kb/?q=" + "я" * 5000)
    assert page.status_code == 200
    assert "Ничего не нашлось" in seen(page)
    assert "Текст длинный" in seen(page)
    assert "Установка 1" in seen(page)


def test_the_question_goes_along_into_the_ticket(client: FlaskClient) -> None:
    page = client.get("/kb/?q=ййцц ффыы")
    assert 'href="/tickets/new?subject=%D0%B9%D0%B9%D1%86%D1%86+%D1%84%D1%84%D1%8B%D1%8B"' in page.text


def test_the_question_is_shown_as_text(client: FlaskClient) -> None:
    assert "<script>" not in client.get("/kb/?q=<script>").text


def test_pages_of_results_and_narrowed_lists_are_kept_out_of_search_engines(client: FlaskClient) -> None:
    make_article(products=[product := make_product()])
    for path in ("/kb/?q=ошибка", f"/kb/topics/all?product={product.id}", "/kb/topics/all?page=2", "/kb/nothing"):
        page = client.get(path).text
        assert '<meta name="robots" content="noindex">' in page
        assert 'rel="canonical"' not in page
    assert '<link rel="canonical" href="http://localhost/kb/topics/all">' in client.get("/kb/topics/all").text


@pytest.mark.parametrize("state", [ArticleState.DRAFT, ArticleState.STAFF_ONLY])
def test_what_is_not_published_is_listed_nowhere(client: FlaskClient, state: ArticleState) -> None:
    product = make_product()
    make_article(state=state, topic=make_topic(), products=[product])
    make_article(slug="public", title="Открытая статья")
    upkeep.rebuild()
    paths = ("/kb/", "/kb/topics/all", "/kb/?q=криптопровайдер", f"/kb/topics/all?product={product.id}", "/kb/public")
    for path in paths:
        words = seen(client.get(path))
        assert "0x8009001D" not in words
        assert "Установка" not in words


@pytest.mark.parametrize(
    "path",
    [
        "/kb/?topic=999",
        "/kb/?topic=x",
        "/kb/?topic=99999999999999999999",
        "/kb/?page=0",
        "/kb/?page=-1",
        "/kb/?page=²",
        "/kb/?product=7777",
        "/kb/?q=x&product=99999999999",
        "/kb/topics/999",
        "/kb/topics/99999999999999999999",
        "/kb/topics/all?page=0",
        "/kb/topics/all?product=x",
        "/kb/нет",
    ],
)
def test_what_does_not_exist_is_404(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_browsing_costs_a_handful_of_statements_whatever_there_is(client: FlaskClient) -> None:
    topics = [make_topic(name_ru=f"Раздел {number}") for number in range(3)]
    product = make_product()

    def fill(first: int, last: int) -> None:
        for number in range(first, last):
            make_article(slug=f"n{number}", title=f"Т {number}", topic=topics[number % 3], products=[product])

    paths = ("/kb/", f"/kb/topics/{topics[0].id}", "/kb/topics/all")
    fill(0, 3)
    few = [cost(client, path) for path in paths]
    fill(3, 30)
    topics.append(make_topic(name_ru="Ещё раздел", parent=topics[0]))
    assert [cost(client, path) for path in paths] == few
    assert max(few) <= 7
