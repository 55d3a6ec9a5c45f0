"""What entitles to support: products, support levels, certificates and contracts, and who registered them."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    Time,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from supportapp.accounts.models import Customer, StaffUser
from supportapp.certificates import rules
from supportapp.certificates.rules import CertificateKind, State
from supportapp.database import Model, UtcDateTime, str_enum

certificate_product = Table(
    "certificate_product",
    Model.metadata,
    Column("certificate_id", ForeignKey("certificate.id", ondelete="CASCADE"), primary_key=True),
    Column("product_id", ForeignKey("product.id"), primary_key=True),
)


class Product(Model):
    """What is supported. Inactive products are no longer offered on forms."""

    __tablename__ = "product"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    versions: Mapped[str] = mapped_column(Text, default="")
    active: Mapped[bool] = mapped_column(default=True)

    @property
    def version_list(self) -> list[str]:
        """The versions offered as hints, newest first, one per line in the form staff fill in."""
        return [line.strip() for line in self.versions.splitlines() if line.strip()]

    def __repr__(self) -> str:
        return self.name


class SupportLevel(Model):
    """A promise: how soon, in which hours, and how far ahead in the queue (a smaller ``priority`` goes first).

    Targets are working hours, counted only inside the support hours; empty means no promise. Support hours are
    local to SUPPORT_TIMEZONE, on working days, unless ``around_the_clock``.
    """

    __tablename__ = "support_level"

    id: Mapped[int] = mapped_column(primary_key=True)
    name_ru: Mapped[str] = mapped_column(String(80), unique=True)
    name_en: Mapped[str] = mapped_column(String(80))
    priority: Mapped[int] = mapped_column()
    first_response_hours: Mapped[int | None] = mapped_column()
    resolution_hours: Mapped[int | None] = mapped_column()
    around_the_clock: Mapped[bool] = mapped_column(default=False)
    opens_at: Mapped[time] = mapped_column(Time, default=time(9))
    closes_at: Mapped[time] = mapped_column(Time, default=time(18))

    def name(self, language: str) -> str:
        return self.name_en if language == "en" else self.name_ru

    def __repr__(self) -> str:
        return self.name_ru


class Certificate(Model):
    """An entitlement to support, entered by staff.

    ``number_key`` is what numbers are compared by; it follows ``number`` by itself, as the one seat of a certificate
    follows its kind.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        UniqueConstraint("kind", "number_key", name="uq_certificate_number"),
        CheckConstraint("valid_to >= valid_from", name="ck_certificate_dates"),
        CheckConstraint("seats >= 1", name="ck_certificate_seats"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[CertificateKind] = mapped_column(str_enum(CertificateKind))
    number: Mapped[str] = mapped_column(String(64))
    number_key: Mapped[str] = mapped_column(String(64), index=True)
    activation_code: Mapped[str] = mapped_column(String(64))
    level_id: Mapped[int] = mapped_column(ForeignKey("support_level.id"))
    holder: Mapped[str] = mapped_column(String(200))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date] = mapped_column(Date)
    seats: Mapped[int] = mapped_column(default=1)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revocation_reason: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))

    level: Mapped[SupportLevel] = relationship()
    products: Mapped[list[Product]] = relationship(secondary=certificate_product, order_by=Product.name)
    registrations: Mapped[list[Registration]] = relationship(back_populates="certificate")
    created_by: Mapped[StaffUser | None] = relationship()

    @property
    def is_revoked(self) -> bool:
        return self.revoked_at is not None

    @property
    def about(self) -> str:
        """The key under which this certificate's mails are found in the outbox."""
        return f"certificate:{self.id}"

    def state(self, today: date) -> State:
        """What it is on the local day ``today``."""
        return rules.state(valid_from=self.valid_from, valid_to=self.valid_to, revoked=self.is_revoked, today=today)

    def can_cover(self, product_id: int | None, today: date) -> bool:
        """Whether a ticket about this product (None: about any) may be sent under it on ``today``."""
        return rules.can_cover(self.state(today), {product.id for product in self.products}, product_id)

    @validates("number")
    def _key_follows_number(self, _name: str, number: str) -> str:
        self.number_key = rules.normalise_number(number or "")
        return number

    def __repr__(self) -> str:
        return self.number


@event.listens_for(Certificate, "before_insert")
@event.listens_for(Certificate, "before_update")
def _settle(_mapper: Any, _connection: Any, certificate: Certificate) -> None:
    """Whoever writes the row, and in whatever order: the key belongs to the number, the seats to the kind."""
    certificate.number_key = rules.normalise_number(certificate.number or "")
    certificate.seats = rules.seats_of(certificate.kind, 1 if certificate.seats is None else certificate.seats)


class Registration(Model):
    """A customer's claim of a certificate; ``released_at`` ends it and frees the seat."""

    __tablename__ = "registration"
    __table_args__ = (
        Index(
            "uq_registration_active",
            "certificate_id",
            "customer_id",
            unique=True,
            sqlite_where=text("released_at IS NULL"),
            postgresql_where=text("released_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), index=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    registered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    certificate: Mapped[Certificate] = relationship(back_populates="registrations")
    customer: Mapped[Customer] = relationship()

    def __repr__(self) -> str:
        return f"{self.certificate} / {self.customer}"


class ExpiryNotice(Model):
    """That a registration's customer was told of the coming end, once for each number of days before it.

    ``valid_to`` is the end it told: a certificate that is prolonged is announced anew.
    """

    __tablename__ = "expiry_notice"
    __table_args__ = (UniqueConstraint("registration_id", "days_before", "valid_to", name="uq_expiry_notice"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    days_before: Mapped[int] = mapped_column()
    valid_to: Mapped[date] = mapped_column(Date)
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
