"""Several acts on one thing within MAIL_GATHER_SECONDS become one mail to each of those who are told.

A row is still written for each act. The oldest that waits, the carrier, takes the others along when its time has come,
in the transaction that claims it; from then on they share its fate for good. None joins a mail that was tried before:
a server may know its Message-ID already, and would throw the new words away with the copy.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, Select, Update, and_, bindparam, or_, select, update
from sqlalchemy.orm import defer

from supportapp.database import UtcDateTime
from supportapp.extensions import db
from supportapp.notifications.models import Notification, NotificationState

COMMON = ("about", "recipient", "language")  # to all that goes as one mail
MOST = 20  # in one mail; whoever acts more often gets a second one


@dataclass(frozen=True)
class Group:
    """What goes as one mail: its carrier and, while that gathers, what the others must have in common with it."""

    carrier_id: int
    common: dict[str, str] | None = None


def find_group(notification_id: int) -> Group:
    """The group of this mail: alone, unless it belongs to another one or waits with others."""
    mail = db.session.execute(_place(), {"mail": notification_id}).one_or_none()
    if mail is None or not mail.gathers:
        return Group((mail.joined_to_id if mail is not None else None) or notification_id)
    common = {f"same_{name}": getattr(mail, name) for name in COMMON}
    return Group(db.session.scalar(_oldest(), common) or notification_id, common)


def take_along(group: Group, *, at: datetime) -> None:
    """Everything that waits with the carrier, which the caller has claimed, goes with it."""
    if group.common is not None:
        carried = {**group.common, "carrier": group.carrier_id, "first_tried": at}
        db.session.connection().execute(_taking(), carried)


def parts_of(carrier_id: int, *, locked: bool = False) -> list[Notification]:
    """The carrier and everything that goes with it as the database has them now, oldest first; what is ``locked`` is
    about its state, not its words."""
    anew = {"populate_existing": True}
    return list(db.session.scalars(_parts(locked), {"carrier": carrier_id}, execution_options=anew))


# Built once: it takes longer to build a statement than to run it.


@cache
def _place() -> Select[str, str, str, bool, int | None]:
    facts = (getattr(Notification, name) for name in (*COMMON, "gathers", "joined_to_id"))
    return select(*facts).where(Notification.id == bindparam("mail"))


@cache
def _oldest() -> Select[int]:
    return select(Notification.id).where(_waits()).order_by(Notification.id).limit(1)


@cache
def _taking() -> Update:
    carrier = bindparam("carrier", type_=Notification.id.type)
    waiting = select(Notification.id).where(_waits(), Notification.id > carrier).order_by(Notification.id)
    carried = {"joined_to_id": carrier, "gathers": False, "tried_since": bindparam("first_tried", type_=UtcDateTime())}
    wanted = update(Notification).where(Notification.id.in_(waiting.limit(MOST - 1)), _waits())
    return wanted.values(carried).execution_options(synchronize_session=False)


@cache
def _parts(locked: bool) -> Select[Notification]:
    carrier = bindparam("carrier", type_=Notification.id.type)
    wanted = select(Notification).where(or_(Notification.id == carrier, Notification.joined_to_id == carrier))
    wanted = wanted.order_by(Notification.id)
    if locked:
        wanted = wanted.with_for_update().options(defer(Notification.text_body), defer(Notification.html_body))
    return wanted


def _waits() -> ColumnElement[bool]:
    return and_(
        *(getattr(Notification, name) == bindparam(f"same_{name}") for name in COMMON),
        Notification.gathers,
        Notification.state == NotificationState.QUEUED,
        Notification.joined_to_id.is_(None),
    )
