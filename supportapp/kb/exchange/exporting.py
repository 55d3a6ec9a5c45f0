"""The knowledge base is written into a folder, file by file, each whole or not at all."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import select

from supportapp.errors import NotFound, Refused
from supportapp.extensions import db
from supportapp.files.models import StoredFile
from supportapp.kb.exchange import article_file, describing, links, pictures
from supportapp.kb.exchange.folder import IMAGES, TOPICS, plain
from supportapp.kb.exchange.plan import ARTICLE_ADDRESS
from supportapp.kb.exchange.problems import Findings, Unusable
from supportapp.kb.exchange.survey import Progress
from supportapp.kb.exchange.topic_tree import TopicEntry, write_tree
from supportapp.kb.models import Article, ArticleState

LIST = ".exported"
_WRITTEN = re.compile(rf"(?:(?:ru|en)/[a-z0-9-]+\.md|{IMAGES}/[0-9a-f]{{24}}\.[a-z0-9]+|{re.escape(TOPICS)})")


@dataclass
class Export:
    """What an export did; ``remarks`` of ``findings`` are pictures that the storage has lost."""

    articles: int = 0
    pictures: int = 0
    changed: int = 0
    pruned: int = 0
    findings: Findings = field(default_factory=Findings)
    paths: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)


def check_target(root: Path, *, force: bool) -> None:
    """Unusable when the folder has something in it (and ``force`` is not given) or is not safe to write into."""
    if root.exists() and not root.is_dir():
        raise Unusable("is not a folder.")
    if root.exists() and any(root.iterdir()) and not force:
        raise Unusable("is not empty; use --force to write into it.")
    for name in ("ru", "en", IMAGES, TOPICS, LIST):
        if (root / name).is_symlink():
            raise Unusable(f"has a symbolic link {name}; an export does not write through it.")


def export(root: Path, *, public_only: bool, prune: bool, progress: Progress) -> Export:
    """Write every article (or the public ones), the topics and the pictures; files that are the same stay untouched.

    ``prune`` removes what an earlier export wrote and this one did not; ``public_only`` always does, for that may be
    secret. Needs no writing of the database.
    """
    done = Export()
    before = _listed(root)
    writer = _Writer(root, done, _addresses(public_only), public_only)
    ids = sorted(writer.paths_by_id)
    for articles in describing.articles_in_batches(ids):
        for article in articles:
            writer.write_article(article)
        progress(done.articles, len(ids))
    writer.write_topics()
    if prune or public_only:
        done.pruned = _prune(root, before - done.paths - done.lost)
    kept = done.paths | {path for path in before if (root / path).exists()}
    writer.write(LIST, "".join(f"{path}\n" for path in sorted(kept)).encode())
    return done


class _Writer:
    def __init__(self, root: Path, done: Export, addresses: Mapping[int, tuple[str, str]], public_only: bool) -> None:
        self.paths_by_id = {number: f"{language}/{slug}.md" for number, (slug, language) in addresses.items()}
        self._paths = {slug: self.paths_by_id[number] for number, (slug, _) in addresses.items()}
        self._root, self._done, self._public_only = root, done, public_only
        self._topics = describing.topics_here()
        self._used: set[str] = set()

    def write_article(self, article: Article) -> None:
        """One file, and the pictures that it shows."""
        described = describing.describe(article, self._topics)
        if described.translation_of not in self._paths:
            described = replace(described, translation_of="")
        shown = {stored.public_id: stored for stored in article.images if self._write_picture(article.slug, stored)}
        body = links.redirect(described.body, lambda link: self._relative(link, described.language, shown))
        text = article_file.write(replace(described, body=body))
        self._done.articles += 1
        self._used.add(described.topic)
        self._write_listed(self.paths_by_id[article.id], text.encode())

    def write_topics(self) -> None:
        """The tree: the whole of it, or what the public articles need."""
        entries = list(self._topics.values())
        if self._public_only:
            entries = [entry for entry in entries if any(_is_under(used, entry) for used in self._used)]
        if entries:
            self._write_listed(TOPICS, write_tree(entries).encode())

    def write(self, path: str, content: bytes) -> None:
        """Put the whole file in its place, unless it is there already."""
        target = self._root / path
        if target.is_file() and not target.is_symlink() and target.read_bytes() == content:
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            draft.write_bytes(content)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
        self._done.changed += path != LIST

    def _write_listed(self, path: str, content: bytes) -> None:
        self.write(path, content)
        self._done.paths.add(path)

    def _write_picture(self, slug: str, stored: StoredFile) -> bool:
        path = pictures.file_name(stored)
        if path not in self._done.paths:
            try:
                self._write_listed(path, pictures.read(stored))
            except (NotFound, Refused):
                self._done.lost.add(path)  # the folder may have the last copy
                self._done.findings.remark(slug, f"shows the picture {stored.name!r}, which the storage does not give.")
                return False
            self._done.pictures += 1
        return True

    def _relative(self, link: str, language: str, shown: Mapping[str, StoredFile]) -> str:
        """A link of the portal as one from the folder ``language``, where it leads to a file of this export."""
        if link.startswith(pictures.ADDRESS) and link.removeprefix(pictures.ADDRESS) in shown:
            return f"../{pictures.file_name(shown[link.removeprefix(pictures.ADDRESS)])}"
        address, mark, part = link.partition("#")
        path = self._paths.get(address.removeprefix(ARTICLE_ADDRESS)) if address.startswith(ARTICLE_ADDRESS) else None
        if path is None:
            return link
        return f"{path.removeprefix(f'{language}/') if path.startswith(f'{language}/') else f'../{path}'}{mark}{part}"


def _addresses(public_only: bool) -> dict[int, tuple[str, str]]:
    """The slug and the language of every article to be exported, by id."""
    chosen = select(Article.id, Article.slug, Article.language)
    if public_only:
        chosen = chosen.where(Article.state == ArticleState.PUBLISHED)
    return {number: (slug, language) for number, slug, language in db.session.execute(chosen)}


def _is_under(path: str, entry: TopicEntry) -> bool:
    return path == entry.path or path.startswith(f"{entry.path}/")


def _listed(root: Path) -> set[str]:
    """What earlier exports wrote; nothing else is ever removed, whatever the list says."""
    try:
        lines = plain((root / LIST).read_text(encoding="utf-8")).split("\n")
    except (OSError, UnicodeDecodeError):
        return set()
    return {line for line in lines if _WRITTEN.fullmatch(line)}


def _prune(root: Path, paths: set[str]) -> int:
    gone = [path for path in paths if (root / path).is_file() and not (root / path).is_symlink()]
    for path in gone:
        (root / path).unlink()
    return len(gone)
