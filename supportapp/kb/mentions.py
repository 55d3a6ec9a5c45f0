"""Articles named in a text by their public address, as staff insert them into an answer."""

from __future__ import annotations

import re

from sqlalchemy import select

from supportapp.extensions import db, settings
from supportapp.kb.models import Article
from supportapp.kb.queries import IS_PUBLIC

PATH = "/kb/"
MOST = 20


def mentioned(text: str) -> list[tuple[str, str]]:
    """Title and address of the public articles named in ``text``, each once, in order. Drafts and articles for staff
    are not among them, so no title of theirs gets out."""
    address = settings.PUBLIC_BASE_URL + PATH
    slugs = list(dict.fromkeys(re.findall(re.escape(address) + r"([a-z0-9-]{1,120})", text)))[:MOST]
    if not slugs:
        return []
    chosen = select(Article.slug, Article.title).where(IS_PUBLIC, Article.slug.in_(slugs))
    titles = {row[0]: row[1] for row in db.session.execute(chosen)}
    return [(titles[slug], address + slug) for slug in slugs if slug in titles]
