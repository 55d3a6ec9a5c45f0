"""The articles that a demo starts with: Markdown files with a few lines of front matter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from supportapp.accounts.models import StaffUser
from supportapp.certificates.models import Product
from supportapp.extensions import db
from supportapp.kb.models import Article, Topic
from supportapp.kb.operations import publish, save_article
from supportapp.kb.slugs import make_slug

FOLDER = Path(__file__).parent.parent / "demo_content" / "articles"
TOPICS = {
    "signature": ("Подпись и сертификаты", "Signatures and certificates"),
    "tokens": ("Токены и контейнеры ключей", "Tokens and key containers"),
    "browser": ("Плагин и браузеры", "Plug-in and browsers"),
    "licence": ("Установка и лицензии", "Installation and licences"),
    "server": ("Сервер подписи и штампы времени", "Signature server and time stamps"),
    "network": ("VPN и защищённые соединения", "VPN and secure connections"),
    "ca": ("Удостоверяющий центр", "Certification authority"),
    "support": ("Как работать с поддержкой", "Working with support"),
}


@dataclass(frozen=True)
class Source:
    """One file: its front matter and its Markdown."""

    title: str
    topic: str
    products: tuple[str, ...]
    language: str
    phrases: str
    body: str


def load(*, at: datetime, by: StaffUser | None) -> int:
    """Publish the demo's articles that are not there yet; how many were added. The search follows after the commit."""
    topics = {key: _topic(position, *names) for position, (key, names) in enumerate(TOPICS.items())}
    products = {product.name: product for product in db.session.scalars(select(Product))}
    known = set(db.session.scalars(select(Article.slug)))
    fresh = [source for source in sources() if make_slug(source.title) not in known]
    for source in fresh:
        article = save_article(
            None,
            title=source.title,
            body=source.body,
            phrases=source.phrases,
            language=source.language,
            topic=topics[source.topic],
            products=[products[name] for name in source.products if name in products],
            by=by,
            at=at,
        )
        publish(article, by=by, at=at)
    return len(fresh)


def sources() -> list[Source]:
    """The files of the demo, in order."""
    return [read(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.md"))]


def read(text: str) -> Source:
    """Front matter (``name: value`` lines, up to an empty one) and the Markdown after it."""
    head, _, body = text.partition("\n\n")
    values = dict(line.split(": ", 1) for line in head.splitlines())
    return Source(
        title=values["title"],
        topic=values["topic"],
        products=tuple(name.strip() for name in values["products"].split(",")),
        language=values["language"],
        phrases="\n".join(phrase.strip() for phrase in values["phrases"].split("|")),
        body=body.strip(),
    )


def _topic(position: int, name_ru: str, name_en: str) -> Topic:
    topic = db.session.scalar(select(Topic).where(Topic.name_ru == name_ru))
    if topic is None:
        topic = Topic(name_ru=name_ru, name_en=name_en, position=position)
        db.session.add(topic)
        db.session.flush()
    return topic
