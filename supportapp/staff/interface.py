"""How lists and look-ups reach the database."""

from __future__ import annotations

from typing import Any

from flask_appbuilder.models.sqla.interface import SQLAInterface

from supportapp.database import GREATEST_ID
from supportapp.staff.filters import StaffFilterConverter


def readable_id(text: Any) -> int | None:
    """The key in ``text``, None when no row can have it."""
    text = str(text)
    if not text.isascii() or not text.isdecimal() or len(text) > 19:
        return None
    return int(text) if int(text) <= GREATEST_ID else None


class StaffInterface(SQLAInterface):
    """Keys that no database can hold find nothing instead of raising; filters are those of ``staff.filters``."""

    filter_converter_class = StaffFilterConverter

    def get(self, id: Any, *args: Any, **kwargs: Any) -> Any:
        key = readable_id(id)
        return None if key is None else super().get(key, *args, **kwargs)
