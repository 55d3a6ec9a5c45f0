"""What may stand in an account."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportapp.accounts import rules


@pytest.mark.parametrize(
    ("typed", "identity"),
    [
        ("  Anna@Example.COM ", "anna@example.com"),
        ("ａｎｎａ＠example.com", "anna@example.com"),
        ("anna@example\uff0ecom", "anna@example.com"),
        ("info@Почта.РФ", "info@xn--80a1acny.xn--p1ai"),
        ("STRASSE@example.com", "strasse@example.com"),
        ("not an address", "not an address"),
        ("anna@" + "я" * 300, "anna@" + "я" * 300),
        ("", ""),
    ],
)
def test_spellings_of_one_address_are_one_identity(typed: str, identity: str) -> None:
    assert rules.normalise_email(typed) == identity


@given(st.text() | st.emails() | st.tuples(st.text(), st.text()).map("@".join))
def test_normalising_twice_changes_nothing(typed: str) -> None:
    once = rules.normalise_email(typed)
    assert rules.normalise_email(once) == once


@given(st.emails())
def test_case_and_blanks_around_make_no_difference(address: str) -> None:
    assert rules.normalise_email(f" {address.upper()}\t") == rules.normalise_email(address)


@given(st.text())
def test_a_cleaned_line_stays_as_it_is(text: str) -> None:
    assert rules.clean_line(rules.clean_line(text)) == rules.clean_line(text)


@pytest.mark.parametrize("text", ["a\0b", "line\nbreak", "tab\there", "half \ud83d", "evil \u202eeman", "\u2028"])
def test_control_characters_are_seen(text: str) -> None:
    assert rules.has_control_characters(text)


@pytest.mark.parametrize("text", ["Анна-Мария О’Нил", "ООО «Ромашка» & Co.", "李小龙 😀", ""])
def test_ordinary_text_has_no_control_characters(text: str) -> None:
    assert not rules.has_control_characters(text)


@pytest.mark.parametrize("phone", ["+7 495 123-45-67", "(495) 123-45-67", "8.800.555.35.35", "123-45 доб. 12", "112"])
def test_telephones_are_written_in_many_ways(phone: str) -> None:
    assert rules.is_telephone(phone)


@pytest.mark.parametrize("phone", ["call me", "+", "12", "7495x", "тел. 123", "١٢٣٤٥", "123 <b>"])
def test_what_cannot_be_dialled_is_no_telephone(phone: str) -> None:
    assert not rules.is_telephone(phone)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "demo-portal-2026",
        "лошадь верно скрепка",
        "Zx7!qPm-09tW",
        "83920174651",
        "пять рыжих белок",
        "я иду по ступенькам",
        "y" * 4 + "k7Qd" * 31,
    ],
)
def test_long_and_unusual_passwords_are_accepted(password: str) -> None:
    assert rules.password_problem(password, "anna@example.com") is None


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("", "password_required"),
        ("k7Qd-pX92", "password_too_short"),
        ("k7Qd" * 32 + "x", "password_too_long"),
        ("k7Qd" * 100_000, "password_too_long"),
        ("correct\0horse battery", "password_control_characters"),
        ("correct horse \udc80", "password_control_characters"),
        ("Anna.Smirnova@Example.com", "password_is_email"),
        ("ANNA.SMIRNOVA", "password_is_email"),
        ("anna.smirnova1984", "password_guessable"),
        ("1234567890", "password_guessable"),
        ("0987654321", "password_guessable"),
        ("Password2026!", "password_guessable"),
        ("P@ssw0rd1234", "password_guessable"),
        ("qwertyuiop[]", "password_guessable"),
        ("йцукенгшщзхъ", "password_guessable"),
        ("Пароль123456", "password_guessable"),
        ("gfhjkm123456", "password_guessable"),
        ("1q2w3e4r5t6y", "password_guessable"),
        ("1qaz2wsx3edc", "password_guessable"),
        ("aaaaaaaaaaaa", "password_guessable"),
        ("ab12ab12ab12", "password_guessable"),
        ("adminadmin2025", "password_guessable"),
        ("iloveyou!!!!", "password_guessable"),
        ("Солнышко1990", "password_guessable"),
    ],
)
def test_weak_passwords_are_named(password: str, problem: str) -> None:
    assert rules.password_problem(password, "anna.smirnova@example.com") == problem


@given(st.text(min_size=0, max_size=200), st.text(max_size=40))
def test_every_text_gets_an_answer_as_a_password(password: str, email: str) -> None:
    assert rules.password_problem(password, email) in {
        None,
        "password_required",
        "password_too_short",
        "password_too_long",
        "password_control_characters",
        "password_is_email",
        "password_guessable",
    }


def test_a_password_is_the_same_however_its_letters_are_composed() -> None:
    assert rules.normalise_password("и\u0306од калия") == rules.normalise_password("йод калия")
