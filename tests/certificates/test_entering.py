"""Staff enter, correct and revoke certificates."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import insert

from supportapp.certificates import queries
from supportapp.certificates.models import Certificate
from supportapp.certificates.operations import enter_certificate, revoke, update_certificate
from supportapp.certificates.rules import CertificateKind, State, normalise_number
from supportapp.errors import Refused
from supportapp.extensions import db
from tests.factories import make_certificate, make_customer, make_level, make_product, make_registration, make_staff

pytestmark = pytest.mark.usefixtures("session")
SINGLE, CONTRACT = CertificateKind.CERTIFICATE, CertificateKind.CONTRACT


def facts(**changes: Any) -> dict[str, Any]:
    return {
        "kind": SINGLE,
        "number": "СП-2026-000101",
        "activation_code": "DEMO-1001",
        "level": changes.pop("level", None) or make_level(),
        "products": [make_product()],
        "holder": "ООО «Ромашка»",
        "valid_from": date(2026, 1, 1),
        "valid_to": date(2026, 12, 31),
        "seats": 1,
        **changes,
    }


def enter(at: datetime, **changes: Any) -> Certificate:
    return enter_certificate(**facts(**changes), by=make_staff("Manager"), at=at)


def test_an_entered_certificate_is_found_however_its_number_is_written(at: datetime) -> None:
    certificate = enter(at, number="  СП-2026-000101 ")
    assert certificate.number == "СП-2026-000101"
    assert certificate.created_by is not None
    assert queries.find_certificate(SINGLE, "cп–2026–000101") is certificate
    assert queries.find_certificate(CONTRACT, "СП-2026-000101") is None


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"number": "  "}, "number", "empty"),
        ({"number": "№"}, "number", "number_unreadable"),
        ({"number": "\u200b\u200b"}, "number", "number_unreadable"),
        ({"number": "1" * 65}, "number", "too_long"),
        ({"number": "ﷺ" * 20}, "number", "number_unreadable"),
        ({"number": "СП\x00-1"}, "number", "control_characters"),
        ({"number": "\ud800"}, "number", "control_characters"),
        ({"activation_code": ""}, "activation_code", "empty"),
        ({"activation_code": "123"}, "activation_code", "code_too_short"),
        ({"activation_code": "\u200b" * 8}, "activation_code", "code_too_short"),
        ({"holder": " "}, "holder", "empty"),
        ({"holder": "Я" * 201}, "holder", "too_long"),
        ({"valid_to": date(2025, 12, 31)}, "valid_to", "ends_before_it_starts"),
        ({"valid_from": date(206, 1, 1)}, "valid_from", "year_unlikely"),
        ({"valid_to": date(2206, 1, 1)}, "valid_to", "year_unlikely"),
        ({"seats": 2}, "seats", "one_seat"),
        ({"kind": CONTRACT, "seats": 0}, "seats", "seats_out_of_range"),
        ({"kind": CONTRACT, "seats": 10**12}, "seats", "seats_out_of_range"),
        ({"products": []}, "products", "empty"),
    ],
)
def test_every_wrong_field_is_named(at: datetime, changes: dict[str, Any], field: str, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        enter(at, **changes)
    assert (refused.value.field, refused.value.reason) == (field, reason)
    assert refused.value.text("en")


def test_a_level_has_to_be_chosen(at: datetime) -> None:
    with pytest.raises(Refused) as refused:
        enter_certificate(**{**facts(), "level": None}, by=None, at=at)
    assert refused.value.field == "level"


def test_a_number_that_only_looks_different_is_taken(at: datetime) -> None:
    enter(at, number="СМ-100")
    with pytest.raises(Refused) as refused:
        enter(at, number="cm – 100")
    assert (refused.value.field, refused.value.reason) == ("number", "number_taken")
    assert enter(at, number="СМ-100", kind=CONTRACT)


def test_two_who_enter_the_same_number_at_once_meet_the_index(at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(at)
    monkeypatch.setattr(queries, "find_certificate", lambda *_: None)
    with pytest.raises(Refused) as refused:
        enter(at)
    assert refused.value.reason == "number_taken"
    assert db.session.query(Certificate).count() == 1


def test_the_key_follows_the_number_on_every_path(at: datetime) -> None:
    certificate = make_certificate(number="см-1", number_key="WRONG")
    assert certificate.number_key == normalise_number("CM-1")
    certificate.number = "см-2"
    assert certificate.number_key == normalise_number("CM-2")
    certificate.number_key = "WRONG"
    db.session.flush()
    assert certificate.number_key == normalise_number("CM-2")


def test_a_certificate_never_gets_a_second_seat_even_when_a_form_writes_one(at: datetime) -> None:
    certificate = make_certificate(seats=5)
    assert certificate.seats == 1
    certificate.kind, certificate.seats = CONTRACT, 5
    db.session.flush()
    assert certificate.seats == 5


def test_an_unchecked_write_meets_the_database(at: datetime) -> None:
    from sqlalchemy.exc import IntegrityError

    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(
            insert(Certificate).values(**_bare(), valid_from=date(2026, 2, 1), valid_to=date(2026, 1, 1))
        )


def _bare() -> dict[str, Any]:
    return {
        "kind": SINGLE,
        "number": "X-1",
        "number_key": "X-1",
        "activation_code": "CODE",
        "level_id": make_level().id,
        "holder": "H",
        "created_at": datetime.fromisoformat("2026-01-01T00:00:00+00:00"),
    }


def test_a_correction_is_checked_like_an_entry(at: datetime) -> None:
    certificate, staff = enter(at), make_staff("Manager")
    update_certificate(certificate, **facts(number="СП-7", holder="АО «Лютик»"), by=staff, at=at)
    assert (certificate.number, certificate.number_key, certificate.holder) == ("СП-7", "CП-7", "АО «Лютик»")
    with pytest.raises(Refused) as refused:
        update_certificate(certificate, **facts(number=make_certificate().number), by=staff, at=at)
    assert refused.value.reason == "number_taken"
    assert certificate.number == "СП-7"


def test_seats_that_people_hold_cannot_be_taken_away(at: datetime) -> None:
    contract, staff = enter(at, kind=CONTRACT, seats=3), make_staff("Manager")
    for _ in range(2):
        make_registration(make_customer(), contract)
    for changes in ({"kind": CONTRACT, "seats": 1}, {"kind": SINGLE, "seats": 1}):
        with pytest.raises(Refused) as refused:
            update_certificate(contract, **facts(**changes), by=staff, at=at)
        assert (refused.value.reason, refused.value.field) == ("seats_taken", "seats")
    update_certificate(contract, **facts(kind=CONTRACT, seats=2), by=staff, at=at)
    assert queries.free_seats(contract) == 0


def test_revoking_needs_a_reason_and_happens_once(at: datetime) -> None:
    certificate, staff = enter(at), make_staff("Manager")
    for reason in ("", "   ", "x" * 201):
        with pytest.raises(Refused) as refused:
            revoke(certificate, reason, by=staff, at=at)
        assert refused.value.field == "reason"
    revoke(certificate, " Возврат денег ", by=staff, at=at)
    assert certificate.revocation_reason == "Возврат денег"
    assert certificate.state(queries.today(at)) is State.REVOKED
    with pytest.raises(Refused) as refused:
        revoke(certificate, "ещё раз", by=staff, at=at)
    assert refused.value.reason == "already_revoked"


def test_a_certificate_covers_its_own_products_while_it_is_valid(at: datetime) -> None:
    mine, other = make_product(), make_product(active=False)
    certificate = enter(at, products=[mine, mine])
    assert certificate.products == [mine]
    assert certificate.can_cover(mine.id, date(2026, 5, 1))
    assert not certificate.can_cover(other.id, date(2026, 5, 1))
    assert not certificate.can_cover(mine.id, date(2027, 5, 1))
    assert other not in queries.active_products()
    assert other in queries.all_products()
