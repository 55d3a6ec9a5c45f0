"""Topics: a tree that is shown, written, put in order and pruned as one."""

from __future__ import annotations

from typing import Any

from flask import flash, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.forms import DynamicForm
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from supportapp.audit.operations import object_of
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.kb import operations
from supportapp.kb.models import Topic
from supportapp.kb.operations.topics import MAX_NAME
from supportapp.kb.queries import topic_rows
from supportapp.staff import changes
from supportapp.staff.forms import sentence, stripped
from supportapp.staff.frame import language
from supportapp.staff.interface import StaffInterface, readable_id
from supportapp.staff.model_view import StaffModelView
from supportapp.staff.roles import WRITE
from supportapp.staff.security import may

STEP = "\N{NO-BREAK SPACE}" * 4
DIRECTIONS = {"up": True, "down": False}


def topic_choices() -> list[tuple[str, str]]:
    """The tree for a select: what lies deeper stands further to the right."""
    rows = ((str(topic.id), f"{STEP * depth}{topic.name(language())}") for topic, depth, _number in topic_rows())
    return [("", "—"), *rows]


def chosen_topic(form: FlaskForm, field: str) -> Topic | None:
    """The topic that a select of ``topic_choices`` names."""
    key = readable_id(form[field].data or "")
    return db.session.get(Topic, key) if key else None


class TopicForm(DynamicForm):
    name_ru = StringField(_l("Name in Russian"), [InputRequired(), Length(max=MAX_NAME)], filters=[stripped])
    name_en = StringField(_l("Name in English"), [InputRequired(), Length(max=MAX_NAME)], filters=[stripped])
    parent_id = SelectField(_l("Belongs to"))

    @classmethod
    def refresh(cls, obj: Any = None) -> TopicForm:
        form = cls(obj=obj)
        form.parent_id.choices = topic_choices()
        if request.method == "GET":
            form.parent_id.data = str(getattr(obj, "parent_id", None) or request.args.get("parent") or "")
        return form


class TopicView(StaffModelView):
    """Where a topic stands changes by its buttons; which one it belongs to, by its form."""

    datamodel = StaffInterface(Topic)
    route_base = "/staff/topics"
    list_title, add_title, edit_title = _l("Topics"), _l("New topic"), _l("Topic")
    list_template = "staff/knowledge/topics.html"
    label_columns = {
        "name_ru": _l("Name in Russian"),
        "name_en": _l("Name in English"),
        "parent": _l("Belongs to"),
        "position": _l("Position"),
    }
    list_columns = ["name_ru", "name_en"]
    show_columns = ["name_ru", "name_en", "parent"]
    search_columns = ["name_ru", "name_en"]
    add_form = edit_form = TopicForm

    @expose("/")
    @has_access
    def list(self) -> ResponseReturnValue:
        return self.render_template(
            self.list_template, title=self.list_title, rows=topic_rows(), may_write=may(WRITE, "TopicView")
        )

    @expose("/<pk>/place/<any(up,down):direction>", methods=["POST"])
    @has_access
    @permission_name("write")
    def move(self, pk: str, direction: str) -> ResponseReturnValue:
        up = DIRECTIONS[direction]
        back = f"{self.get_redirect()}#topic-{readable_id(pk)}"
        return self.act(pk, lambda topic: operations.move_topic(topic, up=up), direction, _("Saved."), back)

    def create(self, form: FlaskForm) -> Topic:
        return _save(None, form)

    def change(self, item: Any, form: FlaskForm) -> None:
        _save(item, form)

    def _delete_item(self, item: Any) -> None:
        try:
            what, before = object_of(item), changes.snapshot(item)
            operations.delete_topic(item)
            changes.note_deleted(what, before)
            db.session.commit()
        except Refused as refused:
            db.session.rollback()
            flash(sentence(refused), "danger")
        else:
            flash(_("Deleted."), "success")


def _save(topic: Topic | None, form: FlaskForm) -> Topic:
    names = {name: form[name].data or "" for name in ("name_ru", "name_en")}
    return operations.save_topic(topic, **names, parent=chosen_topic(form, "parent_id"))
