"""The three Russian catalogues: where they are, what belongs into each, and how they are compiled."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

PACKAGE = Path(__file__).parent.parent / "supportapp"
KEYWORDS = {"_": None, "_l": None, "N_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
ROOMS = {"domain": PACKAGE, "portal": PACKAGE / "portal", "staff": PACKAGE / "staff"}


def path_of(catalogue: str) -> Path:
    return ROOMS[catalogue] / "translations" / "ru" / "LC_MESSAGES" / "messages.po"


def read(catalogue: str) -> Catalog:
    with path_of(catalogue).open("rb") as file:
        return read_po(file, locale="ru", abort_invalid=True)


def sources(catalogue: str) -> Iterator[Path]:
    """The files whose sentences belong into the catalogue; the error pages are the portal's."""
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix in (".py", ".html") and _owner(path) == catalogue:
            yield path


def msgids(path: Path) -> set[str | tuple[str, ...]]:
    """Every sentence that ``path`` marks for translation."""
    method = "python" if path.suffix == ".py" else "jinja2"
    options = {"silent": "false"} if method == "jinja2" else {}
    found = extract_from_file(method, path, keywords=KEYWORDS, options=options)
    return {message if isinstance(message, str) else tuple(message) for _line, message, _comments, _context in found}


def compile_stale() -> None:
    """Bring every .mo up to its .po."""
    for catalogue in ROOMS:
        source = path_of(catalogue)
        target = source.with_suffix(".mo")
        if source.exists() and (not target.exists() or target.stat().st_mtime < source.stat().st_mtime):
            draft = target.with_suffix(f".{os.getpid()}")
            with draft.open("wb") as file:
                write_mo(file, read(catalogue))
            draft.replace(target)


def _owner(path: Path) -> str:
    room = path.relative_to(PACKAGE).parts[0]
    if room in ("portal", "staff"):
        return room
    if room == "templates" and path.parent.name != "mail":
        return "portal"
    return "domain"
