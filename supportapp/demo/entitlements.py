"""Products, support levels and certificates of the demo: one for each refusal, and many to try."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from supportapp.accounts.models import Customer, StaffUser
from supportapp.certificates.models import Certificate, Product, SupportLevel
from supportapp.certificates.operations import enter_certificate, register, revoke
from supportapp.certificates.queries import today
from supportapp.certificates.rules import CertificateKind
from supportapp.extensions import db

PRODUCTS = {
    "Криптопровайдер": "5.0 R3\n5.0 R2\n4.0",
    "Сервер подписи": "2.1\n2.0",
    "Плагин для браузера": "3.4\n3.3",
    "Клиент VPN": "1.8\n1.7",
    "Удостоверяющий центр": "2.0",
}
FREE_CERTIFICATES = 20
YEAR = timedelta(days=365)


def seed(owner: Customer, *, by: StaffUser, at: datetime) -> Certificate:
    """Add what is missing; returns the certificate that ``owner`` has registered."""
    if not db.session.scalar(select(func.count(Product.id))):
        db.session.add_all([Product(name=name, versions=versions) for name, versions in PRODUCTS.items()])
        db.session.add_all(_levels())
        db.session.flush()
        _enter_all(by=by, at=at)
        taken = _by_code("DEMO-6006")
        register(taken, by=owner, at=at)
    return _by_code("DEMO-6006")


def _levels() -> list[SupportLevel]:
    return [
        SupportLevel(
            name_ru="Премиум",
            name_en="Premium",
            priority=10,
            first_response_hours=2,
            resolution_hours=24,
            around_the_clock=True,
        ),
        SupportLevel(
            name_ru="Расширенный", name_en="Extended", priority=20, first_response_hours=8, resolution_hours=24
        ),
        SupportLevel(name_ru="Базовый", name_en="Basic", priority=30, first_response_hours=16, resolution_hours=80),
    ]


def _enter_all(*, by: StaffUser, at: datetime) -> None:
    day = today(at)
    valid = (day - YEAR / 3, day + YEAR)
    certificate, contract = CertificateKind.CERTIFICATE, CertificateKind.CONTRACT

    def enter(
        kind: CertificateKind,
        number: str,
        code: str,
        days: tuple[date, date],
        level: str = "Расширенный",
        products: tuple[str, ...] = ("Криптопровайдер",),
        seats: int = 1,
    ) -> Certificate:
        return enter_certificate(
            kind=kind,
            number=number,
            activation_code=code,
            level=db.session.scalars(select(SupportLevel).where(SupportLevel.name_ru == level)).one(),
            products=list(db.session.scalars(select(Product).where(Product.name.in_(products)))),
            holder="ООО «Ромашка»",
            valid_from=days[0],
            valid_to=days[1],
            seats=seats,
            by=by,
            at=at,
        )

    enter(certificate, "СП-2026-000101", "DEMO-1001", valid)
    enter(contract, "ДТП-77/2026", "DEMO-2002", valid, "Премиум", ("Криптопровайдер", "Сервер подписи"), seats=3)
    enter(certificate, "СП-2024-000007", "DEMO-3003", (day - 2 * YEAR, day - YEAR))
    enter(certificate, "СП-2027-000900", "DEMO-4004", (day + YEAR / 6, day + YEAR))
    revoked = enter(certificate, "СП-2026-000666", "DEMO-5005", valid)
    revoke(revoked, "Возврат оплаты", by=by, at=at)
    enter(certificate, "СП-2026-000102", "DEMO-6006", valid, "Базовый", ("Плагин для браузера", "Криптопровайдер"))
    for n in range(1, FREE_CERTIFICATES + 1):
        enter(certificate, f"СП-2026-0002{n:02d}", f"DEMO-70{n:02d}", valid)


def _by_code(code: str) -> Certificate:
    return db.session.scalars(select(Certificate).where(Certificate.activation_code == code)).one()
