"""Versions of the Regulation: written as drafts, published once, never changed afterwards."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.forms import DynamicForm
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from supportapp import clock
from supportapp.accounts.models import RegulationVersion
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.i18n import N_
from supportapp.kb.render import to_html
from supportapp.staff.forms import stripped
from supportapp.staff.interface import StaffInterface
from supportapp.staff.model_view import StaffModelView
from supportapp.staff.roles import WRITE
from supportapp.staff.security import may, signed_in_staff

LONGEST_TEXT = 200_000


class RegulationForm(DynamicForm):
    label = StringField(_l("Version"), [InputRequired(), Length(max=40)], filters=[stripped])
    text_ru = TextAreaField(
        _l("Text in Russian (Markdown)"),
        [InputRequired(), Length(max=LONGEST_TEXT)],
        render_kw={"rows": 20, "class": "code"},
    )
    text_en = TextAreaField(
        _l("Text in English (Markdown)"),
        [InputRequired(), Length(max=LONGEST_TEXT)],
        render_kw={"rows": 20, "class": "code"},
    )


class RegulationView(StaffModelView):
    datamodel = StaffInterface(RegulationVersion)
    route_base = "/staff/regulation"
    exclude_route_methods = StaffModelView.exclude_route_methods | {"delete"}
    list_title, add_title, edit_title = _l("Regulation"), _l("New version"), _l("Version of the Regulation")
    show_template = "staff/regulation.html"
    label_columns = {
        "label": _l("Version"),
        "created_at": _l("Created"),
        "published_at": _l("Published on"),
        "author": _l("Author"),
    }
    list_columns = show_columns = list(label_columns)
    search_columns = ["label"]
    order_columns = ["label", "created_at", "published_at"]
    base_order = ("created_at", "desc")
    add_form = edit_form = RegulationForm

    def show_context(self, item: Any) -> dict[str, Any]:
        return {
            "html_ru": to_html(item.text_ru),
            "html_en": to_html(item.text_en),
            "may_publish": item.published_at is None and may(WRITE, "RegulationView"),
        }

    def create(self, form: FlaskForm) -> RegulationVersion:
        item = RegulationVersion(created_at=clock.now(), author_id=signed_in_staff().id)
        form.populate_obj(item)
        db.session.add(item)
        return item

    def change(self, item: Any, form: FlaskForm) -> None:
        db.session.refresh(item, with_for_update=True)
        _refuse_published(item)
        form.populate_obj(item)

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: str) -> ResponseReturnValue:
        item = self.datamodel.get(pk)
        if item is not None and item.published_at is not None:
            flash(_("A published version is never changed. Write a new one."), "warning")
            return redirect(self.show_url(item), 303)
        return super().edit(pk)  # type: ignore[no-any-return]

    @expose("/<pk>/publication", methods=["POST"])
    @has_access
    @permission_name("write")
    def publish(self, pk: str) -> ResponseReturnValue:
        return self.act(pk, _publish, "published", _("This version is in force from now on."))


def _publish(version: RegulationVersion) -> None:
    db.session.refresh(version, with_for_update=True)
    _refuse_published(version)
    version.published_at = clock.now()
    db.session.flush()


def _refuse_published(version: RegulationVersion) -> None:
    if version.published_at is not None:
        raise Refused("already_published", N_("A published version is never changed. Write a new one."))
