"""The knowledge base: topics, articles with their versions, and what readers told us by using them."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import Column, ForeignKey, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supportapp.accounts.models import StaffUser
from supportapp.certificates.models import Product
from supportapp.database import Model, UtcDateTime, str_enum

article_product = Table(
    "article_product",
    Model.metadata,
    Column("article_id", ForeignKey("article.id", ondelete="CASCADE"), primary_key=True),
    Column("product_id", ForeignKey("product.id"), primary_key=True),
)


class ArticleState(enum.StrEnum):
    """Only ``published`` is public; ``staff_only`` never leaves the staff screens."""

    DRAFT = "draft"
    PUBLISHED = "published"
    STAFF_ONLY = "staff_only"


class Topic(Model):
    __tablename__ = "topic"

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"))
    name_ru: Mapped[str] = mapped_column(String(120), unique=True)
    name_en: Mapped[str] = mapped_column(String(120))
    position: Mapped[int] = mapped_column(default=0)

    parent: Mapped[Topic | None] = relationship(remote_side="Topic.id")

    def name(self, language: str) -> str:
        return self.name_en if language == "en" else self.name_ru

    def __repr__(self) -> str:
        return self.name_ru


class Article(Model):
    """``body`` is Markdown, ``text`` the same without marks; ``phrases`` is "what customers write", one a line.

    ``revision`` moves with every change, so that the search index can tell what it has missed.
    """

    __tablename__ = "article"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text, default="")
    phrases: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(2), default="ru")
    state: Mapped[ArticleState] = mapped_column(str_enum(ArticleState), default=ArticleState.DRAFT, index=True)
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"), index=True)
    source: Mapped[str] = mapped_column(String(300), default="")
    licence: Mapped[str] = mapped_column(String(60), default="")
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    topic: Mapped[Topic | None] = relationship()
    products: Mapped[list[Product]] = relationship(secondary=article_product)
    versions: Mapped[list[ArticleVersion]] = relationship(
        back_populates="article", order_by="ArticleVersion.id.desc()", cascade="all, delete-orphan"
    )

    @property
    def is_published(self) -> bool:
        return self.state is ArticleState.PUBLISHED

    def __repr__(self) -> str:
        return self.title


class ArticleVersion(Model):
    """What an article said after one save."""

    __tablename__ = "article_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    saved_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))

    article: Mapped[Article] = relationship(back_populates="versions")
    saved_by: Mapped[StaffUser | None] = relationship()


class SolvedWithoutTicket(Model):
    """That somebody left the ticket form because an article answered; counted once per form and article."""

    __tablename__ = "solved_without_ticket"
    __table_args__ = (UniqueConstraint("form_token", "article_id", name="uq_solved_without_ticket"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"), index=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    form_token: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    article: Mapped[Article] = relationship()
