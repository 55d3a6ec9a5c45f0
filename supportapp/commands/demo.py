"""``flask demo``: content to look at, and a clock to move. Refused outside the demo."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import AppGroup

from supportapp import clock
from supportapp.demo.shift import parse_shift
from supportapp.extensions import db, settings
from supportapp.jobs.queue import Bell, ring
from supportapp.jobs.schedule import SCHEDULE
from supportapp.notifications.moments import moment
from supportapp.worktime.queries import current_calendar

group = AppGroup("demo", help="Content and clock of the demo; refused elsewhere.")


def init_app(app: Flask) -> None:
    """Register the commands."""
    app.cli.add_command(group)


@group.command("seed")
def seed_command() -> None:
    """Add the demo's people, certificates, articles and tickets; what is there stays."""
    _require_demo()
    from supportapp.demo.seed import seed

    seed(at=clock.now())
    db.session.commit()
    click.echo("The demo content is in place.")


@group.command("clock")
@click.argument("words", nargs=-1)
def clock_command(words: tuple[str, ...]) -> None:
    """Say where the clock of all processes stands, or move it: "5 hours", "2 days", "3 working days", "reset"."""
    _require_demo()
    if words == ("reset",):
        clock.set_offset(clock.offset() * 0)
    elif words:
        try:
            shift = parse_shift(" ".join(words), at=clock.now(), calendar=current_calendar(), tz=settings.timezone)
        except ValueError as error:
            raise click.ClickException(str(error)) from error
        clock.set_offset(clock.offset() + shift)
        _look_around()
    click.echo(f"The demo's clock says {moment(clock.now(), 'en', settings.timezone)}.")
    click.echo(f"It is {clock.offset()} ahead of the real one." if clock.offset() else "It tells the real time.")


def _look_around() -> None:
    """Whatever has become due is done now and not at the next sweep: whoever moves the clock wants to see it."""
    if ring([Bell(entry.function, (), entry.queue) for entry in SCHEDULE]):
        click.echo("What is due at that time (reminders, warnings, closings) happens within a few seconds.")
    else:
        click.echo("What is due at that time happens when Redis and the worker run again.")


def _require_demo() -> None:
    if not settings.DEMO:
        raise click.ClickException("This works only in the demo (DEMO=1): it would write into a real portal.")
