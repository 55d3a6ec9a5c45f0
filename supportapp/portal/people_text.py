"""What people wrote, shown as text: addresses become links, nothing else is markup, and a long log folds."""

from __future__ import annotations

import re
from typing import NamedTuple

from markupsafe import Markup, escape

from supportapp.portal import blueprint

ADDRESS = re.compile(r"https?://[^\s<>\"'«»“”]+", re.IGNORECASE)
TRAILING = ".,;:!?…"
LINK = Markup('<a href="{}" rel="nofollow noopener noreferrer ugc">{}</a>')
FOLD_CHARACTERS = 6_000
FOLD_LINES = 80
SHOWN_CHARACTERS = 3_000
SHOWN_LINES = 40


class Folded(NamedTuple):
    """A text in two parts; ``rest`` is empty when it is short enough to be shown whole."""

    shown: str
    rest: str


@blueprint.app_template_filter()
def people_text(text: str) -> Markup:
    """``text`` as safe HTML; line breaks are left to the style sheet."""
    parts, end = [], 0
    for found in ADDRESS.finditer(text):
        address = _without_trailing_signs(found[0])
        parts += [escape(text[end : found.start()]), LINK.format(address, address)]
        end = found.start() + len(address)
    return Markup("").join([*parts, escape(text[end:])])


@blueprint.app_template_filter()
def folded(text: str) -> Folded:
    """A long text (a pasted log) with its end folded away, cut between two lines where there are any."""
    lines = text.count("\n")
    if len(text) <= FOLD_CHARACTERS and lines <= FOLD_LINES:
        return Folded(text, "")
    shown = "\n".join(text.split("\n", SHOWN_LINES)[:SHOWN_LINES])[:SHOWN_CHARACTERS]
    if not text.startswith("\n", len(shown)):
        shown = shown[: shown.rfind("\n")] if "\n" in shown else shown
    return Folded(shown, text[len(shown) :].removeprefix("\n"))


def _without_trailing_signs(address: str) -> str:
    """An address ends before the full stop of its sentence, and before a bracket that it did not open.

    Its brackets are counted once: a wall of them must not hold the page up.
    """
    end, unopened = len(address), address.count(")") - address.count("(")
    while end and (address[end - 1] in TRAILING or (address[end - 1] == ")" and unopened > 0)):
        unopened -= address[end - 1] == ")"
        end -= 1
    return address[:end]
