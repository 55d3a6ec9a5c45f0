"""Moments and dates as people say them, in the time zone of the support service."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from babel.dates import format_date, format_datetime, format_time
from flask_babel import gettext as _
from markupsafe import Markup

from supportapp import clock
from supportapp.extensions import settings
from supportapp.notifications.moments import zone_name
from supportapp.portal.language import language


def moment(at: datetime | None) -> Markup:
    """The moment as "today, 14:05" in a ``<time>`` element; the full date, time and zone show on hover."""
    if at is None:
        return Markup("")
    local = at.astimezone(settings.timezone)
    return _element(local.isoformat(timespec="seconds"), full_moment(at), moment_text(at))


def full_moment(at: datetime) -> str:
    """The moment as "20 November 2026, 14:05 (MSK)"."""
    local = at.astimezone(settings.timezone)
    return f"{format_datetime(local, 'd MMMM y, HH:mm', locale=language())} ({zone_name(local, language())})"


def moment_text(at: datetime) -> str:
    """The same words without markup."""
    local = at.astimezone(settings.timezone)
    return f"{_day_words(local.date())}, {format_time(local, 'HH:mm', locale=language())}"


def day(when: date | datetime | None) -> Markup:
    """The day as "20 November 2026" in a ``<time>`` element; a moment is shown by its local day."""
    if when is None:
        return Markup("")
    local = _local_date(when)
    text = format_date(local, "d MMMM y", locale=language())
    return Markup('<time datetime="{}">{}</time>').format(local.isoformat(), text)


def weekday(when: date | datetime) -> str:
    """The day as "Thursday, 26 November 2026"."""
    return format_date(_local_date(when), "EEEE, d MMMM y", locale=language())


def _local_date(when: date | datetime) -> date:
    return when.astimezone(settings.timezone).date() if isinstance(when, datetime) else when


def _day_words(local: date) -> str:
    today = clock.now().astimezone(settings.timezone).date()
    names = {today: _("today"), today - timedelta(days=1): _("yesterday"), today + timedelta(days=1): _("tomorrow")}
    if local in names:
        return str(names[local])
    return format_date(local, "d MMMM" if local.year == today.year else "d MMMM y", locale=language())


def _element(value: str, title: str, text: str) -> Markup:
    return Markup('<time datetime="{}" title="{}">{}</time>').format(value, title, text)
