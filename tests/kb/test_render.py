"""Markdown to HTML that is safe to show, and to plain text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportapp.kb.render import headings, picture_ids, pictures, to_html, to_text


@pytest.mark.parametrize(
    "markdown",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[нажми](javascript:alert(1))",
        "[нажми](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](javascript:alert(1))",
        "<svg onload=alert(1)>",
        '<a href="x" style="position:fixed" onclick="y">z</a>',
    ],
)
def test_nothing_runs(markdown: str) -> None:
    tags = re.findall(r"<[^>]*>", to_html(markdown))
    assert not [tag for tag in tags if re.search(r"script|onerror|onload|onclick|style|javascript|data:", tag)]


def test_pictures_come_from_us_alone() -> None:
    assert 'src="/kb/pictures/1.png"' in to_html("![окно](/kb/pictures/1.png)")
    assert "src" not in to_html("![окно](https://tracker.example/pixel.png)")
    assert "src" not in to_html("![окно](//tracker.example/pixel.png)")


def test_headings_can_be_linked_to_and_leave_the_title_to_the_page() -> None:
    html = to_html("# Решение\n\n## Шаг 1\n\n## Шаг 1\n")
    assert '<h2 id="s-reshenie">' in html
    assert 'id="s-shag-1"' in html
    assert 'id="s-shag-1-2"' in html
    assert [text for _, _, text in headings("## Причина\n\nтекст\n\n### Код `0x5`")] == ["Причина", "Код 0x5"]


def test_tables_and_code_are_kept() -> None:
    html = to_html("| код | смысл |\n|---|---|\n| 1 | да |\n\n```\nrm <x>\n```")
    assert "<table>" in html
    assert "rm &lt;x&gt;" in html


def test_plain_text_has_the_words_without_the_marks() -> None:
    text = to_text("# Ошибка\n\nКод **0x80090016** и\n[ссылка](https://x.example)\n\n- пункт `a`\n\n```\ncsptest\n```")
    assert text == "Ошибка\nКод 0x80090016 и ссылка\nпункт a\ncsptest"


@given(st.text(max_size=300))
def test_no_text_makes_a_tag_that_we_did_not_allow(markdown: str) -> None:
    html = to_html(markdown)
    assert not re.search(r"<\s*/?\s*(script|iframe|style|object|svg|form|input)\b", html, re.I)
    to_text(markdown)


def test_headings_of_one_name_have_numbers_however_many_they_are() -> None:
    ids = [name for _, name, _ in headings("# Шаг 2\n# Шаг\n# Шаг\n" + "# a\n" * 20_000)]
    assert ids[:3] == ["s-shag-2", "s-shag", "s-shag-3"]
    assert ids[-1] == "s-a-20000"
    assert len(set(ids)) == len(ids)


def test_the_pictures_of_a_text_are_those_that_it_shows() -> None:
    one, two = "a" * 32, "b" * 32
    text = f"![раз](/kb/images/{one}) `![](/kb/images/{two})` ![](/kb/images/{one}) ![чужая](/static/x.png)"
    assert picture_ids(text) == [one]
    assert [words for _, words in pictures(text)] == ["раз", "", "чужая"]


@pytest.mark.parametrize(
    "address", ["//evil.example/x.png", "https://evil.example/x.png", "data:image/png;base64,eA=="]
)
def test_no_picture_comes_from_elsewhere(address: str) -> None:
    assert "src" not in to_html(f"![a]({address})")
