"""``flask mail``: mails come in by a pipe, or by the doors that are configured."""

from __future__ import annotations

import logging
import os
import sys

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from supportapp.extensions import settings

mail = AppGroup("mail", help="Mails that come in.")


def init_app(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(mail)


@mail.command()
@click.option("--sender", default=None, help="The envelope's sender; empty for a report.")
@click.option("--recipient", "recipients", multiple=True, help="The envelope's recipient; may be given several times.")
def ingest(sender: str | None, recipients: tuple[str, ...]) -> None:
    """Take one mail from the standard input: 0 when it is kept, 75 when the mail server has to try again later."""
    from supportapp.mailbox.doors import pipe

    _log_to_stderr()
    try:
        status = pipe.ingest(sys.stdin.buffer, sender=sender, recipients=recipients)
    except Exception:  # a mail server keeps the mail as long as we say "later"
        logging.getLogger(__name__).exception("the mail was not taken in")
        status = os.EX_TEMPFAIL
    sys.exit(status)


@mail.command()
def receive() -> None:
    """Look into the IMAP box and listen for LMTP and SMTP, as far as they are configured."""
    from supportapp.mailbox.doors import service

    if not (settings.IMAP_HOST or settings.LMTP_LISTEN or settings.SMTP_LISTEN):
        raise click.ClickException("Nothing is configured: set IMAP_HOST, LMTP_LISTEN or SMTP_LISTEN.")
    _log_to_stderr()
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    plain = app.extensions["settings"]
    sys.exit(service.receive(plain, app.app_context))


def _log_to_stderr() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd, which tells every line
