"""The filters of list pages: few a column, each with a plain name, none that a value can break."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from dateutil import parser as dates
from flask import abort
from flask_appbuilder.models.filters import BaseFilter
from flask_appbuilder.models.sqla.filters import (
    FilterEqual,
    FilterGreater,
    FilterRelationManyToManyEqual,
    FilterRelationOneToManyEqual,
    FilterSmaller,
    SQLAFilterConverter,
)
from flask_babel import lazy_gettext as _l
from sqlalchemy import func

from supportapp.extensions import settings


class TextContains(BaseFilter):
    """The text contains the words as they are, whatever their case."""

    name = _l("contains")
    arg_name = "ct"

    def apply(self, query: Any, value: str) -> Any:
        column = getattr(self.model, self.column_name)
        return query.filter(func.lower(column).contains(value.strip().lower(), autoescape=True))


class TextEquals(BaseFilter):
    name = _l("equals")
    arg_name = "eq"

    def apply(self, query: Any, value: str) -> Any:
        return query.filter(func.lower(getattr(self.model, self.column_name)) == value.strip().lower())


class EnumEquals(BaseFilter):
    name = _l("is")
    arg_name = "eq"

    def apply(self, query: Any, value: str) -> Any:
        return query.filter(getattr(self.model, self.column_name) == self.member(value))

    def member(self, value: str) -> Any:
        try:
            return self.datamodel.list_columns[self.column_name].type.enum_class(value)
        except ValueError:
            abort(400)


class EnumDiffers(EnumEquals):
    name = _l("is not")
    arg_name = "neq"

    def apply(self, query: Any, value: str) -> Any:
        return query.filter(getattr(self.model, self.column_name) != self.member(value))


class BooleanEquals(BaseFilter):
    name = _l("is")
    arg_name = "eq"

    def apply(self, query: Any, value: str) -> Any:
        return query.filter(getattr(self.model, self.column_name).is_(value in ("y", "1", "true", "True", "on")))


class DayFrom(BaseFilter):
    """Moments on that day or later, in the time zone of the support desk."""

    name = _l("from day")
    arg_name = "gt"

    def apply(self, query: Any, value: str) -> Any:
        return query.filter(getattr(self.model, self.column_name) >= start_of_day(value))


class DayTo(BaseFilter):
    name = _l("up to day")
    arg_name = "lt"

    def apply(self, query: Any, value: str) -> Any:
        return query.filter(getattr(self.model, self.column_name) < start_of_day(value, plus=1))


def start_of_day(text: str, plus: int = 0) -> datetime:
    """The local midnight that begins the day in ``text`` (a date as people write it), ``plus`` days on."""
    try:
        day = dates.parse(text, dayfirst="." in text).date() + timedelta(days=plus)
        return datetime.combine(day, time(), settings.timezone)
    except (ValueError, OverflowError):
        abort(400)


class RelationIs(FilterRelationOneToManyEqual):
    name = _l("is")


class RelationHas(FilterRelationManyToManyEqual):
    name = _l("has")


class NumberEquals(FilterEqual):
    name = _l("equals")


class NumberAbove(FilterGreater):
    name = _l("is above")


class NumberBelow(FilterSmaller):
    name = _l("is below")


class DateEquals(FilterEqual):
    name = _l("on day")


class DateAfter(FilterGreater):
    name = _l("after day")


class DateBefore(FilterSmaller):
    name = _l("before day")


class StaffFilterConverter(SQLAFilterConverter):
    """Which filters a column of a type offers."""

    conversion_table = (
        ("is_relation_many_to_one", [RelationIs]),
        ("is_relation_one_to_one", [RelationIs]),
        ("is_relation_many_to_many", [RelationHas]),
        ("is_relation_one_to_many", [RelationHas]),
        ("is_enum", [EnumEquals, EnumDiffers]),
        ("is_text", [TextContains, TextEquals]),
        ("is_string", [TextContains, TextEquals]),
        ("is_integer", [NumberEquals, NumberAbove, NumberBelow]),
        ("is_date", [DateEquals, DateAfter, DateBefore]),
        ("is_boolean", [BooleanEquals]),
        ("is_datetime", [DayFrom, DayTo]),
    )
