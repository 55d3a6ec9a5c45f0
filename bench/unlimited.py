"""The portal without its limits on attempts: a bench types faster than a person may."""

from __future__ import annotations

from supportapp.extensions import limiter
from wsgi import app as app

limiter.enabled = False
