"""A large help desk is loaded from files: whole, once, and fit for the screens."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from supportapp.accounts.models import Customer
from supportapp.extensions import db
from supportapp.tickets import queries, search
from supportapp.tickets.models import END_OF_TIME, Message, Ticket
from supportapp.tickets.rules import MessageKind, Status

MOMENTS = [f"2026-11-{day:02}T09:00:00Z" for day in range(1, 20)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three tickets: a new one, one that waits for its customer, a closed one."""

    def write(name: str, *rows: dict[str, Any]) -> None:
        lines = (json.dumps(row, ensure_ascii=False) for row in rows)
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines) + "\n")

    def ticket(number: int, status: str, agent: int | None, **more: Any) -> dict[str, Any]:
        return {"id": number, "customer_id": 1, "department_id": 1, "agent_id": agent, "subject": f"Вопрос {number}",
                "status": status, "open": status != "closed", "priority": 6 - number, "created_at": MOMENTS[number],
                "updated_at": MOMENTS[number + 5], **more}  # fmt: skip

    def message(number: int, ticket: int, author: str, internal: bool = False) -> dict[str, Any]:
        return {"id": number, "ticket_id": ticket, "author": author, "author_id": 1, "internal": internal,
                "created_at": MOMENTS[number + ticket], "body": f"Слово номер {number}: видеокарта"}  # fmt: skip

    write("departments", {"id": 1, "slug": "support", "title": "Поддержка"})
    write("agents", {"id": 1, "login": "agent01", "email": "a@desk.example", "first": "Анна", "last": "Иванова"})
    write("customers", {"id": 1, "email": "u@client001.example", "first": "Иван", "last": "Петров", "phone": "+7",
                        "lang": "ru", "created_at": MOMENTS[0]})  # fmt: skip
    write("tickets", ticket(1, "open", None), ticket(2, "waiting", 1), ticket(3, "closed", 1))
    write("messages", message(1, 1, "customer"), message(2, 2, "customer"), message(3, 2, "agent"),
          message(4, 3, "customer"), message(5, 3, "agent"), message(6, 3, "agent", internal=True))  # fmt: skip
    return tmp_path


def load(app: Flask, folder: Path, *options: str) -> Any:
    return app.test_cli_runner().invoke(args=["dataset", "load", str(folder), *options])


def test_the_tickets_are_whole(app: Flask, session: object, folder: Path, at: datetime) -> None:
    result = load(app, folder)
    assert result.exit_code == 0, result.output
    new, waiting, closed = db.session.query(Ticket).order_by(Ticket.id)
    assert [one.status for one in (new, waiting, closed)] == [Status.NEW, Status.AWAITING_INFO, Status.CLOSED]
    assert new.level is None
    assert waiting.level is not None
    assert waiting.target_at is None
    assert waiting.due_order == END_OF_TIME
    assert queries.deadline_of(waiting) is not None
    assert closed.close_reason is not None
    assert [one.kind for one in closed.messages] == [MessageKind.QUESTION, MessageKind.SOLUTION, MessageKind.NOTE]
    assert [one.version for one in closed.timeline] == list(range(1, closed.version + 1))
    condition = search.contains_words("видеокарты")
    assert condition is not None
    assert db.session.query(Ticket).filter(condition).count() == 3


def test_a_database_with_people_is_left_alone(app: Flask, session: object, folder: Path) -> None:
    assert load(app, folder).exit_code == 0
    result = load(app, folder)
    assert result.exit_code == 1
    assert "--append" in result.output
    assert db.session.query(Ticket).count() == 3


def test_more_can_be_added_to_it(app: Flask, session: object, folder: Path) -> None:
    assert load(app, folder).exit_code == 0
    people = folder / "customers.jsonl"
    people.write_text(people.read_text().replace("u@client001", "v@client001"))
    result = load(app, folder, "--append")
    assert result.exit_code == 0, result.output
    assert (db.session.query(Customer).count(), db.session.query(Message).count()) == (2, 12)


@pytest.mark.parametrize(("name", "text"), [("tickets", "{broken"), ("messages", "[]"), ("customers", '{"id": 1}')])
def test_broken_files_are_told_not_traced(app: Flask, session: object, folder: Path, name: str, text: str) -> None:
    (folder / f"{name}.jsonl").write_text(text + "\n")
    result = load(app, folder)
    assert result.exit_code == 1
    assert "Error: " in result.output
    (folder / "agents.jsonl").unlink()
    assert "agents.jsonl" in load(app, folder, "--append").output
