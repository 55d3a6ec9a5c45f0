"""The wizard's look-up: every refusal of the domain, and what a stranger learns from it."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from supportapp.certificates.models import Certificate
from supportapp.certificates.operations import look_up
from supportapp.certificates.rules import CertificateKind
from supportapp.errors import Refused
from tests.factories import make_certificate, make_customer, make_registration

pytestmark = pytest.mark.usefixtures("session")
SINGLE, CONTRACT = CertificateKind.CERTIFICATE, CertificateKind.CONTRACT


def refusal(certificate: Certificate, at: datetime, **changes: object) -> Refused:
    asked = {
        "kind": certificate.kind,
        "number": certificate.number,
        "code": certificate.activation_code,
        "customer": changes.pop("customer", None) or make_customer(),
        **changes,
    }
    with pytest.raises(Refused) as refused:
        look_up(**asked, at=at)  # type: ignore[arg-type]
    return refused.value


def test_the_right_number_and_code_find_the_certificate(at: datetime) -> None:
    certificate = make_certificate(number="СП-2026-000101", activation_code="DEMO-1001")
    assert look_up(SINGLE, " cп – 2026 – 000101", "dемо-1001", customer=make_customer(), at=at) is certificate


@pytest.mark.parametrize("number", ["СП2026000101", "сп 2026 000101", "СП_2026_000101", "СП\u00ad2026\u00ad000101"])
def test_a_number_without_its_hyphens_is_known_where_only_one_is_like_it(at: datetime, number: str) -> None:
    certificate = make_certificate(number="СП-2026-000101", activation_code="DEMO-1001")
    make_certificate(kind=CONTRACT, number="СП-2026000-101")
    assert look_up(SINGLE, number, "DEMO1001", customer=make_customer(), at=at) is certificate


def test_of_two_numbers_that_differ_in_hyphens_the_one_that_is_written_so_is_meant(at: datetime) -> None:
    first, second = make_certificate(number="12-3"), make_certificate(number="1-23")
    assert look_up(SINGLE, "12-3", first.activation_code, customer=make_customer(), at=at) is first
    assert look_up(SINGLE, "1-23", second.activation_code, customer=make_customer(), at=at) is second
    assert look_up(SINGLE, "123", first.activation_code, customer=make_customer(), at=at) is first
    assert refusal(first, at, number="123", code="GUESS-1").reason == "not_found_or_wrong_code"


def test_of_two_that_have_one_code_too_neither_is_meant(at: datetime) -> None:
    first, _second = (make_certificate(number=number, activation_code="SAME-CODE-1") for number in ("12-3", "1-23"))
    assert refusal(first, at, number="123").reason == "not_found_or_wrong_code"


def test_a_wrong_code_and_a_missing_number_read_the_same(at: datetime) -> None:
    wrong_code = refusal(make_certificate(), at, code="GUESS-1")
    missing = refusal(make_certificate(), at, number="NOT-THERE")
    other_kind = refusal(make_certificate(), at, kind=CONTRACT)
    assert wrong_code.reason == "not_found_or_wrong_code"
    for other in (missing, other_kind):
        assert (other.reason, other.field, other.params) == (wrong_code.reason, wrong_code.field, wrong_code.params)
        assert other.text("ru") == wrong_code.text("ru")


@pytest.mark.parametrize(
    "facts",
    [
        {"valid_from": date(2027, 1, 1), "valid_to": date(2027, 12, 31)},
        {"valid_from": date(2025, 1, 1), "valid_to": date(2025, 12, 31)},
        {"revoked_at": datetime.fromisoformat("2026-03-01T00:00:00+00:00")},
    ],
)
def test_without_the_code_nobody_learns_the_state(at: datetime, facts: dict[str, object]) -> None:
    assert refusal(make_certificate(**facts), at, code="GUESS-1").reason == "not_found_or_wrong_code"


def test_without_the_code_nobody_learns_that_it_is_taken(at: datetime) -> None:
    certificate, customer = make_certificate(), make_customer()
    make_registration(customer, certificate)
    assert refusal(certificate, at, code="GUESS-1", customer=customer).reason == "not_found_or_wrong_code"


def test_not_valid_yet_names_the_first_day(at: datetime) -> None:
    refused = refusal(make_certificate(valid_from=date(2027, 1, 15), valid_to=date(2027, 12, 31)), at)
    assert refused.reason == "not_yet_valid"
    assert "15 January 2027" in refused.text("en")
    assert "15 января 2027" in refused.text("ru")


def test_expired_names_the_last_day(at: datetime) -> None:
    refused = refusal(make_certificate(valid_from=date(2025, 1, 1), valid_to=date(2026, 11, 19)), at)
    assert refused.reason == "expired"
    assert "19 ноября 2026" in refused.text("ru")


def test_the_day_is_the_one_of_the_support_service() -> None:
    certificate = make_certificate(valid_from=date(2026, 1, 1), valid_to=date(2026, 11, 20))
    last_minute = datetime.fromisoformat("2026-11-20T23:59:00+03:00")
    assert look_up(SINGLE, certificate.number, certificate.activation_code, customer=make_customer(), at=last_minute)
    assert refusal(certificate, datetime.fromisoformat("2026-11-21T00:00:00+03:00")).reason == "expired"


def test_revoked_outweighs_the_dates(at: datetime) -> None:
    assert refusal(make_certificate(revoked_at=at, valid_to=date(2026, 2, 1)), at).reason == "revoked"


def test_already_registered_by_you(at: datetime) -> None:
    customer, certificate = make_customer(), make_certificate()
    make_registration(customer, certificate)
    assert refusal(certificate, at, customer=customer).reason == "already_registered"


def test_a_certificate_has_one_seat(at: datetime) -> None:
    certificate = make_certificate()
    make_registration(make_customer(), certificate)
    assert refusal(certificate, at).reason == "no_free_seat"


def test_a_contract_has_as_many_seats_as_were_bought(at: datetime) -> None:
    contract = make_certificate(kind=CONTRACT, seats=2)
    make_registration(make_customer(), contract)
    assert look_up(CONTRACT, contract.number, contract.activation_code, customer=make_customer(), at=at) is contract
    make_registration(make_customer(), contract)
    refused = refusal(contract, at)
    assert refused.reason == "no_free_seat"
    assert "(2)" in refused.text("ru")


def test_an_unconfirmed_customer_is_told_to_confirm_first(at: datetime) -> None:
    assert refusal(make_certificate(), at, customer=make_customer(confirmed_at=None)).reason == "confirm_first"


def test_a_certificate_without_a_code_cannot_be_opened_by_none(at: datetime) -> None:
    assert refusal(make_certificate(activation_code=""), at, code="").reason == "not_found_or_wrong_code"


@pytest.mark.parametrize("number", ["", "\x00", "\ud800", "Ж" * 10_000, "' OR 1=1 --"])
def test_nonsense_is_an_unknown_number(at: datetime, number: str) -> None:
    assert refusal(make_certificate(), at, number=number).reason == "not_found_or_wrong_code"
