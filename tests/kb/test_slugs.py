"""Addresses made of Russian titles."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from supportapp.kb.slugs import MAX_SLUG, free_slug, make_slug


def test_a_russian_title_becomes_a_latin_address() -> None:
    assert (
        make_slug("Ошибка 0x80090016: «Набор ключей не существует»")
        == "oshibka-0x80090016-nabor-klyuchei-ne-suschestvuet"
    )
    assert make_slug("Объём ёмкости — café") == "obem-emkosti-cafe"


def test_a_title_without_letters_still_has_an_address() -> None:
    assert make_slug("???") == "article"


def test_a_taken_address_gets_a_number() -> None:
    assert free_slug("a", ["a", "a-2"]) == "a-3"


@given(st.text(max_size=300))
def test_any_title_makes_an_address_that_needs_no_escaping(title: str) -> None:
    slug = make_slug(title)
    assert re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", slug)
    assert len(slug) <= MAX_SLUG
