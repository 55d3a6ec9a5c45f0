"""The filters of list pages: few a column, each with a plain name, none that a value can break."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

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
from supportapp.staff import relative_days


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

    name = _l("not before")
    arg_name = "gt"

    def apply(self, query: Any, value: str) -> Any:
        return query.filter(getattr(self.model, self.column_name) >= start_of_day(value))


class DayTo(BaseFilter):
    name = _l("not after")
    arg_name = "lt"

    def apply(self, query: Any, value: str) -> Any:
        return query.filter(getattr(self.model, self.column_name) < start_of_day(value, plus=1))


class DayIn(BaseFilter):
    """Moments of a period like ``last-month``, which is another one at another time."""

    name = _l("within")
    arg_name = "in_days"

    def apply(self, query: Any, value: str) -> Any:
        column = getattr(self.model, self.column_name)
        return query.filter(column >= start_of_day(value), column < start_of_day(value, plus=1))


def start_of_day(text: str, plus: int = 0) -> datetime:
    """The local midnight that begins the day or the period in ``text``: a date as people write it, or a word of
    ``relative_days``. With ``plus`` the midnight that many days after the day, or after the period's last."""
    days = relative_days.resolve(text)
    day = read_day(text) if days is None else days.last if plus else days.first
    if day is None or not 1900 < day.year < 2200:
        abort(400)
    return datetime.combine(day + timedelta(days=plus), time(), settings.timezone)


def read_day(text: str) -> date | None:
    """The day in ``text``, 2026-11-20 or 20.11.2026; None when it is none."""
    for form in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return datetime.strptime(text.strip(), form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


class RelationIs(FilterRelationOneToManyEqual):
    name = _l("is")

    def apply(self, query: Any, value: str) -> Any:
        return query.filter(self.datamodel.get_relation_fk(self.column_name) == int(value))


class RelationHas(FilterRelationManyToManyEqual):
    name = _l("has")


class NumberEquals(FilterEqual):
    name = _l("equals")


class NumberAbove(FilterGreater):
    name = _l("is above")


class NumberBelow(FilterSmaller):
    name = _l("is below")


class DateFrom(BaseFilter):
    """Days without a time: that day or later."""

    name = _l("not before")
    arg_name = "gt"

    def apply(self, query: Any, value: str) -> Any:
        return query.filter(getattr(self.model, self.column_name) >= start_of_day(value).date())


class DateTo(BaseFilter):
    name = _l("not after")
    arg_name = "lt"

    def apply(self, query: Any, value: str) -> Any:
        return query.filter(getattr(self.model, self.column_name) < start_of_day(value, plus=1).date())


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
        ("is_date", [DateFrom, DateTo]),
        ("is_boolean", [BooleanEquals]),
        ("is_datetime", [DayFrom, DayTo, DayIn]),
    )

    def convert(self, col_name: str) -> Any:
        """The filters of the column; None when it has none (the original logs that at every start)."""
        if any(getattr(self.datamodel, question)(col_name) for question, _filters in self.conversion_table):
            return super().convert(col_name)
        return None
