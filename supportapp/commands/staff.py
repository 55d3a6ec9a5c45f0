"""``flask create-staff``: the first administrator, and any other staff account."""

from __future__ import annotations

import sys

import click
from flask import Flask
from flask.cli import with_appcontext

from supportapp.audit.rules import Act
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.staff import changes, people
from supportapp.staff.roles import ROLES


def init_app(app: Flask) -> None:
    """Register the command."""
    app.cli.add_command(create_staff)


@click.command("create-staff")
@click.argument("username")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(ROLES), help="May be given again.")
@click.option("--email", default="", help="Default: USERNAME@localhost.")
@click.option("--first-name", default="")
@click.option("--last-name", default="")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
@with_appcontext
def create_staff(
    username: str, roles: tuple[str, ...], email: str, first_name: str, last_name: str, password_stdin: bool
) -> None:
    """Create the staff account USERNAME. The database must have been made by "flask init-db"."""
    password = (
        sys.stdin.readline().rstrip("\r\n")
        if password_stdin
        else click.prompt("Password", hide_input=True, confirmation_prompt=True)
    )
    try:
        person = people.create_staff(
            username=username,
            email=email or f"{people.normalise_username(username)}@localhost",
            first_name=first_name,
            last_name=last_name,
            password=password,
            role_names=roles,
        )
    except Refused as refused:
        raise click.ClickException(f"{refused.field or ''}: {refused.text('en')}".removeprefix(": ")) from refused
    changes.note_command(Act.ADDED, person, ", ".join(roles))
    db.session.commit()
    click.echo(f"Staff account {person.username} ({', '.join(roles)}) created.")
