"""The first look at a folder: every file by itself, then whether they agree with each other and with the portal."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from sqlalchemy import select

from supportapp.certificates.models import Product
from supportapp.extensions import db
from supportapp.kb.exchange import article_file, describing
from supportapp.kb.exchange.article_file import ArticleFile
from supportapp.kb.exchange.folder import TOPICS, Folder, decoded, shown
from supportapp.kb.exchange.problems import Findings, Unusable
from supportapp.kb.exchange.topic_tree import TopicEntry, read_tree
from supportapp.kb.models import Article

Progress = Callable[[int, int], None]
STEP = 100


@dataclass(frozen=True)
class Facts:
    """What is remembered of a file until it is read again; never its text."""

    path: str
    digest: bytes
    slug: str
    language: str
    topic: str
    products: tuple[str, ...]
    translation_of: str


@dataclass
class Survey:
    """Everything found in a folder."""

    folder: Folder
    findings: Findings = field(default_factory=Findings)
    topics: dict[str, TopicEntry] = field(default_factory=dict)
    files: list[Facts] = field(default_factory=list)
    new_products: set[str] = field(default_factory=set)


def look(folder: Folder, *, create_products: bool, progress: Progress) -> Survey:
    """Read every file once and check all but its links. Needs an application context, and writes nothing."""
    survey = Survey(folder)
    _read_topics(survey)
    paths = list(folder.articles(survey.findings))
    for number, path in enumerate(paths, 1):
        _read_article(survey, path)
        if number % STEP == 0 or number == len(paths):
            progress(number, len(paths))
    if not paths:
        survey.findings.problem(".", "has no Markdown files.")
    _check_slugs(survey)
    _check_topics(survey)
    _check_products(survey, create_products)
    _check_translations(survey)
    return survey


def open_article(folder: Folder, path: str, findings: Findings) -> tuple[ArticleFile, bytes] | None:
    """What the file says, and a digest of its bytes; None when ``findings`` says why not."""
    try:
        content = folder.read(path)
        article = article_file.read(decoded(content), shown(path), PurePosixPath(path).stem, findings)
    except Unusable as unusable:
        findings.problem(shown(path), unusable.sentence, unusable.place)
        return None
    return (article, hashlib.sha256(content).digest()) if article else None


def _read_topics(survey: Survey) -> None:
    if not (survey.folder.root / TOPICS).exists():
        return
    try:
        survey.topics = {entry.path: entry for entry in read_tree(survey.folder.text(TOPICS))}
    except Unusable as unusable:
        survey.findings.problem(TOPICS, unusable.sentence, unusable.place)


def _read_article(survey: Survey, path: str) -> None:
    opened = open_article(survey.folder, path, survey.findings)
    if opened:
        article, digest = opened
        facts = article.slug, article.language, article.topic, article.products, article.translation_of
        survey.files.append(Facts(path, digest, *facts))


def _check_slugs(survey: Survey) -> None:
    first: dict[str, str] = {}
    for facts in survey.files:
        if facts.slug in first:
            sentence = f"has the slug {facts.slug!r} of {first[facts.slug]}."
            survey.findings.problem(shown(facts.path), sentence, "slug")
        first.setdefault(facts.slug, shown(facts.path))


def _check_topics(survey: Survey) -> None:
    known = {entry.path for entry in describing.topics_here().values()} | survey.topics.keys()
    for facts in survey.files:
        if facts.topic and facts.topic not in known:
            sentence = f"names the topic {facts.topic!r}, which is neither in {TOPICS} nor here."
            survey.findings.problem(shown(facts.path), sentence, "topic")


def _check_products(survey: Survey, create_products: bool) -> None:
    known = set(db.session.scalars(select(Product.name)))
    for facts in survey.files:
        for name in facts.products:
            if name in known:
                continue
            if not create_products:
                sentence = f"names the product {name!r}, which is not here; enter it first, or use --create-products."
                survey.findings.problem(shown(facts.path), sentence, "products")
            elif len(name) > 120:
                survey.findings.problem(shown(facts.path), "names a product with more than 120 letters.", "products")
            survey.new_products.add(name)


def _check_translations(survey: Survey) -> None:
    in_folder = {facts.slug: (facts.language, facts.translation_of) for facts in survey.files}
    wanted = {facts.translation_of for facts in survey.files} - in_folder.keys() - {""}
    known = {**_languages_here(sorted(wanted)), **in_folder}
    taken: dict[tuple[str, str], str] = {}
    for facts in survey.files:
        if facts.translation_of:
            sentence = _wrong_translation(facts, known, taken)
            if sentence:
                survey.findings.problem(shown(facts.path), sentence, "translation-of")


def _wrong_translation(
    facts: Facts, known: Mapping[str, tuple[str, str]], taken: dict[tuple[str, str], str]
) -> str | None:
    original = facts.translation_of
    if original not in known:
        return f"is a translation of {original!r}, which is neither in the folder nor here."
    language, of_another = known[original]
    if of_another:
        return f"is a translation of {original!r}, which is a translation itself; name the original."
    if language == facts.language:
        return f"is a translation of {original!r}, which is in the same language."
    other = taken.setdefault((original, facts.language), shown(facts.path))
    return None if other == shown(facts.path) else f"translates {original!r} into the same language as {other}."


def _languages_here(slugs: list[str]) -> dict[str, tuple[str, str]]:
    known: dict[str, tuple[str, str]] = {}
    columns = select(Article.slug, Article.language, Article.translation_of_id)
    for some in describing.batches(slugs):
        for slug, language, original in db.session.execute(columns.where(Article.slug.in_(some))):
            known[slug] = language, str(original or "")
    return known
