"""Rules by which tickets find their engineer, and who is away."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Column, ForeignKey, Index, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supportapp.accounts.models import StaffUser
from supportapp.certificates.models import Product, SupportLevel
from supportapp.database import Model, UtcDateTime
from supportapp.tickets.assigning.rules import Rule

assignment_rule_engineer = Table(
    "assignment_rule_engineer",
    Model.metadata,
    Column("rule_id", ForeignKey("assignment_rule.id", ondelete="CASCADE"), primary_key=True),
    Column("staff_id", ForeignKey("ab_user.id"), primary_key=True, index=True),
)


class AssignmentRule(Model):
    """Tickets of this product and level go to one of these engineers; without a product or a level any fits.

    Of several rules that fit the one with the smallest ``place`` holds, of two with the same the older one.
    """

    __tablename__ = "assignment_rule"

    id: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column()
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"), index=True)
    level_id: Mapped[int | None] = mapped_column(ForeignKey("support_level.id"), index=True)
    active: Mapped[bool] = mapped_column(default=True)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))

    product: Mapped[Product | None] = relationship()
    level: Mapped[SupportLevel | None] = relationship()
    engineers: Mapped[list[StaffUser]] = relationship(secondary=assignment_rule_engineer, order_by="StaffUser.id")

    @property
    def plain(self) -> Rule:
        """The rule as ``assigning.rules`` judges it."""
        engineers = frozenset(person.id for person in self.engineers)
        return Rule(self.place, self.product_id, self.level_id, engineers, self.id)

    def __repr__(self) -> str:
        words = [str(part) for part in (self.product, self.level) if part is not None]
        return " · ".join([f"№ {self.place}", *words])


class StaffAbsence(Model):
    """A colleague is away from ``first_day`` to ``last_day``, both included, days of SUPPORT_TIMEZONE; ``deputy`` works
    for him. Who stands in is not away himself on any of these days: ``assigning.absences`` sees to that."""

    __tablename__ = "staff_absence"
    __table_args__ = (
        Index("ix_staff_absence_staff", "staff_id", "last_day"),
        Index("ix_staff_absence_deputy", "deputy_id", "last_day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    deputy_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    first_day: Mapped[date] = mapped_column()
    last_day: Mapped[date] = mapped_column()
    note: Mapped[str] = mapped_column(String(200), default="", server_default="")
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))

    staff: Mapped[StaffUser] = relationship(foreign_keys="StaffAbsence.staff_id")
    deputy: Mapped[StaffUser] = relationship(foreign_keys="StaffAbsence.deputy_id")

    def __repr__(self) -> str:
        return f"{self.staff}, {self.first_day:%d.%m.%Y} – {self.last_day:%d.%m.%Y}"
