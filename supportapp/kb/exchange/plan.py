"""The second look at a folder: what of it is new here, what is changed, and what can be left alone."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import unquote

from supportapp.kb.exchange import describing, links, pictures, survey, topics
from supportapp.kb.exchange.article_file import ArticleFile
from supportapp.kb.exchange.folder import Folder, shown
from supportapp.kb.exchange.problems import Findings, Unusable
from supportapp.kb.exchange.survey import Facts, Progress
from supportapp.kb.exchange.topic_tree import TopicEntry
from supportapp.kb.models import Article

ARTICLE_ADDRESS = "/kb/"


@dataclass(frozen=True)
class Wishes:
    """How to import. ``as_drafts``: new articles are drafts, those that are here keep their state. ``only_new``: what
    is here stays as it is. ``create_products``: names that are not here become products."""

    as_drafts: bool = False
    only_new: bool = False
    create_products: bool = False


@dataclass(frozen=True)
class Step:
    """A file to be written; ``revision`` is that of the article it was compared with, None when it is new."""

    path: str
    digest: bytes
    revision: int | None
    translation: bool


@dataclass
class Plan:
    """What an import would do; with ``findings.problems`` it must not be done."""

    folder: Folder
    wishes: Wishes
    findings: Findings
    topics: dict[str, TopicEntry]
    topics_here: dict[int, TopicEntry]
    slugs: dict[str, str]
    steps: list[Step] = field(default_factory=list)
    unchanged: int = 0
    topic_changes: int = 0
    picture_ids: dict[str, str] = field(default_factory=dict)
    new_pictures: dict[str, str] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)

    @property
    def new(self) -> int:
        return sum(step.revision is None for step in self.steps)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return not self.steps and not self.topic_changes

    @property
    def changed(self) -> int:
        return len(self.steps) - self.new

    def topic_name(self, path: str) -> str:
        """The Russian name of a topic, by which it is known here; the file's own tree goes first."""
        if path in self.topics:
            return self.topics[path].ru
        return next((entry.ru for entry in self.topics_here.values() if entry.path == path), "")


def make_plan(root: Path, wishes: Wishes, *, progress: Progress = lambda _done, _total: None) -> Plan:
    """Look through the folder twice and compare it with what is here. Writes nothing; the caller ends the reading."""
    seen = survey.look(Folder(root), create_products=wishes.create_products, progress=progress)
    slugs = {facts.path: facts.slug for facts in seen.files}
    plan = Plan(seen.folder, wishes, seen.findings, seen.topics, describing.topics_here(), slugs)
    if not plan.findings.problems:
        for some in describing.batches(seen.files):
            _compare(plan, some)
        plan.topic_changes = len(topics.differing(plan.topics, keep=wishes.only_new))
        plan.steps.sort(key=lambda step: (step.translation, step.path))  # an original is there before its translation
    return plan


def open_for_portal(plan: Plan, path: str) -> tuple[ArticleFile, bytes] | None:
    """What the file says, with the portal's own links in it, and a digest of its bytes."""
    opened = survey.open_article(plan.folder, path, plan.findings)
    if opened is None:
        return None
    article, digest = opened
    body = links.redirect(article.body, lambda link: _portal_link(plan, path, link))
    return replace(article, body=body), digest


def _compare(plan: Plan, some: Sequence[Facts]) -> None:
    here = describing.articles_by_slug([facts.slug for facts in some])
    for facts in some:
        article = here.get(facts.slug)
        if article is None or (not plan.wishes.only_new and _differs(plan, facts.path, article)):
            if article is None:
                _find_pictures(plan, facts.path)
            revision = article.revision if article else None
            plan.steps.append(Step(facts.path, facts.digest, revision, bool(facts.translation_of)))
        else:
            plan.unchanged += 1


def _differs(plan: Plan, path: str, article: Article) -> bool:
    _find_pictures(plan, path)
    opened = open_for_portal(plan, path)
    if opened is None:
        return False
    wanted, known = opened[0], describing.describe(article, plan.topics_here)
    if plan.wishes.as_drafts:
        wanted = replace(wanted, state=known.state)
    return replace(wanted, topic=plan.topic_name(wanted.topic)) != replace(known, topic=plan.topic_name(known.topic))


def _find_pictures(plan: Plan, path: str) -> None:
    """Get to know the pictures that a file shows, and remark on links that lead nowhere."""
    opened = survey.open_article(plan.folder, path, plan.findings)
    for link in links.destinations(opened[0].body) if opened else ():
        target = _target(plan, path, link)
        if link.startswith("/") or target in plan.slugs or target in plan.digests:
            continue
        if target is None or not plan.folder.has(target):
            sentence = f"links to {link!r}, which is not in the folder; the link stays as it is."
            plan.findings.remark(shown(path), sentence)
            continue
        try:
            plan.digests[target] = pictures.digest(plan.folder, target)
        except Unusable as unusable:
            plan.findings.problem(shown(target), unusable.sentence)
            continue
        _know_picture(plan, target)


def _know_picture(plan: Plan, path: str) -> None:
    digest = plan.digests[path]
    if digest not in plan.picture_ids:
        stored = pictures.known(digest)
        plan.picture_ids[digest] = stored.public_id if stored else secrets.token_hex(16)
        if stored is None:
            plan.new_pictures[digest] = path


def _portal_link(plan: Plan, path: str, link: str) -> str:
    target, (_, mark, part) = _target(plan, path, link), link.partition("#")
    if target in plan.slugs and not link.startswith("/"):
        return f"{ARTICLE_ADDRESS}{plan.slugs[target]}{mark}{part}"
    if target in plan.digests and not link.startswith("/"):
        return f"{pictures.ADDRESS}{plan.picture_ids[plan.digests[target]]}"
    return link


def _target(plan: Plan, path: str, link: str) -> str | None:
    return plan.folder.inside(path, unquote(link.partition("#")[0]))
