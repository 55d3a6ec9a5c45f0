"""People: customers, staff, their single-use links, and the Regulation they agreed to."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, String, Text, event, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supportapp.database import Model, UtcDateTime, str_enum
from supportapp.notifications.models import MUTED_AT_FIRST, OptionalMail

if TYPE_CHECKING:

    class User(Model):
        __abstract__ = True
        id: Mapped[int]
        username: Mapped[str]
        email: Mapped[str]
        password: Mapped[str]
        first_name: Mapped[str]
        last_name: Mapped[str]
        active: Mapped[bool]
        roles: Mapped[list[Any]]
        groups: Mapped[list[Any]]

        @property
        def is_active(self) -> bool: ...
else:
    from flask_appbuilder.security.sqla.models import User


class StaffUser(User):
    """Somebody who signs in to the staff screens: Flask-AppBuilder's user, with a session epoch."""

    __tablename__ = "ab_user"

    session_epoch: Mapped[int] = mapped_column(default=1, server_default="1")

    is_staff = True

    def get_id(self) -> str:
        """The Flask-Login id; raising the epoch ends every session at once."""
        return f"staff:{self.id}:{self.session_epoch}"

    @property
    def display_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.username

    def __repr__(self) -> str:  # Flask-AppBuilder shows it in lists
        return self.display_name


def _found_by(row: Any) -> str:
    values = row.get_current_parameters()
    return in_small_letters(values["name"], values["email"], values.get("organisation", ""))


def in_small_letters(*words: str) -> str:
    """What ``Customer.found_by`` holds."""
    return "\n".join(words).lower()


class Customer(Model):
    """A person who registered on the portal. ``email`` is normalised and unique among open accounts.

    ``found_by`` follows name, address and organisation: whatever is a part of it finds the customer.
    ``muted_mails`` names the optional mails switched off, by comma (``notifications.models.OptionalMail``).
    ``mail_bounced_at`` marks an address whose mails come back for good, ``mail_bounce`` says what its server wrote.
    """

    __tablename__ = "customer"
    __table_args__ = (
        Index(
            "uq_customer_open_email",
            "email",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_customer_name", "name", "id"),
        Index("ix_customer_found_by", "found_by"),  # narrower than the table: it is read from end to end
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), index=True)
    password_hash: Mapped[str] = mapped_column(String(256))
    name: Mapped[str] = mapped_column(String(120))
    organisation: Mapped[str] = mapped_column(String(200), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    language: Mapped[str] = mapped_column(String(2), default="ru")
    session_epoch: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    blocked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    regulation_id: Mapped[int | None] = mapped_column(ForeignKey("regulation_version.id"))
    regulation_accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    muted_mails: Mapped[str] = mapped_column(
        String(60), default=MUTED_AT_FIRST.value, server_default=MUTED_AT_FIRST.value
    )
    mail_bounced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    mail_bounce: Mapped[str] = mapped_column(String(300), default="", server_default="")
    found_by: Mapped[str] = mapped_column(Text, default=_found_by, server_default="")

    successor: Mapped[Customer | None] = relationship(remote_side="Customer.id", back_populates="predecessors")
    predecessors: Mapped[list[Customer]] = relationship(back_populates="successor")
    regulation: Mapped[RegulationVersion | None] = relationship()

    # Flask-Login's and Flask-AppBuilder's questions. A customer has no staff role, ever.
    is_staff = False
    is_authenticated = True
    is_anonymous = False
    roles: tuple[()] = ()
    groups: tuple[()] = ()

    @property
    def is_active(self) -> bool:
        return self.closed_at is None and self.blocked_at is None

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_at is not None

    @property
    def display_name(self) -> str:
        return self.name

    def wants_mail(self, kind: OptionalMail) -> bool:
        """Whether the customer gets mails of that optional kind."""
        return kind.value not in self.muted_mails.split(",")

    def get_id(self) -> str:
        """The Flask-Login id; raising the epoch ends every session at once."""
        return f"customer:{self.id}:{self.session_epoch}"

    def __repr__(self) -> str:  # Flask-AppBuilder shows it in lists
        return f"{self.name} <{self.email}>"


@event.listens_for(Customer, "before_update")
def _settle(_mapper: Any, _connection: Any, customer: Customer) -> None:
    customer.found_by = in_small_letters(customer.name, customer.email, customer.organisation)


class LinkPurpose(enum.StrEnum):
    """What a mailed single-use link is for."""

    CONFIRM_EMAIL = "confirm_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a purpose, not a password
    CHANGE_EMAIL = "change_email"


class AccountLink(Model):
    """A single-use, expiring link. Only the digest of its secret is kept."""

    __tablename__ = "account_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    purpose: Mapped[LinkPurpose] = mapped_column(str_enum(LinkPurpose))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    new_email: Mapped[str] = mapped_column(String(254), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    customer: Mapped[Customer] = relationship()


class RegulationVersion(Model):
    """One version of the terms of support, in Markdown. The newest published one is in force."""

    __tablename__ = "regulation_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(String(40))
    text_ru: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))

    author: Mapped[StaffUser | None] = relationship()

    def __repr__(self) -> str:
        return self.label
