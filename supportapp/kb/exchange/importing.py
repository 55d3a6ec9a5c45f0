"""A planned import is written: in one transaction, or in several when it is long, for SQLite has but one writer."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import select

from supportapp.accounts.models import StaffUser
from supportapp.certificates.models import Product
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.files.models import StoredFile
from supportapp.files.operations import Upload
from supportapp.jobs.queue import forget_bells, ring_after_commit
from supportapp.kb.exchange import describing, pictures
from supportapp.kb.exchange.article_file import ArticleFile
from supportapp.kb.exchange.folder import shown
from supportapp.kb.exchange.plan import Plan, Step, open_for_portal
from supportapp.kb.exchange.problems import Unusable
from supportapp.kb.exchange.topics import Topics
from supportapp.kb.models import Article, ArticleAct, ArticleState
from supportapp.kb.operations import keep_for_staff, publish, save_article, withdraw
from supportapp.kb.render import picture_ids

ALL_AT_ONCE = 200
BATCH = 50
FEW = 20
MOVES = {
    ArticleState.PUBLISHED: publish,
    ArticleState.DRAFT: withdraw,
    ArticleState.STAFF_ONLY: keep_for_staff,
}

log = logging.getLogger(__name__)


class Import:
    """The writing of one plan: ``store_pictures`` before any transaction, then ``write`` for each of ``groups``.

    The caller commits after each group; when anything fails, it rolls back and calls ``give_up``.
    """

    def __init__(self, plan: Plan, *, by_id: int | None, at: datetime) -> None:
        """``by_id`` is the staff user's: objects of the session do not outlive a commit."""
        self._plan, self._by_id, self._at = plan, by_id, at
        self._uploads: dict[str, Upload] = {}
        self._written: set[str] = set()
        self._done = 0

    @property
    def groups(self) -> list[Sequence[Step]]:
        """The steps as they are to be committed: all together, or a few at a time when there are too many.

        At least one group, which may be empty: the topics belong to the first.
        """
        size = ALL_AT_ONCE if len(self._plan.steps) <= ALL_AT_ONCE else BATCH
        return list(describing.batches(self._plan.steps, size)) or [()]

    def store_pictures(self) -> None:
        """Put the bytes of new pictures into the storage. Unusable names the file that cannot be."""
        for sha256, path in self._plan.new_pictures.items():
            try:
                self._uploads[sha256] = pictures.store(self._plan.folder, path)
            except (Refused, Unusable) as error:
                sentence = error.text("en") if isinstance(error, Refused) else error.sentence
                raise Unusable(sentence, shown(path)) from error

    def give_up(self) -> None:
        """Take away the stored pictures that no committed article shows; the database knows best which those are."""
        for uploads in describing.batches(list(self._uploads.values())):
            kept = pictures.among([upload.storage_key for upload in uploads])
            pictures.give_up([upload for upload in uploads if upload.storage_key not in kept])

    def write(self, steps: Sequence[Step]) -> Iterator[Step]:
        """Write some steps, told one by one; flushed, not committed. Unusable names the file that went wrong."""
        wanted = [self._read(step) for step in steps]  # before the first statement, which on SQLite is the lock
        by = db.session.get(StaffUser, self._by_id) if self._by_id else None
        topics = Topics(self._plan.topics, keep=self._plan.wishes.only_new)
        here = describing.articles_by_slug([file.slug for file in wanted])
        for step, file in zip(steps, wanted, strict=True):
            try:
                self._save(file, here.get(file.slug), step, topics, by)
            except Refused as refused:
                raise Unusable(f"{refused.field or 'article'}: {refused.text('en')}", shown(step.path)) from refused
            yield step
        db.session.flush()
        self._done += len(steps)
        self._let_search_follow()
        log.info("%d articles were imported by staff user %s", len(steps), self._by_id)

    def _read(self, step: Step) -> ArticleFile:
        opened = open_for_portal(self._plan, step.path)
        if opened is None or opened[1] != step.digest:
            raise Unusable("was changed while it was being imported; run the import again.", shown(step.path))
        return opened[0]

    def _save(
        self, wanted: ArticleFile, article: Article | None, step: Step, topics: Topics, by: StaffUser | None
    ) -> None:
        saved = save_article(
            article,
            title=wanted.title,
            body=wanted.body,
            phrases="\n".join(wanted.phrases),
            language=wanted.language,
            topic=topics.find(wanted.topic),
            products=_products(wanted.products),
            translation_of=_original(wanted.translation_of),
            review_on=wanted.review_on,
            source=wanted.source,
            licence=wanted.licence,
            attribution=wanted.attribution,
            act=ArticleAct.IMPORTED,
            slug=None if article else wanted.slug,
            images=self._new_pictures(wanted.body, by),
            by=by,
            at=self._at,
            seen_revision=step.revision,
        )
        if not self._plan.wishes.as_drafts:
            MOVES[wanted.state](saved, by=by, at=self._at)
        if article is None:
            self._keep_moments(saved, wanted)

    def _keep_moments(self, article: Article, wanted: ArticleFile) -> None:
        """A new article keeps the moments that its file tells, as far as they are past."""
        if wanted.updated_at:
            article.updated_at = min(wanted.updated_at, self._at)
        if wanted.published_at and article.is_published:
            article.published_at = min(wanted.published_at, self._at)
        article.created_at = min(article.updated_at, article.published_at or self._at)

    def _new_pictures(self, body: str, by: StaffUser | None) -> list[StoredFile]:
        """The rows of pictures that came with this import, those of earlier articles included."""
        by_id = {public_id: sha256 for sha256, public_id in self._plan.picture_ids.items() if sha256 in self._uploads}
        rows = []
        for public_id in picture_ids(body):
            sha256 = by_id.get(public_id)
            if sha256 and sha256 not in self._written:
                self._written.add(sha256)
                rows.append(pictures.keep(self._uploads[sha256], public_id, by=by, at=self._at))
        return rows

    def _let_search_follow(self) -> None:
        """One job at the end instead of one for each; after an import that stops half way the regular sweep comes."""
        if len(self._plan.steps) <= FEW:
            return
        forget_bells("supportapp.kb.jobs.index_article")
        if self._done == len(self._plan.steps):
            ring_after_commit("supportapp.kb.jobs.refresh_index", queue="index")


def _products(names: Sequence[str]) -> list[Product]:
    """The products of these names; those that are missing are made."""
    known = {product.name: product for product in db.session.scalars(select(Product).where(Product.name.in_(names)))}
    fresh = [Product(name=name) for name in names if name not in known]
    db.session.add_all(fresh)
    return [*known.values(), *fresh]


def _original(slug: str) -> Article | None:
    return db.session.scalar(select(Article).where(Article.slug == slug)) if slug else None
