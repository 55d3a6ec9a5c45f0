"""``flask search-tickets``: the full text over tickets, which the database keeps beside them."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy import func, select

from supportapp.commands.progress import progress
from supportapp.extensions import db
from supportapp.tickets import search
from supportapp.tickets.models import Ticket
from supportapp.tickets.search.tables import TicketWords

BATCH = 500
group = AppGroup("search-tickets", help="The full text over tickets.")


def init_app(app: Flask) -> None:
    """Register the commands."""
    app.cli.add_command(group)


@group.command("rebuild")
def rebuild() -> None:
    """Write the words of every ticket anew. The portal may run meanwhile; a batch of tickets is a transaction."""
    total, done, last = db.session.scalar(select(func.count(Ticket.id))) or 0, 0, 0
    with progress("Tickets") as move:
        while keys := _after(last):
            search.refill(keys)
            db.session.commit()
            done, last = done + len(keys), keys[-1]
            move(done, total)
    click.echo(f"The words of {done} tickets are written.")


def write_missing_words() -> int:
    """Write the words of tickets that have none, as after an upgrade; how many there were."""
    done = 0
    has_none = select(Ticket.id).where(
        ~select(TicketWords.ticket_id).where(TicketWords.ticket_id == Ticket.id).exists()
    )
    while keys := list(db.session.scalars(has_none.order_by(Ticket.id).limit(BATCH))):
        search.refill(keys)
        db.session.commit()
        done += len(keys)
    db.session.rollback()  # on SQLite even a question holds the writers up
    return done


def _after(key: int) -> list[int]:
    """The next batch, locked: what is said on them now waits until their words are written."""
    batch = select(Ticket.id).where(Ticket.id > key).order_by(Ticket.id).limit(BATCH).with_for_update()
    return list(db.session.scalars(batch))
