"""``flask worker`` and ``flask scheduler``."""

from __future__ import annotations

import logging
import sys

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from supportapp.extensions import settings
from supportapp.jobs import worker as processes
from supportapp.jobs.queue import QUEUES


def init_app(app: Flask) -> None:
    """Add the commands of the background processes."""
    app.cli.add_command(worker)
    app.cli.add_command(scheduler)


@click.command()
@click.option("--queues", default=",".join(QUEUES), show_default=True, help="Queues to listen to, first things first.")
@click.option("--burst", is_flag=True, help="End when the queues are empty.")
@click.option("--verbose", is_flag=True, help="Log every job, not only troubles, the start and the end.")
@with_appcontext
def worker(queues: str, burst: bool, verbose: bool) -> None:
    """Work on jobs. Run one worker on the queue "index" only; any number on the others."""
    names = [name.strip() for name in queues.split(",") if name.strip()]
    unknown = set(names) - set(QUEUES)
    if unknown or not names:
        raise click.BadParameter(f"known queues are {', '.join(QUEUES)}", param_hint="--queues")
    _log_to_stderr(logging.INFO if verbose else logging.WARNING)
    processes.logger.setLevel(logging.INFO)
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    sys.exit(processes.work(app, settings.REDIS_URL, names, burst=burst))


@click.command()
@with_appcontext
def scheduler() -> None:
    """Ring for the scheduled jobs. Two at once do no harm."""
    _log_to_stderr(logging.INFO)
    sys.exit(processes.keep_schedule(settings.REDIS_URL))


def _log_to_stderr(level: int) -> None:
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
