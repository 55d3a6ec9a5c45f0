"""What search engines read: the site map, robots.txt, and the one address that a page is known by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from flask import Response, url_for
from flask.typing import ResponseReturnValue
from markupsafe import escape

from supportapp.errors import NotFound
from supportapp.extensions import settings
from supportapp.kb import addresses
from supportapp.portal import blueprint

MAX_TOPICS = 5_000
ARTICLES_A_FILE = 20_000  # the protocol allows 50,000 addresses; a file is to stay small enough for one answer
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
SITEMAPS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
XHTML = 'xmlns:xhtml="http://www.w3.org/1999/xhtml"'
# what no search engine has any business with: pages of one person, and forms
PRIVATE = (
    "/answer",
    "/certificates",
    "/confirm/",
    "/email-change/",
    "/files/",
    "/mails/",
    "/password/",
    "/profile",
    "/sign-in",
    "/sign-up",
    "/staff/",
    "/suggestions",
    "/tickets",
    "/uploads",
)


@blueprint.app_template_global()
def public_url(endpoint: str, **values: Any) -> str:
    """The whole address of a page as the world knows it, whatever host it was asked from."""
    return settings.PUBLIC_BASE_URL + url_for(endpoint, **values)


@blueprint.get("/robots.txt")
def robots() -> ResponseReturnValue:
    """The knowledge base is for everybody, a person's pages are not."""
    lines = ["User-agent: *", "Allow: /kb/", *(f"Disallow: {path}" for path in PRIVATE)]
    lines += ["", f"Sitemap: {public_url('portal.sitemap')}", ""]
    return Response("\n".join(lines), mimetype="text/plain", headers={"Cache-Control": "no-cache"})


@blueprint.get("/sitemap.xml")
def sitemap() -> ResponseReturnValue:
    """Public topics and articles; of a very large knowledge base the list of its parts."""
    parts = _parts()
    if parts == 1:
        return _xml(_url_set(_topics(), _articles(1)))
    listed = (
        f"<sitemap><loc>{public_url('portal.sitemap_part', part=n)}</loc></sitemap>\n" for n in range(1, parts + 1)
    )
    return _xml([f"<sitemapindex {SITEMAPS}>\n", *listed, "</sitemapindex>\n"])


@blueprint.get("/sitemap-<int:part>.xml")
def sitemap_part(part: int) -> ResponseReturnValue:
    """One of the parts that ``/sitemap.xml`` lists, from 1."""
    if not 1 <= part <= _parts():
        raise NotFound("sitemap")
    return _xml(_url_set(_topics() if part == 1 else (), _articles(part)))


def _parts() -> int:
    return max(1, -(-addresses.count_articles() // ARTICLES_A_FILE))


def _xml(pieces: Iterable[str]) -> Response:
    return Response("".join((HEAD, *pieces)), mimetype="application/xml", headers={"Cache-Control": "no-cache"})


def _url_set(*lists: Iterable[str]) -> Iterator[str]:
    yield f"<urlset {SITEMAPS} {XHTML}>\n"
    for each in lists:
        yield from each
    yield "</urlset>\n"


def _topics() -> Iterator[str]:
    known = addresses.topics()[:MAX_TOPICS]
    newest = max((topic.updated_at for topic in known), default=None)
    yield _url(public_url("portal.knowledge_base"), newest)
    for topic in known:
        yield _url(public_url("portal.topic", topic_id=topic.topic_id), topic.updated_at)


def _articles(part: int) -> Iterator[str]:
    for article in addresses.articles(limit=ARTICLES_A_FILE, offset=(part - 1) * ARTICLES_A_FILE):
        links = [(language, public_url("portal.article", slug=slug)) for language, slug in article.translations]
        yield _url(public_url("portal.article", slug=article.slug), article.updated_at, links)


def _url(address: str, updated_at: datetime | None, links: Iterable[tuple[str, str]] = ()) -> str:
    changed = f"<lastmod>{updated_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</lastmod>" if updated_at else ""
    others = "".join(
        f'<xhtml:link rel="alternate" hreflang="{escape(language)}" href="{escape(link)}"/>' for language, link in links
    )
    return f"<url><loc>{escape(address)}</loc>{changed}{others}</url>\n"
