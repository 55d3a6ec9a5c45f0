"""Several acts on one thing within MAIL_GATHER_SECONDS become one mail to each of those who are told.

A row is still written for each act. The oldest that waits, the carrier, takes the others along when its time has come,
in the transaction that claims it; from then on they share its fate for good. None joins a mail that was tried before:
a server may know its Message-ID already, and would throw the new words away with the copy.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, or_, select, update
from sqlalchemy.orm import defer

from supportapp.extensions import db
from supportapp.notifications.models import Notification, NotificationState

_FACTS = Notification.about, Notification.recipient, Notification.language
MOST = 20  # in one mail; whoever acts more often gets a second one


def find_carrier(notification_id: int) -> int:
    """The row whose claim takes this one along: itself, unless it belongs to others or waits with them."""
    mail = db.session.execute(_place(), {"mail": notification_id}).one_or_none()
    if mail is None or not mail.gathers:
        return mail.joined_to_id or notification_id if mail is not None else notification_id
    oldest = select(Notification.id).where(_waits_with(mail)).order_by(Notification.id).limit(1)
    return db.session.scalar(oldest) or notification_id


def take_along(carrier: Notification, *, at: datetime) -> None:
    """Everything that waits with ``carrier``, which the caller has claimed, goes with it."""
    waiting = select(Notification.id).where(_waits_with(carrier), Notification.id > carrier.id)
    statement = (
        update(Notification)
        .where(Notification.id.in_(waiting.order_by(Notification.id).limit(MOST - 1)), _waits_with(carrier))
        .values(joined_to_id=carrier.id, gathers=False, tried_since=at)
        .execution_options(synchronize_session=False)
    )
    db.session.connection().execute(statement)


def parts_of(carrier_id: int, *, locked: bool = False) -> list[Notification]:
    """The carrier and everything that goes with it as the database has them now, oldest first; what is ``locked`` is
    about its state, not its words."""
    anew = {"populate_existing": True}
    return list(db.session.scalars(_parts(locked), {"carrier": carrier_id}, execution_options=anew))


# Built once: it takes longer to build a statement than to run it.


@cache
def _place() -> Select[str, str, str, bool, int | None]:
    columns = select(*_FACTS, Notification.gathers, Notification.joined_to_id)
    return columns.where(Notification.id == bindparam("mail"))


@cache
def _parts(locked: bool) -> Select[Notification]:
    carrier = bindparam("carrier", type_=Notification.id.type)
    wanted = select(Notification).where(or_(Notification.id == carrier, Notification.joined_to_id == carrier))
    wanted = wanted.order_by(Notification.id)
    if locked:
        wanted = wanted.with_for_update().options(defer(Notification.text_body), defer(Notification.html_body))
    return wanted


def _waits_with(mail: Any) -> ColumnElement[bool]:
    return and_(
        Notification.about == mail.about,
        Notification.recipient == mail.recipient,
        Notification.language == mail.language,
        Notification.gathers,
        Notification.state == NotificationState.QUEUED,
        Notification.joined_to_id.is_(None),
    )
