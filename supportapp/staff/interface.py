"""How lists and look-ups reach the database."""

from __future__ import annotations

from copy import copy
from typing import Any

from flask_appbuilder.models.filters import Filters
from flask_appbuilder.models.sqla.interface import SQLAInterface

from supportapp.database import GREATEST_ID
from supportapp.staff.filters import StaffFilterConverter


def readable_id(text: Any) -> int | None:
    """The key in ``text``, None when no row can have it."""
    text = str(text)
    if not text.isascii() or not text.isdecimal() or len(text) > 19:
        return None
    return int(text) if int(text) <= GREATEST_ID else None


class StaffFilters(Filters):
    """Flask-AppBuilder's, which makes all filters of all columns anew to join those of a page with the view's own."""

    def get_joined_filters(self, filters: Filters) -> Filters:
        joined = copy(self)
        joined.filters, joined.values = self.filters + filters.filters, self.values + filters.values
        return joined


class StaffInterface(SQLAInterface):
    """Keys that no database can hold find nothing instead of raising; filters are those of ``staff.filters``."""

    filter_converter_class = StaffFilterConverter

    def get_filters(self, search_columns: Any = None, search_filters: Any = None) -> Filters:
        return StaffFilters(self.filter_converter_class, self, search_columns or [], search_filters)

    def get(self, id: Any, *args: Any, **kwargs: Any) -> Any:
        key = readable_id(id)
        return None if key is None else super().get(key, *args, **kwargs)
