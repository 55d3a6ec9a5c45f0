"""Refusals: an act that the rules do not allow, with a sentence for the person who tried it."""

from __future__ import annotations

from typing import Any

from supportapp.i18n import gettext


class Refused(Exception):  # noqa: N818 - a refusal is no error
    """A named reason (for code and tests) and a sentence (for people).

    ``sentence`` is an English msgid marked with ``i18n.N_`` and may hold ``%(name)s`` placeholders, filled from
    ``params``. ``field`` names the form field it belongs next to, when there is one.
    """

    def __init__(self, reason: str, sentence: str, *, field: str | None = None, **params: Any) -> None:
        super().__init__(reason)
        self.reason = reason
        self.sentence = sentence
        self.field = field
        self.params = params

    def __str__(self) -> str:
        return f"{self.reason}: {self.sentence % self.params}"

    def text(self, language: str) -> str:
        """The sentence in ``language`` ("ru" or "en")."""
        return gettext(self.sentence, language, **self.params)


class NotFound(LookupError):  # noqa: N818 - as the domain says it
    """Raised by ``get_x`` look-ups; the edges answer 404. Foreign and missing things raise the same."""
