"""The catalogue of a page, looked up once a page and not once a word.

A list has hundreds of words and labels. Flask-Babel asks for each of them which request it is, what language was
chosen and where its catalogue lies, and Jinja formats each as if it had placeholders.
"""

from __future__ import annotations

from typing import Any

from babel.support import NullTranslations
from flask import Flask, g, has_app_context
from flask_babel import Domain
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup


class PageDomain(Domain):  # type: ignore[misc]
    """Flask-Babel's; another locale for the same page (``force_locale``) has another catalogue."""

    def get_translations(self) -> NullTranslations:
        """The catalogue of this page; outside of any an empty one."""
        page = g.get("_flask_babel") if has_app_context() else None
        found: tuple[object, NullTranslations] | None = getattr(page, "catalogue", None)
        if found is not None and found[0] is getattr(page, "babel_locale", None):
            return found[1]
        catalogue: NullTranslations = super().get_translations()
        if has_app_context():
            g._flask_babel.catalogue = g._flask_babel.babel_locale, catalogue
        return catalogue


def init_app(app: Flask) -> None:
    """Take the place of what Flask-Babel has installed; must come after it."""
    babel = app.extensions["babel"]
    domain = babel.instance.domain_instance = PageDomain(domain=babel.default_domain)

    @pass_context
    def gettext(context: Context, message: str, /, **variables: Any) -> str:
        words: str = domain.get_translations().ugettext(message)
        if context.eval_ctx.autoescape:
            words = Markup(words)  # noqa: S704 - the catalogues are ours
        return words % variables if variables or "%" in words else words

    app.jinja_env.globals.update(gettext=gettext, _=gettext)
