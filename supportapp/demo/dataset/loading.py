"""The whole of a folder into the database, batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select, text

from supportapp.accounts.models import Customer
from supportapp.demo.dataset.files import check_folder, rows, tickets_with_messages
from supportapp.demo.dataset.life import Rows, World, live
from supportapp.demo.dataset.people import load_customers, make_cast
from supportapp.extensions import db, settings
from supportapp.tickets.models import Message, Ticket, TimelineEntry
from supportapp.tickets.operations import note_what_is_past
from supportapp.tickets.search.tables import TicketWords
from supportapp.worktime.queries import current_calendar

BATCH = 1_000
Move = Callable[[int, int], None]


def is_empty() -> bool:
    """Whether nobody has registered and nothing was asked yet."""
    return db.session.scalar(select(Customer.id).limit(1)) is None


def load(folder: Path, *, at: datetime, show_customers: Move, show_tickets: Move) -> int:
    """Load the folder, a transaction a batch, and return how many tickets it had. Raises DatasetError."""
    check_folder(folder)
    totals = {name: sum(1 for _ in rows(folder, name)) for name in ("customers", "tickets")}
    cast = make_cast(folder, at=at, shift=_greatest(Customer))
    for done in load_customers(folder, cast):
        db.session.commit()
        show_customers(done, totals["customers"])
    world = World(
        cast, current_calendar(), settings.timezone, settings.TICKET_PREFIX, _greatest(Ticket), _greatest(Message)
    )
    done = 0
    for done in _load_tickets(folder, world):
        db.session.commit()
        show_tickets(done, totals["tickets"])
    note_what_is_past(at=at)
    _tidy()
    return done


def _load_tickets(folder: Path, world: World) -> Iterator[int]:
    source, done = tickets_with_messages(folder), 0
    while batch := list(islice(source, BATCH)):
        made = Rows()
        for row, said in batch:
            live(row, said, world, made)
        for model, values in (
            (Ticket, made.tickets),
            (TicketWords, made.words),
            (Message, made.messages),
            (TimelineEntry, made.events),
        ):
            db.session.execute(insert(model), values)
        done += len(batch)
        yield done


def _greatest(model: Any) -> int:
    return db.session.scalar(select(func.max(model.id))) or 0


def _tidy() -> None:
    """Let the next rows take the next numbers, and the database know what it holds."""
    if db.engine.dialect.name == "postgresql":
        for model in (Customer, Ticket, Message):
            name = model.__tablename__
            last = f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))"  # noqa: S608
            db.session.execute(text(last))
    else:
        db.session.execute(text("INSERT INTO ticket_words_fts(ticket_words_fts) VALUES ('optimize')"))
    db.session.execute(text("ANALYZE"))
    db.session.commit()
