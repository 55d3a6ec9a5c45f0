"""What search engines are told: the site map and robots.txt."""

from __future__ import annotations

from datetime import timedelta
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from supportapp.kb.models import ArticleState
from supportapp.portal.knowledge import addresses
from tests.factories import BEFORE
from tests.portal.knowledge import make_article, make_topic

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
XHTML = "{http://www.w3.org/1999/xhtml}"


def read(client: FlaskClient, path: str = "/sitemap.xml") -> dict[str, ElementTree.Element]:
    """The entries by address."""
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.mimetype == "application/xml"
    root = ElementTree.fromstring(answer.data)
    return {str(entry.findtext(f"{SITEMAP}loc")): entry for entry in root}


def test_public_articles_and_topics_are_listed_with_their_last_change(client: FlaskClient) -> None:
    top = make_topic()
    below = make_topic(name_ru="Ниже", parent=top)
    make_topic(name_ru="Пустой")
    make_article(topic=below, updated_at=BEFORE + timedelta(days=1))
    make_article(slug="no-topic")
    entries = read(client)
    changed = {
        address.removeprefix("http://localhost"): e.findtext(f"{SITEMAP}lastmod") for address, e in entries.items()
    }
    assert changed == {
        "/kb/": "2026-11-03T09:00:00Z",
        f"/kb/topics/{top.id}": "2026-11-03T09:00:00Z",
        f"/kb/topics/{below.id}": "2026-11-03T09:00:00Z",
        "/kb/error-0x8009001d": "2026-11-03T09:00:00Z",
        "/kb/no-topic": "2026-11-02T09:00:00Z",
    }


@pytest.mark.parametrize("state", [ArticleState.DRAFT, ArticleState.STAFF_ONLY])
def test_what_is_not_public_is_not_in_it(client: FlaskClient, state: ArticleState) -> None:
    hidden = make_article(slug="hidden", state=state, topic=make_topic())
    make_article(slug="shown", language="en", translation_of=hidden)
    assert list(read(client)) == ["http://localhost/kb/", "http://localhost/kb/shown"]
    assert "hidden" not in client.get("/sitemap.xml").text


def test_translations_name_each_other_and_themselves(client: FlaskClient) -> None:
    make_article(slug="en", language="en", translation_of=make_article(slug="ru"))
    make_article(slug="alone")
    entries = read(client)
    for slug, expected in (("ru", {"ru", "en"}), ("en", {"ru", "en"}), ("alone", set())):
        links = entries[f"http://localhost/kb/{slug}"].findall(f"{XHTML}link")
        assert {link.get("hreflang") for link in links} == expected
        assert {link.get("href") for link in links} == {f"http://localhost/kb/{each}" for each in expected}


def test_an_empty_knowledge_base_has_its_first_page(client: FlaskClient) -> None:
    assert list(read(client)) == ["http://localhost/kb/"]


def test_a_large_one_is_told_in_parts(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "ARTICLES_A_FILE", 2)
    for number in range(5):
        make_article(slug=f"n{number}", topic=None)
    parts = list(read(client))
    assert parts == [f"http://localhost/sitemap-{number}.xml" for number in (1, 2, 3)]
    found = [address for part in parts for address in read(client, part.removeprefix("http://localhost"))]
    assert found == ["http://localhost/kb/", *(f"http://localhost/kb/n{number}" for number in range(5))]
    assert client.get("/sitemap-4.xml").status_code == 404
    assert client.get("/sitemap-0.xml").status_code == 404


def test_one_file_never_passes_what_the_protocol_allows() -> None:
    assert addresses.ARTICLES_A_FILE + addresses.MAX_TOPICS + 1 <= 50_000


def test_robots_may_read_the_knowledge_base_and_no_persons_pages(client: FlaskClient) -> None:
    answer = client.get("/robots.txt")
    assert answer.mimetype == "text/plain"
    lines = answer.text.splitlines()
    assert "Allow: /kb/" in lines
    for path in ("/tickets", "/profile", "/certificates", "/staff/", "/files/"):
        assert f"Disallow: {path}" in lines
    assert "Sitemap: http://localhost/sitemap.xml" in lines


def test_every_disallowed_path_is_one_of_the_portal(client: FlaskClient) -> None:
    rules = [str(rule) for rule in client.application.url_map.iter_rules()]
    assert [path for path in addresses.PRIVATE if not any(rule.startswith(path) for rule in rules)] == []
