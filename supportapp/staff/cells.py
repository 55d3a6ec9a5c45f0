"""How values of a column look on generated screens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Time

from supportapp.database import Model
from supportapp.staff import labels
from supportapp.staff.frame import show_day, show_moment


def formatter(datamodel: Any, column: str) -> Callable[[Any], Any] | None:
    """The function that shows a value of ``column``; None when it is shown as it is."""
    if datamodel.is_enum(column):
        return labels.label_for(datamodel.list_columns[column].type.enum_class)
    if datamodel.is_datetime(column):
        return show_moment
    if datamodel.is_date(column):
        return show_day
    if datamodel.is_boolean(column):
        return show_yes_no
    if column in datamodel.list_columns and isinstance(datamodel.list_columns[column].type, Time):
        return show_time
    return show_text


def show_yes_no(value: bool | None) -> str:
    return str(_("Yes") if value else _("No"))


def show_time(value: time | None) -> str:
    return value.strftime("%H:%M") if value else ""


def show_text(value: Any) -> Any:
    """A dash for nothing, names for a list."""
    if value is None or value == "":
        return "—"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value) or "—"
    return labels.row_name(value) if isinstance(value, Model) else value
