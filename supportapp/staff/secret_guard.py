"""Staff are asked once, as customers are, before secrets in their texts and files are stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import flash, request
from flask_babel import gettext as _

from supportapp.errors import Refused
from supportapp.guard.asking import Choice, chosen, judge
from supportapp.guard.findings import name_of
from supportapp.i18n import gettext
from supportapp.staff.frame import language

IN_EVERY_MAIL = frozenset({"subject", "note"})
LONGEST_DIGEST = 64


@dataclass
class SecretWarning:
    """What was found in a form: in texts (label, kind, masked place) and in files (name, kinds), which are not kept.
    ``agreed`` remembers what was let through; ``target`` is where the two buttons lead, the form's own by default."""

    found: list[tuple[str, str, str]] = field(default_factory=list)
    files: list[tuple[str, str]] = field(default_factory=list)
    agreed: str = ""
    target: str = ""

    @property
    def asks(self) -> bool:
        return bool(self.found or self.files)


def posted_warning() -> SecretWarning:
    """What the form remembers of an earlier answer."""
    return SecretWarning(agreed=request.form.get("secrets_agreed", "")[:LONGEST_DIGEST])


def choice() -> Choice:
    """The button of the warning that was pressed, if any."""
    return chosen(request.form.get("secrets"))


def guard_texts(
    warning: SecretWarning, texts: Mapping[str, str], labels: Mapping[str, Any], customer_language: str
) -> Mapping[str, str]:
    """The texts to go on with, as the person chose; what was found is written into ``warning``."""
    verdict = judge(texts, choice(), warning.agreed, customer_language, never=IN_EVERY_MAIL)
    warning.agreed = verdict.agreed
    if verdict.asks:
        for name, found in verdict.findings.items():
            warning.found += [(str(labels[name]), name_of(one.kind, language()), one.shown) for one in found]
    return verdict.texts


def guard_file(warning: SecretWarning, name: str, refused: Refused) -> None:
    """A file with a secret was not kept: the form says so, or, when removing was chosen, goes on without it."""
    if choice() is Choice.REMOVE:
        flash(_("%(name)s was left out: there is a secret in it.", name=name), "info")
    else:
        warning.files.append((name, ", ".join(gettext(kind, language()) for kind in refused.params["what"])))
