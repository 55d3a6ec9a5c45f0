"""What may stand in an account: addresses as identities, lines of text, telephones, passwords."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta

from supportapp.accounts.guessing import is_guessable

EMAIL_LENGTH = 254
NAME_LENGTH = 120
ORGANISATION_LENGTH = 200
PHONE_LENGTH = 40
PASSWORD_MIN = 10
PASSWORD_MAX = 128

CONFIRM_LIFETIME = timedelta(hours=72)
RESET_LIFETIME = timedelta(hours=1)
CHANGE_LIFETIME = timedelta(hours=24)

_LOCAL_PART_WORTH_GUESSING = 4
_PHONE = re.compile(r"\+?[0-9(][0-9 ().,/*#-]*((доб|ext)\.? ?[0-9]+)?", re.IGNORECASE)
_CONTROL = frozenset({"Cc", "Cs", "Zl", "Zp"})
_BIDI_CONTROLS = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def normalise_email(email: str) -> str:
    """The address as an identity: NFKC, trimmed, case-folded, an international domain in its ASCII form.

    It answers something for every text and changes nothing when it is applied again; whether the result is an
    address at all is asked elsewhere.
    """
    before = None
    while email != before:
        before, email = email, unicodedata.normalize("NFKC", email).casefold().strip()
        email = _with_ascii_domain(email)
    return email


def normalise_password(password: str) -> str:
    """The same password whichever keyboard composed its letters."""
    return unicodedata.normalize("NFKC", password)


def clean_line(text: str) -> str:
    """One line of a person's text: composed, trimmed, single spaces."""
    return re.sub(r" +", " ", unicodedata.normalize("NFC", text).replace("\u00a0", " ")).strip(" ")


def has_control_characters(text: str) -> bool:
    """Whether ``text`` holds what no line of text may: NUL, line breaks, broken UTF-8, changes of direction."""
    return any(unicodedata.category(c) in _CONTROL or c in _BIDI_CONTROLS for c in text)


def is_telephone(text: str) -> bool:
    """Whether ``text`` can be dialled: digits with the usual signs, an extension at the end if there is one."""
    return _PHONE.fullmatch(text) is not None and sum(c.isdigit() for c in text) >= 3


def password_problem(password: str, email: str) -> str | None:
    """Why ``password`` may not be the one of ``email``: a reason's name, None when it may.

    "password_required", "password_control_characters", "password_too_short", "password_too_long",
    "password_is_email", "password_guessable". There are no rules of composition.
    """
    if len(password) > 4 * PASSWORD_MAX:
        return "password_too_long"
    password = normalise_password(password)
    if not password:
        return "password_required"
    if len(password) > PASSWORD_MAX:
        return "password_too_long"
    if has_control_characters(password):
        return "password_control_characters"
    if len(password) < PASSWORD_MIN:
        return "password_too_short"
    email = normalise_email(email)
    local_part = email.rpartition("@")[0]
    if normalise_email(password) in {email, local_part} - {""}:
        return "password_is_email"
    names = (email, local_part) if len(local_part) >= _LOCAL_PART_WORTH_GUESSING else (email,)
    return "password_guessable" if is_guessable(password, names) else None


def _with_ascii_domain(email: str) -> str:
    local_part, at_sign, domain = email.rpartition("@")
    if not at_sign or domain.isascii() or len(domain) > EMAIL_LENGTH:
        return email
    try:
        return f"{local_part}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return email
