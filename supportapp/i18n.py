"""Words in two languages, without a web request.

Web pages use flask_babel. Features and mails use this module: they know the recipient's language, and there may be no
request. Msgids are English; the Russian catalogue is ``supportapp/translations`` (``make translations``).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from babel.support import NullTranslations, Translations

LANGUAGES = ("ru", "en")
DEFAULT_LANGUAGE = "ru"
CATALOGUE = Path(__file__).parent / "translations"


def N_(message: str) -> str:  # noqa: N802 - the field's own name for a marker
    """Mark a msgid for extraction; it is translated where it is shown."""
    return message


@cache
def _catalogue(language: str) -> NullTranslations:
    return Translations.load(CATALOGUE, [language])


def gettext(message: str, language: str, **params: Any) -> str:
    """``message`` in ``language``, with ``%(name)s`` placeholders filled."""
    text: str = _catalogue(language).gettext(message)
    return text % params if params else text


def known_language(language: str | None) -> str:
    """``language`` when the product speaks it, else Russian."""
    return language if language in LANGUAGES else DEFAULT_LANGUAGE
