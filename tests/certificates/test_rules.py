"""Entitlement rules: how numbers are compared, what a certificate is on a day, which notice is due."""

from __future__ import annotations

import sys
import unicodedata
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportapp.certificates.rules import (
    CertificateKind,
    State,
    can_cover,
    due_notice,
    normalise_number,
    same_code,
    seats_of,
    state,
    without_dashes,
)

TWINS = dict(zip("АВЕКМНОРСТУХавекмнорстух", "ABEKMHOPCTYXabekmhopctyx", strict=True))
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)


@pytest.mark.parametrize(
    "written",
    [
        "СП-2026-000101",
        "сп-2026-000101",
        "CП-2026-OOO1O1".replace("O", "0"),
        " СП-2026-000101 ",
        "С П - 2026 - 000 101",
        "СП\u00a0-\u20092026-000101",
        "СП\u200b-2026\u2060-000101\ufeff",
        "СП‑2026–000101",
        "СП—2026−000101",
        "СП﹣2026－０００１０１",
        "№ СП-2026-000101",
        "С\u00adП-2026-000101",
    ],
)
def test_one_number_however_it_is_typed(written: str) -> None:
    assert normalise_number(written) == normalise_number("СП-2026-000101")


@pytest.mark.parametrize(
    ("one", "other"),
    [("12-3", "1-23"), ("12-3", "123"), ("77/2026", "772026"), ("СП-1", "СЛ-1"), ("О1", "01"), ("Й", "И")],
)
def test_two_numbers_stay_two(one: str, other: str) -> None:
    assert normalise_number(one) != normalise_number(other)


def test_every_look_alike_pair_falls_together() -> None:
    for cyrillic, latin in TWINS.items():
        assert normalise_number(cyrillic) == normalise_number(latin) == latin.upper()
    assert normalise_number("ёЁ") == normalise_number("её") == "EE"


def test_nothing_visible_is_an_empty_key() -> None:
    assert normalise_number(" \u200b\u00a0\u3000\t\n\x00\ud800") == ""


def test_no_single_character_escapes_a_second_folding() -> None:
    for point in range(sys.maxunicode + 1):
        key = normalise_number(chr(point))
        assert normalise_number(key) == key


@given(st.text(max_size=64))
def test_folding_twice_is_folding_once(text: str) -> None:
    key = normalise_number(text)
    assert normalise_number(key) == key
    assert not any(
        unicodedata.category(character) in ("Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Pd") and character != "-"
        for character in key
    )


@given(st.text(alphabet="".join(TWINS) + "0123456789-/ЖЩЮ", max_size=40), st.data())
def test_swapping_alphabets_and_strewing_spaces_changes_nothing(text: str, data: st.DataObject) -> None:
    disguised = "".join(
        (TWINS.get(character, character) if data.draw(st.booleans()) else character)
        + data.draw(st.sampled_from(["", " ", "\u00a0", "\u200b", "\u202f"]))
        for character in text
    )
    assert normalise_number(disguised) == normalise_number(text)
    assert normalise_number(text.lower()) == normalise_number(text.upper()) == normalise_number(text)


def test_codes_are_folded_like_numbers_and_need_no_dash() -> None:
    assert without_dashes(" demo–1001 ") == without_dashes("DЕМО-1001") == without_dashes("demo1001") == "DEMO1001"


@pytest.mark.parametrize("stroke", [*"-‐‑–—−_¬─━⎯➖ー", "\u00ad", "\uf02d", " - ", "-\n"])
def test_a_code_is_known_whatever_its_hyphens_became_on_the_way(stroke: str) -> None:
    assert same_code(f"demo{stroke}1001", "DEMO-1001")


def test_codes_compare_by_what_is_seen() -> None:
    assert same_code("demo-1001", "DEMO-1001")
    assert not same_code("DEMO-1002", "DEMO-1001")
    assert not same_code("DEMO-100", "DEMO-1001")


def test_an_empty_code_opens_nothing() -> None:
    assert not same_code("", "")
    assert not same_code(" ", "\u200b")


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (FIRST - timedelta(days=1), State.NOT_YET_VALID),
        (FIRST, State.VALID),
        (LAST, State.VALID),
        (LAST + timedelta(days=1), State.EXPIRED),
    ],
)
def test_the_first_and_the_last_day_belong_to_the_validity(today: date, expected: State) -> None:
    assert state(valid_from=FIRST, valid_to=LAST, revoked=False, today=today) is expected
    assert state(valid_from=FIRST, valid_to=LAST, revoked=True, today=today) is State.REVOKED


def test_only_a_valid_certificate_covers_and_only_its_products() -> None:
    assert can_cover(State.VALID, {1, 2}, 2)
    assert can_cover(State.VALID, {1, 2}, None)
    assert not can_cover(State.VALID, {1, 2}, 3)
    assert not can_cover(State.EXPIRED, {1}, 1)


def test_a_certificate_has_one_seat_and_a_contract_as_many_as_were_bought() -> None:
    assert seats_of(CertificateKind.CERTIFICATE, 5) == 1
    assert seats_of(CertificateKind.CONTRACT, 5) == 5


@pytest.mark.parametrize(
    ("left", "expected"),
    [(61, None), (60, 60), (31, 60), (30, 30), (8, 30), (7, 7), (1, 7), (0, 7), (-1, None)],
)
def test_the_nearest_notice_is_the_one_that_is_due(left: int, expected: int | None) -> None:
    assert due_notice(valid_to=LAST, registered_on=FIRST, today=LAST - timedelta(days=left)) == expected


def test_a_day_that_had_come_before_the_registration_is_not_announced() -> None:
    registered = LAST - timedelta(days=20)
    assert due_notice(valid_to=LAST, registered_on=registered, today=registered) is None
    assert due_notice(valid_to=LAST, registered_on=registered, today=LAST - timedelta(days=7)) == 7
