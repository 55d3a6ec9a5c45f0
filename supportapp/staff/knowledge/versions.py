"""What an article said before: the list of its versions, the difference between two, and the way back."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _

from supportapp import clock
from supportapp.errors import NotFound, Refused
from supportapp.extensions import db
from supportapp.kb import operations, queries
from supportapp.kb.differences import compare, compare_words
from supportapp.kb.models import Article, ArticleVersion
from supportapp.staff import changes, labels
from supportapp.staff.forms import sentence
from supportapp.staff.frame import StaffScreen, show_moment
from supportapp.staff.interface import readable_id
from supportapp.staff.roles import WRITE
from supportapp.staff.security import may, signed_in_staff

PAGE_SIZE = 50
LAST_PAGE = 10_000


class VersionPage(StaffScreen):
    """Everybody who may read the article reads its history; restoring makes a version, and none is ever lost."""

    route_base = "/staff/articles"
    default_view = "list"

    @expose("/<pk>/versions")
    @has_access
    @permission_name("read")
    def list(self, pk: str) -> ResponseReturnValue:
        article = _article(pk)
        page = min(max(readable_id(request.args.get("page", "")) or 1, 1), LAST_PAGE)
        number = queries.count_versions(article)
        return self.render_template(
            "staff/knowledge/versions.html",
            title=_("Versions: %(title)s", title=article.title),
            item=article,
            versions=queries.versions_of(article, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE),
            latest=queries.latest_version(article),
            label=labels.label,
            page=page,
            pages=max(1, -(-number // PAGE_SIZE)),
        )

    @expose("/<pk>/comparison")
    @has_access
    @permission_name("read")
    def compare(self, pk: str) -> ResponseReturnValue:
        """The difference between ``old`` and ``new`` (without it the latest), the older one first in any case."""
        article = _article(pk)
        latest = queries.latest_version(article)
        chosen = [
            _version(article, request.args.get("old", "")),
            _version(article, request.args.get("new", ""), latest),
        ]
        old, new = sorted(chosen, key=lambda version: version.id)
        return self.render_template(
            "staff/knowledge/comparison.html",
            title=_("Comparison: %(title)s", title=article.title),
            item=article,
            old=old,
            new=new,
            latest=latest,
            label=labels.label,
            titles=compare_words(old.title, new.title) if old.title != new.title else [],
            texts=compare(old.body, new.body),
            phrases=compare(old.phrases, new.phrases),
            may_restore=may(WRITE, "VersionPage"),
        )

    @expose("/<pk>/versions/<version>/restoration", methods=["POST"])
    @has_access
    @permission_name("write")
    def restore(self, pk: str, version: str) -> ResponseReturnValue:
        article = _article(pk)
        wanted = _version(article, version)
        seen, before = readable_id(request.form.get("revision", "")), changes.snapshot(article)
        try:
            operations.restore(
                wanted, by=signed_in_staff(), at=clock.now(), seen_revision=seen, note=show_moment(wanted.saved_at)
            )
            changes.note("restored", article, show_moment(wanted.saved_at), before=before)
            db.session.commit()
        except Refused as refused:
            db.session.rollback()
            flash(sentence(refused), "danger")
            return redirect(url_for("VersionPage.compare", pk=pk, old=version), 303)
        flash(_("The article says again what it said then. The version before is kept."), "success")
        return redirect(url_for("ArticleView.show", pk=pk), 303)


def _article(pk: str) -> Article:
    return queries.get_article(readable_id(pk) or 0)


def _version(article: Article, key: str, otherwise: ArticleVersion | None = None) -> ArticleVersion:
    if not key and otherwise is not None:
        return otherwise
    number = readable_id(key)
    if number is None:
        raise NotFound("version")
    return queries.get_version(article, number)
