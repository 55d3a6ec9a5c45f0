"""Writing whole articles: translations, addresses, versions and restoring, the day of the next check."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.kb import operations, queries, rules
from supportapp.kb.models import Article, ArticleAct, ArticleState
from tests.factories import make_staff, make_ticket
from tests.kb.samples import make_article

pytestmark = pytest.mark.usefixtures("session")


def rewrite(article: Article, at: datetime, **changes: Any) -> Article:
    values: dict[str, Any] = {"title": article.title, "body": article.body, "language": article.language, "by": None}
    return operations.save_article(article, **{**values, "at": at, **changes})


def test_each_act_leaves_a_version_with_its_author_and_moment(at: datetime) -> None:
    anna, boris = make_staff("Editor"), make_staff("Admin")
    article = make_article("Токен", published=False, by=anna)
    operations.publish(article, by=boris, at=at)
    operations.withdraw(article, by=anna, at=at + timedelta(hours=1))
    operations.keep_for_staff(article, by=boris, at=at + timedelta(hours=2))
    acts = [(version.act, version.saved_by) for version in reversed(article.versions)]
    assert acts == [
        (ArticleAct.SAVED, anna),
        (ArticleAct.PUBLISHED, boris),
        (ArticleAct.WITHDRAWN, anna),
        (ArticleAct.KEPT_FOR_STAFF, boris),
    ]
    assert (article.updated_by, article.updated_at) == (boris, at + timedelta(hours=2))


def test_it_is_known_who_published_until_it_is_withdrawn(at: datetime) -> None:
    editor = make_staff("Editor")
    article = make_article(published=False)
    operations.publish(article, by=editor, at=at)
    assert (article.published_by, article.published_at) == (editor, at)
    operations.withdraw(article, by=None, at=at)
    assert (article.published_by, article.published_at) == (None, None)


def test_publishing_twice_is_one_act(at: datetime) -> None:
    article = make_article()
    operations.publish(article, by=make_staff("Editor"), at=at)
    assert len(article.versions) == 2


def test_adding_a_version_loads_none_of_the_others(at: datetime) -> None:
    article = make_article("Токен", body="раз" * 1000)
    for number in range(5):
        rewrite(article, at, body=f"текст {number}")
    db.session.commit()
    rows: list[str] = []

    def spy(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        rows.append(statement)

    event.listen(db.engine, "before_cursor_execute", spy)
    try:
        rewrite(article, at, body="последний")
    finally:
        event.remove(db.engine, "before_cursor_execute", spy)
    assert not [statement for statement in rows if "FROM article_version" in statement]


def test_an_import_chooses_the_address_of_a_new_article_alone(at: datetime) -> None:
    article = make_article("Токен", slug="my-token", act=ArticleAct.IMPORTED)
    assert (article.slug, article.versions[-1].act) == ("my-token", ArticleAct.IMPORTED)
    rewrite(article, at, title="Другое", slug="other")
    assert article.slug == "my-token"


@pytest.mark.parametrize(
    ("slug", "reason"),
    [("taken", "slug_taken"), ("Upper", "bad_slug"), ("a b", "bad_slug"), ("-a", "bad_slug"), ("", "bad_slug"),
     ("ы", "bad_slug"), ("a" * 121, "bad_slug"), ("a/../b", "bad_slug")],
)  # fmt: skip
def test_an_address_that_cannot_be_is_refused(slug: str, reason: str) -> None:
    make_article("Занято", slug="taken")
    with pytest.raises(Refused, match=reason):
        make_article("Новое", slug=slug)


@pytest.mark.parametrize(
    "changes", [{"note": "ж" * 201}, {"source": "ж" * 301}, {"licence": "ж" * 61}, {"attribution": "ж" * 301}]
)
def test_facts_that_do_not_fit_are_refused_by_field(changes: dict[str, str]) -> None:
    with pytest.raises(Refused) as refused:
        make_article(**changes)
    assert (refused.value.reason, [refused.value.field]) == ("too_long", list(changes))


# Translations


def test_a_translation_of_a_translation_belongs_to_the_original() -> None:
    russian = make_article("Токен")
    english = make_article("Token", language="en", translation_of=russian)
    with pytest.raises(Refused, match="same_language"):
        make_article("Ещё токен", translation_of=english)
    russian.language = "en"  # as if a third language were there
    english.language = "fr"
    third = make_article("Третий", language="ru", translation_of=english)
    assert third.translation_of is russian


@pytest.mark.parametrize("language", ["ru", "en"])
def test_no_article_translates_itself(language: str, at: datetime) -> None:
    article = make_article()
    with pytest.raises(Refused, match=r"circle|same_language"):
        rewrite(article, at, language=language, translation_of=article)


def test_an_original_cannot_become_a_translation_of_its_translation(at: datetime) -> None:
    russian = make_article("Токен")
    english = make_article("Token", language="en", translation_of=russian)
    with pytest.raises(Refused, match="circle"):
        rewrite(russian, at, translation_of=english)
    db.session.rollback()


def test_an_original_with_translations_cannot_become_one(at: datetime) -> None:
    russian, other = make_article("Токен"), make_article("Other", language="en")
    make_article("Token", language="en", translation_of=russian)
    with pytest.raises(Refused, match="has_translations"):
        rewrite(russian, at, translation_of=other)


def test_an_original_cannot_take_the_language_of_its_translation(at: datetime) -> None:
    russian = make_article("Токен")
    make_article("Token", language="en", translation_of=russian)
    with pytest.raises(Refused) as refused:
        rewrite(russian, at, language="en")
    assert (refused.value.reason, refused.value.field) == ("same_language", "language")


def test_a_language_has_one_translation_and_that_one_can_be_saved_again(at: datetime) -> None:
    russian = make_article("Токен")
    english = make_article("Token", language="en", translation_of=russian)
    with pytest.raises(Refused, match="translated_already"):
        make_article("Another", language="en", translation_of=russian)
    rewrite(english, at, body="better", translation_of=russian)
    assert queries.translations_of(russian) == [english]
    assert queries.translations_of(english) == [russian]
    rewrite(english, at, translation_of=None)
    assert queries.translations_of(russian) == []


def test_originals_are_offered_in_other_languages_only() -> None:
    russian, english = make_article("Токен"), make_article("Free", language="en")
    make_article("Token", language="en", translation_of=russian)
    assert queries.originals(language="en") == [russian]
    assert queries.originals(language="ru") == [english]
    assert queries.originals(language="en", besides=russian) == []


# Restoring


def test_restoring_brings_title_text_and_phrases_back_and_loses_nothing(at: datetime) -> None:
    editor = make_staff("Editor")
    article = make_article("Токен", body="Первый", phrases="слова")
    rewrite(article, at, title="Другое", body="Второй")
    first = article.versions[-1]
    operations.restore(first, by=editor, at=at + timedelta(hours=1), seen_revision=article.revision)
    assert (article.title, article.body, article.text, article.phrases) == ("Токен", "Первый", "Первый", "слова")
    assert [version.body for version in article.versions] == ["Первый", "Второй", "Первый", "Первый"]
    assert (article.versions[0].act, article.versions[0].saved_by) == (ArticleAct.RESTORED, editor)
    assert article.state is ArticleState.PUBLISHED


def test_restoring_what_stands_there_is_refused(at: datetime) -> None:
    article = make_article()
    with pytest.raises(Refused, match="same_text"):
        operations.restore(article.versions[-1], by=None, at=at)


def test_restoring_over_somebody_elses_change_is_refused(at: datetime) -> None:
    article = make_article()
    seen = article.revision
    rewrite(article, at, body="Новое")
    with pytest.raises(Refused, match="changed_meanwhile"):
        operations.restore(article.versions[-1], by=None, at=at, seen_revision=seen)


# The next check


@pytest.mark.parametrize(
    ("due", "last_change", "expected"),
    [
        (None, "2026-11-20", "2027-05-20"),
        ("2027-02-20", "2026-11-20", "2027-02-20"),
        ("2026-11-19", "2026-08-21", "2027-02-18"),
        ("2026-11-20", "2026-11-20", "2027-05-20"),
        ("2020-01-01", "2026-01-01", "2027-05-20"),
        ("2199-01-01", "2026-11-20", "2027-05-20"),
    ],
)
def test_the_next_check_is_as_far_away_as_the_last_one(due: str | None, last_change: str, expected: str) -> None:
    day = date.fromisoformat(due) if due else None
    found = rules.next_review(due=day, last_change=date.fromisoformat(last_change), today=date(2026, 11, 20))
    assert found == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [("2026-08-31", 6, "2027-02-28"), ("2023-08-31", 6, "2024-02-29"), ("2026-12-01", 1, "2027-01-01")],
)
def test_months_end_where_the_month_ends(day: str, months: int, expected: str) -> None:
    assert rules.add_months(date.fromisoformat(day), months) == date.fromisoformat(expected)


def test_a_checked_article_keeps_its_interval_from_then_on(at: datetime) -> None:
    article = make_article(review_on=date(2027, 2, 20))
    operations.mark_checked(article, by=None, at=at + timedelta(days=100))
    assert article.review_on == date(2027, 5, 31)
    operations.mark_checked(article, by=None, at=at + timedelta(days=110))
    assert article.review_on == date(2027, 6, 10)
    assert [version.act for version in article.versions][:2] == [ArticleAct.CHECKED] * 2


def test_what_is_due_stands_in_order_and_drafts_do_not_count() -> None:
    today = date(2026, 11, 20)
    late, now = make_article("Давно", review_on=date(2026, 1, 1)), make_article("Сегодня", review_on=today)
    make_article("Завтра", review_on=date(2026, 11, 21))
    make_article("Черновик", review_on=today, published=False)
    make_article("Никогда")
    assert queries.due_for_review(today=today, limit=10) == [late, now]
    assert queries.due_for_review(today=today, limit=1) == [late]


def test_a_proposed_article_is_a_draft_that_remembers_its_ticket(at: datetime) -> None:
    engineer, ticket = make_staff("Engineer"), make_ticket()
    facts: dict[str, Any] = {"title": "Ошибка", "body": "Решение", "by": engineer, "at": at}
    article = operations.propose_article(**facts, from_ticket_id=ticket.id)
    assert (article.state, article.updated_by) == (ArticleState.DRAFT, engineer)
    assert queries.articles_from_ticket(ticket.id) == [article]
    rewrite(article, at, body="Лучше")
    assert article.from_ticket_id == ticket.id
