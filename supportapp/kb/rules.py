"""Pure rules of writing: what fits, and when to check again. Standard library only."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

MAX_SLUG = 120
_SLUG = re.compile(r"[a-z0-9]+(?:-+[a-z0-9]+)*")
REVIEW_MONTHS = 6
SHORTEST_REVIEW = timedelta(days=7)
LONGEST_REVIEW = timedelta(days=2 * 366)


def is_slug(text: str) -> bool:
    """Whether ``text`` can be an article's address: small Latin letters, digits and hyphens between them."""
    return len(text) <= MAX_SLUG and _SLUG.fullmatch(text) is not None


def next_review(*, due: date | None, last_change: date, today: date) -> date:
    """The day to check an article again that was found right ``today``.

    The interval is the one that somebody chose when it was changed last; REVIEW_MONTHS when none makes sense.
    """
    interval = due - last_change if due else timedelta()
    if SHORTEST_REVIEW <= interval <= LONGEST_REVIEW:
        return today + interval
    return add_months(today, REVIEW_MONTHS)


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or its last one: 31 August and six months is 28 February."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
