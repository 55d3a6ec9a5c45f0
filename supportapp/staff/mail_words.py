"""«Тексты писем»: the words of the mails to customers, in the hands of staff."""

from __future__ import annotations

import re

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField

from supportapp import clock
from supportapp.errors import NotFound, Refused
from supportapp.extensions import db
from supportapp.i18n import LANGUAGES, N_, gettext
from supportapp.kb.differences import compare
from supportapp.notifications import saved_words
from supportapp.notifications.mail import Rendered, built_in
from supportapp.notifications.models import MailTemplate
from supportapp.notifications.saved_words import Words
from supportapp.notifications.wordings import Wording, find_wording, wordings
from supportapp.staff import changes
from supportapp.staff.forms import show_refusal, whole
from supportapp.staff.frame import StaffScreen, language
from supportapp.staff.mail_preview import may_choose_ticket, preview
from supportapp.staff.roles import WRITE
from supportapp.staff.security import may, signed_in_staff

_STYLE = re.compile(r"<style>.*?</style>", re.S)  # of the dark scheme alone; our pages' rules would refuse it loudly


class WordsForm(FlaskForm):
    subject = StringField(_l("Subject"))
    body = TextAreaField(_l("Text (Markdown)"), filters=[whole], render_kw={"rows": 16, "class": "code"})
    ticket = StringField(_l("Show it with the ticket"), description=_l("Its number; empty: with invented values."))
    seen = HiddenField()

    @property
    def words(self) -> Words:
        return Words(self.subject.data or "", self.body.data or "")


class MailWordsPage(StaffScreen):
    """Which mails there are, and the words of each in each language."""

    route_base = "/staff/mail-words"
    default_view = "list"

    @expose("/")
    @has_access
    @permission_name("read")
    def list(self) -> ResponseReturnValue:
        saved = {(row.name, row.language): row for row in saved_words.all_saved()}
        return self.render_template(
            "staff/mail_words/list.html",
            title=_("Words of mails"),
            wordings=wordings(),
            saved=saved,
            languages=LANGUAGES,
            words=_translated,
        )

    @expose("/<name>/<language>", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def edit(self, name: str, language: str) -> ResponseReturnValue:
        wording = _wording(name, language)
        saved = saved_words.find_saved(name, language)
        words = Words(saved.subject, saved.body) if saved else built_in(name, language)
        form = WordsForm(data={"subject": words.subject, "body": words.body, "seen": _stamp(saved)})
        shown: Rendered | None = None
        if form.validate_on_submit():
            try:
                shown = preview(wording, form.words, language, form.ticket.data or "", at=clock.now())
                if request.form.get("act") == "save":
                    _save(wording, language, form)
                    return redirect(url_for("MailWordsPage.edit", name=name, language=language), 303)
            except Refused as refused:
                db.session.rollback()
                show_refusal(form, refused)
                saved = saved_words.find_saved(name, language)
        return self._page(wording, language, saved, form, shown)

    @expose("/<name>/<language>/restoration", methods=["POST"])
    @has_access
    @permission_name("write")
    def restore(self, name: str, language: str) -> ResponseReturnValue:
        _wording(name, language)
        saved = saved_words.find_saved(name, language)
        if saved is not None:
            changes.note("deleted", saved)
            saved_words.restore(saved)
            db.session.commit()
        flash(_("The mail has its built-in words again."), "success")
        return redirect(url_for("MailWordsPage.edit", name=name, language=language), 303)

    def _page(
        self, wording: Wording, of_language: str, saved: MailTemplate | None, form: WordsForm, shown: Rendered | None
    ) -> ResponseReturnValue:
        own = built_in(wording.name, of_language)
        page = self.render_template(
            "staff/mail_words/edit.html",
            title=_translated(wording.purpose),
            wording=wording,
            of_language=of_language,
            languages=LANGUAGES,
            saved=saved,
            form=form,
            shown=shown,
            page=_STYLE.sub("", shown.html) if shown else "",
            words=_translated,
            differences=_differences(own, form.words),
            may_choose_ticket=may_choose_ticket(),
            may_write=may(WRITE, "MailWordsPage"),
        )
        return page, 422 if form.errors else 200


def _wording(name: str, of_language: str) -> Wording:
    wording = find_wording(name)
    if wording is None or of_language not in LANGUAGES:
        raise NotFound("mail")
    return wording


def _save(wording: Wording, of_language: str, form: WordsForm) -> None:
    by, at = signed_in_staff(), clock.now()
    saved = saved_words.find_saved(wording.name, of_language)
    if _stamp(saved) != (form.seen.data or ""):
        raise Refused(
            "changed_meanwhile",
            N_("Somebody else has changed this mail meanwhile. Open it again and bring your words into it."),
        )
    before = changes.snapshot(saved) if saved else None
    kept = saved_words.save(wording, of_language, form.words, by=by.display_name, at=at)
    changes.note("changed" if saved else "added", kept, before=before)
    db.session.commit()
    flash(_("The words are saved. The next mail carries them."), "success")


def _stamp(saved: MailTemplate | None) -> str:
    """What tells one state of the saved words from another."""
    return saved.changed_at.isoformat() if saved else ""


def _differences(own: Words, words: Words) -> dict[str, object]:
    """What was changed against the built-in words, by field; empty when nothing was."""
    pairs = {"subject": (own.subject, words.subject), "body": (own.body.strip(), words.body.strip())}
    return {field: compare(old, new) for field, (old, new) in pairs.items() if old != new}


def _translated(sentence: str) -> str:
    return gettext(sentence, language())
