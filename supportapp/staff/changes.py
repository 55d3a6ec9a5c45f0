"""Who changed what in the reference data: one log line a change, without secrets."""

from __future__ import annotations

import logging
from typing import Any

from sqlalchemy import inspect

from supportapp.staff.security import signed_in_staff

log = logging.getLogger("supportapp.staff.changes")
SECRETS = frozenset({"password", "password_hash", "activation_code", "code_key"})
LONGEST = 80


def describe(row: Any) -> str:
    """What the coming flush will change in ``row``: "priority: 20 -> 10"."""
    parts = []
    for attribute in inspect(row).attrs:
        history = attribute.history
        if attribute.key in SECRETS:
            parts += [f"{attribute.key}: changed"] if history.has_changes() else []
        elif history.has_changes():
            before, after = _short(history.deleted), _short(history.added)
            if before != after:
                parts.append(f"{attribute.key}: {before} -> {after}")
    return "; ".join(parts)


def note(act: str, row: Any, what: str = "") -> None:
    """Write that the staff user of this request did ``act`` to ``row``."""
    by = signed_in_staff()
    log.info("staff %s (%s) %s %s %s %s", by.id, by.username, act, type(row).__name__, getattr(row, "id", ""), what)


def _short(values: Any) -> str:
    text = ", ".join(str(value) for value in values or ())
    text = text.replace("\n", "\\n")
    return repr(text if len(text) <= LONGEST else text[:LONGEST] + "…")
