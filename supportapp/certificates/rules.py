"""Entitlement rules: pure functions, the moment is an argument."""

from __future__ import annotations

import enum
import hmac
import unicodedata
from collections.abc import Collection
from datetime import date, timedelta

NOTICE_DAYS = (7, 30, 60)


class CertificateKind(enum.StrEnum):
    """A certificate has one seat; a contract as many as its holder bought."""

    CERTIFICATE = "certificate"
    CONTRACT = "contract"


class State(enum.StrEnum):
    """What a certificate is on a given local day. Revocation outweighs the dates."""

    NOT_YET_VALID = "not_yet_valid"
    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"


# Letters of other alphabets that look like a capital Latin one, and strokes that look like a hyphen or a slash.
_LOOK_ALIKES = str.maketrans(
    {
        **dict(zip("АВЕЁКМНОРСТУХІЇЈЅԚԜҮ", "ABEEKMHOPCTYXIIJSQWY", strict=True)),
        **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True)),
        **dict.fromkeys("ËÈЀ", "E"),
        **dict.fromkeys("−⁃˗", "-"),
        **dict.fromkeys("⁄∕", "/"),
        **dict.fromkeys("№\u115f\u1160\u2800"),  # the last three are blank, though no spaces by category
    }
)
# A hyphen, and what paper, Word and the fonts of a PDF make of one.
_STROKES = str.maketrans(dict.fromkeys("-_¬─━⎯➖ー\uf02d"))
# Separators, controls, invisible formatting, lone surrogates, and marks left over after composition.
_UNSEEN = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Mn", "Me"})


def normalise_number(text: str) -> str:
    """What a number is compared by: upper case, no spaces, look-alike letters and dashes folded together.

    Hyphens and slashes count: "12-3" and "1-23" are two numbers. "№" does not. Empty when nothing visible remains.
    """
    while (folded := _fold(text)) != text:
        text = folded
    return text


def without_dashes(text: str) -> str:
    """What codes are compared by, and numbers that are typed without their hyphens: folded like a number, and without
    the strokes that only help the eye, whatever a PDF made of them."""
    return normalise_number(text).translate(_STROKES)


def _fold(text: str) -> str:
    text = unicodedata.normalize("NFKC", text.translate(_LOOK_ALIKES)).upper().translate(_LOOK_ALIKES)
    categories = ((character, unicodedata.category(character)) for character in text)
    return "".join("-" if kind == "Pd" else character for character, kind in categories if kind not in _UNSEEN)


def same_code(given: str, expected: str) -> bool:
    """Whether two activation codes are the same, in a time that does not tell how much of them agrees."""
    ours, theirs = without_dashes(expected).encode(), without_dashes(given).encode()
    return hmac.compare_digest(ours, theirs) and bool(ours)


def state(*, valid_from: date, valid_to: date, revoked: bool, today: date) -> State:
    """The state on the local day ``today``; the first and the last day both belong to the validity."""
    if revoked:
        return State.REVOKED
    if today < valid_from:
        return State.NOT_YET_VALID
    return State.EXPIRED if today > valid_to else State.VALID


def can_cover(current: State, covered: Collection[int], product_id: int | None) -> bool:
    """Whether a certificate in this state, for these products, covers a ticket about ``product_id`` (None: any)."""
    return current is State.VALID and (product_id is None or product_id in covered)


def seats_of(kind: CertificateKind, bought: int) -> int:
    """How many people may register it: a certificate is one person's, whatever was bought."""
    return 1 if kind is CertificateKind.CERTIFICATE else bought


def due_notice(*, valid_to: date, registered_on: date, today: date) -> int | None:
    """Which of the notices (60, 30, 7 days before the end) is the one to send today, unless it was sent already.

    Only the nearest: those that a stopped job let pass are not made up for. None after the end, and where the
    customer registered when that day had come already: the confirmation told the date.
    """
    left = (valid_to - today).days
    days = next((days for days in NOTICE_DAYS if 0 <= left <= days), None)
    if days is None or registered_on >= valid_to - timedelta(days=days):
        return None
    return days
