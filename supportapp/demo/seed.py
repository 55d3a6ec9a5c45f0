"""Demo content: people, certificates, the Regulation, the knowledge base and a few tickets. Again is nothing new."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from supportapp.accounts.hashing import hash_password
from supportapp.accounts.models import Customer, RegulationVersion, StaffUser
from supportapp.database import Model
from supportapp.demo import entitlements, story
from supportapp.extensions import db
from supportapp.kb.demo import load as load_articles
from supportapp.staff.people import create_staff
from supportapp.tickets.models import CannedReply

M = TypeVar("M", bound=Model)

PASSWORD = "demo-portal-2026"  # noqa: S105 - printed for everybody to read
CONTENT = Path(__file__).parents[1] / "demo_content"
STAFF = (
    ("engineer", "Павел", "Соколов", "Engineer"),
    ("engineer2", "Ольга", "Лебедева", "Engineer"),
    ("editor", "Вера", "Новикова", "Editor"),
    ("manager", "Игорь", "Морозов", "Manager"),
    ("admin", "Ирина", "Волкова", "Admin"),
)
CUSTOMERS = (
    ("anna@example.com", "Анна Смирнова", "ООО «Ромашка»", "+7 495 000-00-01", "ru"),
    ("john@example.com", "John Baker", "Example Ltd", "", "en"),
)
CANNED = (
    (
        "Просьба прислать журнал",
        "Пожалуйста, пришлите журнал работы продукта и точное время, когда возникла ошибка.",
        "Please send the log of the product and the exact time of the error.",
    ),
    (
        "Просьба указать версии",
        "Пожалуйста, укажите полную версию продукта и операционной системы.",
        "Please tell us the full versions of the product and of the operating system.",
    ),
    (
        "Обновите продукт",
        "Эта ошибка исправлена в последней версии. Установите её и сообщите, пожалуйста, помогло ли это.",
        "This is fixed in the latest version. Please install it and tell us whether it helped.",
    ),
)


def seed(*, at: datetime) -> None:
    """Add what is missing; the caller commits."""
    staff = {username: _staff(username, *names) for username, *names in STAFF}
    regulation = _regulation(at=at)
    customers = [_customer(*facts, regulation=regulation, at=at) for facts in CUSTOMERS]
    for title, ru, en in CANNED:
        if _find(CannedReply, CannedReply.title, title) is None:
            db.session.add(CannedReply(title=title, text_ru=ru, text_en=en))
    db.session.flush()
    certificate = entitlements.seed(customers[0], by=staff["manager"], at=at)
    load_articles(at=at, by=staff["editor"])
    story.seed(customers[0], certificate, engineer=staff["engineer"], at=at)


def _staff(username: str, first_name: str, last_name: str, role: str) -> StaffUser:
    return _find(StaffUser, StaffUser.username, username) or create_staff(
        username=username,
        email=f"{username}@vendor.example",
        first_name=first_name,
        last_name=last_name,
        password=PASSWORD,
        role_names=[role],
    )


def _regulation(*, at: datetime) -> RegulationVersion:
    regulation = _find(RegulationVersion, RegulationVersion.label, "1.0")
    if regulation is None:
        texts = {f"text_{lang}": (CONTENT / f"regulation.{lang}.md").read_text() for lang in ("ru", "en")}
        regulation = RegulationVersion(label="1.0", created_at=at, published_at=at, **texts)
        db.session.add(regulation)
        db.session.flush()
    return regulation


def _customer(
    email: str, name: str, organisation: str, phone: str, language: str, *, regulation: RegulationVersion, at: datetime
) -> Customer:
    customer = _find(Customer, Customer.email, email)
    if customer is None:
        customer = Customer(
            email=email,
            password_hash=hash_password(PASSWORD),
            name=name,
            organisation=organisation,
            phone=phone,
            language=language,
            created_at=at,
            confirmed_at=at,
            regulation=regulation,
            regulation_accepted_at=at,
        )
        db.session.add(customer)
        db.session.flush()
    return customer


def _find(model: type[M], column: InstrumentedAttribute[str], value: str) -> M | None:
    return db.session.scalars(select(model).where(column == value).limit(1)).one_or_none()
