"""Writing, publishing and withdrawing articles, and counting what they solved."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from supportapp.errors import NotFound, Refused
from supportapp.extensions import db
from supportapp.kb import operations, queries
from supportapp.kb.models import Article, ArticleState, Topic
from tests.factories import make_customer, make_product, make_staff
from tests.kb.samples import make_article

pytestmark = pytest.mark.usefixtures("session")


def test_a_new_article_is_a_draft_with_a_latin_address_and_its_first_version(at: datetime) -> None:
    editor = make_staff("Editor")
    article = operations.save_article(None, title=" Токен заблокирован ", body="**Что** делать", by=editor, at=at)
    assert (article.state, article.slug, article.text) == (ArticleState.DRAFT, "token-zablokirovan", "Что делать")
    assert [(v.title, v.saved_by, v.saved_at) for v in article.versions] == [("Токен заблокирован", editor, at)]


def test_two_articles_of_one_title_have_two_addresses() -> None:
    assert [make_article("Ошибка").slug for _ in range(3)] == ["oshibka", "oshibka-2", "oshibka-3"]


def test_a_change_makes_a_version_and_keeps_the_address(at: datetime) -> None:
    article = make_article("Старое название")
    operations.save_article(article, title="Новое название", body="Иначе", by=None, at=at + timedelta(hours=1))
    acts = [("Новое название", "saved"), ("Старое название", "published"), ("Старое название", "saved")]
    assert [(version.title, version.act) for version in article.versions] == acts
    assert article.slug == "staroe-nazvanie"
    assert article.updated_at == at + timedelta(hours=1)


def test_saving_what_stands_there_already_leaves_nothing(at: datetime) -> None:
    article = make_article("Ошибка", body="Текст", published=False)
    operations.save_article(article, title=" Ошибка", body="Текст\r\n", by=None, at=at + timedelta(hours=1))
    assert (len(article.versions), article.revision, article.updated_at) == (1, 1, at)


def test_each_change_leaves_a_version_even_when_no_word_changed(at: datetime) -> None:
    article, editor = make_article("Ошибка", body="Текст", published=False), make_staff("Editor")
    facts: dict[str, Any] = {"title": "Ошибка", "body": "Текст", "by": editor, "at": at}
    operations.save_article(article, **facts, phrases="не работает", note="добавила слова")
    operations.save_article(article, **facts, phrases="не работает", review_on=at.date())
    assert [(v.phrases, v.note, v.saved_by) for v in article.versions] == [
        ("не работает", "", editor),
        ("не работает", "добавила слова", editor),
        ("", "", None),
    ]
    assert article.updated_by == editor


def test_every_change_moves_the_revision(at: datetime) -> None:
    article = make_article(published=False)
    seen = [article.revision]
    operations.publish(article, by=None, at=at)
    seen.append(article.revision)
    operations.withdraw(article, by=None, at=at)
    seen.append(article.revision)
    operations.withdraw(article, by=None, at=at)
    assert [*seen, article.revision] == [1, 2, 3, 3]


def test_a_save_over_somebody_elses_change_is_refused(at: datetime) -> None:
    article = make_article()
    with pytest.raises(Refused, match="changed_meanwhile"):
        operations.save_article(article, title="Я", body="позже", by=None, at=at, seen_revision=article.revision - 1)


def test_of_two_editors_who_save_at_once_the_second_is_told(at: datetime) -> None:
    article = make_article("Токен заблокирован")
    seen = article.revision
    meanwhile = update(Article).where(Article.id == article.id).values(revision=seen + 1, title="Слова коллеги")
    db.session.execute(meanwhile.execution_options(synchronize_session=False))
    with pytest.raises(Refused, match="changed_meanwhile"):
        operations.save_article(article, title="Я", body="позже", by=None, at=at, seen_revision=seen)
    assert article.title == "Слова коллеги"


@pytest.mark.parametrize(
    ("changes", "reason", "field"),
    [
        ({"title": "  "}, "empty", "title"),
        ({"body": "\0"}, "empty", "body"),
        ({"title": "ж" * 201}, "too_long", "title"),
        ({"body": "ж" * 200_001}, "too_long", "body"),
        ({"phrases": "ж" * 20_001}, "too_long", "phrases"),
        ({"language": "de"}, "unknown_language", "language"),
    ],
)
def test_what_does_not_fit_is_refused_by_field(changes: dict[str, str], reason: str, field: str, at: datetime) -> None:
    with pytest.raises(Refused) as refused:
        operations.save_article(None, **{"title": "Ошибка", "body": "Текст", "by": None, "at": at, **changes})  # type: ignore[arg-type]
    assert (refused.value.reason, refused.value.field) == (reason, field)


def test_only_published_articles_are_read_by_the_public(at: datetime) -> None:
    draft, public, internal = make_article("Черновик", published=False), make_article("Всем"), make_article("Нам")
    operations.keep_for_staff(internal, by=None, at=at)
    assert queries.count_published() == 1
    assert queries.get_published(public.slug) == public
    for hidden in (draft, internal):
        with pytest.raises(NotFound):
            queries.get_published(hidden.slug)
        with pytest.raises(NotFound):
            queries.get_published_by_id(hidden.id)


@pytest.mark.parametrize("slug", ["no-such", "a\0b", "ошибка", "", "x" * 10_000])
def test_a_strange_address_is_simply_missing(slug: str) -> None:
    with pytest.raises(NotFound):
        queries.get_published(slug)


@pytest.mark.parametrize("number", [0, -1, 2**63, 10**30, 404])
def test_a_strange_number_is_simply_missing(number: int) -> None:
    with pytest.raises(NotFound):
        queries.get_article(number)
    with pytest.raises(NotFound):
        queries.get_topic(number)


def test_public_articles_are_counted_by_topic_product_and_language() -> None:
    topic, product = Topic(name_ru="Подпись", name_en="Signature"), make_product()
    db.session.add(topic)
    db.session.flush()
    make_article("Ошибка", topic=topic, products=[product])
    make_article("Error", language="en", topic=topic)
    make_article("Черновик", topic=topic, products=[product], published=False)
    assert queries.count_published() == queries.count_published(topic=topic) == 2
    assert queries.count_published(product=product) == queries.count_published(language="en") == 1
    assert queries.count_published(product=product, language="en") == 0


def test_solved_without_a_ticket_counts_once_a_form(at: datetime) -> None:
    article, anna = make_article(), make_customer()
    assert operations.record_solved(article, customer=anna, form_token="form-1", at=at)
    assert not operations.record_solved(article, customer=anna, form_token="form-1", at=at)
    assert operations.record_solved(article, customer=None, form_token="form-2", at=at)
    assert queries.count_solved(article) == 2


@pytest.mark.parametrize("token", ["", "x" * 65, "a\0b"])
def test_a_damaged_form_is_not_counted(token: str, at: datetime) -> None:
    article = make_article()
    assert not operations.record_solved(article, customer=None, form_token=token, at=at)
    assert queries.count_solved(article) == 0
