"""The knowledge base: search, topics, articles. Everybody may read it."""

from __future__ import annotations

from supportapp.portal.knowledge import addresses, articles, pictures, prose, searching, shelves, votes
from supportapp.portal.knowledge.asked import readable_language

__all__ = ["addresses", "articles", "pictures", "prose", "readable_language", "searching", "shelves", "votes"]
