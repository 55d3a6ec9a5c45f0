"""How the parts are joined when an application is made."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from config import Settings
from supportapp import clock, database
from supportapp.extensions import bootstrap, connect_redis, csrf, db, limiter, migrate


def connect_clock(settings: Settings) -> None:
    """In the demo, and only there, the clock of all processes can be moved."""
    clock.use_offset_file(Path(settings.VAR_DIR) / "demo-clock" if settings.DEMO else None)


def connect_extensions(app: Flask, settings: Settings) -> None:
    """Give the extensions their application; the database and Redis are not touched yet."""
    app.extensions["settings"] = settings
    app.extensions["redis_client"] = connect_redis(settings.REDIS_URL)
    db.init_app(app)
    migrate.init_app(app, db, directory=str(Path(__file__).parent / "migrations"), render_as_batch=True)
    csrf.init_app(app)
    limiter.init_app(app)
    bootstrap.init_app(app)
    with app.app_context():
        sqlite = db.engine.dialect.name == "sqlite"
        (database.prepare_sqlite if sqlite else database.prepare_postgresql)(db.engine)


def connect_features() -> None:
    """Import every table, and let features that announce something know who listens."""
    import supportapp.audit.models
    import supportapp.kb.models
    import supportapp.mailbox.models
    import supportapp.reports.models
    import supportapp.tickets.assigning.models
    import supportapp.tickets.desk.models
    import supportapp.tickets.escalating.models
    import supportapp.worktime.models  # noqa: F401
    from supportapp.accounts.operations import customers_merged, email_changed, mark_refused
    from supportapp.certificates import letters as certificate_letters
    from supportapp.certificates import operations as certificates
    from supportapp.files.inspection import open_mails_with
    from supportapp.files.operations import keys_wanted, move_files
    from supportapp.kb.mentions import mentioned
    from supportapp.kb.search.words import keys
    from supportapp.mailbox import messages as mailbox_messages
    from supportapp.mailbox.queries import stored_keys
    from supportapp.mailbox.reading import files_in_mail
    from supportapp.notifications.joining import weigh
    from supportapp.notifications.operations import delivered, undeliverable
    from supportapp.notifications.wordings import enter
    from supportapp.tickets import operations as tickets
    from supportapp.tickets.mail_foot import name_articles_with
    from supportapp.tickets.messages import WEIGHTS
    from supportapp.tickets.search import split_with
    from supportapp.tickets.wordings import WORDINGS

    certificates.connect()
    split_with(keys)  # one way to read words, for articles and for tickets
    name_articles_with(mentioned)
    open_mails_with(files_in_mail)
    enter(*WORDINGS, *certificate_letters.WORDINGS, *mailbox_messages.WORDINGS)
    weigh(WEIGHTS)
    delivered.connect(tickets.mark_delivered)
    undeliverable.connect(mark_refused)
    email_changed.connect(tickets.keep_tickets)
    customers_merged.connect(tickets.move_tickets)
    customers_merged.connect(move_files)
    keys_wanted.connect(stored_keys)
