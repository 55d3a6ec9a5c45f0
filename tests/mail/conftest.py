"""The reader says a few sentences of its own: the catalogues must be ready."""

from __future__ import annotations

import pytest

from tests import catalogues


@pytest.fixture(scope="session", autouse=True)
def compiled_catalogues() -> None:
    catalogues.compile_stale()
