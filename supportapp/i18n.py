"""Words in two languages, without a web request.

Web pages use flask_babel. Features and mails use this module: they know the recipient's language, and there may be no
request. Msgids are English; the Russian catalogue is ``supportapp/translations`` (``make translations``).
"""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from babel.dates import format_date
from babel.support import NullTranslations, Translations

LANGUAGES = ("ru", "en")
DEFAULT_LANGUAGE = "ru"
CATALOGUE = Path(__file__).parent / "translations"


def N_(message: str) -> str:  # noqa: N802 - the field's own name for a marker
    """Mark a msgid for extraction; it is translated where it is shown."""
    return message


class Terms(tuple[str, ...]):
    """Marked msgids, given as a parameter: shown translated and joined with commas."""

    __slots__ = ()


@cache
def _catalogue(language: str) -> NullTranslations:
    return Translations.load(CATALOGUE, [language])


def gettext(message: str, language: str, **params: Any) -> str:
    """``message`` in ``language``, with ``%(name)s`` placeholders filled; a date is written out."""
    text: str = _catalogue(language).gettext(message)
    return text % {name: _spoken(value, language) for name, value in params.items()} if params else text


def _spoken(value: Any, language: str) -> Any:
    if isinstance(value, date) and not isinstance(value, datetime):
        return format_date(value, "d MMMM y", locale=language)
    if isinstance(value, Terms):
        return ", ".join(gettext(term, language) for term in value)
    return value


def known_language(language: str | None) -> str:
    """``language`` when the product speaks it, else Russian."""
    return language if language in LANGUAGES else DEFAULT_LANGUAGE
