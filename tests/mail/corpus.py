"""The mails of this folder: written in the manner of real programs, with what each must become beside it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "corpus"
NAMES = sorted(path.stem for path in FOLDER.glob("*.eml"))


@cache
def raw(name: str) -> bytes:
    return (FOLDER / f"{name}.eml").read_bytes()


@cache
def expected(name: str) -> dict[str, Any]:
    """Read from NAME.json: fields of IncomingMail by name, attachments by their file names."""
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found
