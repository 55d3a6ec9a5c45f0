"""The WSGI entry point: ``gunicorn wsgi:app``."""

import gc

from supportapp import create_app

app = create_app()
# What the application is made of never goes away: looked through now and then, it would hold up a page for 0.2 s.
gc.collect()
gc.freeze()
