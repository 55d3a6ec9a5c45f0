"""The first page tells whoever signs in what wants doing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from supportapp import clock
from supportapp.accounts.models import StaffUser
from supportapp.extensions import db
from supportapp.kb import jobs, operations
from supportapp.kb.search import reading, shelf
from supportapp.tickets.desk.drafts import forget_draft, put_back
from supportapp.tickets.rules import MessageKind
from tests.conftest import make_settings
from tests.factories import make_staff, make_ticket


@pytest.fixture(autouse=True)
def index_dir(app: Flask, tmp_path: Path) -> Iterator[Path]:
    before = app.extensions["settings"]
    folder = tmp_path / "search_index"
    app.extensions["settings"] = make_settings(Path(before.VAR_DIR), INDEX_DIR=str(folder))
    yield folder
    reading.forget()
    app.extensions["settings"] = before


def publish(title: str, at: datetime) -> int:
    article = operations.save_article(None, title=title, body="Проверьте срок действия.", by=None, at=at)
    operations.publish(article, by=None, at=at)
    db.session.commit()
    return article.id


def test_a_missing_or_damaged_index_is_reported_until_it_is_repaired(
    client: FlaskClient, engineer: StaffUser, at: datetime
) -> None:
    assert "Поискового индекса базы знаний нет" in client.get("/staff/").text
    publish("Токен заблокирован", at)
    jobs.reindex()
    page = client.get("/staff/").text
    assert "поисковый индекс актуален" in page
    assert "Поискового индекса" not in page
    folder = shelf.current()
    assert folder is not None
    next(folder.glob("*.seg")).write_bytes(b"cut")
    assert "Поискового индекса базы знаний нет" in client.get("/staff/").text
    jobs.refresh_index()
    assert "поисковый индекс актуален" in client.get("/staff/").text


def test_an_index_that_does_not_follow_for_minutes_is_a_warning(
    client: FlaskClient, engineer: StaffUser, at: datetime
) -> None:
    publish("Токен заблокирован", at)
    jobs.reindex()
    publish("Часы спешат", at)
    assert "индекс базы знаний догоняет изменения" in client.get("/staff/").text
    with clock.frozen(at + timedelta(minutes=5)):
        page = client.get("/staff/").text
    assert "уже несколько минут не учитывает последние изменения" in page
    assert "догоняет" not in page


def test_what_was_not_sent_is_shown_to_its_writer_and_what_came_back_first(
    client: FlaskClient, engineer: StaffUser, at: datetime
) -> None:
    colleague, tickets = make_staff(), [make_ticket(), make_ticket(), make_ticket()]
    for ticket, by, problem in zip(
        tickets, (engineer, engineer, colleague), ("", "changed_meanwhile", ""), strict=True
    ):
        draft = {"at": at, "token": f"t{ticket.id}", "kind": MessageKind.REPLY, "seen_version": 1}
        put_back(ticket, f"Черновик <{ticket.reference}>", by=by, problem=problem, **draft)
    page = client.get("/staff/").text.partition("Ещё не отправлено")[2]
    found = re.findall(r'<a class="reference" href="/staff/tickets/([^"]+)">', page)
    assert found == [tickets[1].reference, tickets[0].reference]
    assert page.count("Вернулось") == 1
    assert f"Черновик &lt;{tickets[0].reference}&gt;" in page
    for ticket in tickets[:2]:
        forget_draft(ticket, engineer)
    assert "Ещё не отправлено" not in client.get("/staff/").text
