"""The search form and the table of list pages: plain HTML, no script needed."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_appbuilder.widgets import FormWidget as FabFormWidget
from flask_appbuilder.widgets import ListWidget, RenderTemplateWidget, ShowWidget

from supportapp.staff import labels, relative_days
from supportapp.staff.filters import DayIn

KEPT = ("scope",)


class SearchWidget(RenderTemplateWidget):
    """One input for every filter that a list offers, filled with what the address says."""

    template = "staff/search.html"

    def __call__(self, **kwargs: Any) -> str:
        filters = self.template_args["filters"]
        fields = [
            field
            for column in self.template_args["include_cols"]
            for field in _fields(filters, column, self.template_args["label_columns"].get(column, column))
        ]
        kept = [(name, request.args[name]) for name in KEPT if name in request.args]
        return super().__call__(fields=fields, kept=kept, active=bool(filters.filters), **kwargs)  # type: ignore[no-any-return]


class TableWidget(ListWidget):
    """The rows, with the way to each, sorting, paging, and the acts on chosen rows when there are any."""

    template = "staff/table.html"


class FactsWidget(ShowWidget):
    """One row as a list of facts."""

    template = "staff/show_widget.html"


class FormWidget(FabFormWidget):
    """A form with its errors next to the fields."""

    template = "staff/form_widget.html"


def _fields(filters: Any, column: str, label: Any) -> list[dict[str, Any]]:
    """What the form shows for ``column``: both ends of a period and periods by name, otherwise one field."""
    datamodel = filters.datamodel
    offered = filters.get_search_filters().get(column, [])
    period = datamodel.is_datetime(column) or datamodel.is_date(column)
    shown = offered[:3] if period else offered[:1]
    return [_field(datamodel, column, label, number, chosen, len(shown) > 1) for number, chosen in enumerate(shown)]


def _field(datamodel: Any, column: str, label: Any, number: int, chosen: Any, several: bool) -> dict[str, Any]:
    name = f"_flt_{number}_{column}"
    value, choices = request.args.get(name, ""), _choices(datamodel, column)
    if isinstance(chosen, DayIn) or relative_days.is_relative(value):
        choices = relative_days.choices()
        if value and value not in dict(choices):
            choices = [(value, relative_days.words_for(value) if relative_days.is_relative(value) else value), *choices]
    return {
        "name": name,
        "label": f"{label} {chosen.name}" if several else label,
        "value": value,
        "choices": choices,
        "kind": "date" if datamodel.is_datetime(column) or datamodel.is_date(column) else "search",
    }


def _choices(datamodel: Any, column: str) -> list[tuple[Any, Any]] | None:
    if column in getattr(datamodel, "value_choices", {}):
        return list(datamodel.value_choices[column])
    if datamodel.is_enum(column):
        return labels.choices(datamodel.list_columns[column].type.enum_class)
    if datamodel.is_boolean(column):
        return labels.YES_NO
    if column in getattr(datamodel, "choices", {}):
        return datamodel.choices[column]()  # type: ignore[no-any-return]
    by_words = column in getattr(datamodel, "searched_by_words", ())
    if not by_words and (datamodel.is_relation_many_to_one(column) or datamodel.is_relation_many_to_many(column)):
        rows = datamodel.session.query(datamodel.get_related_model(column)).all()
        return sorted(((row.id, labels.row_name(row)) for row in rows), key=lambda choice: choice[1].casefold())
    return None
