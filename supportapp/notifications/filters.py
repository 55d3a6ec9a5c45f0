"""Moments and days in the words of a mail: the two filters of its templates."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, pass_context
from jinja2.runtime import Context

from supportapp.extensions import settings
from supportapp.notifications import moments

NAMES = ("moment", "day")


def install(environment: Environment) -> None:
    """Give ``environment`` the filters."""
    environment.filters.update(moment=_moment, day=_day)


@pass_context
def _moment(context: Context, at: Any) -> str:
    return moments.moment(at, context["language"], settings.timezone)


@pass_context
def _day(context: Context, when: Any) -> str:
    if when is None:  # Babel would write today
        raise ValueError("there is no day to show")
    return moments.day(when, context["language"], settings.timezone)
