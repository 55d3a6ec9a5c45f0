"""Finding articles: what is found, and in which order."""

from __future__ import annotations

import time
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from supportapp.extensions import db
from supportapp.kb import operations
from supportapp.kb.jobs import index_article
from supportapp.kb.search import search, suggest
from tests.factories import make_product
from tests.kb.samples import index_all, make_article

pytestmark = pytest.mark.usefixtures("session")


def titles(subject: str, text: str = "", product_id: int | None = None, language: str = "ru") -> list[str]:
    return [hit.title for hit in suggest(subject, text, product_id=product_id, language=language)]


@pytest.fixture
def library() -> None:
    make_article("Набор ключей не существует", body="Ошибка 0x80090016 значит, что контейнер ключа не найден.")
    make_article("Истёк сертификат подписи", body="Выпустите новый сертификат в удостоверяющем центре.")
    make_article("Токен заблокирован", body="После десяти неверных попыток ввода ПИН-кода токен закрыт.")
    make_article("Плагин не виден в браузере", body="Включите расширение.", phrases="не грузится страница входа")
    index_all()


@pytest.mark.parametrize("spelling", ["0x80090016", "80090016", "-2146893802", "0х80090016"])
def test_an_error_code_alone_is_enough_however_it_is_spelt(library: None, spelling: str) -> None:
    assert titles(spelling) == ["Набор ключей не существует"]


def test_other_forms_of_the_words_are_found(library: None) -> None:
    assert titles("истекли сертификаты")[0] == "Истёк сертификат подписи"


def test_what_customers_write_is_found(library: None) -> None:
    assert titles("страница входа не грузится") == ["Плагин не виден в браузере"]


def test_one_unknown_word_does_not_hide_the_rest(library: None) -> None:
    assert titles("абракадабра заблокировал токен")[0] == "Токен заблокирован"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("", ""),
        ("Здравствуйте!", "Добрый день, коллеги, заранее спасибо"),
        ("Hello", "good morning, please help"),
        ("токен", ""),
        ("токен токен", "токены!"),
        ("не и в", "the of"),
    ],
)
def test_a_greeting_or_a_single_word_suggests_nothing(library: None, subject: str, text: str) -> None:
    assert titles(subject, text) == []


def test_the_search_page_answers_a_single_word(library: None) -> None:
    assert [hit.title for hit in search("токен", language="ru")] == ["Токен заблокирован"]


def test_a_word_that_is_still_being_typed_is_completed(library: None) -> None:
    assert titles("новый серти")[0] == "Истёк сертификат подписи"


def test_the_product_helps_its_articles_up_and_hides_no_other() -> None:
    first, second = make_product(), make_product()
    make_article("Лицензия истекла", body="Введите ключ лицензии.", products=[first])
    make_article("Лицензия истекла на сервере", body="Введите ключ лицензии.", products=[second])
    index_all()
    assert titles("лицензия истекла", product_id=first.id) == ["Лицензия истекла", "Лицензия истекла на сервере"]
    assert titles("лицензия истекла", product_id=second.id) == ["Лицензия истекла на сервере", "Лицензия истекла"]
    assert len(titles("лицензия истекла", product_id=10**30)) == 2


def test_of_two_equal_articles_the_one_in_the_readers_language_comes_first() -> None:
    make_article("Error 0x80090016", language="en")
    make_article("Ошибка 0x80090016", language="ru")
    index_all()
    assert titles("0x80090016", language="ru")[0] == "Ошибка 0x80090016"
    assert titles("0x80090016", language="en")[0] == "Error 0x80090016"


def test_the_extract_is_where_it_matched_and_marks_the_words() -> None:
    make_article("Журнал", body="Вода. " * 200 + "\n\nОшибка 0x80090016 & <b>ключ</b> носителя. " + "Вода. " * 200)
    index_all()
    (hit,) = suggest("ключ носителя", "код 80090016", product_id=None, language="ru")
    assert "<mark>0x80090016</mark> &amp; &lt;b&gt;<mark>ключ</mark>&lt;/b&gt; <mark>носителя</mark>" in hit.extract
    assert hit.extract.startswith("… ")
    assert hit.extract.endswith(" …")


def test_a_withdrawn_article_is_gone_before_the_index_knows(library: None, at: datetime) -> None:
    (hit,) = suggest("0x80090016", "", product_id=None, language="ru")
    from supportapp.kb.queries import get_article

    operations.withdraw(get_article(hit.article_id), by=None, at=at)
    assert titles("0x80090016") == []


def test_an_article_for_staff_is_never_suggested(at: datetime) -> None:
    article = make_article("Внутренняя ошибка 0x80090016")
    index_all()
    operations.keep_for_staff(article, by=None, at=at)
    db.session.commit()
    assert titles("0x80090016") == []
    index_article(article.id)
    assert titles("0x80090016") == []


def test_a_published_article_is_found_when_its_job_has_run(library: None) -> None:
    article = make_article("Часы спешат", body="Сверьте время компьютера с сервером.")
    db.session.commit()
    assert titles("часы спешат") == []
    index_article(article.id)
    assert titles("часы спешат") == ["Часы спешат"]


def test_the_wildcards_of_a_query_language_mean_nothing(library: None) -> None:
    assert titles("* OR title:[a TO z] ~ клю* ????") == []


def test_a_pasted_megabyte_costs_no_more_than_a_page(library: None) -> None:
    log = "2026-11-20 11:00:00 ERROR Crypto 0x80090016 поток данных слово " * 16_000
    suggest("Ошибка", log[:20_000], product_id=None, language="ru")
    start = time.thread_time()
    assert titles("Ошибка", log)[0] == "Набор ключей не существует"
    assert titles("a" * 1_000_000, "ы" * 1_000_000) == []
    assert time.thread_time() - start < 5


@given(subject=st.text(max_size=200), text=st.text(max_size=200))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_text_makes_a_suggestion_fail(library: None, subject: str, text: str) -> None:
    assert len(suggest(subject, text, product_id=1, language="ru")) <= 5
    assert len(search(subject, language="xx", limit=3)) <= 3
