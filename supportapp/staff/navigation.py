"""The menu as a person sees it: what his rights open, in his language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app
from flask_appbuilder.menu import MenuItem

from supportapp.staff.frame import language
from supportapp.staff.security import rights, signed_in_staff


@dataclass(frozen=True)
class Entry:
    """A word of the menu and where it leads; one with ``below`` leads nowhere itself."""

    label: str
    address: str
    below: tuple[Entry, ...] = ()


def staff_menu() -> tuple[Entry, ...]:
    """The entries that the signed-in person may open. Remembered by rights and language: every page asks for them, and
    the menu stays what it is once the application is made."""
    known: dict[Any, tuple[Entry, ...]] = current_app.extensions.setdefault("staff_menus", {})
    about = rights(signed_in_staff()), language()
    seen = known.get(about)
    if seen is None:
        seen = _entries(current_app.appbuilder.menu.get_list())  # type: ignore[attr-defined]
        if len(known) > 200:  # roles that no longer are what they were
            known.clear()
        known[about] = seen
    return seen


def _entries(items: list[MenuItem]) -> tuple[Entry, ...]:
    security = current_app.appbuilder.sm  # type: ignore[attr-defined]
    seen = [item for item in items if security.has_access("menu_access", item.name)]
    return tuple(Entry(str(item.label), "" if item.childs else item.get_url(), _entries(item.childs)) for item in seen)
