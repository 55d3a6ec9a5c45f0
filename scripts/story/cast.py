"""Who lives through the story, and with what."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from . import words as w
from .people import Person
from .surroundings import Clock, Mailbox
from .telling import Telling

STAFF_PASSWORD = "demo-portal-2026"  # noqa: S105 - the demo prints it for everybody
PASSWORD = "зелёный чайник на крыше"  # noqa: S105
LEVEL = "Расширенный"
PRODUCT = "Криптопровайдер"


@dataclass
class Cast:
    """The people, the mail catcher and the clock. ``stamp`` makes every run's names its own."""

    base_url: str
    mail_url: str
    telling: Telling
    clock: Clock = field(default_factory=Clock)
    stamp: str = field(default_factory=lambda: f"{int(time.time()):x}".upper())
    ticket: str = ""
    plain_ticket: str = ""
    suggested: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.visitor = Person("a visitor", self.base_url)
        self.customer = Person("the customer", self.base_url)
        self.colleague = Person("another customer", self.base_url)
        self.engineer = Person("the engineer", self.base_url)
        self.manager = Person("the manager", self.base_url)
        self.mailbox = Mailbox(self.email("maria"), self.mail_url)

    @property
    def customer_name(self) -> str:
        return f"Мария Ветрова {self.stamp}"

    def email(self, who: str) -> str:
        """An address of this run."""
        return f"{who}.{self.stamp.lower()}@example.com"

    def number(self, what: str) -> str:
        """A certificate number of this run."""
        return f"СП-{self.stamp}-{what}"

    def code(self, what: str) -> str:
        """Its activation code."""
        return f"WALK-{self.stamp}-{what}"

    def sign_in_staff(self, person: Person, username: str) -> None:
        """Through the staff door; a session that lasts is kept."""
        person.open("/staff/")
        if person.page.has(w.STAFF_SIGN_IN):
            person.press(w.STAFF_ENTER, {w.USER_NAME: username, w.STAFF_PASSWORD: STAFF_PASSWORD})
        person.sees(w.WHAT_WANTS_DOING)
