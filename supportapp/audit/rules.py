"""The acts of the trail, and what of a change is fit to be kept."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

LONGEST_VALUE = 200  # of a longer text it is kept that it changed, and how long it was and became
LENGTH = "characters"
LONGEST_LABEL = 200
# Of these it is kept that they changed, never what they were.
SECRETS = frozenset({"password", "password_hash", "activation_code", "code_key"})
# They change with every change and tell nothing.
# fmt: off
NOISE = frozenset((
    "id", "updated_at", "changed_at", "changed_by_id", "changed_by", "updated_by_id", "session_epoch", "revision",
    "version", "number_key", "last_login", "login_count", "fail_login_count", "created_on", "changed_on",
    "created_by_fk", "changed_by_fk", "searched_at", "updated_by", "published_by", "created_by", "created_at",
))
# By the kind of the object: what follows from other fields, or what only the program reads.
INTERNAL: dict[str, frozenset[str]] = {
    "Article": frozenset({"text", "usefulness", "from_ticket_id"}),
    "Customer": frozenset({"found_by"}),
    "Notification": frozenset((
        "text_body", "html_body", "message_id", "about", "customer_id", "next_attempt_at", "claimed_until",
    )),
    "StaffAbsence": frozenset({"created_by_id"}),
    "ReceivedMail": frozenset((
        "fingerprint", "storage_key", "details", "envelope_recipients", "next_attempt_at", "message_id", "read_at",
        "decided_by", "decided_at",
    )),
    "StaffUser": frozenset({"groups"}),
}
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
    SEAT_RELEASED = "seat_released"
    IMPORTED = "imported"
    EXPORTED = "exported"
    RESENT = "resent"
    NOTED_ON_TICKET = "noted_on_ticket"
    OPENED_TICKET = "opened_ticket"
    READ_AGAIN = "read_again"
    DISCARDED = "discarded"
    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    LOCKED_OUT = "locked_out"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - an act, not a password


class Actor(enum.StrEnum):
    """Who acts when nobody is signed in."""

    SYSTEM = "system"
    COMMAND_LINE = "command line"
    STRANGER = "stranger"


@dataclass(frozen=True)
class Named:
    """Rows that a field points at: the same when their keys are, kept by their ``words``."""

    keys: tuple[Any, ...]
    words: str = field(compare=False)


Kept = str | dict[str, int]


def is_kept(kind: str, name: str) -> bool:
    """Whether the trail keeps what the field ``name`` of such an object says."""
    return name not in NOISE and name not in INTERNAL.get(kind, ())


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Kept]]:
    """What changed, by field: the value before and after as short texts; of secrets only that they changed, and of long
    texts their lengths, ``{"characters": 812}``."""
    found: dict[str, list[Kept]] = {}
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if name in NOISE or old == new:
            continue
        pair = [plain(old), plain(new)]
        if not any(pair):
            continue
        found[name] = [CHANGED, CHANGED] if name in SECRETS else _fit(pair)
    return found


def plain(value: Any) -> str:
    """A value as a text that can be read back: moments in ISO form, members of enums by their values."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, enum.Enum):
        return str(value.value)
    return (value.words if isinstance(value, Named) else str(value)).replace("\0", "")


def _fit(pair: list[str]) -> list[Kept]:
    if max(map(len, pair)) <= LONGEST_VALUE:
        return list(pair)
    return [{LENGTH: len(text)} for text in pair]
