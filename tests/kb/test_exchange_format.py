"""Articles and topics as files: what is written is read back, and what is wrong is said with its place."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from supportapp.kb.exchange import article_file, front_matter
from supportapp.kb.exchange.article_file import ArticleFile
from supportapp.kb.exchange.folder import decoded
from supportapp.kb.exchange.links import destinations, redirect
from supportapp.kb.exchange.problems import Findings, Unusable
from supportapp.kb.exchange.topic_tree import TopicEntry, read_tree, write_tree
from supportapp.kb.models import ArticleState

FULL = ArticleFile(
    slug="oshibka-0x80090016",
    title='0x80090016: "ключ" не найден — что делать?',
    body="Текст.\n\n---\n\nЕщё текст\n\n```sh\ncertmgr -list\n```",
    language="en",
    state=ArticleState.STAFF_ONLY,
    topic="tokens/keys",
    products=("Клиент VPN", "Криптопровайдер: 5.0 # R2"),
    phrases=("0x80090016", "12:30", "-2146893802", "no", "null", "2026-01-31", "дважды: два", "- дефис", "😀", "[a]"),
    translation_of="drugaya",
    review_on=date(2027, 2, 28),
    source="https://example.org/?a=1#b",
    licence="CC BY 4.0",
    attribution="Кто-то, «Где-то»; изменения: заголовок",
    published_at=datetime(2026, 11, 20, 11, 0, tzinfo=UTC),
    updated_at=datetime(2026, 11, 20, 11, 0, 5, tzinfo=UTC),
)


def read(text: str, slug: str = "a-name") -> ArticleFile:
    findings = Findings()
    article = article_file.read(text, "ru/a-name.md", slug, findings)
    assert article, findings.problems
    return article


def problems(front: str, body: str = "Текст") -> list[str]:
    findings = Findings()
    assert article_file.read(f"---\n{front}\n---\n\n{body}\n", "ru/a.md", "a", findings) is None
    return [str(problem) for problem in findings.problems]


def test_every_field_is_read_as_it_was_written() -> None:
    again = read(article_file.write(FULL))
    assert again == FULL
    assert (again.published_at, again.updated_at) == (FULL.published_at, FULL.updated_at)
    assert article_file.write(again) == article_file.write(FULL)


def test_a_file_of_a_title_and_a_text_is_a_russian_draft_named_after_itself() -> None:
    article = read("---\ntitle: Проверка\n---\nТекст")
    assert article == ArticleFile(slug="a-name", title="Проверка", body="Текст")


def test_numbers_dates_and_words_of_yaml_stay_the_texts_that_they_are() -> None:
    article = read("---\ntitle: 0x80090016\nphrases: [0x8009001D, 12:30, yes, ~, 1e3]\n---\nТекст")
    assert article.title == "0x80090016"
    assert article.phrases == ("0x8009001D", "12:30", "yes", "~", "1e3")


def test_phrases_may_stand_in_lines_of_one_text() -> None:
    article = read("---\ntitle: Проверка\nphrases: |\n  первая фраза\n\n  вторая: с двоеточием\n---\nТекст")
    assert article.phrases == ("первая фраза", "вторая: с двоеточием")


def test_one_product_needs_no_list() -> None:
    assert read("---\ntitle: Проверка\nproducts: Клиент VPN\n---\nТекст").products == ("Клиент VPN",)


@pytest.mark.parametrize(
    ("front", "said"),
    [
        ("language: ru", "ru/a.md: title is missing."),
        ("title: ''", "ru/a.md (line 2): title is missing."),
        ("title: [a, b]", "ru/a.md (line 2): title is a list or a group; write one text."),
        (f"title: {'я' * 201}", "ru/a.md (line 2): title has 201 characters; at most 200 fit."),
        ("title: a\nlanguage: de", "ru/a.md (line 3): language is 'de'; it can be ru, en."),
        ("title: a\nstate: public", "ru/a.md (line 3): state is 'public'; it can be draft, published, staff_only."),
        ("title: a\nreview-on: soon", "ru/a.md (line 3): review-on is 'soon'; write it like 2027-01-31."),
        (
            "title: a\npublished-at: 2026-11-20",
            "ru/a.md (line 3): published-at is '2026-11-20'; write it like 2027-01-31 12:00:00+03:00.",
        ),
        ("title: a\nproducts: [[b]]", "ru/a.md (line 3): products must be a list of texts."),
        ("title: a\ntitle: b", "ru/a.md (line 3): is not YAML: a name stands here twice."),
        ("title: a: b", "ru/a.md (line 2): is not YAML: mapping values are not allowed in this context."),
        ("title: [", "ru/a.md (line 3): is not YAML: did not find expected node content."),
        ("just words", 'ru/a.md: has no fields in its front matter; write them as "name: value".'),
    ],
)
def test_what_is_wrong_in_a_field_is_said_with_its_line(front: str, said: str) -> None:
    assert problems(front) == [said]


def test_all_problems_of_a_file_are_said_at_once() -> None:
    said = problems("titel: a\nslug: Большой Слаг", body="")
    assert len(said) == 4
    assert any("title is missing." in one for one in said)
    assert any("slug is 'Большой Слаг'" in one for one in said)
    assert any("titel is no field of an article" in one for one in said)
    assert any("has no text below its front matter." in one for one in said)


@pytest.mark.parametrize("text", ["Просто текст", "title: a\n\nТекст", "---\ntitle: a\n\nТекст"])
def test_a_text_without_front_matter_is_told_what_is_missing(text: str) -> None:
    findings = Findings()
    assert article_file.read(text, "a.md", "a", findings) is None
    assert "front matter" in findings.problems[0].sentence


@pytest.mark.parametrize("deep", ["a: " + "[" * 200_000, "{a: " * 50_000, "- " * 100_000, "a: &x [*x]"])
def test_yaml_that_would_overflow_the_stack_is_refused(deep: str) -> None:
    with pytest.raises(Unusable, match="YAML"):
        front_matter.split(f"---\n{deep}\n---\nТекст")


def test_yaml_makes_no_objects() -> None:
    fields, _, _ = front_matter.split('---\na: !!python/object/apply:os.system ["exit 1"]\n---\nТекст')
    assert fields == {"a": ["exit 1"]}


def test_bytes_that_are_not_utf_8_are_told_by_their_line() -> None:
    with pytest.raises(Unusable) as caught:
        decoded("---\ntitle: ключ\n".encode("cp1251"))
    assert caught.value.place == "line 2"
    with pytest.raises(Unusable, match="NUL"):
        decoded(b"a\n\0")


def test_windows_line_ends_and_a_byte_order_mark_make_no_difference() -> None:
    assert decoded("\ufeff---\r\ntitle: a\r\n---\r\nб\r\n".encode()) == "---\ntitle: a\n---\nб"


def test_a_tree_of_topics_is_read_as_it_was_written() -> None:
    tree = [
        TopicEntry("windows", "Windows", "Windows", 4),
        TopicEntry("windows/activation", "Активация: «ключи»", "Activation", 0),
        TopicEntry("windows/activation/kms", "KMS", "KMS", 7),
        TopicEntry("no", "Нет", "no", -1),
    ]
    assert read_tree(write_tree(tree)) == tree


def test_topics_of_a_file_stand_in_its_order_when_they_say_no_position() -> None:
    assert read_tree("- key: b\n  ru: Бэ\n- key: a\n  ru: А\n  en: A\n") == [
        TopicEntry("b", "Бэ", "Бэ", 0),
        TopicEntry("a", "А", "A", 1),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("key: a\nru: А", "must be a list"),
        ("- ru: А", "needs a key"),
        ("- key: Ключ\n  ru: А", "needs a key"),
        ("- key: a", "needs a name"),
        (f"- key: a\n  ru: {'я' * 121}", "at most 120"),
        ("- key: a\n  ru: А\n  position: first", "no whole number"),
        ("- key: a\n  ru: А\n- key: a\n  ru: Б", "the key 'a' stands here twice"),
        ("- key: a\n  ru: А\n  topics:\n  - key: b\n    ru: А", "the Russian name 'А' stands here twice"),
        ("- key: a\n  ru: А\n  parent: b", "has a field 'parent'"),
    ],
)
def test_what_is_wrong_in_the_tree_is_said(text: str, said: str) -> None:
    with pytest.raises(Unusable) as caught:
        read_tree(text)
    assert said in caught.value.sentence


def test_links_are_redirected_and_code_is_left_alone() -> None:
    text = (
        '[Статья](other.md#s-часть) и ![Вид](<../images/a.png> "подпись"), [сайт](https://example.org/other.md)\n\n'
        "    [код](code.md)\n\n`[код](inline.md)`\n\n[ссылка][1]\n\n[1]: third.md\n"
    )
    assert destinations(text) == ["other.md#s-часть", "../images/a.png", "third.md"]
    moved = redirect(text, lambda link: f"/kb/{link}")
    assert "[Статья](/kb/other.md#s-часть)" in moved
    assert '![Вид](</kb/../images/a.png> "подпись")' in moved
    assert "[1]: /kb/third.md" in moved
    assert "[код](code.md)" in moved
    assert "`[код](inline.md)`" in moved
    assert "(https://example.org/other.md)" in moved
