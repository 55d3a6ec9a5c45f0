"""The words of a page come from the catalogue of its language, whatever was asked for before."""

from __future__ import annotations

import pytest
from flask import Flask, g, render_template_string
from flask_babel import force_locale, gettext
from flask_babel import lazy_gettext as _l


@pytest.fixture
def page(app: Flask) -> Flask:
    return app


def test_another_language_within_a_page_has_another_catalogue(page: Flask) -> None:
    with page.test_request_context("/"), force_locale("ru"):
        assert gettext("Yes") == str(_l("Yes")) == render_template_string("{{ _('Yes') }}") == "Да"
        with force_locale("en"):
            assert gettext("Yes") == str(_l("Yes")) == render_template_string("{{ _('Yes') }}") == "Yes"
        assert gettext("Yes") == "Да"


def test_one_page_after_another_is_in_its_own_language(page: Flask) -> None:
    for language, word in (("en", "Yes"), ("ru", "Да"), ("en", "Yes")):
        with page.test_request_context("/", headers={"Accept-Language": language}):
            g.pop("_flask_babel", None)
            assert gettext("Yes") == word


def test_what_is_put_into_a_sentence_is_escaped(page: Flask) -> None:
    with page.test_request_context("/"), force_locale("en"):
        asked = "{{ _('by %(name)s', name=name) }} {{ _('50 %% of “%(x)s”', x='<') }}"
        shown = render_template_string(asked, name="<b>")
        assert shown == "by &lt;b&gt; 50 % of “&lt;”"
        assert render_template_string("{{ _('100 %%') }}") == "100 %"


def test_outside_a_request_the_words_are_those_of_the_code() -> None:
    assert gettext("Yes") == "Yes"
