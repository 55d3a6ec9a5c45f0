"""How far a box was looked through, by the numbers that its server gives to mails (UIDs)."""

from __future__ import annotations

from dataclasses import dataclass, field

from supportapp.extensions import db
from supportapp.mailbox.models import MailBox

MOST_UNFETCHED = 2_000  # what is more is found again while nobody has opened it


@dataclass
class Place:
    """``last`` is the greatest UID that was tried; ``unfetched`` are those before it that could not be fetched, the one
    whose next try is due first in front."""

    validity: int
    last: int
    unfetched: list[int] = field(default_factory=list)

    def leave(self, uid: int) -> None:
        """Go on behind a mail, which counts as not fetched until it is taken."""
        self.last = max(self.last, uid)
        self.forget(uid)
        self.unfetched = [*self.unfetched, uid][-MOST_UNFETCHED:]

    def forget(self, uid: int) -> None:
        """It was taken, or is no longer there."""
        self.unfetched = [other for other in self.unfetched if other != uid]


def find_place(name: str) -> Place | None:
    """Where the last look at the box ended; None for a box that is new."""
    box = db.session.get(MailBox, name)
    return Place(box.uid_validity, box.last_uid, list(box.unfetched)) if box else None


def keep_place(name: str, place: Place) -> None:
    """Remember it for the next look. Where two processes look into one box, the later word counts: what it does not
    know is fetched again, and is the same mail."""
    db.session.merge(
        MailBox(name=name, uid_validity=place.validity, last_uid=place.last, unfetched=list(place.unfetched))
    )
    db.session.flush()
