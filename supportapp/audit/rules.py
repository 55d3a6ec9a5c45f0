"""The acts of the trail, and what of a change is fit to be kept."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any

LONGEST_VALUE = 300
LONGEST_LABEL = 200
# Of these it is kept that they changed, never what they were.
SECRETS = frozenset({"password", "password_hash", "activation_code", "code_key"})
# They change with every change and tell nothing.
# fmt: off
NOISE = frozenset((
    "id", "updated_at", "changed_at", "changed_by_id", "changed_by", "updated_by_id", "session_epoch", "revision",
    "version", "number_key", "last_login", "login_count", "fail_login_count", "created_on", "changed_on",
    "created_by_fk", "changed_by_fk", "searched_at",
))
# fmt: on
CHANGED = "•••"


class Act(enum.StrEnum):
    """What was done, in the past tense. The column takes other words, too: they are shown as they are."""

    ADDED = "added"
    CHANGED = "changed"
    DELETED = "deleted"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    KEPT_FOR_STAFF = "kept_for_staff"
    RESTORED = "restored"
    PROPOSED = "proposed"
    CHECKED = "checked"
    MOVED = "moved"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    MERGED = "merged"
    CONFIRMATION_SENT = "confirmation_sent"
    REVOKED = "revoked"
    IMPORTED = "imported"
    EXPORTED = "exported"
    RESENT = "resent"
    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    LOCKED_OUT = "locked_out"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - an act, not a password


class Actor(enum.StrEnum):
    """Who acts when nobody is signed in."""

    SYSTEM = "system"
    COMMAND_LINE = "command line"
    STRANGER = "stranger"


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[str]]:
    """What changed, by field: the value before and after as short texts; of secrets only that they changed."""
    found = {}
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if name in NOISE or old == new:
            continue
        found[name] = [CHANGED, CHANGED] if name in SECRETS else [short(old), short(new)]
    return found


def short(value: Any) -> str:
    """A value as a text that is fit for a table."""
    text = "" if value is None else str(value)
    text = text.replace("\0", "")
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
