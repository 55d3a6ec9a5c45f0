"""Folders to import, and the commands run on a database of their own."""

from __future__ import annotations

import io
from pathlib import Path

from click.testing import Result
from flask import Flask
from PIL import Image
from sqlalchemy import select

from supportapp.extensions import db
from supportapp.kb.models import Article


def write(folder: Path, path: str, front: str = "", body: str = "Текст статьи.") -> Path:
    """A file of the folder; its title is its name when ``front`` has none."""
    if "title:" not in front:
        front = f"title: Статья {Path(path).stem}\n{front}"
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(f"---\n{front.strip()}\n---\n\n{body}\n")
    return target


def png(colour: str = "red") -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(target, "PNG")
    return target.getvalue()


def run(app: Flask, *arguments: object) -> Result:
    """``flask kb ...`` as an administrator gives it."""
    return app.test_cli_runner().invoke(args=["kb", *map(str, arguments)])


def article(slug: str) -> Article:
    found = db.session.scalar(select(Article).where(Article.slug == slug).execution_options(populate_existing=True))
    assert found
    return found


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, by its path."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
