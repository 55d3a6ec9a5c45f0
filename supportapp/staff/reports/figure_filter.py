"""The ticket list's filter by which a report's number opens its tickets."""

from __future__ import annotations

from typing import Any

from flask import abort
from flask_appbuilder.models.filters import BaseFilter
from flask_babel import lazy_gettext as _l

from supportapp.reports.behind import conditions


class FigureIs(BaseFilter):
    """``name:argument``, several joined by ";"; 400 for what no report asks."""

    name = _l("is")
    arg_name = "eq"

    def apply(self, query: Any, value: str) -> Any:
        try:
            return query.filter(*conditions(value))
        except (ValueError, OverflowError):
            abort(400)
