"""Calendar invitations (RFC 5545, 5546) as one line that people can read."""

from __future__ import annotations

import re
from datetime import datetime

from supportapp.i18n import N_, gettext

_FOLD = re.compile(r"(?:\r\n|\n|\r)[ \t]")
_LINE = re.compile(r"(?m)^([A-Za-z-]{1,40})((?:;[^:\"\r\n]{0,200}+|\"[^\"\r\n]{0,200}+\"){0,10}+):([^\r\n]*+)")
_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z)?)?\Z")
_ZONE = re.compile(r'TZID="?([^";:]{1,60})')
_CHARACTERS = 100_000
_SENTENCES = {
    "REQUEST": N_("[Invitation] %(what)s"),
    "CANCEL": N_("[Meeting cancelled] %(what)s"),
    "REPLY": N_("[Answer to an invitation] %(what)s"),
}
_OTHER = N_("[Calendar] %(what)s")


def summary_line(text: str, language: str) -> str:
    """What, when and where, in ``language``: "[Invitation] Audit of keys, 24.11.2026 10:00–11:00 (Moscow), room 5"."""
    method, fields = _read(_FOLD.sub("", text[:_CHARACTERS]))
    what = [_plain(fields.get("SUMMARY", ("", ""))[1]), _when(fields), _plain(fields.get("LOCATION", ("", ""))[1])]
    sentence = _SENTENCES.get(method, _OTHER)
    return gettext(sentence, language, what=", ".join(filter(None, what))).strip()


def _read(text: str) -> tuple[str, dict[str, tuple[str, str]]]:
    """The method, and the first event's fields: parameters and value by name."""
    method, fields, is_inside = "", dict[str, tuple[str, str]](), False
    for match in _LINE.finditer(text):
        name, value = match[1].upper(), match[3].strip()
        if name == "METHOD":
            method = method or value.upper()
        elif name == "BEGIN":
            is_inside = is_inside or value.upper() in ("VEVENT", "VTODO", "VFREEBUSY")
        elif name == "END" and value.upper() in ("VEVENT", "VTODO", "VFREEBUSY"):
            break
        elif is_inside:
            fields.setdefault(name, (match[2], value))
    return method, fields


def _when(fields: dict[str, tuple[str, str]]) -> str:
    start, end = _moment(fields.get("DTSTART")), _moment(fields.get("DTEND"))
    if start is None:
        return ""
    parameters, value = fields["DTSTART"]
    zone = _ZONE.search(parameters)
    place = "UTC" if value.endswith("Z") else zone[1] if zone else ""
    if "T" not in value:
        return f"{start:%d.%m.%Y}"
    until = "" if end is None else f"–{end:%H:%M}" if end.date() == start.date() else f" – {end:%d.%m.%Y %H:%M}"
    return f"{start:%d.%m.%Y %H:%M}{until}" + (f" ({place})" if place else "")


def _moment(field: tuple[str, str] | None) -> datetime | None:
    """As it stands on the clock that the field names."""
    match = _MOMENT.match(field[1]) if field else None
    if not match:
        return None
    try:
        numbers = [int(number or 0) for number in match.groups()[:5]]
        return datetime(*numbers)  # type: ignore[arg-type]  # noqa: DTZ001 - the zone is only quoted
    except ValueError:
        return None


def _plain(value: str) -> str:
    text = re.sub(r"\\([\\;,nN])", lambda match: " " if match[1] in "nN" else match[1], value)
    return " ".join(text.split())[:300]
