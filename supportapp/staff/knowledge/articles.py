"""Articles: the list, the page of one, and the editor."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import NotFound as PageNotFound

from supportapp import clock
from supportapp.certificates.queries import today
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.kb import operations, queries, topics
from supportapp.kb.models import Article, ArticleState
from supportapp.kb.render import pictures, to_html
from supportapp.staff import changes, labels
from supportapp.staff.forms import show_refusal
from supportapp.staff.frame import show_day
from supportapp.staff.interface import StaffInterface
from supportapp.staff.knowledge import editor
from supportapp.staff.knowledge.forms import LANGUAGE_CHOICES, ArticleForm
from supportapp.staff.knowledge.pictures import address
from supportapp.staff.model_view import StaffModelView
from supportapp.staff.roles import READ, WRITE
from supportapp.staff.security import may, signed_in_staff
from supportapp.tickets.queries import find_ticket

MOVES = {"publication": operations.publish, "withdrawal": operations.withdraw, "reservation": operations.keep_for_staff}
REACHED = {
    "publication": ArticleState.PUBLISHED,
    "reservation": ArticleState.STAFF_ONLY,
    "withdrawal": ArticleState.DRAFT,
}


class ArticleInterface(StaffInterface):
    """A language is chosen among those that there are."""

    value_choices: ClassVar[dict[str, list[tuple[str, str]]]] = {"language": LANGUAGE_CHOICES}


class ArticleView(StaffModelView):
    """Written by ``kb.operations``; what state an article is in changes only by its buttons."""

    datamodel = ArticleInterface(Article)
    route_base = "/staff/articles"
    exclude_route_methods = StaffModelView.exclude_route_methods | {"delete"}
    list_title, add_title, edit_title = _l("Articles"), _l("New article"), _l("Article")
    show_template = "staff/knowledge/article.html"
    label_columns = {
        "title": _l("Title"),
        "topic": _l("Topic"),
        "language": _l("Language"),
        "state": _l("State"),
        "updated_at": _l("Updated"),
        "updated_by": _l("By"),
        "review_on": _l("Check again after"),
        "products": _l("Products"),
        "phrases": _l("What customers write"),
        "body": _l("Text (Markdown)"),
    }
    list_columns = ["title", "topic", "language", "state", "review_on", "updated_at", "updated_by"]
    show_columns = ["title"]
    search_columns = ["title", "body", "phrases", "topic", "state", "language", "products", "review_on"]
    order_columns = ["title", "state", "language", "review_on", "updated_at"]
    base_order = ("updated_at", "desc")
    formatters_columns = {"review_on": lambda day: review_words(day), "language": dict(LANGUAGE_CHOICES).get}
    add_form = edit_form = ArticleForm

    def show_context(self, item: Any) -> dict[str, Any]:
        moves = [name for name, state in REACHED.items() if item.state is not state]
        writes, sees_tickets = may(WRITE, "ArticleView"), may(READ, "TicketPage")
        return {
            "html": to_html(item.body),
            "label": labels.label,
            "moves": moves if writes else [],
            "may_write": writes,
            "way": topics.above(item.topic),
            "translations": queries.translations_of(item),
            "other_language": "en" if item.language == "ru" else "ru",
            "versions": queries.versions_of(item, limit=5),
            "solved": queries.count_solved(item),
            "due": item.review_on is not None and item.review_on <= today(clock.now()),
            "review": review_words(item.review_on),
            "missing": missing_pictures(item),
            "ticket": find_ticket(item.from_ticket_id) if item.from_ticket_id and sees_tickets else None,
        }

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self) -> ResponseReturnValue:
        return self._write(None)

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: str) -> ResponseReturnValue:
        article = self.datamodel.get(pk)
        if article is None:
            raise PageNotFound
        return self._write(article)

    @expose("/<pk>/<any(publication,withdrawal,reservation):move>", methods=["POST"])
    @has_access
    @permission_name("write")
    def move(self, pk: str, move: str) -> ResponseReturnValue:
        by, at = signed_in_staff(), clock.now()
        return self.act(pk, lambda article: MOVES[move](article, by=by, at=at), move, _("Saved."))

    @expose("/<pk>/check", methods=["POST"])
    @has_access
    @permission_name("write")
    def check(self, pk: str) -> ResponseReturnValue:
        by, at = signed_in_staff(), clock.now()
        done = _("The article counts as checked; the next check is moved on.")
        return self.act(pk, lambda article: operations.mark_checked(article, by=by, at=at), "checked", done)

    def get_redirect(self) -> str:
        return url_for("ArticleView.list")

    def _write(self, article: Article | None) -> ResponseReturnValue:
        """The editor: nothing that was typed is lost, whatever is pressed and whatever is refused."""
        form = ArticleForm.refresh()
        if request.method == "GET":
            editor.fill(form, article)
            return self._editor(form, article)
        asks_only = editor.take_pictures(form) or request.form.get("act") == "preview"
        if asks_only:
            return self._editor(form, article, shows_preview=True)
        if not form.validate():
            return self._editor(form, article), 422
        try:
            saved = self._save(form, article)
        except Refused as refused:
            editor.give_up()
            if refused.reason == "changed_meanwhile" and article is not None:
                return self._editor(form, article, **editor.news(form, article)), 422
            show_refusal(form, refused)
            return self._editor(form, article), 422
        flash(_("Saved."), "success")
        editor.warn_of_nameless_pictures(saved)
        return redirect(editor.saved_address(saved), 303)

    def _save(self, form: ArticleForm, article: Article | None) -> Article:
        by, at = signed_in_staff(), clock.now()
        seen, before = editor.seen_revision(form), changes.snapshot(article) if article else {}
        saved = operations.save_article(article, **form.contents(), by=by, at=at, seen_revision=seen)
        changes.note("changed" if article else "added", saved, before=before)
        db.session.commit()
        return saved

    def _editor(self, form: ArticleForm, article: Article | None, **more: Any) -> str:
        title = self.edit_title if article else self.add_title
        back = self.show_url(article) if article else self.get_redirect()
        page = editor.page_facts(form, article, **more)
        return self.render_template("staff/knowledge/edit.html", title=title, item=article, back=back, **page)


def review_words(day: Any) -> str:
    """The day of the next check, said to be past when it is."""
    if day is None:
        return "—"
    return str(_("%(day)s (due)", day=show_day(day)) if day <= today(clock.now()) else show_day(day))


def missing_pictures(article: Article) -> list[str]:
    """The addresses of pictures that the text shows and that are not stored."""
    ours = {address(stored) for stored in article.images}
    return [shown for shown, _words in pictures(article.body) if shown not in ours]
