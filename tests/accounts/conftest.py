"""Counting hashes: the measure of time that does not depend on the machine."""

from __future__ import annotations

import pytest
from werkzeug.security import check_password_hash, generate_password_hash

from supportapp.accounts import hashing


class HashCount:
    """How many hashes were made and checked, and against what."""

    def __init__(self) -> None:
        self.made = 0
        self.checked: list[str] = []


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> HashCount:
    """Counts every hash from here on; the hashes themselves stay real."""
    count, check, make = HashCount(), check_password_hash, generate_password_hash

    def counted_check(password_hash: str, password: str) -> bool:
        count.checked.append(password_hash)
        return check(password_hash, password)

    def counted_make(password: str, method: str) -> str:
        count.made += 1
        return make(password, method=method)

    monkeypatch.setattr(hashing, "check_password_hash", counted_check)
    monkeypatch.setattr(hashing, "generate_password_hash", counted_make)
    return count
