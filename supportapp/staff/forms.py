"""Refusals in forms: next to the field they are about, or above the form."""

from __future__ import annotations

from flask import flash
from flask_babel import gettext as translated
from flask_wtf import FlaskForm

from supportapp.errors import Refused
from supportapp.i18n import gettext
from supportapp.staff.frame import language


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


def stripped(text: str | None) -> str | None:
    """A field filter: no outer space."""
    return text.strip() if text else text


def whole(text: str | None) -> str | None:
    """A field filter: one kind of line end."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if text else text
