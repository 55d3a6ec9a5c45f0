"""Passwords as hashes."""

from __future__ import annotations

import pytest

from supportapp.accounts.hashing import METHOD, hash_password, password_matches
from tests.accounts.conftest import HashCount


def test_a_hash_is_scrypt_and_tells_right_from_wrong() -> None:
    kept = hash_password("correct horse battery")
    assert kept.startswith(METHOD + "$")
    assert password_matches(kept, "correct horse battery")
    assert not password_matches(kept, "correct horse batterY")


def test_letters_composed_otherwise_still_match() -> None:
    assert password_matches(hash_password("йод и ёлка в лесу"), "и\u0306од и е\u0308лка в лесу")


@pytest.mark.parametrize("password", ["wrong", "", "x" * 100_000, "half \ud83d", "nul\0"])
def test_nobodys_hash_never_matches_and_costs_the_same(password: str, hashes: HashCount) -> None:
    assert not password_matches(None, password)
    assert [checked.split("$")[0] for checked in hashes.checked] == [METHOD]


@pytest.mark.parametrize("password", ["x" * 100_000, "half \ud83d", "nul\0"])
def test_impossible_passwords_are_compared_at_full_cost_and_do_not_match(password: str, hashes: HashCount) -> None:
    assert not password_matches(hash_password("correct horse battery"), password)
    assert len(hashes.checked) == 1


def test_an_empty_hash_lets_nobody_in() -> None:
    assert not password_matches("", "")
