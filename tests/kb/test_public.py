"""What the readers' lists are made of."""

from __future__ import annotations

from difflib import SequenceMatcher

import pytest

from supportapp.extensions import db
from supportapp.kb import public, topics
from supportapp.kb.leads import lead
from supportapp.kb.models import Topic
from tests.factories import make_product
from tests.kb.samples import make_article


def make_topic(name: str, parent: Topic | None = None) -> Topic:
    topic = Topic(name_ru=name, name_en=name, parent=parent)
    db.session.add(topic)
    db.session.flush()
    return topic


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Причина\nНет ключа.\nРешение\nУстановите.", "Нет ключа."),
        ("Нет ключа.\nУстановите его:\nпервый пункт", "Нет ключа. Установите его:"),
        ("Только заголовок", "Только заголовок"),
        ("", ""),
        ("Слово " * 100 + ".", "Слово Слово Слово…"),
    ],
)
def test_a_lead_is_the_first_sentences_without_the_heading(text: str, expected: str) -> None:
    assert lead(text, 20) == expected if "…" in expected else lead(text) == expected


def test_one_word_without_an_end_is_cut() -> None:
    assert lead("я" * 500, 10) == "яяяяяяяяя…"


@pytest.mark.usefixtures("session")
def test_neighbours_that_share_topic_and_product_come_first() -> None:
    topic, product = make_topic("Подпись"), make_product()
    article = make_article(topic=topic, products=[product])
    make_article("Только раздел", topic=topic)
    make_article("Раздел и продукт", topic=topic, products=[product])
    make_article("In English", topic=topic, language="en")
    make_article("Черновик", topic=topic, published=False)
    make_article("Чужая")
    assert [each.title for each in public.neighbours(article, limit=5)] == ["Раздел и продукт", "Только раздел"]
    assert public.neighbours(make_article("Одинокая"), limit=5) == []


@pytest.mark.usefixtures("session")
def test_the_nearest_address_is_found_through_a_slip() -> None:
    make_article("Ошибка 0x80090016 набор ключей")
    make_article("Ошибка 0x800b0109 цепочка")
    make_article("Ошибка 0x80090016 набор ключей тайная", published=False)
    found = public.nearest("oshibka-0x80090016-nabor-kluchei", limit=3)
    assert found[0].title == "Ошибка 0x80090016 набор ключей"
    assert all(each.title != "Ошибка 0x80090016 набор ключей тайная" for each in found)
    for nothing in ("", "--", "%", "__", "ab", "x" * 5000):
        assert public.nearest(nothing, limit=3) == []


@pytest.mark.usefixtures("session")
def test_of_a_long_address_no_more_is_compared_than_a_slug_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    make_article("Ошибка 0x80090016 набор ключей")
    compared: list[str] = []

    def noting(junk: None, one: str, other: str) -> SequenceMatcher[str]:
        compared.append(one)
        return SequenceMatcher(junk, one, other)

    monkeypatch.setattr(public, "SequenceMatcher", noting)
    public.nearest("oshibka-0x80090016-nabor-kluchei" * 2000, limit=3)
    assert [len(slug) for slug in compared] == [120]


@pytest.mark.usefixtures("session")
def test_the_way_up_ends_even_where_topics_run_in_a_circle() -> None:
    first = make_topic("Первый")
    second = make_topic("Второй", first)
    assert [topic.name_ru for topic in topics.above(second)] == ["Первый", "Второй"]
    first.parent = second
    db.session.flush()
    assert [topic.name_ru for topic in topics.above(second)] == ["Первый", "Второй"]
    assert topics.tree() == []
