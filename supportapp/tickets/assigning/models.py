"""Rules by which tickets find their engineer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Table
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
