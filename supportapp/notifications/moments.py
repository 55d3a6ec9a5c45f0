"""Moments and days in words, for people: local time in the language of the mail."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, get_timezone_name

_PATTERNS = {"ru": "EEEE, d MMMM y 'г.', HH:mm", "en": "EEEE, d MMMM y, HH:mm"}
_DAYS = {"ru": "d MMMM y 'г.'", "en": "d MMMM y"}
_MOSCOW = {"ru": "МСК", "en": "MSK"}


def moment(at: datetime, language: str, zone: ZoneInfo) -> str:
    """``at`` (aware), e.g. «четверг, 26 ноября 2026 г., 00:00 (МСК)»."""
    if at.tzinfo is None:
        raise ValueError(f"naive datetime {at!r}")
    local = at.astimezone(zone)
    return f"{format_datetime(local, _PATTERNS[language], tzinfo=zone, locale=language)} ({zone_name(local, language)})"


def day(when: date | datetime, language: str, zone: ZoneInfo) -> str:
    """``when`` as a day, e.g. «26 ноября 2026 г.»; a moment is taken in the local zone."""
    when = when.astimezone(zone).date() if isinstance(when, datetime) else when
    return format_date(when, _DAYS[language], locale=language)


def zone_name(local: datetime, language: str) -> str:
    """The short name of the zone of ``local``, e.g. «МСК»."""
    if getattr(local.tzinfo, "key", "") == "Europe/Moscow":
        return _MOSCOW[language]
    return get_timezone_name(local, width="short", locale=language)
