"""The last day to answer, fit to stand after "up to and including"."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from babel.dates import format_date

from supportapp.extensions import settings
from supportapp.portal import blueprint
from supportapp.portal.language import language

PATTERNS = {"ru": "d MMMM y (EEEE)", "en": "EEEE, d MMMM y"}


@blueprint.app_template_filter()
def last_day(day: date) -> str:
    """ "25 ноября 2026 (среда)" or "Wednesday, 25 November 2026"."""
    return format_date(day, PATTERNS[language()], locale=language())


@blueprint.app_template_filter()
def day_before(closes_at: datetime) -> date:
    """The local day that ends when the automatic closing may begin: the last one to answer."""
    return (closes_at - timedelta(seconds=1)).astimezone(settings.timezone).date()
