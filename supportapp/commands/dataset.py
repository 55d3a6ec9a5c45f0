"""``flask dataset load``: a large help desk from JSONL files, to measure with."""

from __future__ import annotations

from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy.exc import IntegrityError

from supportapp import clock
from supportapp.commands.progress import progress
from supportapp.demo.dataset import loading
from supportapp.demo.dataset.files import DatasetError
from supportapp.extensions import db

group = AppGroup("dataset", help="Many tickets at once, to measure with.")


def init_app(app: Flask) -> None:
    """Register the commands."""
    app.cli.add_command(group)


@group.command("load")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--append", is_flag=True, help="Also when the database already has customers.")
def load(folder: Path, append: bool) -> None:
    """Load customers.jsonl, tickets.jsonl, messages.jsonl, agents.jsonl and departments.jsonl of FOLDER.

    The database must have been made by "flask init-db". Nobody can sign in as one of the loaded people, and no mail is
    sent to them by the loading.
    """
    if not append and not loading.is_empty():
        raise click.ClickException("The database has customers already; say --append to add to them.")
    try:
        with progress("Customers") as customers, progress("Tickets") as tickets:
            number = loading.load(folder, at=clock.now(), show_customers=customers, show_tickets=tickets)
    except (DatasetError, KeyError, TypeError, ValueError) as error:
        db.session.rollback()
        raise click.ClickException(f"The files cannot be read: {error}") from error
    except IntegrityError as error:
        db.session.rollback()
        raise click.ClickException(f"The database refused a row: {error.orig}") from error
    click.echo(f"{number} tickets are loaded.")
