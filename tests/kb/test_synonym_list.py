"""The list of synonyms that ships: every line means what it seems to mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache

import pytest

from supportapp.kb.search.stopwords import STOP_WORDS
from supportapp.kb.search.thesaurus import ARROW, LONGEST, Thesaurus, shipped_lines
from supportapp.kb.search.words import keys

LONGEST_LINE = 200
MOST_GROUPS_OF_A_WORD = 3


def members(line: str) -> list[str]:
    return [member.strip() for side in line.split(ARROW) for member in side.split(",")]


def every_member() -> Iterator[tuple[str, str]]:
    for line in shipped_lines():
        for member in members(line):
            yield line, member


def test_the_list_is_long_and_its_lines_are_not() -> None:
    assert len(shipped_lines()) > 900
    assert [line for line in shipped_lines() if len(line) > LONGEST_LINE] == []


def test_every_line_is_a_group_of_two_or_a_rule_with_two_sides() -> None:
    wrong = []
    for line in shipped_lines():
        sides = [[part for part in side.split(",") if keys(part)] for side in line.split(ARROW)]
        fine = len(sides[0]) >= 2 if len(sides) == 1 else len(sides) == 2 and all(sides)
        if not fine:
            wrong.append(line)
    assert wrong == []


def test_no_member_is_empty_too_long_or_made_of_stop_words() -> None:
    assert [line for line, member in every_member() if not 1 <= len(keys(member)) <= LONGEST] == []
    assert [member for _, member in every_member() if member.lower() in STOP_WORDS] == []


def test_a_phrase_is_never_read_as_one_word() -> None:
    """«не работает» would stand for "работает", and "turn on" for "turn"."""
    assert [member for _, member in every_member() if " " in member and len(keys(member)) == 1] == []


def test_no_line_says_the_same_twice() -> None:
    wrong = []
    for line in shipped_lines():
        ways = [tuple(keys(member)) for member in members(line)]
        if len(set(ways)) != len(ways):
            wrong.append(line)
    assert wrong == []


def test_a_word_stands_in_few_groups() -> None:
    single = Counter(found[0] for _, member in every_member() if len(found := keys(member)) == 1)
    assert {key: number for key, number in single.items() if number > MOST_GROUPS_OF_A_WORD} == {}


def test_words_that_only_look_alike_to_the_stemmer_are_kept_apart() -> None:
    """Each of these keys belongs to another, frequent word too, and would drag its articles along."""
    for key, other in (("https", "http"), ("windows", "окно"), ("active", "активация"), ("directory", "папка")):
        assert keys(other)[0] not in {word for way in instead_of(key) for word in way}, key


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("ЭЦП", "электронная подпись"),
        ("крипто", "КриптоПро"),
        ("винда", "windows"),
        ("флешка", "токен"),
        ("invoice", "счёт"),
        ("снести", "удалить программу"),
        ("expired", "истёк"),
        ("виртуалка", "ВМ"),
        ("2fa", "многофакторная проверка подлинности"),
    ],
)
def test_everyday_words_meet_the_words_of_articles(asked: str, meant: str) -> None:
    assert tuple(keys(meant)) in instead_of(asked)


def test_a_rule_works_one_way_only() -> None:
    assert ("токен",) in instead_of("флешка")
    assert ("флешк",) not in instead_of("токен")


def instead_of(asked: str) -> list[tuple[str, ...]]:
    return thesaurus().instead_of(tuple(keys(asked)))


@cache
def thesaurus() -> Thesaurus:
    return Thesaurus(shipped_lines())
