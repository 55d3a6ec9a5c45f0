"""One article as readers see it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from supportapp.kb import related
from supportapp.kb.models import ArticleAct, ArticleState, ArticleVersion
from supportapp.kb.search import upkeep
from tests import factories
from tests.factories import BEFORE, make_product
from tests.portal.knowledge import cost, make_article, make_topic, sign_in_as_staff
from tests.portal.people import seen, sign_in

PATH = "/kb/error-0x8009001d"
LONG = "\n\n".join(f"## Часть {number}\n\nТекст части." for number in (1, 2, 3))


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    related.forget()


def test_an_article_is_shown_with_headings_to_link_to(client: FlaskClient) -> None:
    make_article(body="## Причина\n\nТекст **важный**.\n\n<script>alert(1)</script>")
    page = client.get(PATH)
    assert "<strong>важный</strong>" in page.text
    assert '<h2 id="s-prichina">Причина <a class="anchor" href="#s-prichina"' in page.text
    assert "<script>alert" not in page.text


def test_a_long_article_has_a_table_of_contents(client: FlaskClient) -> None:
    make_article(body=LONG)
    page = client.get(PATH)
    assert "На этой странице Часть 1 Часть 2 Часть 3" in seen(page)
    for target in re.findall(r'<li><a href="#([^"]+)"', page.text):
        assert f'<h2 id="{target}">' in page.text


def test_a_short_article_has_none(client: FlaskClient) -> None:
    make_article()
    assert "На этой странице" not in seen(client.get(PATH))


def test_wide_parts_can_be_scrolled_by_keyboard(client: FlaskClient) -> None:
    make_article(body="```\nкод\n```\n\n| a |\n|---|\n| `<table>` |\n\n![рис](/kb/images/abc)")
    page = client.get(PATH).text
    assert '<pre tabindex="0"><code>код' in page
    assert page.count('<div class="wide" tabindex="0" role="region"') == page.count("</table></div>") == 1
    assert '<img loading="lazy"' in page


def test_the_way_to_the_article_is_its_topics(client: FlaskClient) -> None:
    top = make_topic()
    make_article(topic=make_topic(name_ru="В Linux", parent=top))
    assert "База знаний Установка В Linux Ошибка 0x8009001D" in seen(client.get(PATH))


def test_search_engines_are_told_title_summary_and_the_one_address(client: FlaskClient) -> None:
    make_article(title='Ошибка "x" & <y>')
    page = client.get(f"{PATH}?from=somewhere").text
    assert "<title>Ошибка &#34;x&#34; &amp; &lt;y&gt; · База знаний · Портал технической поддержки</title>" in page
    assert '<link rel="canonical" href="http://localhost/kb/error-0x8009001d">' in page
    assert '<meta name="description" content="Не установлен криптопровайдер.">' in page
    assert '<meta property="og:title" content="Ошибка &#34;x&#34; &amp; &lt;y&gt;">' in page
    assert 'hreflang="' not in page


def test_an_article_and_its_translation_know_each_other(client: FlaskClient) -> None:
    russian = make_article()
    make_article(slug="in-english", title="Error 0x8009001D", language="en", translation_of=russian)
    page = client.get(PATH)
    assert "На английском: Error 0x8009001D" in seen(page)
    assert '<article lang="ru">' in page.text
    for language, slug in (("ru", "error-0x8009001d"), ("en", "in-english")):
        link = f'<link rel="alternate" hreflang="{language}" href="http://localhost/kb/{slug}">'
        assert link in page.text
        assert link in client.get("/kb/in-english").text


def test_switching_the_language_leads_to_what_is_written_in_it(client: FlaskClient) -> None:
    russian = make_article()
    make_article(slug="in-english", language="en", translation_of=russian)
    for path in (PATH, "/kb/in-english"):
        assert '<input type="hidden" name="next" value="/kb/in-english">' in client.get(path).text


@pytest.mark.parametrize("state", [ArticleState.DRAFT, ArticleState.STAFF_ONLY])
def test_a_translation_that_is_not_public_is_not_named(client: FlaskClient, state: ArticleState) -> None:
    make_article(slug="in-english", title="Secret", language="en", state=state, translation_of=make_article())
    page = client.get(PATH).text
    assert "Secret" not in page
    assert "in-english" not in page


def test_the_origin_is_told_with_the_text_of_its_licence(client: FlaskClient) -> None:
    make_article(source="Руководство, https://docs.example.org/a.", licence="CC-BY-SA-4.0", attribution="© Авторы")
    page = client.get(PATH)
    assert '<a href="https://docs.example.org/a" rel="nofollow noopener noreferrer ugc">' in page.text
    assert 'href="https://creativecommons.org/licenses/by-sa/4.0/legalcode.ru">CC-BY-SA-4.0</a>' in page.text
    assert "Авторство: © Авторы" in seen(page)
    assert "Изменено нами" not in seen(page)


def test_a_licence_that_nobody_knows_is_named_without_a_link(client: FlaskClient) -> None:
    make_article(licence="Своя <лицензия>")
    assert "Лицензия: Своя &lt;лицензия&gt;</p>" in client.get(PATH).text


def test_an_imported_article_that_was_rewritten_here_says_so(client: FlaskClient) -> None:
    article = make_article(licence="MIT")
    for act, days in ((ArticleAct.IMPORTED, 0), (ArticleAct.PUBLISHED, 1), (ArticleAct.SAVED, 2)):
        version: dict[str, Any] = {"title": "т", "body": "т", "saved_at": BEFORE + timedelta(days=days)}
        factories._add(ArticleVersion(article=article, act=act, **version))
    assert "Изменено нами: 4 ноября 2026" in seen(client.get(PATH))


def test_related_articles_are_alike_or_stand_near(client: FlaskClient) -> None:
    topic = make_topic()
    make_article(topic=topic)
    make_article(slug="alike", title="Ошибка 0x8009001D на сервере", text="Не установлен криптопровайдер.")
    make_article(slug="near", title="Соседняя", topic=topic)
    make_article(slug="far", title="Чужая", text="Совсем о другом.")
    make_article(slug="draft", title="Ошибка 0x8009001D тайная", topic=topic, state=ArticleState.DRAFT)
    upkeep.rebuild()
    words = seen(client.get(PATH)).partition("Похожие статьи ")[2]
    assert words.startswith("Ошибка 0x8009001D на сервере Соседняя")
    assert "тайная" not in words
    assert words.count("Ошибка 0x8009001D") == 1


def test_a_related_article_that_was_withdrawn_is_gone_at_once(client: FlaskClient) -> None:
    make_article()
    alike = make_article(slug="alike", title="Ошибка 0x8009001D на сервере", text="Не установлен криптопровайдер.")
    upkeep.rebuild()
    assert "на сервере" in seen(client.get(PATH))
    alike.state = ArticleState.STAFF_ONLY
    assert "на сервере" not in seen(client.get(PATH))


@pytest.mark.parametrize("state", [ArticleState.DRAFT, ArticleState.STAFF_ONLY, None])
@pytest.mark.parametrize("who", ["visitor", "customer", "staff"])
def test_what_is_not_public_is_the_same_404_for_everybody(
    client: FlaskClient, state: ArticleState | None, who: str
) -> None:
    if state is not None:
        make_article(state=state, title="Тайная")
    if who == "customer":
        sign_in(client)
    if who == "staff":
        sign_in_as_staff(client, "Editor")
    page = client.get(PATH)
    assert page.status_code == 404
    assert "Такой статьи нет" in seen(page)
    assert "Тайная" not in page.text
    assert 'role="search"' in page.text
    assert client.post(f"{PATH}/vote", data={"helped": "yes"}).status_code == 404


def test_a_slip_in_the_address_finds_public_articles_alone(client: FlaskClient) -> None:
    make_article()
    make_article(slug="error-0x8009001e", title="Тайная", state=ArticleState.DRAFT)
    assert "Возможно, вы искали Ошибка 0x8009001D" in seen(client.get("/kb/error-0x8009001"))
    assert "Тайная" not in seen(client.get("/kb/error-0x8009001e"))
    assert "Возможно, вы искали" not in seen(client.get("/kb/quite-another-thing"))


def test_a_crawler_is_told_that_nothing_has_changed(client: FlaskClient) -> None:
    article = make_article()
    crawler = client.application.test_client(use_cookies=False)
    crawler.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (compatible; Googlebot/2.1)"
    first = crawler.get(PATH)
    again = {"If-Modified-Since": first.headers["Last-Modified"], "If-None-Match": first.headers["ETag"]}
    assert crawler.get(PATH, headers=again).status_code == 304
    assert crawler.head(PATH).status_code == 200
    assert crawler.get(PATH, headers={**again, "Accept-Language": "en"}).status_code == 200
    article.revision += 1
    assert crawler.get(PATH, headers=again).status_code == 200


def test_a_browser_with_a_session_is_never_answered_from_its_memory(client: FlaskClient) -> None:
    make_article()
    page = client.get(PATH, headers={"User-Agent": "Googlebot/2.1"})
    etag = page.headers["ETag"]
    with client.session_transaction() as session:
        session["locale"] = "ru"
    page = client.get(PATH, headers={"If-None-Match": etag, "User-Agent": "Googlebot/2.1"})
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"


def test_a_reader_whose_session_has_ended_gets_a_form_that_can_be_sent(client: FlaskClient) -> None:
    article = make_article()
    reader = client.application.test_client(use_cookies=False)
    marks = {"If-None-Match": f'W/"{article.id}-{article.revision}-ru"', "User-Agent": "Mozilla/5.0 Firefox/140.0"}
    page = reader.get(PATH, headers=marks)
    assert page.status_code == 200
    assert "ETag" not in page.headers
    assert 'name="csrf_token"' in page.text


def test_an_article_costs_a_handful_of_statements(client: FlaskClient) -> None:
    topic = make_topic(parent=make_topic(name_ru="Верхний"))
    products = [make_product(), make_product()]
    article = make_article(topic=topic, products=products, licence="MIT", source="Книга")
    make_article(slug="en", language="en", translation_of=article)
    make_article(slug="near", topic=topic)
    few = cost(client, PATH)
    for number in range(10):
        make_article(slug=f"n{number}", topic=topic, products=products)
    assert cost(client, PATH) == few
    assert few <= 9
