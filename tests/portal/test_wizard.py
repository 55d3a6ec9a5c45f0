"""The wizard that registers a certificate."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient

from supportapp.certificates.models import Registration
from supportapp.certificates.rules import CertificateKind, normalise_number
from supportapp.extensions import db
from tests.conftest import NOON
from tests.factories import make_certificate, make_customer, make_registration
from tests.portal.people import problem_of, seen, sign_in


def certificate(number: str = "СП-2026-7", **changes: Any) -> Any:
    return make_certificate(number=number, number_key=normalise_number(number), activation_code="КОД-1", **changes)


def enter(client: FlaskClient, number: str = "СП-2026-7", code: str = "КОД-1", kind: str = "certificate") -> Any:
    client.post("/certificates/new", data={"kind": kind, "number": number})
    return client.post("/certificates/new/code", data={"code": code})


def test_three_steps_register_a_certificate(client: FlaskClient) -> None:
    sign_in(client)
    certificate()
    assert client.post("/certificates/new", data={"kind": "certificate", "number": "сп-2026-7"}).location
    found = client.get(enter(client).location)
    assert "Сертификат ТП СП-2026-7" in seen(found)
    assert "1 января 2026 — 31 декабря 2026" in seen(found)
    assert db.session.query(Registration).count() == 0, "nothing happens before the button"
    after = client.post("/certificates/new/check", follow_redirects=True)
    assert "Сертификат СП-2026-7 успешно зарегистрирован." in seen(after)
    assert db.session.query(Registration).count() == 1


def test_a_contract_shows_its_free_seats(client: FlaskClient) -> None:
    sign_in(client)
    certificate("ДТП-77/2026", kind=CertificateKind.CONTRACT, seats=3)
    found = client.get(enter(client, "ДТП-77/2026", kind="contract").location)
    assert "Свободно мест: 3 из 3" in seen(found)
    after = client.post("/certificates/new/check", follow_redirects=True)
    assert "Договор ДТП-77/2026 успешно зарегистрирован." in seen(after)


def test_going_back_keeps_what_was_entered(client: FlaskClient) -> None:
    sign_in(client)
    certificate()
    enter(client)
    assert 'value="СП-2026-7"' in client.get("/certificates/new").text
    assert 'value="КОД-1"' in client.get("/certificates/new/code").text


def test_an_unknown_number_and_a_wrong_code_read_the_same(client: FlaskClient) -> None:
    sign_in(client)
    certificate()
    wrong, unknown = enter(client, code="НЕТ"), enter(client, number="СП-0")
    assert problem_of(wrong, "code") == problem_of(unknown, "code")
    assert 'value="НЕТ"' in wrong.text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"valid_from": date(2026, 12, 1)}, "1 декабря 2026"),
        ({"valid_to": date(2026, 10, 31)}, "31 октября 2026"),
        ({"revoked_at": NOON}, ""),
    ],
)
def test_what_cannot_be_registered_says_why_and_what_to_do(
    client: FlaskClient, changes: dict[str, Any], words: str
) -> None:
    sign_in(client)
    certificate(**changes)
    answer = enter(client)
    assert answer.status_code == 422
    assert words in problem_of(answer, "code")
    assert "Отправить обращение без сертификата" in seen(answer)


def test_a_certificate_of_mine_points_to_the_list(client: FlaskClient) -> None:
    customer = sign_in(client)
    make_registration(customer, certificate())
    answer = enter(client)
    assert problem_of(answer, "code")
    assert 'href="/certificates"' in answer.text.partition("<main")[2]


def test_a_certificate_without_a_free_seat_is_refused(client: FlaskClient) -> None:
    sign_in(client)
    make_registration(make_customer(), certificate())
    assert problem_of(enter(client), "code")
    assert client.post("/certificates/new/check").status_code == 422
    assert db.session.query(Registration).count() == 1


def test_an_unconfirmed_customer_is_told_to_confirm_first(client: FlaskClient) -> None:
    sign_in(client, confirmed_at=None)
    certificate()
    answer = enter(client)
    assert problem_of(answer, "code")
    assert "Кнопка вверху страницы отправит письмо ещё раз." in seen(answer)


def test_a_certificate_that_expired_meanwhile_is_not_registered(client: FlaskClient) -> None:
    sign_in(client)
    row = certificate()
    enter(client)
    row.valid_to = date(2026, 11, 19)
    db.session.commit()
    assert "19 ноября 2026" in problem_of(client.post("/certificates/new/check"), "code")
    assert db.session.query(Registration).count() == 0


@pytest.mark.parametrize("step", ["/certificates/new/code", "/certificates/new/check"])
def test_a_later_step_without_the_earlier_ones_leads_to_the_first(client: FlaskClient, step: str) -> None:
    sign_in(client)
    assert client.get(step).location == "/certificates/new"


@pytest.mark.parametrize("number", ["", "   ", "1" * 65, "СП\0-1"])
def test_a_bad_number_gets_a_sentence_next_to_it(client: FlaskClient, number: str) -> None:
    sign_in(client)
    answer = client.post("/certificates/new", data={"kind": "certificate", "number": number})
    assert answer.status_code == 422
    assert problem_of(answer, "number")


def test_an_unknown_kind_is_refused(client: FlaskClient) -> None:
    sign_in(client)
    assert problem_of(client.post("/certificates/new", data={"kind": "gift", "number": "1"}), "kind")


def test_a_visitor_signs_in_first(client: FlaskClient) -> None:
    for path in ("/certificates/new", "/certificates/new/code", "/certificates/new/check"):
        assert "/sign-in" in client.get(path).location
