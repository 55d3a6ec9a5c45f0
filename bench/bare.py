"""The floor: a bare Flask page, served like the portal."""

from __future__ import annotations

from flask import Flask

app = Flask(__name__)


@app.get("/")
def page() -> str:
    """Nothing but an answer."""
    return "ok"
