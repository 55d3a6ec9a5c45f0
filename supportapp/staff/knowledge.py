"""The knowledge base: topics and articles."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.forms import DynamicForm
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import HiddenField, IntegerField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from supportapp import clock
from supportapp.certificates.models import Product
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.i18n import N_
from supportapp.kb import operations
from supportapp.kb.models import Article, ArticleState, Topic
from supportapp.kb.queries import count_solved
from supportapp.kb.render import to_html
from supportapp.staff.forms import stripped
from supportapp.staff.interface import StaffInterface, readable_id
from supportapp.staff.model_view import StaffModelView
from supportapp.staff.roles import WRITE
from supportapp.staff.security import may, signed_in_staff

MOVES = {"publication": operations.publish, "withdrawal": operations.withdraw, "reservation": operations.keep_for_staff}
REACHED = {
    "publication": ArticleState.PUBLISHED,
    "reservation": ArticleState.STAFF_ONLY,
    "withdrawal": ArticleState.DRAFT,
}
LANGUAGE_CHOICES = [("ru", "Русский"), ("en", "English")]


def choices(model: Any, *, blank: bool = True) -> list[tuple[str, str]]:
    """Every row of a small table for a select."""
    rows = sorted(db.session.scalars(select(model)), key=lambda row: str(row).casefold())
    return ([("", "—")] if blank else []) + [(str(row.id), str(row)) for row in rows]


class TopicForm(DynamicForm):
    name_ru = StringField(_l("Name in Russian"), [InputRequired(), Length(max=120)], filters=[stripped])
    name_en = StringField(_l("Name in English"), [InputRequired(), Length(max=120)], filters=[stripped])
    parent_id = SelectField(_l("Belongs to"))
    position = IntegerField(_l("Position"), [InputRequired(), NumberRange(0, 10_000)], default=0)

    @classmethod
    def refresh(cls, obj: Any = None) -> TopicForm:
        form = cls(obj=obj)
        form.parent_id.choices = choices(Topic)
        return form


class TopicView(StaffModelView):
    datamodel = StaffInterface(Topic)
    route_base = "/staff/topics"
    list_title, add_title, edit_title = _l("Topics"), _l("New topic"), _l("Topic")
    label_columns = {
        "name_ru": _l("Name in Russian"),
        "name_en": _l("Name in English"),
        "parent": _l("Belongs to"),
        "position": _l("Position"),
    }
    list_columns = show_columns = list(label_columns)
    search_columns = ["name_ru", "name_en"]
    order_columns = ["name_ru", "position"]
    base_order = ("position", "asc")
    add_form = edit_form = TopicForm
    unique = ("name_ru",)

    def prepare(self, item: Any) -> None:
        item.parent_id = readable_id(item.parent_id or "")
        seen, parent = {item.id}, item.parent_id
        while parent is not None:
            if parent in seen and item.id is not None:
                raise Refused("circle", N_("A topic cannot belong to itself."), field="parent_id")
            seen.add(parent)
            with db.session.no_autoflush:
                parent = db.session.scalar(select(Topic.parent_id).where(Topic.id == parent))


class ArticleForm(DynamicForm):
    revision = HiddenField()
    title = StringField(_l("Title"), [InputRequired()], filters=[stripped])
    body = TextAreaField(_l("Text (Markdown)"), [InputRequired()], render_kw={"rows": 24, "class": "code"})
    phrases = TextAreaField(
        _l("What customers write"), description=_l("Phrases and error codes, one a line."), render_kw={"rows": 6}
    )
    language = SelectField(_l("Language"), choices=LANGUAGE_CHOICES)
    topic = SelectField(_l("Topic"))
    products = SelectMultipleField(_l("Products"))

    @classmethod
    def refresh(cls, obj: Any = None) -> ArticleForm:
        form = cls(obj=obj) if not isinstance(obj, Article) else cls()
        form.topic.choices = choices(Topic)
        form.products.choices = choices(Product, blank=False)
        if obj is None and request.method == "GET":  # a link may bring what the article is to begin with
            form.title.data = request.args.get("title", "")[: operations.MAX_TITLE]
            form.phrases.data = request.args.get("phrases", "")[: operations.MAX_PHRASES]
        return form


class ArticleView(StaffModelView):
    """Written by ``kb.operations``; what state an article is in changes only by its buttons."""

    datamodel = StaffInterface(Article)
    route_base = "/staff/articles"
    exclude_route_methods = StaffModelView.exclude_route_methods | {"delete"}
    list_title, add_title, edit_title = _l("Articles"), _l("New article"), _l("Article")
    show_template = "staff/article.html"
    label_columns = {
        "title": _l("Title"),
        "topic": _l("Topic"),
        "language": _l("Language"),
        "state": _l("State"),
        "updated_at": _l("Updated"),
        "published_at": _l("Published on"),
        "products": _l("Products"),
        "phrases": _l("What customers write"),
        "body": _l("Text (Markdown)"),
        "source": _l("Source"),
        "licence": _l("Licence"),
    }
    list_columns = ["title", "topic", "language", "state", "updated_at"]
    show_columns = [
        "state",
        "topic",
        "products",
        "language",
        "phrases",
        "updated_at",
        "published_at",
        "source",
        "licence",
    ]
    search_columns = ["title", "body", "topic", "state", "products"]
    order_columns = ["title", "state", "updated_at"]
    base_order = ("updated_at", "desc")
    add_form = edit_form = ArticleForm

    def show_context(self, item: Any) -> dict[str, Any]:
        moves = [name for name, state in REACHED.items() if item.state is not state]
        return {
            "html": to_html(item.body),
            "moves": moves if may(WRITE, "ArticleView") else [],
            "versions": item.versions[:20],
            "solved": count_solved(item),
        }

    def create(self, form: FlaskForm) -> Article:
        return operations.save_article(None, **_written(form), by=signed_in_staff(), at=clock.now())

    def change(self, item: Any, form: FlaskForm) -> None:
        seen = readable_id(form["revision"].data or "")
        operations.save_article(item, **_written(form), by=signed_in_staff(), at=clock.now(), seen_revision=seen)

    def prefill(self, form: FlaskForm, item: Any) -> None:
        for name in ("title", "body", "phrases", "language", "revision"):
            form[name].data = getattr(item, name)
        form["topic"].data = str(item.topic_id or "")
        form["products"].data = [str(product.id) for product in item.products]

    @expose("/<pk>/<any(publication,withdrawal,reservation):move>", methods=["POST"])
    @has_access
    @permission_name("write")
    def move(self, pk: str, move: str) -> ResponseReturnValue:
        by, at = signed_in_staff(), clock.now()
        return self.act(pk, lambda article: MOVES[move](article, by=by, at=at), move, _("Saved."))

    def get_redirect(self) -> str:
        return url_for("ArticleView.list")


def _written(form: FlaskForm) -> dict[str, Any]:
    topic = readable_id(form["topic"].data or "")
    products = [int(key) for key in form["products"].data or []]
    return {
        "title": form["title"].data or "",
        "body": form["body"].data or "",
        "phrases": form["phrases"].data or "",
        "language": form["language"].data,
        "topic": db.session.get(Topic, topic) if topic else None,
        "products": list(db.session.scalars(select(Product).where(Product.id.in_(products)))),
    }
