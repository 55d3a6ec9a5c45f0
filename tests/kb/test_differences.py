"""What changed between two versions, in words."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportapp.kb.differences import Passage, compare, compare_words


def shown(pieces: list[Passage]) -> str:
    """The passages in one line: {+put in+}, {-taken out-}, and a number in brackets for folded lines."""
    marks = {"ins": "{{+{}+}}", "del": "{{-{}-}}", "": "{}"}
    return "".join(
        f"[{passage.lines}]" if passage.folded else "".join(marks[p.mark].format(p.text) for p in passage.pieces)
        for passage in pieces
    )


def test_the_same_text_has_no_difference() -> None:
    assert compare("Один и тот же\nтекст", "Один и тот же\nтекст") == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("Откройте панель.", "Откройте панель управления.", "Откройте панель{+ управления+}."),
        ("Откройте панель управления.", "Откройте панель.", "Откройте панель{- управления-}."),
        ("красная лиса бежит", "синяя собака бежит", "{-красная лиса-}{+синяя собака+} бежит"),
        ("", "Новый текст", "{+Новый текст+}"),
        ("Старый текст", "", "{-Старый текст-}"),
        ("раз\nдва\n", "раз\nполтора\nдва\n", "раз\n{+полтора\n+}два\n"),
        ("код 0x80090016", "код 0x80090019", "код {-0x80090016-}{+0x80090019+}"),
        ("а, б", "а; б", "а{-,-}{+;+} б"),
    ],
)
def test_words_that_were_put_in_and_taken_out_are_marked(old: str, new: str, expected: str) -> None:
    assert shown(compare(old, new)) == expected


def test_long_unchanged_passages_are_folded_between_lines_of_context() -> None:
    lines = [f"строка {n}\n" for n in range(40)]
    changed = [*lines[:20], "новая строка\n", *lines[20:]]
    expected = "[18]строка 18\nстрока 19\n{+новая строка\n+}строка 20\nстрока 21\n[18]"
    assert shown(compare("".join(lines), "".join(changed))) == expected


def test_a_few_unchanged_lines_are_not_worth_folding() -> None:
    assert shown(compare("а\nб\nв\nг\n", "а\nб\nв\nд\n")) == "а\nб\nв\n{-г-}{+д+}\n"
    assert shown(compare("а\nб\nв\nг\nд\nе\n", "а\nб\nв\nг\nд\nё\n")) == "[3]г\nд\n{-е-}{+ё+}\n"


def test_a_moved_paragraph_is_taken_out_and_put_in() -> None:
    assert shown(compare("раз\nдва\nтри\n", "два\nтри\nраз\n")) == "{-раз\n-}два\nтри\n{+раз\n+}"


@given(st.text("абв \n", max_size=60), st.text("абв \n", max_size=60))
def test_both_texts_can_be_read_off_the_difference(old: str, new: str) -> None:
    pieces = compare_words(old, new)
    assert "".join(p.text for p in pieces if p.mark != "ins") == old
    assert "".join(p.text for p in pieces if p.mark != "del") == new
    passages = compare(old, new)
    if old != new:
        assert "".join(p.text for passage in passages for p in passage.pieces if p.mark != "ins") == old
        assert "".join(p.text for passage in passages for p in passage.pieces if p.mark != "del") == new


def _texts() -> list[tuple[str, str]]:
    dice = random.Random(3)
    words = ["".join(dice.choices("абвгдежз", k=5)) for _ in range(3000)]
    prose = " ".join(dice.choices(words, k=33_000))[:200_000]
    two = "".join(dice.choices("аб ", k=200_000))
    lines = "".join(dice.choices(["а\n", "б\n", "в г\n"], k=70_000))[:200_000]
    return [
        (prose, prose[::-1]),
        (prose, prose.replace("а", "я")),
        (two, two[::-1]),
        ("\n" * 200_000, "\n \n" * 66_000),
        (lines, lines[::-1]),
        ("а " * 100_000, "б а " * 50_000),
        (".," * 100_000, ",." * 100_000),
    ]


@pytest.mark.parametrize("number", range(7))
def test_the_largest_texts_are_compared_in_bounded_time(number: int) -> None:
    old, new = _texts()[number]
    started = time.thread_time()
    passages = compare(old, new)
    assert time.thread_time() - started < 20
    assert "".join(p.text for passage in passages for p in passage.pieces if p.mark != "del") == new
