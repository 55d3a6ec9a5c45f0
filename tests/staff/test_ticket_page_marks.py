"""Tags, links, prepared answers, files at once, who else is here, paper; and what a page costs."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from supportapp.accounts.models import StaffUser
from supportapp.extensions import db
from supportapp.files.models import StoredFile
from supportapp.files.operations import store_upload
from supportapp.tickets import operations, queries
from supportapp.tickets.desk import presence, tags
from supportapp.tickets.desk.relations import links_of
from supportapp.tickets.models import CannedReply
from supportapp.tickets.rules import EventKind
from tests.factories import make_customer, make_staff, make_ticket
from tests.files import samples
from tests.services import RedisServer
from tests.staff.test_ticket_page import address, composed, hidden

MOST_STATEMENTS = 15


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is asked of the database inside the block."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_tags_are_put_on_once_in_small_letters_and_taken_off(client: FlaskClient, engineer: StaffUser) -> None:
    ticket, other = make_ticket(), make_ticket()
    for tag in ("  Срочно  VIP ", "срочно vip,", ", контейнер, срочно vip"):
        client.post(address(ticket, "tags"), data={"tag": tag})
    assert tags.tags_of(ticket) == ["контейнер", "срочно vip"]
    assert '<option value="контейнер">' in client.get(address(other)).text
    client.post(address(ticket, "tags/removal"), data={"tag": "контейнер"})
    assert tags.tags_of(ticket) == ["срочно vip"]
    assert tags.tags_of_tickets([ticket.id, other.id]) == {ticket.id: ["срочно vip"]}


def test_tags_and_links_stand_in_the_timeline_for_staff_alone(client: FlaskClient, engineer: StaffUser) -> None:
    ticket, other = make_ticket(), make_ticket()
    version = ticket.version
    for way in ("tags", "tags", "tags/removal", "tags/removal"):
        client.post(address(ticket, way), data={"tag": "vip"})
    client.post(address(ticket, "links"), data={"other": other.reference, "relation": "duplicate"})
    key = links_of(ticket)[0].key
    for _again in range(2):
        client.post(address(other, "links/removal"), data={"link": str(key)})
    told = [(entry.kind, entry.details, entry.staff) for entry in ticket.timeline[1:]]
    assert told == [
        (EventKind.TAGGED, {"tag": "vip"}, engineer),
        (EventKind.UNTAGGED, {"tag": "vip"}, engineer),
        (EventKind.LINKED, {"other": other.reference}, engineer),
        (EventKind.UNLINKED, {"other": other.reference}, engineer),
    ]
    assert [entry.details for entry in other.timeline[1:]] == [{"other": ticket.reference}] * 2
    assert [entry.kind for entry in queries.timeline(ticket, internal=False)] == [EventKind.SUBMITTED]
    assert ticket.version == version  # a colleague's page is not old by it
    assert "«vip»" in client.get(address(ticket)).text


@pytest.mark.parametrize("tag", ["", " , ", "х" * 41])
def test_a_bad_tag_is_refused_with_a_sentence(client: FlaskClient, engineer: StaffUser, tag: str) -> None:
    ticket = make_ticket()
    page = client.post(address(ticket, "tags"), data={"tag": tag}, follow_redirects=True).text
    assert "alert-danger" in page
    assert tags.tags_of(ticket) == []


def test_a_link_is_seen_from_both_sides_and_by_no_customer(client: FlaskClient, engineer: StaffUser) -> None:
    ticket, other = make_ticket(subject="Первое"), make_ticket(subject="Второе")
    client.post(address(ticket, "links"), data={"other": f" {other.reference.lower()} ", "relation": "duplicate"})
    page = client.get(address(ticket)).text
    assert "дубль обращения" in page
    assert "Второе" in page
    assert "имеет дубль" in client.get(address(other)).text
    key = hidden(page, "link")
    client.post(address(other, "links/removal"), data={"link": key})
    assert "Второе" not in client.get(address(ticket)).text


@pytest.mark.parametrize("reference", ["TP-999999", "", "itself", "х" * 300])
def test_a_link_to_nowhere_is_refused(client: FlaskClient, engineer: StaffUser, reference: str) -> None:
    ticket = make_ticket()
    wanted = ticket.reference if reference == "itself" else reference
    page = client.post(address(ticket, "links"), data={"other": wanted}, follow_redirects=True)
    assert page.status_code == 200
    assert "alert-danger" in page.text


def test_an_unknown_placeholder_is_refused_when_saved(client: FlaskClient, manager: StaffUser) -> None:
    form = {"title": "Журнал", "text_ru": "{{customer}}, {{фамилия}}", "text_en": ""}
    page = client.post("/staff/canned-replies/add", data=form).text
    assert "{{фамилия}} нет" in page
    client.post("/staff/canned-replies/add", data=form | {"text_ru": "{{customer}} {{"})
    assert db.session.query(CannedReply).count() == 0
    client.post("/staff/canned-replies/add", data=form | {"text_ru": "{{customer}}, {{ Обращение }}"})
    assert db.session.query(CannedReply).count() == 1


def test_a_prepared_answer_is_filled_for_this_ticket_and_never_evaluated(
    client: FlaskClient, engineer: StaffUser, at: datetime
) -> None:
    text = "{{customer}}, по обращению {{обращение}} ответьте до {{срок}}. {{engineer}} {{ 7*7 }} {% raw %}"
    canned = CannedReply(title="Журнал", text_ru=text)
    db.session.add(canned)
    ticket = make_ticket(make_customer(name="Анна {{engineer}} <b>"))
    page = client.post(address(ticket, "draft"), data=composed(client, ticket, body="", canned="")).text
    filled = f"Анна {{{{engineer}}}} &lt;b&gt;, по обращению {ticket.reference} ответьте до 25 ноября 2026. "
    filled += f"{engineer.display_name} {{{{ 7*7 }}}} {{% raw %}}"
    assert f'data-text="{filled}"' in page
    form = composed(client, ticket, body="Здравствуйте!", canned=canned.id)
    assert f"Здравствуйте!\n\n{filled}</textarea>" in client.post(address(ticket, "draft"), data=form).text


def test_a_file_is_taken_at_once_and_given_up_again(client: FlaskClient, engineer: StaffUser) -> None:
    ticket = make_ticket()
    form = composed(client, ticket)
    send = {"draft": form["draft"], "file": (io.BytesIO(b"line\n"), "trace.log")}
    answer = client.post(address(ticket, "uploads"), data=send)
    assert answer.status_code == 201
    assert (answer.json["name"], answer.json["thumbnail"]) == ("trace.log", None)  # type: ignore[index]
    bad = client.post(address(ticket, "uploads"), data={"draft": "d", "file": (io.BytesIO(b""), "empty.log")})
    assert (bad.status_code, "empty.log" in bad.json["error"]) == (422, True)  # type: ignore[index]
    assert client.post(address(ticket, "uploads"), data={"draft": "d"}).status_code == 400
    for _ in range(2):
        assert client.post(answer.json["removal"]).status_code == 204  # type: ignore[index]
    assert db.session.query(StoredFile).count() == 0


def test_without_redis_nobody_is_seen_and_the_news_are_told_all_the_same(
    client: FlaskClient, engineer: StaffUser, at: datetime
) -> None:
    ticket = make_ticket()
    seen = composed(client, ticket)["seen_version"]
    operations.reply(ticket, "Ещё вопрос", by=ticket.customer, at=at)
    told = client.post(address(ticket, "presence"), data={"seen_version": seen}).json
    assert told["others"] == []  # type: ignore[index]
    assert ticket.customer.name in told["news"][0]  # type: ignore[index]


def test_colleagues_see_each_other_until_they_leave_or_fall_silent(
    app: Flask, session: object, at: datetime, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dataclasses
    from datetime import timedelta

    here = dataclasses.replace(app.extensions["settings"], REDIS_URL=redis_server.url)
    monkeypatch.setitem(app.extensions, "settings", here)
    ticket, one, two = make_ticket(), make_staff("Engineer"), make_staff("Engineer")
    assert presence.arrive(ticket, one, at=at) == []
    assert presence.arrive(ticket, two, at=at, writing=True) == [(one, False)]
    assert presence.arrive(ticket, one, at=at) == [(two, True)]
    presence.leave(ticket, two)
    assert presence.arrive(ticket, one, at=at) == []
    assert presence.arrive(ticket, two, at=at + timedelta(minutes=2)) == []


def test_paper_has_internal_notes_only_when_asked_for(client: FlaskClient, engineer: StaffUser, at: datetime) -> None:
    ticket = make_ticket()
    operations.add_note(ticket, "Только для своих", by=engineer, at=at)
    plain = client.get(address(ticket, "printout")).text
    assert "После обновления контейнер не открывается." in plain
    assert "Только для своих" not in plain
    assert "добавлена внутренняя заметка" not in plain
    assert "Только для своих" in client.get(address(ticket, "printout?notes=1")).text


def test_the_keys_for_the_neighbours_follow_the_order_of_work(client: FlaskClient, engineer: StaffUser) -> None:
    first, second = make_ticket(), make_ticket()
    assert client.get(address(first, "next")).headers["Location"] == address(second)
    assert client.get(address(second, "previous")).headers["Location"] == address(first)
    assert client.get(address(second, "next")).headers["Location"] == "/staff/tickets/"


def test_a_page_asks_the_database_a_bounded_number_of_times(
    client: FlaskClient, engineer: StaffUser, at: datetime
) -> None:
    customer = make_customer()
    ticket = make_ticket(customer)
    for number in range(12):
        make_ticket(customer)
        operations.add_note(ticket, f"Заметка {number}", by=make_staff("Engineer"), at=at)
    client.get(address(ticket))
    with statements() as asked:
        assert client.get(address(ticket)).status_code == 200
    assert len(asked) <= MOST_STATEMENTS, "\n".join(asked)


def test_a_log_is_read_beside_the_conversation_and_runs_nothing(
    client: FlaskClient, engineer: StaffUser, at: datetime
) -> None:
    customer = make_customer()
    log = store_upload(io.BytesIO("Ошибка: <script>".encode()), "a.log", owner=customer, draft="d", at=at)
    picture = store_upload(io.BytesIO(samples.picture()), "a.png", owner=customer, draft="d", at=at)
    secret = store_upload(io.BytesIO(b"abc"), "b.log", owner=customer, draft="d", at=at)
    secret.secret = "private_key"
    ticket = make_ticket(customer, files=[log, picture, secret])
    page = client.get(address(ticket)).text
    assert f"/staff/files/{log.public_id}/excerpt" in page
    assert page.count("data-excerpt=") == 1
    answer = client.get(f"/staff/files/{log.public_id}/excerpt")
    assert (answer.text, answer.mimetype) == ("Ошибка: <script>", "text/plain")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for other in (picture, secret):
        assert client.get(f"/staff/files/{other.public_id}/excerpt").status_code == 404
