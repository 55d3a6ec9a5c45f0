"""Who takes part: products, support levels, engineers, customers and the contracts of their organisations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any
from zlib import crc32

from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import insert, select

from supportapp.accounts.models import Customer, StaffUser
from supportapp.certificates.models import Certificate, Product, Registration, SupportLevel, certificate_product
from supportapp.certificates.rules import CertificateKind, normalise_number
from supportapp.demo.dataset.files import Row, moment, rows
from supportapp.extensions import db
from supportapp.staff.roles import ENGINEER

BATCH = 2_000
SEATS = 10_000
FOREVER = date(2020, 1, 1), date(2035, 12, 31)
# by the files' priority; what they call 5 has no certificate here
LEVELS: dict[int, dict[str, Any]] = {
    1: {"name_ru": "Критический", "name_en": "Critical", "priority": 5, "first_response_hours": 1,
        "resolution_hours": 8, "around_the_clock": True},
    2: {"name_ru": "Расширенный плюс", "name_en": "Extended plus", "priority": 15, "first_response_hours": 2,
        "resolution_hours": 16, "opens_at": time(8), "closes_at": time(20)},
    3: {"name_ru": "Расширенный", "name_en": "Extended", "priority": 25, "first_response_hours": 4,
        "resolution_hours": 24},
    4: {"name_ru": "Базовый", "name_en": "Basic", "priority": 35, "first_response_hours": 8, "resolution_hours": 40},
}  # fmt: skip


@dataclass
class Cast:
    """Our keys of what the files call by theirs. Contracts and registrations are made when a ticket wants them."""

    at: datetime
    shift: int
    products: dict[int, int] = field(default_factory=dict)
    staff: dict[int, int] = field(default_factory=dict)
    levels: dict[int, SupportLevel] = field(default_factory=dict)
    organisations: dict[int, str] = field(default_factory=dict)
    contracts: dict[tuple[str, int], int] = field(default_factory=dict)
    registered: set[tuple[int, int]] = field(default_factory=set)

    def contract(self, customer: int, priority: int) -> int | None:
        """The contract under which a customer's ticket of that priority runs, registered by the customer."""
        level = self.levels.get(priority)
        if level is None:
            return None
        organisation = self.organisations[customer]
        key = self.contracts.get((organisation, priority))
        if key is None:
            key = self.contracts[organisation, priority] = self._make_contract(organisation, level)
        if (key, customer) not in self.registered:
            self.registered.add((key, customer))
            made = insert(Registration).values(certificate_id=key, customer_id=customer, registered_at=self.at)
            db.session.execute(made)
        return key

    def _make_contract(self, organisation: str, level: SupportLevel) -> int:
        number = f"DS-{organisation.upper()}-{level.priority}"
        there = select(Certificate.id).where(Certificate.number_key == normalise_number(number))
        if (known := db.session.scalar(there)) is not None:  # of an earlier loading
            return known
        values = {
            "kind": CertificateKind.CONTRACT,
            "number": number,
            "number_key": normalise_number(number),
            "activation_code": f"{crc32(number.encode()):010d}",
            "level_id": level.id,
            "holder": organisation,
            "valid_from": FOREVER[0],
            "valid_to": FOREVER[1],
            "seats": SEATS,
            "created_at": self.at,
        }
        key = int(db.session.execute(insert(Certificate).values(values).returning(Certificate.id)).scalar_one())
        products = [{"certificate_id": key, "product_id": product} for product in self.products.values()]
        db.session.execute(insert(certificate_product), products)
        return key


def make_cast(folder: Path, *, at: datetime, shift: int) -> Cast:
    """Products, levels and engineers; what has such a name already is taken as it is."""
    cast = Cast(at, shift)
    for row in rows(folder, "departments"):
        cast.products[row["id"]] = _found_or_made(Product, {"name": row["title"]}, {"versions": "2.0\n1.0"}).id
    for priority, values in LEVELS.items():
        cast.levels[priority] = _found_or_made(SupportLevel, {"name_ru": values["name_ru"]}, values)
    engineers = _found_or_made(Role, {"name": ENGINEER}, {})
    for row in rows(folder, "agents"):
        names = {"first_name": row["first"], "last_name": row["last"], "email": row["email"]}
        person = _found_or_made(StaffUser, {"username": row["login"]}, {**names, "active": True, "password": ""})
        if engineers not in person.roles:
            person.roles.append(engineers)
        cast.staff[row["id"]] = person.id
    db.session.flush()
    return cast


def load_customers(folder: Path, cast: Cast) -> Iterator[int]:
    """Load them batch by batch and say after each how many there are; the caller commits. Nobody can sign in as one."""
    source, done = rows(folder, "customers"), 0
    while batch := list(islice(source, BATCH)):
        db.session.execute(insert(Customer), [_customer(row, cast) for row in batch])
        done += len(batch)
        yield done


def _customer(row: Row, cast: Cast) -> dict[str, Any]:
    key, created = cast.shift + row["id"], moment(row["created_at"])
    organisation = cast.organisations[key] = row["email"].rpartition("@")[2].partition(".")[0]
    return {
        "id": key,
        "email": row["email"],
        "password_hash": "",
        "name": f"{row['first']} {row['last']}",
        "organisation": organisation,
        "phone": row["phone"],
        "language": row["lang"],
        "created_at": created,
        "confirmed_at": created,
    }


def _found_or_made(model: Any, known_by: dict[str, Any], values: dict[str, Any]) -> Any:
    row = db.session.scalars(select(model).filter_by(**known_by)).first()
    if row is None:
        row = model(**{**values, **known_by})
        db.session.add(row)
        db.session.flush()
    return row
