"""Who may open what: every route outside the staff's door, every method, every kind of person, against a table."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from supportapp.accounts.models import Customer
from supportapp.extensions import db
from supportapp.files.operations import store_upload
from supportapp.mailbox.jobs import read_received, take_in
from supportapp.mailbox.receiving import Envelope
from supportapp.mailbox.rules import Door
from supportapp.tickets import operations
from tests.factories import make_customer, make_registration, make_staff, make_ticket
from tests.mailbox.letters import write
from tests.portal.knowledge import make_article

# "open" to everybody, to a "customer" who is signed in, or to the one whose "own" the thing is: for every other person
# it does not exist. A route without a row fails the first test.
WHO: dict[str, str] = {
    "static GET": "open",
    "bootstrap.static GET": "open",
    "appbuilder.static GET": "open",
    "healthz GET": "open",
    "readyz GET": "open",
    "portal.static GET": "open",
    "portal.home GET": "open",
    "portal.robots GET": "open",
    "portal.sitemap GET": "open",
    "portal.sitemap_part GET": "open",
    "portal.switch_language POST": "open",
    "portal.regulation GET": "open",
    "portal.accept_regulation POST": "customer",
    "portal.knowledge_base GET": "open",
    "portal.all_articles GET": "open",
    "portal.topic GET": "open",
    "portal.article GET": "open",
    "portal.article_image GET": "open",
    "portal.vote_for_article POST": "open",
    "portal.sign_in GET": "open",
    "portal.sign_in POST": "open",
    "portal.sign_out POST": "open",
    "portal.sign_up GET": "open",
    "portal.sign_up POST": "open",
    "portal.sign_up_sent GET": "open",
    "portal.forgot_password GET": "open",
    "portal.forgot_password POST": "open",
    "portal.forgot_password_sent GET": "open",
    "portal.reset_password GET": "open",
    "portal.reset_password POST": "open",
    "portal.confirm GET": "open",
    "portal.confirm POST": "open",
    "portal.confirm_email_change GET": "open",
    "portal.confirm_email_change POST": "open",
    "portal.answer GET": "open",
    "portal.answer POST": "open",
    "portal.give_after_link POST": "open",
    "portal.give POST": "own",
    "portal.answered GET": "open",
    "portal.send_confirmation POST": "customer",
    "portal.profile GET": "customer",
    "portal.profile POST": "customer",
    "portal.choose_mails POST": "customer",
    "portal.switch_off GET": "open",
    "portal.switch_off POST": "open",
    "portal.try_mails_again POST": "customer",
    "portal.change_password GET": "customer",
    "portal.change_password POST": "customer",
    "portal.change_email GET": "customer",
    "portal.change_email POST": "customer",
    "portal.change_email_sent GET": "customer",
    "portal.sign_out_everywhere POST": "customer",
    "portal.certificates GET": "customer",
    "portal.new_certificate GET": "customer",
    "portal.new_certificate POST": "customer",
    "portal.new_certificate_code GET": "customer",
    "portal.new_certificate_code POST": "customer",
    "portal.check_certificate GET": "customer",
    "portal.check_certificate POST": "customer",
    "portal.release_certificate POST": "own",
    "portal.tickets GET": "customer",
    "portal.new_ticket GET": "customer",
    "portal.new_ticket POST": "customer",
    "portal.uploads GET": "customer",
    "portal.upload_file POST": "customer",
    "portal.remove_upload POST": "customer",
    "portal.suggestions POST": "customer",
    "portal.suggestions_seen POST": "customer",
    "portal.suggestion GET": "customer",
    "portal.solved_without_ticket POST": "customer",
    "portal.solved_thanks GET": "customer",
    "portal.ticket GET": "own",
    "portal.back_to_ticket GET": "own",
    "portal.reply POST": "own",
    "portal.accept_solution POST": "own",
    "portal.withdraw POST": "own",
    "portal.ask_for_more_time POST": "own",
    "portal.reopen POST": "own",
    "portal.choose_certificate POST": "own",
    "portal.whole_mail GET": "own",
    "portal.download_file GET": "own",
    "portal.download_thumbnail GET": "own",
}

Values = dict[str, Any]


def routes(app: Flask, values: Values) -> list[tuple[str, str, str]]:
    """(endpoint, method, address) of everything that is not below /staff."""
    found = []
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/staff"):
            continue
        with app.test_request_context():
            address = rule.build({name: values.get(name, "1") for name in rule.arguments})[1]  # type: ignore[index]
        found += [(rule.endpoint, method, address) for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]
    return found


@pytest.fixture
def owner(session: object) -> Customer:
    return make_customer()


@pytest.fixture
def values(owner: Customer, at: datetime) -> Values:
    """What the owner has, as the parts of an address."""
    ticket, registration = make_ticket(owner), make_registration(owner)
    picture = store_upload(_picture(), "screen.png", owner=owner, draft="form", at=at)
    operations.reply(ticket, "Снимок.", by=owner, at=at, files=[picture])
    mail = write(owner.email, subject=ticket.reference)
    read_received(take_in(mail.as_bytes(), Envelope(Door.PIPE)))
    return {
        "message_id": ticket.messages[-1].id,
        "reference": ticket.reference,
        "registration_id": registration.id,
        "public_id": picture.public_id,
        "act": "replies",
        "slug": make_article().slug,
        "filename": "portal.css",
    }


@pytest.fixture
def come_as(client: FlaskClient, at: datetime) -> Callable[[Any], None]:
    """Be that person at the next request, by an own session."""

    def come(person: Any) -> None:
        with client.session_transaction() as cookie:
            cookie.clear()
            if person is not None:
                cookie["_user_id"], cookie["signed_in_at"] = person.get_id(), at.timestamp()

    return come


def asks_to_sign_in(answer: Any) -> bool:
    return answer.status_code == 302 and answer.headers["Location"].startswith("/sign-in")


def test_every_route_has_its_row_and_every_row_its_route(app: Flask, values: Values) -> None:
    assert {f"{endpoint} {method}" for endpoint, method, _ in routes(app, values)} == WHO.keys()


@pytest.mark.parametrize("kind", ["visitor", "Engineer", "Editor", "Manager", "Admin", "blocked"])
def test_who_is_no_customer_is_asked_to_sign_in(
    app: Flask, client: FlaskClient, values: Values, come_as: Callable[[Any], None], at: datetime, kind: str
) -> None:
    if kind == "visitor":
        person: Any = None
    elif kind == "blocked":
        person = make_customer(blocked_at=at)
    else:
        person = make_staff(kind)
    wrong = []
    for endpoint, method, address in routes(app, values):
        come_as(person)
        answer = client.open(address, method=method, data={"helped": "yes"} if method == "POST" else None)
        closed = WHO[f"{endpoint} {method}"] != "open"
        if (asks_to_sign_in(answer) or answer.status_code in (400, 401)) != closed or answer.status_code >= 500:
            wrong.append(f"{endpoint} {method}: {answer.status_code}")
    assert not wrong


def test_what_is_somebody_elses_does_not_exist(
    app: Flask, client: FlaskClient, values: Values, come_as: Callable[[Any], None]
) -> None:
    stranger, wrong = make_customer(), []
    for endpoint, method, address in routes(app, values):
        come_as(stranger)
        status = client.open(address, method=method).status_code
        if status >= 500 or (WHO[f"{endpoint} {method}"] == "own" and status != 404):
            wrong.append(f"{endpoint} {method}: {status}")
    assert not wrong


def test_a_customer_opens_what_is_his(
    app: Flask, client: FlaskClient, owner: Customer, values: Values, come_as: Callable[[Any], None]
) -> None:
    wrong = []
    for endpoint, method, address in routes(app, values):
        if WHO[f"{endpoint} {method}"] == "open":
            continue
        come_as(owner)
        answer = client.open(address, method=method)
        db.session.refresh(owner)  # "sign out everywhere" is among them
        missing = WHO[f"{endpoint} {method}"] == "own" and answer.status_code == 404
        if missing or asks_to_sign_in(answer) or answer.status_code in (403, 405) or answer.status_code >= 500:
            wrong.append(f"{endpoint} {method}: {answer.status_code}")
    assert not wrong


@pytest.mark.parametrize("part", ["0", "-1", "abc", "9" * 30, "%00", "' OR 1=1", "..%2f..%2fetc%2fpasswd", "я"])
def test_an_address_that_makes_no_sense_is_no_fault_of_ours(
    app: Flask, client: FlaskClient, owner: Customer, values: Values, come_as: Callable[[Any], None], part: str
) -> None:
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/staff") or not rule.arguments:
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            address = rule.rule
            for name in rule.arguments:
                address = _filled(address, name, part)
            come_as(owner)
            assert client.open(address, method=method).status_code < 500, f"{method} {address}"


def _picture() -> io.BytesIO:
    stream = io.BytesIO()
    Image.new("RGB", (4, 4), "white").save(stream, "PNG")
    stream.seek(0)
    return stream


def _filled(address: str, name: str, part: str) -> str:
    start = address.index(name)
    return address[: address.rindex("<", 0, start)] + part + address[address.index(">", start) + 1 :]
