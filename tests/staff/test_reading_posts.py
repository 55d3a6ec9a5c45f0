"""Forms that change nothing take no turn among those that write."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from supportapp import database
from supportapp.accounts.models import StaffUser
from supportapp.extensions import db
from supportapp.kb import differences, operations
from supportapp.staff.knowledge import editor as editor_page
from tests.factories import make_ticket
from tests.staff.conftest import SignIn


@pytest.fixture
def reads() -> Iterator[list[bool]]:
    """Of each statement, whether it stood in a transaction that only reads."""
    found: list[bool] = []

    def note(_state: Any) -> None:
        found.append(database._read_only.get())

    event.listen(db.session, "do_orm_execute", note)
    yield found
    event.remove(db.session, "do_orm_execute", note)


def test_a_preview_waits_for_nobody_who_writes(client: FlaskClient, editor: StaffUser, reads: list[bool]) -> None:
    db.session.expire_all()
    assert client.post("/staff/writing/preview", data={"body": "**x**"}).status_code == 200
    assert reads
    assert all(reads)


def test_a_preview_of_too_many_marks_is_refused(client: FlaskClient, editor: StaffUser) -> None:
    answer = client.post("/staff/writing/preview", data={"body": "![" * 5_000})
    assert answer.status_code == 422
    assert "Разделите" in answer.json["error"]  # type: ignore[index]
    typed = {"title": "Статья", "body": "![" * 5_000, "language": "ru", "topic": ""}
    page = client.post("/staff/articles/add", data=typed)
    assert page.status_code == 422
    assert "Разделите" in page.text


def test_a_beat_of_the_heart_waits_for_nobody_who_writes(
    client: FlaskClient, sign_in: SignIn, reads: list[bool]
) -> None:
    sign_in("Engineer")
    ticket = make_ticket()
    address = f"/staff/tickets/{ticket.reference}/presence"
    reads.clear()
    assert client.post(address, data={"seen_version": "1"}).status_code == 200
    assert reads
    assert all(reads)


def test_two_long_texts_are_compared_while_others_write(
    client: FlaskClient, editor: StaffUser, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    article = operations.save_article(None, title="Статья", body="раз", by=editor, at=at)
    seen = str(article.revision)
    operations.save_article(article, title="Статья", body="два", by=editor, at=at)
    db.session.commit()
    compared: list[bool] = []

    def compare(old: str, new: str) -> Any:
        compared.append(database._read_only.get())
        return real(old, new)

    real = differences.compare
    monkeypatch.setattr(editor_page, "compare", compare)
    form = {"title": "Статья", "body": "три", "language": "ru", "topic": "", "revision": seen}
    assert client.post(f"/staff/articles/edit/{article.id}", data=form).status_code == 422
    assert compared == [True, True]
