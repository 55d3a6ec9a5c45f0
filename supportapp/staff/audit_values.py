"""How the values in an entry of the audit trail are shown: they are kept plain, and read in the words of the reader."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Date, Enum, Time, inspect

from supportapp.audit.models import AuditEntry
from supportapp.audit.rules import LENGTH, Act, is_kept
from supportapp.database import Model, UtcDateTime
from supportapp.staff.audit_words import FIELDS, LANGUAGES
from supportapp.staff.cells import show_time
from supportapp.staff.frame import show_day, show_moment
from supportapp.staff.labels import label_for

Show = Callable[[str], str]


def changes_of(entry: AuditEntry) -> list[tuple[str, str, str]]:
    """(field, before, after) of every field that changed."""
    changes: Mapping[str, Any] = (entry.details or {}).get("changes") or {}
    return [
        (str(FIELDS.get(name, name)), *_pair(entry, name, before, after))
        for name, (before, after) in changes.items()
        if is_kept(entry.object_kind, name)
    ]


def _pair(entry: AuditEntry, name: str, before: Any, after: Any) -> tuple[str, str]:
    if isinstance(before, dict) or isinstance(after, dict):
        old, new = _length(before), _length(after)
        return (old if entry.act in (Act.ADDED, Act.DELETED) else _("changed: %(length)s", length=old)), new
    show = _reader(entry.object_kind, name)
    return _shown(before, show), _shown(after, show)


def _length(kept: Any) -> str:
    return str(ngettext("%(num)d character", "%(num)d characters", kept.get(LENGTH, 0)))


def _shown(value: str, show: Show) -> str:
    words = {"": _("(empty)"), "True": _("Yes"), "False": _("No")}
    if value in words:
        return str(words[value])
    try:
        return show(value)
    except ValueError:  # what the field was when the entry was written is not what it is now
        return value


@functools.cache
def _reader(kind: str, name: str) -> Show:
    """How a kept value of this field is shown, by the type of its column now."""
    if name == "language":
        return lambda value: LANGUAGES.get(value, value)
    column = _columns(kind).get(name)
    if isinstance(column, Enum) and column.enum_class is not None:
        return label_for(column.enum_class)
    if isinstance(column, UtcDateTime):
        return lambda value: show_moment(datetime.fromisoformat(value))
    if isinstance(column, Date):
        return lambda value: show_day(date.fromisoformat(value))
    if isinstance(column, Time):
        return lambda value: show_time(time.fromisoformat(value))
    return str


def _columns(kind: str) -> Mapping[str, Any]:
    """The types of the columns of the model ``kind``; none when there is no such model (any more)."""
    for mapper in Model.registry.mappers:
        if mapper.class_.__name__ == kind:
            return {column.key: column.columns[0].type for column in inspect(mapper.class_).column_attrs}
    return {}
