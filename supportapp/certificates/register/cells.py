"""What a cell says: text, a date, a number of seats, a kind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from supportapp.certificates.register.columns import Column
from supportapp.certificates.rules import CertificateKind
from supportapp.errors import Refused
from supportapp.i18n import N_

_KINDS: Mapping[str, CertificateKind] = {
    **dict.fromkeys(
        ("сертификат", "сертификат тп", "сертификат технической поддержки", "certificate"), CertificateKind.CERTIFICATE
    ),
    **dict.fromkeys(("договор", "договор тп", "договор технической поддержки", "contract"), CertificateKind.CONTRACT),
}
_SPREADSHEET_ERRORS = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"})
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[ T]00:00(?::00)?)?")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?: 0?0:00(?::00)?)?")
_ROUNDED = re.compile(r"\d+[.,]\d+[eEеЕ]\+\d+")
_EXACT_DIGITS = 10**15
_LONGEST = 2000


def text(cell: Any, column: Column) -> str:
    """The words of a cell. Refused for a formula, a broken reference, and what a spreadsheet made of a number."""
    match cell:
        case None:
            return ""
        case str():
            return _plain(cell, column)
        case date() | bool():
            raise _changed(column)
        case int() | float() if abs(cell) < _EXACT_DIGITS:
            return str(int(cell) if cell == int(cell) else cell)
        case int() | float():
            raise _changed(column)
    raise _formula(column)


def day(cell: Any, column: Column) -> date:
    """A date: a real one of the spreadsheet, 2026-12-31 or 31.12.2026."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    words = text(cell, column)
    try:
        if match := _ISO.fullmatch(words):
            return date(int(match[1]), int(match[2]), int(match[3]))
        if match := _DOTTED.fullmatch(words):
            return date(int(match[3]), int(match[2]), int(match[1]))
    except ValueError:
        pass
    raise Refused("not_a_date", N_("This is not a date. Write it like 31.12.2026 or 2026-12-31."), field=column)


def kind(cell: Any) -> CertificateKind:
    words = " ".join(text(cell, Column.KIND).casefold().split())
    if words not in _KINDS:
        raise Refused("kind_unknown", N_("Write “certificate” or “contract”."), field=Column.KIND)
    return _KINDS[words]


def seats(cell: Any, of: CertificateKind) -> int:
    """A whole number; a certificate has one seat without saying so."""
    words = text(cell, Column.SEATS)
    if not words and of is CertificateKind.CERTIFICATE:
        return 1
    if not re.fullmatch(r"[0-9]{1,9}", words):
        raise Refused("not_a_number", N_("Write the number of seats in digits."), field=Column.SEATS)
    return int(words)


def _plain(cell: str, column: Column) -> str:
    words = cell.strip()
    if words.startswith(("=", "+", "@")) or words in _SPREADSHEET_ERRORS:
        raise _formula(column)
    if column in (Column.NUMBER, Column.ACTIVATION_CODE) and _ROUNDED.fullmatch(words):
        raise _changed(column)
    if len(words) > _LONGEST:
        raise Refused("too_long", N_("This is longer than %(most)d characters."), field=column, most=_LONGEST)
    return words


def _formula(column: Column) -> Refused:
    return Refused("formula", N_("Put the value itself here, not a formula."), field=column)


def _changed(column: Column) -> Refused:
    return Refused(
        "changed_by_spreadsheet",
        N_("The spreadsheet turned this into a date or rounded it. Format the column as text and enter it anew."),
        field=column,
    )
