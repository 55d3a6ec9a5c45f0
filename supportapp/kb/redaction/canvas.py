"""A text in which private places are replaced, one after the other, by marks that no later rule can touch."""

from __future__ import annotations

import enum
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

_FIRST_MARK = 0xE000  # private-use characters: no rule matches them, and none comes in from outside
_PRIVATE_USE = re.compile("[\ue000-\uf8ff]")


class Kind(enum.StrEnum):
    """What was taken out."""

    NAME = "name"
    ORGANISATION = "organisation"
    EMAIL = "email"
    PHONE = "phone"
    NUMBER = "number"
    TICKET = "ticket"
    ADDRESS = "address"
    HOST = "host"
    USER = "user"
    TAX = "tax"
    CARD = "card"
    SECRET = "secret"  # noqa: S105 - a kind, not one
    THUMBPRINT = "thumbprint"
    SERIAL = "serial"


_WORDS: dict[Kind, tuple[str, str]] = {
    Kind.NAME: ("имя", "name"),
    Kind.ORGANISATION: ("организация", "organisation"),
    Kind.EMAIL: ("адрес почты", "e-mail"),
    Kind.PHONE: ("телефон", "telephone"),
    Kind.NUMBER: ("номер", "number"),
    Kind.TICKET: ("обращение", "ticket"),
    Kind.ADDRESS: ("IP-адрес", "IP address"),
    Kind.HOST: ("узел", "host"),
    Kind.USER: ("пользователь", "user"),
    Kind.TAX: ("реквизит", "tax number"),
    Kind.CARD: ("номер карты или счёта", "card or account number"),
    Kind.SECRET: ("ключ или пароль", "key or password"),
    Kind.THUMBPRINT: ("отпечаток", "thumbprint"),
    Kind.SERIAL: ("серийный номер", "serial number"),
}
_MARKS = {kind: chr(_FIRST_MARK + number) for number, kind in enumerate(Kind)}
Accept = Callable[[re.Match[str]], bool]


class Canvas:
    """The text under work; a mark stands as one character."""

    def __init__(self, text: str) -> None:
        self.text = _PRIVATE_USE.sub("", text)

    def take(self, pattern: re.Pattern[str], kind: Kind, *, accept: Accept | None = None) -> None:
        """Replace what ``pattern`` finds; its group "what" alone when it has one."""
        part = "what" if "what" in pattern.groupindex else 0

        def replaced(found: re.Match[str]) -> str:
            if accept is not None and not accept(found):
                return found.group()
            start, end = found.start(part) - found.start(), found.end(part) - found.start()
            return found.group()[:start] + _MARKS[kind] + found.group()[end:]

        self.text = pattern.sub(replaced, self.text)

    def cut(self, places: Iterable[tuple[int, int]], kind: Kind) -> None:
        """Replace what stands between each start and end; the places come in their order."""
        parts, last = [], 0
        for start, end in places:
            parts += [self.text[last:start], _MARKS[kind]]
            last = end
        self.text = "".join([*parts, self.text[last:]])

    def join(self, kind: Kind) -> None:
        """Several marks of a kind with nothing but blanks between them are one."""
        mark = _MARKS[kind]
        self.text = re.sub(rf"{mark}(?:[ \t]+{mark})+", mark, self.text)

    def shown(self, language: str) -> str:
        """The text with its marks in words: «[имя]»."""
        text = self.text
        for kind, mark in _MARKS.items():
            text = text.replace(mark, f"[{_WORDS[kind][language == 'en']}]")
        return text

    def count(self) -> Mapping[Kind, int]:
        """How many marks of each kind stand in the text."""
        counted = Counter(self.text)
        return {kind: counted[mark] for kind, mark in _MARKS.items() if counted[mark]}


NAME_MARK = _MARKS[Kind.NAME]
