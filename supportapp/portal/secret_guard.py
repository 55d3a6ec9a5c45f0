"""A form whose texts or files hold secrets comes back once, before anything is stored, and nothing of it is lost."""

from __future__ import annotations

from flask import flash, request
from flask_babel import gettext as _

from supportapp.guard.asking import Choice, chosen, judge
from supportapp.guard.findings import name_of
from supportapp.portal.forms.tickets import GuardedForm
from supportapp.portal.language import language

IN_EVERY_MAIL = frozenset({"subject"})


def choice() -> Choice:
    """The button of the warning that was pressed, if any."""
    return chosen(request.form.get("secrets"))


def guard_texts(form: GuardedForm, *fields: str) -> None:
    """Clean the texts as the person chose, or write into the form what was found, so that ``form.asks``."""
    texts = {name: form[name].data or "" for name in fields}
    verdict = judge(texts, choice(), form.secrets_agreed.data or "", language(), never=IN_EVERY_MAIL)
    for name, text in verdict.texts.items():
        form[name].data = text
    form.secrets_agreed.data = verdict.agreed
    if not verdict.asks:
        return
    for name, found in verdict.findings.items():
        label = str(form[name].label.text)
        form.found += [(label, name_of(one.kind, language()), one.shown) for one in found]


def guard_file(form: GuardedForm, name: str, what: str) -> None:
    """A file with a secret was not kept: the form says so, or, when removing was chosen, goes on without it."""
    if choice() is Choice.REMOVE:
        flash(_("%(name)s was left out: there is a secret in it.", name=name), "info")
    else:
        form.found_files.append((name, what))


def ask_for_files_again(form: GuardedForm) -> None:
    """Who insists on a file that was not kept must choose it once more; it does not get lost silently."""
    if choice() is not Choice.KEEP:
        return
    there = {upload.filename for upload in request.files.getlist("files")}
    for name in dict.fromkeys(request.form.getlist("refused_file")[:20]):
        if name and name not in there:
            sentence = _("%(name)s was not kept. Choose it again here, or send the form without it.", name=name)
            form.add_problem(sentence, "files")
