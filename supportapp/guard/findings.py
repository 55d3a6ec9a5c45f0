"""What a secret is, where one was found, and how it may be shown."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from supportapp.i18n import N_, gettext


class Secret(enum.StrEnum):
    """The kinds of secrets that support never needs."""

    PRIVATE_KEY = "private_key"
    KEY_CONTAINER = "key_container"
    LICENCE_KEY = "licence_key"
    PIN = "pin"
    PASSWORD = "password"  # noqa: S105 - a kind, not a password


NAMES = {
    Secret.PRIVATE_KEY: N_("private key"),
    Secret.KEY_CONTAINER: N_("container with a private key"),
    Secret.LICENCE_KEY: N_("licence key"),
    Secret.PIN: N_("PIN code"),
    Secret.PASSWORD: N_("password"),
}
REMOVED = N_("[removed: %(what)s]")
DOTS = "••••"


@dataclass(frozen=True)
class Finding:
    """A secret at ``text[start:end]``; ``shown`` names its place without giving it away."""

    kind: Secret
    start: int
    end: int
    shown: str


@dataclass(frozen=True)
class FileFinding:
    """A secret in a file; ``where`` is the entry of an archive, or a masked piece of text, or nothing."""

    kind: Secret
    where: str = ""


def name_of(kind: Secret, language: str) -> str:
    """The kind in words: «пин-код»."""
    return gettext(NAMES[kind], language)


def mark_of(kind: Secret, language: str) -> str:
    """What stands in a text instead of the secret: «[удалено: пин-код]»."""
    return gettext(REMOVED, language, what=name_of(kind, language))


def as_column(kinds: Iterable[Secret]) -> str:
    """Kinds as they are kept beside what was let through: each once, in a fixed order."""
    return ",".join(sorted({kind.value for kind in kinds}))


def from_column(text: str | None) -> list[Secret]:
    """The kinds that a row remembers; words of another version are passed over."""
    return [Secret(word) for word in (text or "").split(",") if word in set(Secret)]
