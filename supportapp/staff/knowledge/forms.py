"""The form of an article, and of a draft that is made from a ticket."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_appbuilder.forms import DynamicForm
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import func, select
from wtforms import DateField, HiddenField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from supportapp.certificates.models import Product
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.i18n import N_
from supportapp.kb.models import Article
from supportapp.kb.operations.writing import MAX_ATTRIBUTION, MAX_LICENCE, MAX_NOTE, MAX_SOURCE, MAX_TITLE
from supportapp.kb.queries import find_article, originals
from supportapp.staff.forms import row_choices, stripped, whole
from supportapp.staff.interface import readable_id
from supportapp.staff.knowledge.topics import chosen_topic, topic_choices

LANGUAGE_CHOICES = [("ru", "Русский"), ("en", "English")]
OFFERED_ORIGINALS = 500


class Checkboxes(SelectMultipleField):
    """Several of a few: each with a box of its own, since a list that wants Ctrl held is lost on most people."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class DraftForm(DynamicForm):
    """What every article has."""

    title = StringField(
        _l("Title"), [InputRequired(), Length(max=MAX_TITLE)], filters=[stripped], render_kw={"maxlength": MAX_TITLE}
    )
    body = TextAreaField(_l("Text (Markdown)"), [InputRequired()], filters=[whole], render_kw={"rows": 24})
    phrases = TextAreaField(
        _l("What customers write"),
        description=_l(
            "As they say it and not as we do: phrases, mistakes in words, error codes, one a line. "
            "The search knows them; readers do not see them."
        ),
        filters=[whole],
        render_kw={"rows": 5},
    )
    topic = SelectField(_l("Topic"))
    products = Checkboxes(_l("Products"))
    language = SelectField(_l("Language"), choices=LANGUAGE_CHOICES)

    @classmethod
    def refresh(cls, obj: Any = None) -> DraftForm:
        form = cls()
        form.topic.choices = topic_choices()
        form.products.choices = row_choices(Product, blank=False)
        return form

    def contents(self) -> dict[str, Any]:
        """What the operations want to know."""
        keys = [int(key) for key in self.products.data or []]
        return {
            "title": self.title.data or "",
            "body": self.body.data or "",
            "phrases": self.phrases.data or "",
            "language": self.language.data,
            "topic": chosen_topic(self, "topic"),
            "products": list(db.session.scalars(select(Product).where(Product.id.in_(keys)))),
        }

    def show_choice(self, topic_id: int | None, products: Sequence[Product]) -> None:
        """Choose a topic and products in a fresh form."""
        self.topic.data = str(topic_id or "")
        self.products.data = [str(product.id) for product in products]


class ArticleForm(DraftForm):
    """``revision`` and ``seen_version`` say what the editor had before him when he began."""

    revision = HiddenField()
    seen_version = HiddenField()
    translation_of = StringField(
        _l("Translation of"),
        description=_l("The article that this one says in another language: its title, address or number."),
        filters=[stripped],
        render_kw={"list": "originals", "autocomplete": "off", "maxlength": 220},
    )
    review_on = DateField(
        _l("Check again after"),
        [Optional()],
        description=_l("From that day on the article stands in the list of those to be checked."),
    )
    note = StringField(
        _l("What was changed"),
        [Length(max=MAX_NOTE)],
        description=_l("For colleagues: stands in the list of versions."),
        filters=[stripped],
        render_kw={"maxlength": MAX_NOTE},
    )
    source = StringField(_l("Source"), [Length(max=MAX_SOURCE)], filters=[stripped])
    licence = StringField(_l("Licence"), [Length(max=MAX_LICENCE)], filters=[stripped])
    attribution = StringField(_l("Attribution"), [Length(max=MAX_ATTRIBUTION)], filters=[stripped])

    def contents(self) -> dict[str, Any]:
        """Refused: no_such_article when the original is not to be found."""
        plain = {name: self[name].data or "" for name in ("source", "licence", "attribution", "note")}
        original = named_original(self.translation_of.data or "")
        return super().contents() | plain | {"review_on": self.review_on.data, "translation_of": original}

    def show(self, article: Article) -> None:
        """Fill a fresh form with what the article says."""
        for name in ("title", "body", "phrases", "language", "review_on", "source", "licence", "attribution"):
            self[name].data = getattr(article, name)
        self.show_choice(article.topic_id, article.products)
        self.translation_of.data = original_name(article.translation_of)


def named_original(text: str) -> Article | None:
    """The article named as ``original_name`` does it, or by title, address or number; None for an empty text."""
    if not text:
        return None
    number = readable_id(text.partition(":")[0].strip().removeprefix("№").strip())
    found = find_article(number) if number else None
    if found is None:
        same = (Article.slug == text) | (func.lower(Article.title) == text.lower())
        found = db.session.scalar(select(Article).where(same).order_by(Article.id).limit(1))
    if found is None:
        raise Refused("no_such_article", N_("There is no article “%(text)s”."), field="translation_of", text=text)
    return found


def original_name(article: Article | None) -> str:
    """How the form names an original: by its number, so that two of one title are told apart."""
    return f"{article.id}: {article.title}" if article else ""


def offered_originals(form: FlaskForm, article: Article | None) -> list[tuple[str, str]]:
    """(name, language) of what the form proposes as originals."""
    offered = originals(language=form["language"].data or "ru", besides=article, limit=OFFERED_ORIGINALS)
    return [(original_name(each), _("in Russian") if each.language == "ru" else _("in English")) for each in offered]
