"""Every test of the knowledge base has a search index folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from supportapp.kb.search import reading
from tests.conftest import make_settings


@pytest.fixture(autouse=True)
def index_dir(app: Flask, tmp_path: Path) -> Iterator[Path]:
    before = app.extensions["settings"]
    folder = tmp_path / "search_index"
    app.extensions["settings"] = make_settings(Path(before.VAR_DIR), INDEX_DIR=str(folder))
    yield folder
    reading.forget()
    app.extensions["settings"] = before
