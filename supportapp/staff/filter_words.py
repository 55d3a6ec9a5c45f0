"""What a list's filters choose, in words: for the sheet of facts of a file, and wherever an address is told."""

from __future__ import annotations

from typing import Any

from supportapp.staff import labels, relative_days
from supportapp.staff.filters import read_day
from supportapp.staff.reports.figure_words import figure_words


def words(chosen: Any, value: str) -> str:
    """One filter with its value: «не раньше 01.10.2026»."""
    return f"{chosen.name} {_value(chosen, value)}"


def _value(chosen: Any, value: str) -> str:
    datamodel, column = chosen.datamodel, chosen.column_name
    if column == "figure":
        return figure_words(value)
    offered = _offered(datamodel, column)
    if offered:
        return str(offered.get(value, value))
    if datamodel.is_boolean(column):
        return str(dict(labels.YES_NO).get(value, value))
    if datamodel.is_datetime(column) or datamodel.is_date(column):
        return _days(value)
    return value


def _offered(datamodel: Any, column: str) -> dict[str, Any]:
    """The words of a column with choices, by its value in an address."""
    if column in getattr(datamodel, "choices", {}):
        rows = {str(key): name for key, name in datamodel.choices[column]()}
        return {**datamodel.more_choices.get(column, {}), **rows}
    if datamodel.is_enum(column):
        return dict(labels.choices(datamodel.list_columns[column].type.enum_class))
    return {}


def _days(value: str) -> str:
    days = relative_days.resolve(value)
    if days is None:
        day = read_day(value)
        return f"{day:%d.%m.%Y}" if day else value
    shown = f"{days.first:%d.%m.%Y}" if len(days) == 1 else f"{days.first:%d.%m.%Y} – {days.last:%d.%m.%Y}"
    return f"{relative_days.words_for(value)} ({shown})"
