"""Refusals in forms: next to the field they are about, or above the form."""

from __future__ import annotations

from typing import Any

from flask import flash
from flask_babel import gettext as translated
from flask_wtf import FlaskForm
from sqlalchemy import select

from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.i18n import gettext
from supportapp.staff.frame import language
from supportapp.staff.labels import row_name


def sentence(refused: Refused) -> str:
    """The refusal in the language of this page, whether its words are the domain's or the staff screens'."""
    return gettext(translated(refused.sentence), language(), **refused.params)


def show_refusal(form: FlaskForm, refused: Refused) -> None:
    """Put the refusal's sentence at its field; what was typed stays."""
    if refused.field and refused.field in form:
        field = form[refused.field]
        field.errors = [*field.errors, sentence(refused)]
    else:
        flash(sentence(refused), "danger")


def row_choices(model: Any, *, blank: bool = True) -> list[tuple[str, str]]:
    """Every row of a small table for a select."""
    rows = [(str(row.id), row_name(row)) for row in db.session.scalars(select(model))]
    return ([("", "—")] if blank else []) + sorted(rows, key=lambda row: row[1].casefold())


def stripped(text: str | None) -> str | None:
    """A field filter: no outer space."""
    return text.strip() if text else text


def whole(text: str | None) -> str | None:
    """A field filter: one kind of line end."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if text else text
