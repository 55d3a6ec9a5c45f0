"""A text to the keys it is found by."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportapp.kb.search.stems import stem
from supportapp.kb.search.words import keys, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("подпись", "подписи"),
        ("подпись", "подписью"),
        ("сертификат", "сертификатами"),
        ("контейнер", "контейнера"),
        ("установленный", "установленная"),
        ("certificates", "certificate"),
        ("лицензия", "лицензии"),
        ("токен", "токены"),
        ("токен", "токенов"),
        ("ошибка", "ошибок"),
        ("список", "списка"),
        ("запись", "записей"),
    ],
)
def test_forms_of_a_word_have_one_key(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_different_words_keep_different_keys() -> None:
    assert len({stem(word) for word in ("подпись", "сертификат", "контейнер", "лицензия", "токен", "ключ")}) == 6


@pytest.mark.parametrize(
    "spelling",
    [
        "0x80090016",
        "0X80090016",
        "0х80090016",
        "80090016",
        "-2146893802",
        "2148073494",
        "(0x80090016)",
        "ошибка:80090016",
    ],
)
def test_an_error_code_has_one_key_however_it_is_spelt(spelling: str) -> None:
    assert "0x80090016" in keys(spelling)


def test_cyrillic_letters_in_a_code_do_no_harm() -> None:
    assert keys("0х800В0109") == keys("0x800b0109") == ["0x800b0109"]


def test_yo_is_e() -> None:
    assert keys("Истёк") == keys("истек")


def test_a_name_is_found_whole_and_in_parts() -> None:
    assert keys("NTE_BAD_KEYSET") == ["nte_bad_keyset", "nte", "bad", "keyset"]


def test_a_version_is_one_key() -> None:
    assert keys("версия 5.0.12") == [stem("версия"), "5.0.12"]


def test_a_phone_number_is_no_error_code() -> None:
    assert not any(key.startswith("0x") for key in keys("8 495 123-45-67, 4957804820000, 79161234567"))


def test_places_point_into_the_text() -> None:
    text = "Ошибка NTE_BAD_KEYSET (0x80090016)"
    assert [text[w.start : w.end] for w in words(text)] == [
        "Ошибка", "NTE_BAD_KEYSET", "NTE", "BAD", "KEYSET", "0x80090016",
    ]  # fmt: skip


@given(st.text(max_size=500))
def test_any_text_has_keys_without_blanks_and_of_bounded_length(text: str) -> None:
    assert all(0 < len(word.key) <= 64 and not any(c.isspace() for c in word.key) for word in words(text))


@given(st.text(alphabet="абвгдежзийклмнопрстуфхцчшщъыьэюя", min_size=1, max_size=30))
def test_a_stem_is_never_empty_nor_longer_than_its_word(word: str) -> None:
    assert 0 < len(stem(word)) <= len(word)
