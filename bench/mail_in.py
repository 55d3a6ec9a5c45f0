"""What mail that comes in costs: ``python -m bench.mail_in`` prints mails a second with one worker, beside a floor.

Mails of customers are taken in and read, each becoming an entry of a ticket. The floor, measured in the same run,
parses the same bytes with the standard library and commits one row.
"""

from __future__ import annotations

import argparse
import logging
import secrets
import tempfile
import time
from collections.abc import Callable, Iterable
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import text

from config import Settings
from supportapp import clock, create_app
from supportapp.accounts.models import Customer
from supportapp.extensions import db
from supportapp.mailbox.jobs import read_received, take_in
from supportapp.mailbox.receiving import Envelope
from supportapp.mailbox.rules import Door
from supportapp.notifications.models import Notification
from supportapp.tickets import operations

CUSTOMERS = 20
TEXT = "Добрый день!\n\nОшибка осталась, журнал ниже.\n" + "2026-11-20 14:00:00 ERROR 0x8009001F\n" * 40
QUOTED = "\n\n20.11.2026 14:00, Поддержка пишет:\n" + "> Пришлите, пожалуйста, журнал.\n" * 20


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--mails", type=int, default=300)
    options.add_argument("--url", help="a database instead of a fresh SQLite file; it is filled and not emptied")
    chosen, _others = options.parse_known_args()  # make bench-mail gives both halves the same
    logging.getLogger("supportapp.jobs.queue").setLevel(logging.ERROR)  # there is no Redis to ring at
    with tempfile.TemporaryDirectory() as folder:
        app = make_app(Path(folder), chosen.url)
        with app.app_context():
            db.create_all()
            measure_in(chosen.mails)


def make_app(folder: Path, url: str | None) -> Flask:
    """A portal on an empty database, without Redis: nothing is rung for, everything is done here."""
    return create_app(
        Settings(
            SECRET_KEY=secrets.token_hex(32),
            DATABASE_URL=url or f"sqlite:///{folder / 'bench.db'}",
            REDIS_URL=f"unix://{folder}/nobody.sock",
            VAR_DIR=str(folder),
            INDEX_DIR=str(folder / "index"),
            MAIL_REPLIES=True,
            SEMANTIC_SEARCH=False,
        )
    )


def measure_in(number: int) -> None:
    """Taking in, and reading, one after the other as one worker does."""
    answers = make_answers(number)
    floor = report("floor: parse and commit one row", per_second(answers, parse_and_insert))
    keys: list[int] = []
    report("in: taken in (kept and committed)", per_second(answers, lambda raw: keys.append(keep(raw))), floor)
    report("in: read (an entry of its ticket)", per_second(keys, read_received), floor)
    print(f"{'':<38}{len(keys):>10} mails of {len(answers[0])} bytes")


def make_answers(number: int) -> list[bytes]:
    """Answers of customers to our mails about their tickets, none more than the limit of an hour from one address."""
    at, mails = clock.now(), []
    for customer_number in range(max(CUSTOMERS, number // 25 + 1)):
        customer = Customer(
            email=f"{secrets.token_hex(8)}@example.com", name=f"Customer {customer_number}", password_hash="",
            created_at=at, confirmed_at=at, language="ru",
        )  # fmt: skip
        db.session.add(customer)
        db.session.flush()
        operations.submit(customer=customer, subject="Не открывается контейнер", body="Помогите.", at=at)
        newest = db.session.query(Notification).filter_by(customer_id=customer.id).one()
        mails.append((customer.email, newest.message_id, newest.reply_to))
    db.session.commit()
    return [answer(*mails[place % len(mails)]) for place in range(number)]


def answer(sender: str, message_id: str, reply_to: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, reply_to, "Re: Не открывается контейнер"
    message["Message-ID"] = f"<{secrets.token_hex(12)}@example.com>"
    message["In-Reply-To"] = message["References"] = message_id
    message.set_content(TEXT + QUOTED)
    return message.as_bytes()


def keep(raw: bytes) -> int:
    return take_in(raw, Envelope(Door.LMTP, "bench@example.com", ("support@localhost",)))


def parse_and_insert(raw: bytes) -> None:
    """The least that a mail system in Python can do."""
    message = message_from_bytes(raw, policy=policy.default)
    body = message.get_body()  # type: ignore[attr-defined]
    said = {"address": secrets.token_hex(16), "body": len(body.get_content()), "at": clock.now()}
    statement = "INSERT INTO mail_correspondent (address, counted, counted_since) VALUES (:address, :body, :at)"
    db.session.execute(text(statement), said)
    db.session.commit()


def per_second(what: Iterable[Any], act: Callable[[Any], object]) -> float:
    """How often ``act`` is done in a second, one after the other."""
    items = list(what)
    started = time.perf_counter()
    for item in items:
        act(item)
    return len(items) / (time.perf_counter() - started)


def report(name: str, rate: float, floor: float = 0) -> float:
    """Print a line; returns the rate."""
    print(f"{name:<38}{rate:10.1f} /s" + (f"{rate / floor:8.2f} x floor" if floor else ""), flush=True)
    return rate


if __name__ == "__main__":
    main()
