"""What the editor's page knows: the form as it stands, a preview, and what a colleague changed meanwhile."""

from __future__ import annotations

from typing import Any

from flask import flash, request, url_for
from flask_babel import ngettext
from markupsafe import Markup

from supportapp import database
from supportapp.errors import NotFound
from supportapp.extensions import db
from supportapp.kb import queries
from supportapp.kb.differences import compare
from supportapp.kb.intricacy import is_intricate
from supportapp.kb.learning.questions import wording
from supportapp.kb.models import Article
from supportapp.kb.operations import MAX_BODY, MAX_PHRASES, MAX_TITLE
from supportapp.kb.pictures import ADDRESS, MAX_BYTES
from supportapp.kb.render import pictures, preview
from supportapp.staff.forms import sentence
from supportapp.staff.frame import language
from supportapp.staff.interface import readable_id
from supportapp.staff.knowledge.forms import ArticleForm, DraftForm, offered_originals, original_name
from supportapp.staff.knowledge.pictures import take_chosen


def fill(form: ArticleForm, article: Article | None) -> None:
    """A fresh form: of the article, of the translation that the address asks for, or empty."""
    if article is not None:
        form.show(article)
        _mark_seen(form, article)
        return
    key = readable_id(request.args.get("translation_of", ""))
    original = queries.get_article(key) if key else None
    if original is None:
        form.language.data = language()
        _show_question(form)
        return
    root = original.translation_of or original
    form.translation_of.data = original_name(root)
    form.language.data = "en" if root.language == "ru" else "ru"
    form.title.data, form.body.data, form.phrases.data = original.title, original.body, original.phrases
    form.source.data, form.licence.data, form.attribution.data = root.source, root.licence, root.attribution
    form.show_choice(original.topic_id, original.products)


def _show_question(form: ArticleForm) -> None:
    """A question without an article brings its words. Its keys alone stand in the address, which servers write down."""
    keys = [readable_id(key) or 0 for key in request.args.get("asked", "")[:100].split(".")]
    lines = wording(keys)
    form.title.data = lines[0][:MAX_TITLE] if lines else ""
    form.phrases.data = "\n".join(lines)[:MAX_PHRASES]


def take_pictures(form: DraftForm) -> bool:
    """Store what was chosen in the file field; whether the page is to be shown again because of it."""
    number, refusals = take_chosen(form)
    for refused in refusals:
        flash(sentence(refused), "danger")
    if number:
        words = ngettext(
            "%(num)d picture stands at the end of the text. Move it to its place and describe it.",
            "%(num)d pictures stand at the end of the text. Move them to their places and describe them.",
            number,
        )
        flash(words, "info")
    return bool(number or refusals) or request.form.get("act") == "pictures"


def seen_revision(form: ArticleForm) -> int | None:
    """The revision that the editor had before him."""
    return readable_id(form.revision.data or "")


def give_up() -> None:
    """After a refusal: nothing is written, and the page that tells it keeps nobody waiting who writes."""
    db.session.rollback()
    database.start_reading(True)


def news(form: ArticleForm, article: Article) -> dict[str, Any]:
    """What a colleague changed since, and how the typed text differs from his. Saving again is a decision now.
    Compares long texts: call ``give_up`` before."""
    latest = queries.latest_version(article)
    try:
        seen = queries.get_version(article, readable_id(form.seen_version.data or "") or 0)
    except NotFound:  # a damaged form: what was seen is not known
        seen = latest
    _mark_seen(form, article)
    return {
        "latest": latest,
        "title_seen": seen.title,
        "changed": compare(seen.body, article.body),
        "would_change": compare(article.body, form.body.data or ""),
    }


def page_facts(form: DraftForm, article: Article | None, *, shows_preview: bool = False, **more: Any) -> dict[str, Any]:
    """Everything that the template asks for."""
    kept = request.method == "POST"
    return {
        "form": form,
        "kept": kept,
        "html": _shown(form.body.data or "") if shows_preview or article or kept else None,
        "largest_picture": MAX_BYTES // 1024 // 1024,
        "originals": offered_originals(form, article) if isinstance(form, ArticleForm) else [],
        **more,
    }


def _shown(body: str) -> Markup | None:
    """The preview, of a text that may be saved."""
    return None if len(body) > MAX_BODY or is_intricate(body) else preview(body)


def saved_address(article: Article) -> str:
    """The page of an article that has just been saved; it tells the script that what it kept of the form may go."""
    written = request.form.get("written", "")
    named = written if written.isalnum() and len(written) <= 40 else None
    return url_for("ArticleView.show", pk=article.id, written=named)


def warn_of_nameless_pictures(article: Article) -> None:
    """Whoever does not see a picture hears its description; the search reads it, too."""
    nameless = sum(1 for address, words in pictures(article.body) if address.startswith(ADDRESS) and not words.strip())
    if nameless:
        words = ngettext(
            "%(num)d picture has no description. Who cannot see it, and the search, know it by its description only.",
            "%(num)d pictures have no description. Who cannot see them, and the search, know them by it only.",
            nameless,
        )
        flash(words, "warning")


def _mark_seen(form: ArticleForm, article: Article) -> None:
    form.revision.data = str(article.revision)
    form.seen_version.data = str(queries.latest_version(article).id)
