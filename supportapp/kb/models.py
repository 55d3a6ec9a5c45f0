"""The knowledge base: topics, articles with their versions, and what readers told us by using them."""

from __future__ import annotations

import enum
from datetime import date, datetime

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supportapp.accounts.models import StaffUser
from supportapp.certificates.models import Product
from supportapp.database import Model, UtcDateTime, str_enum
from supportapp.files.models import StoredFile

article_product = Table(
    "article_product",
    Model.metadata,
    Column("article_id", ForeignKey("article.id", ondelete="CASCADE"), primary_key=True),
    Column("product_id", ForeignKey("product.id"), primary_key=True),
)

article_image = Table(
    "article_image",
    Model.metadata,
    Column("article_id", ForeignKey("article.id", ondelete="CASCADE"), primary_key=True),
    Column("file_id", ForeignKey("stored_file.id"), primary_key=True),
)


class ArticleState(enum.StrEnum):
    """Only ``published`` is public; ``staff_only`` never leaves the staff screens."""

    DRAFT = "draft"
    PUBLISHED = "published"
    STAFF_ONLY = "staff_only"


class ArticleAct(enum.StrEnum):
    """What somebody did to an article; each act leaves a version."""

    SAVED = "saved"
    RESTORED = "restored"
    IMPORTED = "imported"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    KEPT_FOR_STAFF = "kept_for_staff"
    CHECKED = "checked"


class SearchPlace(enum.StrEnum):
    """Where the knowledge base was asked. In a ``reply`` staff told the customer of a ticket which article answers."""

    TICKET_FORM = "ticket_form"
    SEARCH_PAGE = "search_page"
    REPLY = "reply"


class SearchOutcome(enum.StrEnum):
    """How it ended, as far as we know: ``left`` is everybody who neither told us nor sent a ticket."""

    LEFT = "left"
    SOLVED = "solved"
    SENT = "sent"


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

    ``revision`` moves with every change, so that the search index can tell what it has missed. ``translation_of`` is
    the article that this one says in another language; an article that is a translation has none of its own.
    ``review_on`` is the day (in the support's time zone) on which somebody is to check it again. ``usefulness`` is what
    readers taught us, from -1 to 1, and 0 when we know nothing. ``from_ticket_id`` is for the staff's eyes only.
    """

    __tablename__ = "article"
    # what readers' lists are chosen and counted by: without it SQLite reads past every long text
    __table_args__ = (Index("ix_article_shelf", "state", "language", "topic_id", "title", "published_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text, default="")
    phrases: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(2), default="ru")
    state: Mapped[ArticleState] = mapped_column(str_enum(ArticleState), default=ArticleState.DRAFT, index=True)
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"), index=True)
    translation_of_id: Mapped[int | None] = mapped_column(ForeignKey("article.id", ondelete="SET NULL"), index=True)
    source: Mapped[str] = mapped_column(String(300), default="")
    licence: Mapped[str] = mapped_column(String(60), default="")
    attribution: Mapped[str] = mapped_column(String(300), default="")
    review_on: Mapped[date | None] = mapped_column(index=True)
    usefulness: Mapped[float] = mapped_column(default=0.0)
    from_ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    updated_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))

    translation_of: Mapped[Article | None] = relationship(remote_side="Article.id")
    updated_by: Mapped[StaffUser | None] = relationship(foreign_keys="Article.updated_by_id")
    published_by: Mapped[StaffUser | None] = relationship(foreign_keys="Article.published_by_id")
    images: Mapped[list[StoredFile]] = relationship(secondary=article_image)
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
    """What an article said after one act."""

    __tablename__ = "article_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    phrases: Mapped[str] = mapped_column(Text, default="")
    act: Mapped[ArticleAct] = mapped_column(str_enum(ArticleAct), default=ArticleAct.SAVED)
    note: Mapped[str] = mapped_column(String(200), default="")
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


class SearchSession(Model):
    """One person's asking of the knowledge base: a ticket form, or a search page with the articles opened from it.

    ``query`` is the last text that was asked, cut. ``token`` is the form's, or one of the search page's own.
    """

    __tablename__ = "search_session"
    __table_args__ = (Index("ix_search_session_started", "place", "started_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    place: Mapped[SearchPlace] = mapped_column(str_enum(SearchPlace))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    language: Mapped[str] = mapped_column(String(2), default="ru")
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"))
    query: Mapped[str] = mapped_column(Text)
    outcome: Mapped[SearchOutcome] = mapped_column(str_enum(SearchOutcome), default=SearchOutcome.LEFT)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    impressions: Mapped[list[Impression]] = relationship(
        back_populates="session", order_by="Impression.rank, Impression.id", cascade="all, delete-orphan"
    )


class Impression(Model):
    """An article that was shown in a search session; ``rank`` is the best place it had, from 1."""

    __tablename__ = "impression"
    __table_args__ = (UniqueConstraint("session_id", "article_id", name="uq_impression"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("search_session.id", ondelete="CASCADE"))
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"), index=True)
    rank: Mapped[int] = mapped_column()
    shown_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    solved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    session: Mapped[SearchSession] = relationship(back_populates="impressions")
    article: Mapped[Article] = relationship()


class ArticleVote(Model):
    """What one reader answered to "did this help?"; ``reader`` is a customer's key, or a visitor's cookie hashed."""

    __tablename__ = "article_vote"
    __table_args__ = (UniqueConstraint("article_id", "reader", name="uq_article_vote"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"))
    reader: Mapped[str] = mapped_column(String(64))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    helped: Mapped[bool] = mapped_column()
    comment: Mapped[str] = mapped_column(String(1000), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    article: Mapped[Article] = relationship()


class SynonymGroup(Model):
    """Words and phrases that mean the same to the search, separated by commas. Staff keep the list."""

    __tablename__ = "synonym_group"

    id: Mapped[int] = mapped_column(primary_key=True)
    words: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))

    def __repr__(self) -> str:
        return self.words
