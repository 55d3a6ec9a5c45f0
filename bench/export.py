"""Exports and reports of 100,000 tickets: ``python -m bench.export``.

Prints time and peak memory of the process that makes the files, and p50/p95 of each report at the client, beside
``bench.bare``. BENCH_DATABASE_URL chooses another database than SQLite; it must be empty or already hold the tickets.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select

from bench.pages import PASSWORD, ROOT, Client, measure, prepared, report, serving

NOW = datetime.now(UTC).replace(microsecond=0)
CUSTOMERS, TICKETS, BATCH = 20_000, 100_000, 2_000
WORDS = ["сертификат", "контейнер", "подпись", "сервер", "отчёт", "портал", "токен", "обновление", "вход", "ошибка"]


def invent(environment: dict[str, str], tickets: int) -> None:
    """Fill the prepared database up to that many tickets, their messages and their timelines."""
    os.environ.update(environment)
    from supportapp import create_app
    from supportapp.extensions import db
    from supportapp.tickets.models import Message, Ticket, TimelineEntry

    with create_app().app_context():
        there = db.session.scalar(select(func.count()).select_from(Ticket)) or 0
        if there >= tickets:
            return
        chance = random.Random(4)  # noqa: S311 - the same rows every time
        keys = _people(chance)
        first = (db.session.scalar(select(func.max(Ticket.id))) or 0) + 1
        made = Invention(chance, keys)
        for start in range(first, first + tickets - there, BATCH):
            rows = [made.ticket(number) for number in range(start, min(start + BATCH, first + tickets - there))]
            db.session.execute(insert(Ticket), rows)
            db.session.execute(insert(Message), [one for row in rows for one in made.messages(row)])
            db.session.execute(insert(TimelineEntry), [one for row in rows for one in made.timeline(row)])
            db.session.commit()


def _people(chance: random.Random) -> dict[str, list[Any]]:
    from supportapp.accounts.models import Customer, StaffUser
    from supportapp.certificates.models import Certificate, Product, SupportLevel
    from supportapp.extensions import db

    common = {"password_hash": "x", "language": "ru", "created_at": NOW - timedelta(days=900), "confirmed_at": NOW}
    rows = [
        {
            "email": f"u{n}@bench.example",
            "name": f"Пользователь {n}",
            "organisation": f"ООО «Фирма {n % 400}»",
            **common,
        }
        for n in range(CUSTOMERS)
    ]
    for start in range(0, CUSTOMERS, BATCH):
        db.session.execute(insert(Customer), rows[start : start + BATCH])
    db.session.commit()
    models: dict[str, Any] = {"customer": Customer, "staff": StaffUser, "product": Product, "level": SupportLevel}
    keys: dict[str, list[Any]] = {name: list(db.session.scalars(select(model.id))) for name, model in models.items()}
    keys["certificate"] = list(db.session.execute(select(Certificate.id, Certificate.level_id)))
    return keys


class Invention:
    """Rows of tickets over two years, a fifth of them open."""

    def __init__(self, chance: random.Random, keys: dict[str, list[Any]]) -> None:
        self.chance, self.keys = chance, keys

    def ticket(self, number: int) -> dict[str, Any]:
        """One ticket; whatever it does not have is None."""
        chance = self.chance
        created = NOW - timedelta(seconds=chance.randrange(730 * 86400))
        closed = chance.random() < 0.8
        response, solution = chance.randrange(5, 900), chance.randrange(60, 6000)
        ended = min(created + timedelta(minutes=solution * 3), NOW)
        certificate, level = chance.choice(self.keys["certificate"]) if chance.random() < 0.7 else (None, None)
        reason = chance.choices(["solved", "no_reaction", "withdrawn", "by_staff"], [50, 30, 5, 15])[0]
        return {
            "id": number,
            "reference": f"BN-{number:06d}",
            "customer_id": self.keys["customer"][int(len(self.keys["customer"]) * chance.random() ** 1.7)],
            "subject": " ".join(chance.choices(WORDS, k=7)),
            "product_id": chance.choice(self.keys["product"]),
            "product_version": "5.0",
            "certificate_id": certificate,
            "level_id": level,
            "priority": 1000 if level is None else 10 * level,
            "status": "closed" if closed else chance.choice(["new", "in_progress", "awaiting_info"]),
            "close_reason": reason if closed else None,
            "assignee_id": chance.choice([None, *self.keys["staff"]]),
            "created_at": created,
            "updated_at": ended if closed else created,
            "last_message_at": ended if closed else created,
            "closed_at": ended if closed else None,
            "first_response_due": None if level is None else created + timedelta(minutes=chance.randrange(400, 1400)),
            "first_responded_at": created + timedelta(minutes=response),
            "resolution_due": None if level is None else created + timedelta(minutes=chance.randrange(4000, 20000)),
            "target_at": None if closed or level is None else NOW + timedelta(minutes=chance.randrange(-900, 9000)),
            "paused_at": ended if closed else None,
            "first_response_minutes": response,
            "resolution_minutes": solution if closed else None,
            "version": 1,
        }

    def messages(self, ticket: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Three texts."""
        for n in range(3):
            yield {
                "ticket_id": ticket["id"],
                "kind": "reply" if n else "question",
                "body": " ".join(self.chance.choices(WORDS, k=60)),
                "customer_id": None if n == 1 else ticket["customer_id"],
                "staff_id": self.keys["staff"][0] if n == 1 else None,
                "created_at": ticket["created_at"] + timedelta(hours=n),
            }

    def timeline(self, ticket: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Submitted, asked, received, ended."""
        end = {"solved": "solution_accepted", "no_reaction": "closed_automatically", "by_staff": "closed_by_staff"}
        steps = [("submitted", ticket["created_at"], ticket["customer_id"])]
        steps += [("solution_proposed", ticket["first_responded_at"], None)]
        steps += [("received", ticket["first_responded_at"] + timedelta(minutes=1), None)]
        if ticket["closed_at"]:
            by = None if ticket["close_reason"] == "no_reaction" else ticket["customer_id"]
            steps += [(end.get(ticket["close_reason"], "withdrawn"), ticket["closed_at"], by)]
        for kind, at, customer in steps:
            yield {
                "ticket_id": ticket["id"],
                "kind": kind,
                "at": at,
                "customer_id": customer,
                "staff_id": self.keys["staff"][0] if kind == "solution_proposed" else None,
                "version": 1,
                "details": {},
            }


def make_files(environment: dict[str, str]) -> None:
    """Each file in a process of its own, so that its peak is its own."""
    print(
        f"\n{'export of all tickets':<34}{'seconds':>9}{'cpu':>9}{'rows':>9}{'MB file':>9}{'MB peak':>9}{'MB idle':>9}"
    )
    for form, conversation in (("csv", ""), ("xlsx", ""), ("csv", "conversation"), ("xlsx", "conversation")):
        command = [
            sys.executable,
            "-m",
            "bench.export",
            "--make",
            form,
            *([f"--{conversation}"] if conversation else []),
        ]
        subprocess.run(command, cwd=ROOT, env=environment, check=True)


def make_one(form: str, conversation: bool) -> None:
    """Make one file as a worker would, and print what it took."""
    from supportapp import create_app
    from supportapp.accounts.models import StaffUser
    from supportapp.extensions import db
    from supportapp.reports.models import Export
    from supportapp.reports.operations import request_export
    from supportapp.reports.rules import ExportForm
    from supportapp.staff.reports.jobs import make_export

    with create_app().app_context():
        owner = db.session.scalars(select(StaffUser).where(StaffUser.username == "manager")).one()
        export = request_export(
            "scope=all", form=ExportForm(form), conversation=conversation, language="ru", by=owner, at=NOW
        )
        db.session.commit()
        number, idle = export.id, _peak()
        start, busy = time.perf_counter(), time.process_time()
        make_export(number)
        took, busy = time.perf_counter() - start, time.process_time() - busy
        done = db.session.get_one(Export, number)
        assert done.file is not None, (done.state, done.reason)
        name = f"{form}{' with conversation' if conversation else ''}"
        print(
            f"{name:<34}{took:>9.1f}{busy:>9.1f}{done.rows_done:>9}"
            f"{done.file.size / 2**20:>9.1f}{_peak():>9.0f}{idle:>9.0f}"
        )


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def ask_reports(environment: dict[str, str], rounds: int) -> None:
    """Every report over 90 days, a year and everything."""
    with serving("wsgi:app", environment) as port, serving("bench.bare:app", environment) as bare_port:
        staff, floor = Client(port), Client(bare_port)
        staff.submit("/staff/sign-in/", username="manager", password=PASSWORD)
        print(f"\n{'report (ms)':<34}{'p50':>9}{'p95':>9}{'floor':>9}{'ratio':>9}")
        long_ago = (NOW - timedelta(days=730)).date()
        for title, path in (
            ("inflow", "inflow"), ("response and solution", "speed"), ("targets", "targets"),
            ("automatic closings", "closings"), ("load: engineers", "load?by=assignee"),
            ("load: products", "load?by=product"), ("load: certificates", "load?by=certificate"),
            ("load: organisations", "load?by=organisation"), ("satisfaction", "satisfaction"),
            ("without a ticket", "knowledge"), ("dry run", "dry-run?reaction=5&extension=3&warning=1"),
        ):  # fmt: skip
            for words, period in (("90 days", "period=90days"), ("2 years", f"from={long_ago}&to={NOW.date()}")):
                if path.startswith("dry-run") and words != "90 days":
                    continue
                address = f"/staff/reports/{path}{'&' if '?' in path else '?'}{period}"
                report(f"{title}, {words}", *measure(staff, floor, "GET", address, rounds))


def main() -> None:
    """Prepare, make, serve, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=TICKETS)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--folder", type=Path, help="keep the database here and use it again")
    parser.add_argument("--make", choices=("csv", "xlsx"), help=argparse.SUPPRESS)
    parser.add_argument("--conversation", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.make:
        make_one(chosen.make, chosen.conversation)
        return
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        environment = prepared(chosen.folder or Path(name))
        start = time.perf_counter()
        invent(environment, chosen.tickets)
        print(f"{chosen.tickets} tickets are there after {time.perf_counter() - start:.0f} s")
        make_files(environment)
        ask_reports(environment, chosen.rounds)


if __name__ == "__main__":
    main()
