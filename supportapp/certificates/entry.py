"""What staff enter about one certificate, checked: the same sentences for the form and for the imported register."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date

from supportapp.certificates import rules
from supportapp.certificates.rules import CertificateKind
from supportapp.errors import Refused
from supportapp.i18n import N_

NUMBER_LENGTH = 64
CODE_LENGTH = 64
CODE_LEAST = 4
HOLDER_LENGTH = 200
SEATS_MOST = 100_000
YEARS = range(2000, 2101)


@dataclass(frozen=True, slots=True)
class Entry:
    """The facts of a certificate apart from its level and products, trimmed and within bounds."""

    kind: CertificateKind
    number: str
    number_key: str
    activation_code: str
    holder: str
    valid_from: date
    valid_to: date
    seats: int


def check_entry(
    *,
    kind: CertificateKind,
    number: str,
    activation_code: str,
    holder: str,
    valid_from: date,
    valid_to: date,
    seats: int,
) -> Entry:
    """The facts as they will be stored; Refused names the field that is wrong."""
    number = _text(number, NUMBER_LENGTH, "number")
    key = rules.normalise_number(number)
    if not key or len(key) > NUMBER_LENGTH:
        raise Refused("number_unreadable", N_("Enter the number as it is printed on the document."), field="number")
    return Entry(
        kind=kind,
        number=number,
        number_key=key,
        activation_code=_code(activation_code),
        holder=_text(holder, HOLDER_LENGTH, "holder"),
        valid_from=_day(valid_from, "valid_from"),
        valid_to=_end(valid_from, _day(valid_to, "valid_to")),
        seats=_seats(kind, seats),
    )


def reason_text(reason: str) -> str:
    """A revocation's reason, which may not be empty."""
    return _text(reason, 200, "reason")


def _text(value: str, most: int, field: str) -> str:
    text = " ".join(value.split(" ")).strip()
    if not text:
        raise Refused("empty", N_("Fill in this field."), field=field)
    if len(text) > most:
        raise Refused("too_long", N_("This is longer than %(most)d characters."), field=field, most=most)
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise Refused(
            "control_characters", N_("There are invisible control characters in this text; type it anew."), field=field
        )
    return text


def _code(value: str) -> str:
    code = _text(value, CODE_LENGTH, "activation_code")
    if len(rules.without_dashes(code)) < CODE_LEAST:
        raise Refused(
            "code_too_short",
            N_("An activation code has at least %(least)d characters."),
            field="activation_code",
            least=CODE_LEAST,
        )
    return code


def _day(day: date, field: str) -> date:
    if day.year not in YEARS:
        raise Refused("year_unlikely", N_("Check the year: %(year)d cannot be right."), field=field, year=day.year)
    return day


def _end(first: date, last: date) -> date:
    if last < first:
        raise Refused("ends_before_it_starts", N_("The last day comes before the first one."), field="valid_to")
    return last


def _seats(kind: CertificateKind, seats: int) -> int:
    if kind is CertificateKind.CERTIFICATE and seats != 1:
        raise Refused("one_seat", N_("A certificate has one seat; only a contract has more."), field="seats")
    if not 1 <= seats <= SEATS_MOST:
        raise Refused(
            "seats_out_of_range", N_("The number of seats is between 1 and %(most)d."), field="seats", most=SEATS_MOST
        )
    return seats
