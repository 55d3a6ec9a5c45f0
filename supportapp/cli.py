"""The ``flask`` commands."""

from __future__ import annotations

from flask import Flask

from supportapp.commands import certificates, database, dataset, demo, jobs, kb, mail, reports, staff, tickets


def init_app(app: Flask) -> None:
    """Register the commands."""
    certificates.init_app(app)
    database.init_app(app)
    dataset.init_app(app)
    demo.init_app(app)
    jobs.init_app(app)
    kb.init_app(app)
    mail.init_app(app)
    reports.init_app(app)
    staff.init_app(app)
    tickets.init_app(app)
