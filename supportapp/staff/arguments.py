"""What list pages read from the address: page, size, order, filters. Nonsense is the first page or 400, never 500."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Any

from flask import abort, request
from flask_appbuilder.models.filters import FilterRelation, Filters
from werkzeug.datastructures import MultiDict

from supportapp.database import GREATEST_ID
from supportapp.staff.filters import start_of_day
from supportapp.staff.interface import readable_id

FILTER = re.compile(r"_flt_([0-9])_([A-Za-z_.]{1,60})")
LAST_PAGE = 1_000_000
LONGEST_VALUE = 200


def page(view: str) -> int:
    """The page asked for, from 0; the gate has refused what is no number."""
    return min(int(request.args.get(f"page_{view}", 0)), LAST_PAGE)


def page_size(view: str, limit: int) -> int | None:
    """The page size asked for, never above ``limit``; None for the view's own."""
    size = int(request.args.get(f"psize_{view}", 0))
    return min(size, limit) or None


def order(view: str, allowed: Container[str]) -> tuple[str, str]:
    """The column and direction asked for; the view's own order when it knows no such column."""
    column, direction = request.args.get(f"_oc_{view}", ""), request.args.get(f"_od_{view}", "asc")
    if column not in allowed or direction not in ("asc", "desc"):
        return "", ""
    return column, direction


def add_filters(filters: Filters, datamodel: Any, args: MultiDict[str, str] | None = None) -> None:
    """Add the filters ``_flt_<number>_<column>`` of ``args``, this request's unless others are given; 400 for a column,
    number or value that is unknown."""
    args = request.args if args is None else args
    known = filters.get_search_filters()
    for name in args:
        if not name.startswith("_flt_"):
            continue
        match = FILTER.fullmatch(name) or abort(400)
        number, column = int(match[1]), match[2]
        if column not in known or number >= len(known[column]):
            abort(400)
        for value in filter(None, args.getlist(name)):
            _check_value(known[column][number], datamodel, column, value)
            filters._add_filter(known[column][number], value)


def _check_value(chosen: Any, datamodel: Any, column: str, value: str) -> None:
    if len(value) > LONGEST_VALUE:
        abort(400)
    if isinstance(chosen, FilterRelation):
        if readable_id(value) is None:
            abort(400)
    elif datamodel.is_integer(column):
        if not re.fullmatch(r"-?[0-9]{1,19}", value) or abs(int(value)) > GREATEST_ID:
            abort(400)
    elif datamodel.is_date(column) or datamodel.is_datetime(column):
        start_of_day(value)
