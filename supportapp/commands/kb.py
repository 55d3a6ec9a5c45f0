"""``flask reindex``: the search index of the knowledge base, built anew; ``flask kb``: the base as files."""

from __future__ import annotations

import click
from flask import Flask

from supportapp import clock
from supportapp.commands import kb_folder
from supportapp.database import reading
from supportapp.kb.search import shelf, upkeep


def init_app(app: Flask) -> None:
    """Register the commands."""
    app.cli.add_command(reindex)
    app.cli.add_command(kb_folder.group)


@click.command("reindex")
@click.option("--check", is_flag=True, help="Only say what state the index is in: ok, missing, behind or late.")
def reindex(check: bool) -> None:
    """Build the search index anew from the database; readers keep the old one until the new one is complete."""
    with reading():
        if check:
            click.echo(upkeep.index_status(at=clock.now()).value)
            return
        try:
            number = upkeep.rebuild(_show)
        except shelf.IndexBusyError as error:
            raise click.ClickException("another process is writing the index; try again in a minute") from error
    click.echo(f"{number} articles indexed in {shelf.root()}")


def _show(done: int, total: int) -> None:
    click.echo(f"{done} of {total}", err=True)
