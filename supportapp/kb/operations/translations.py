"""Which article says the same in another language. An original has its translations, a translation has none."""

from __future__ import annotations

from sqlalchemy import select

from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.i18n import N_
from supportapp.kb.models import Article


def original_of(translation_of: Article | None, *, article: Article | None, language: str) -> Article | None:
    """The original to link ``article`` (None: a new one) to when it is to translate ``translation_of``.

    What translates a translation is linked to the original. Refused: circle, has_translations, same_language,
    translated_already.
    """
    _refuse_language_of_a_translation(article, language)
    if translation_of is None:
        return None
    original = translation_of.translation_of or translation_of
    if article is not None and article in (original, translation_of):
        raise _refused("circle", N_("An article cannot be its own translation."))
    db.session.refresh(original, with_for_update=True)
    if article is not None and _translations(article):
        sentence = N_("This article has translations of its own, so it cannot become one.")
        raise _refused("has_translations", sentence)
    if original.language == language:
        raise _refused("same_language", N_("Both articles are in one language: %(title)s."), title=original.title)
    for other in _translations(original):
        if other.language == language and other is not article:
            raise _refused("translated_already", N_("There is a translation already: %(title)s."), title=other.title)
    return original


def _refuse_language_of_a_translation(article: Article | None, language: str) -> None:
    """An original cannot take the language of one of its translations."""
    if article is not None and any(other.language == language for other in _translations(article)):
        sentence = N_("A translation of this article is in that language.")
        raise Refused("same_language", sentence, field="language")


def _translations(article: Article) -> list[Article]:
    return list(db.session.scalars(select(Article).where(Article.translation_of_id == article.id)))


def _refused(reason: str, sentence: str, **params: object) -> Refused:
    return Refused(reason, sentence, field="translation_of", **params)
