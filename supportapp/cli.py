"""The ``flask`` commands."""

from __future__ import annotations

from flask import Flask

from supportapp.commands import certificates, database, demo, jobs, kb, staff


def init_app(app: Flask) -> None:
    """Register the commands."""
    certificates.init_app(app)
    database.init_app(app)
    demo.init_app(app)
    jobs.init_app(app)
    kb.init_app(app)
    staff.init_app(app)
