"""``flask measure-tickets``: the working time of tickets from before it was kept."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import with_appcontext

from supportapp.extensions import db
from supportapp.reports.backfill import measure_next


def init_app(app: Flask) -> None:
    """Register the command."""
    app.cli.add_command(measure_tickets)


@click.command("measure-tickets")
@with_appcontext
def measure_tickets() -> None:
    """Count what older tickets took in working time, for the reports. May be stopped and run again."""
    last: int | None = 0
    while last is not None:
        last = measure_next(last)
        db.session.commit()
    click.echo("Every ticket is measured.")
