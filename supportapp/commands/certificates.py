"""Certificates from the command line: the staff's register comes in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
from flask import Flask
from flask.cli import with_appcontext

from supportapp import clock
from supportapp.audit.operations import Object, record
from supportapp.audit.rules import Act, Actor
from supportapp.certificates.register import Register, import_register, read_register
from supportapp.database import reading
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.i18n import LANGUAGES


def init_app(app: Flask) -> None:
    """Add ``flask import-certificates``."""
    app.cli.add_command(import_certificates)


@click.command("import-certificates")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only read the file and say what is wrong with it.")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", help="Of the sentences.")
@with_appcontext
def import_certificates(file: Path, dry_run: bool, language: str) -> None:
    """Import a CSV or XLSX register of certificates and contracts: all rows or none.

    Prints the first rows and every row that is wrong. Ends with 1 when anything is.
    """
    try:
        register = _read(file)
        _show(register, language)
        if not dry_run and register.is_clean:
            count = _import(register, file.name)
            click.echo(f"{count} certificates were imported.")
    except Refused as refused:
        raise click.ClickException(refused.text(language)) from refused
    if not register.is_clean:
        raise click.ClickException(f"{len(register.problems)} rows are wrong; nothing was imported.")


def _read(file: Path) -> Register:
    """A long file takes its time, in which the portal goes on writing."""
    with reading(), file.open("rb") as stream:
        register = read_register(stream, file.name)
        db.session.rollback()
    return register


def _show(register: Register, language: str) -> None:
    for row in register.preview():
        entry = row.entry
        click.echo(
            f"{row.line}: {entry.kind} {entry.number}, {entry.holder}, {entry.valid_from}..{entry.valid_to}, "
            f"{entry.seats} x {row.level}: {row.products}"
        )
    click.echo(f"{len(register.rows)} rows can be imported.")
    if register.ignored_columns:
        click.echo(f"Columns left out: {', '.join(register.ignored_columns)}")
    for problem in register.problems:
        click.echo(problem.text(language), err=True)


def _import(register: Register, name: str) -> int:
    with click.progressbar(length=len(register.rows), label="Importing") as bar:
        at = clock.now()
        count = import_register(register, by=None, at=at, progress=_moves(bar.update))
    what = Object("Certificate", None, name)
    record(Act.IMPORTED, what, by=Actor.COMMAND_LINE, at=at, details={"note": f"{count} certificates"})
    db.session.commit()
    return count


def _moves(advance: Callable[[int], None]) -> Callable[[int, int], None]:
    done_before = 0

    def progress(done: int, _total: int) -> None:
        nonlocal done_before
        advance(done - done_before)
        done_before = done

    return progress
