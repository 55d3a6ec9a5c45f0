"""Passwords as scrypt hashes. Both functions take a tenth of a second and touch no database."""

from __future__ import annotations

from werkzeug.security import check_password_hash, generate_password_hash

from supportapp.accounts.rules import PASSWORD_MAX, normalise_password

METHOD = "scrypt:32768:8:1"
# What a stranger's password is compared with, at METHOD's cost; the password behind it was thrown away.
_NOBODYS_HASH = (
    "scrypt:32768:8:1$98gCbAgVmkuNWNDC$8edec8a2b0c7c839a9b65e807588d8d8d3d7bf45acd066d53e4cb0133957a4a6"
    "3bbb04ff136de98b6e71ec658abcf781e8d4fa4ea00f67a3c19dd76a1ba34f54"
)


def hash_password(password: str) -> str:
    """The hash to keep; the password must have passed ``rules.password_problem``."""
    return generate_password_hash(normalise_password(password), method=METHOD)


def password_matches(password_hash: str | None, password: str) -> bool:
    """Whether ``password`` is the one behind ``password_hash``; None (nobody's) costs the same and never matches.

    An edge that holds SQLite's write lock reads the hash, ends its transaction, and only then asks.
    """
    password = normalise_password(password[: 4 * PASSWORD_MAX])
    possible = len(password) <= PASSWORD_MAX and _is_unicode(password)
    matches = check_password_hash(password_hash or _NOBODYS_HASH, password if possible else "")
    return matches and possible and bool(password_hash)


def _is_unicode(text: str) -> bool:
    """Whether ``text`` is free of halves of characters, which broken UTF-8 leaves behind."""
    return not any("\ud800" <= c <= "\udfff" for c in text)
