"""The WSGI entry point: ``gunicorn wsgi:app``."""

from supportapp import create_app

app = create_app()
