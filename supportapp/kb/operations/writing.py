"""Writing articles: whole, with a version for each act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from supportapp.accounts.models import StaffUser
from supportapp.certificates.models import Product
from supportapp.certificates.queries import today
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.files.models import StoredFile
from supportapp.i18n import LANGUAGES, N_
from supportapp.kb import rules
from supportapp.kb.intricacy import require_plain
from supportapp.kb.models import Article, ArticleAct, ArticleState, ArticleVersion, Topic
from supportapp.kb.operations.pictures import follow_pictures
from supportapp.kb.operations.record import lock, record
from supportapp.kb.operations.translations import original_of
from supportapp.kb.render import to_text
from supportapp.kb.slugs import free_slug, make_slug

MAX_TITLE = 200
MAX_BODY = 200_000
MAX_PHRASES = 20_000
MAX_NOTE = 200
MAX_SOURCE = 300
MAX_LICENCE = 60
MAX_ATTRIBUTION = 300


def save_article(
    article: Article | None,
    *,
    title: str,
    body: str,
    phrases: str = "",
    language: str = "ru",
    topic: Topic | None = None,
    products: Sequence[Product] = (),
    translation_of: Article | None = None,
    review_on: date | None = None,
    source: str = "",
    licence: str = "",
    attribution: str = "",
    note: str = "",
    act: ArticleAct = ArticleAct.SAVED,
    slug: str | None = None,
    images: Sequence[StoredFile] = (),
    by: StaffUser | None,
    at: datetime,
    seen_revision: int | None = None,
) -> Article:
    """Write a new article (a draft) or the whole of an old one: what is not given is emptied.

    A change leaves a version with ``note`` (what was changed) and ``act``; saving what stands there already leaves
    nothing. ``slug`` is for a new article alone: the address never changes. The pictures are those of the body;
    ``images`` are stored files that an import brought for it. What translates a translation is linked to its original.

    Refused by field: empty, too_long, too_intricate, unknown_language, bad_slug, slug_taken, circle, has_translations,
    same_language, translated_already; and changed_meanwhile when the article has moved on from ``seen_revision``.
    """
    texts = _Texts(*(_plain(text) for text in (title, body, phrases, source, licence, attribution, note)))
    texts.check()
    if language not in LANGUAGES:
        raise Refused("unknown_language", N_("Choose Russian or English."), field="language")
    if article is None:
        article = _new_article(slug, texts.title, at)
    else:
        lock(article, seen_revision)
    before = _contents(article)
    known = article if article.id is not None else None
    article.translation_of = original_of(translation_of, article=known, language=language)
    article.title, article.body, article.text, article.phrases = texts.title, texts.body, "", texts.phrases
    article.source, article.licence, article.attribution = texts.source, texts.licence, texts.attribution
    article.language, article.topic, article.products = language, topic, list(products)
    article.review_on, article.text = review_on, to_text(texts.body)
    if known is not None and _contents(article) == before:
        db.session.flush()
        return article
    record(article, act, by=by, at=at, note=texts.note)
    follow_pictures(article, images, at=at)
    return article


def restore(
    version: ArticleVersion, *, by: StaffUser | None, at: datetime, seen_revision: int | None = None, note: str = ""
) -> Article:
    """Let the article say again what it said then: title, body and phrases. All versions stay, and one is added.

    Refused: changed_meanwhile; same_text when it says that already.
    """
    article = version.article
    lock(article, seen_revision)
    if (article.title, article.body, article.phrases) == (version.title, version.body, version.phrases):
        raise Refused("same_text", N_("The article says exactly this already."))
    article.title, article.body, article.phrases = version.title, version.body, version.phrases
    article.text = to_text(version.body)
    record(article, ArticleAct.RESTORED, by=by, at=at, note=_plain(note)[:MAX_NOTE])
    follow_pictures(article, (), at=at)
    return article


def mark_checked(article: Article, *, by: StaffUser | None, at: datetime) -> date:
    """Somebody has read the article and it is still right: the day of the next check, as far away as the last time."""
    lock(article)
    article.review_on = rules.next_review(due=article.review_on, last_change=today(article.updated_at), today=today(at))
    record(article, ArticleAct.CHECKED, by=by, at=at)
    return article.review_on


def propose_article(
    *,
    title: str,
    body: str,
    phrases: str = "",
    language: str = "ru",
    topic: Topic | None = None,
    products: Sequence[Product] = (),
    from_ticket_id: int,
    by: StaffUser,
    at: datetime,
) -> Article:
    """A draft made from a ticket, for an editor to publish. Take names and private data out first: ``kb.redaction``."""
    article = save_article(
        None,
        title=title,
        body=body,
        phrases=phrases,
        language=language,
        topic=topic,
        products=products,
        by=by,
        at=at,
    )
    article.from_ticket_id = from_ticket_id
    db.session.flush()
    return article


@dataclass(frozen=True)
class _Texts:
    title: str
    body: str
    phrases: str
    source: str
    licence: str
    attribution: str
    note: str

    def check(self) -> None:
        limits = {
            "title": MAX_TITLE,
            "body": MAX_BODY,
            "phrases": MAX_PHRASES,
            "source": MAX_SOURCE,
            "licence": MAX_LICENCE,
            "attribution": MAX_ATTRIBUTION,
            "note": MAX_NOTE,
        }
        for field, limit in limits.items():
            length = len(getattr(self, field))
            if not length and field in ("title", "body"):
                raise Refused("empty", N_("Fill in this field."), field=field)
            if length > limit:
                sentence = N_("At most %(limit)s characters fit here; there are %(length)s.")
                raise Refused("too_long", sentence, field=field, limit=limit, length=length)
        require_plain(self.body)


def _plain(text: str) -> str:
    return text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n").strip()


def _contents(article: Article) -> tuple[object, ...]:
    """Everything that a save can change."""
    links = {product.id for product in article.products}, article.topic, article.translation_of, article.review_on
    origin = article.source, article.licence, article.attribution
    return article.title, article.body, article.phrases, article.language, *links, *origin


def _new_article(slug: str | None, title: str, at: datetime) -> Article:
    if slug is None:
        wanted = make_slug(title)
        taken = db.session.scalars(select(Article.slug).where(Article.slug.startswith(wanted, autoescape=True)))
        slug = free_slug(wanted, taken)
    elif not rules.is_slug(slug):
        sentence = N_("An address has small Latin letters, digits and hyphens, at most %(limit)s of them.")
        raise Refused("bad_slug", sentence, field="slug", limit=rules.MAX_SLUG)
    elif db.session.scalar(select(Article.id).where(Article.slug == slug)) is not None:
        raise Refused("slug_taken", N_("Another article has the address %(slug)s."), field="slug", slug=slug)
    return Article(slug=slug, created_at=at, revision=0, state=ArticleState.DRAFT)
