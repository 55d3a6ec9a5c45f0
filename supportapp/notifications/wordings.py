"""The mails whose words staff may change: what each is for, and the values that its words may use.

Every feature enters its own here (``enter``). A mail that is not entered keeps its built-in words: those that prove an
address or set a password.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, product
from types import SimpleNamespace
from typing import Any

from supportapp.i18n import N_

MOST_SAMPLES = 400


@dataclass(frozen=True)
class Value:
    """A value by its dotted name, what it means (a msgid), and samples of it; None among them: it may be missing."""

    name: str
    meaning: str
    samples: tuple[Any, ...]

    @property
    def may_be_missing(self) -> bool:
        return None in self.samples


PORTAL_URL = "https://support.example.com"  # the sample, by which that value is known
COMMON = (
    Value("support_name", N_("the portal's name"), ("Support",)),
    Value("portal_url", N_("the portal's address"), (PORTAL_URL,)),
    Value("language", N_("the language of the mail: ru or en"), ("ru", "en")),
    Value("by_mail", N_("whether this mail may be answered"), (True, False)),
)


@dataclass(frozen=True)
class Wording:
    """A mail as its words are written. ``needs_in_subject`` is the value by which an answer finds its way back."""

    name: str
    purpose: str
    values: tuple[Value, ...]
    needs_in_subject: str = ""

    @property
    def all_values(self) -> tuple[Value, ...]:
        return self.values + COMMON

    def find(self, name: str) -> Value | None:
        """The value of that dotted name."""
        return next((value for value in self.all_values if value.name == name), None)

    def samples(self, used: Iterable[str]) -> Iterator[dict[str, Any]]:
        """Contexts in which the values ``used`` meet in every combination, at most 400; all others stay the same."""
        wanted = set(used)
        values = self.all_values
        choices = [value.samples if value.name in wanted else value.samples[:1] for value in values]
        for combination in islice(product(*choices), MOST_SAMPLES):
            yield nested(dict(zip((value.name for value in values), combination, strict=True)))


_entered: dict[str, Wording] = {}


def enter(*wordings: Wording) -> None:
    """Let staff change the words of these mails."""
    _entered.update((wording.name, wording) for wording in wordings)


def find_wording(name: str) -> Wording | None:
    """The mail of that name, when its words may be changed."""
    return _entered.get(name)


def wordings() -> list[Wording]:
    """Every mail whose words may be changed, in the order in which the features name them."""
    return list(_entered.values())


def nested(values: dict[str, Any]) -> dict[str, Any]:
    """Dotted names as a context: "ticket.reference" is an attribute of ``ticket``."""
    context: dict[str, Any] = {}
    for name, value in values.items():
        head, _, attribute = name.partition(".")
        if attribute:
            setattr(context.setdefault(head, SimpleNamespace()), attribute, value)
        else:
            context[name] = value
    return context
