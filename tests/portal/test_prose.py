"""What a reader's page adds to an article's HTML stays outside its attributes."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from flask import Flask

from supportapp.kb.render import to_html
from supportapp.portal.knowledge.prose import article_prose

HOSTILE = (
    "![<img ](/kb/images/x)",
    '![x](/kb/images/x "<table>")',
    '[x](/kb/y "<pre></table>")',
    '![</table><h2 id="a">](/kb/images/x "<h2 id=\'a\'>b</h2>")',
    "[x](</kb/<table>>)",
    "`<img ` и <table>",
)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)


def tags(html: str) -> list[str]:
    parser = Tags()
    parser.feed(html)
    return parser.found


@pytest.mark.parametrize("markdown", HOSTILE)
def test_no_sign_of_a_tag_stands_open_in_an_attribute(app: Flask, markdown: str) -> None:
    with app.test_request_context():
        page = str(article_prose(markdown))
    assert tags(page) == tags(str(to_html(markdown)))
    assert "<div" not in page
    assert page.count("loading=") == tags(page).count("img")
