"""Several acts on one thing within MAIL_GATHER_SECONDS become one mail to each of those who are told.

A row is still written for each act. The oldest that waits, the carrier, takes the others along when its time has come,
in the transaction that claims it; from then on they share its fate for good. None joins a mail that was tried before:
a server may know its Message-ID already, and would throw the new words away with the copy.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import defer

from supportapp.extensions import db
from supportapp.notifications.models import Notification, NotificationState

_FACTS = Notification.about, Notification.recipient, Notification.language
MOST = 20  # in one mail; whoever acts more often gets a second one


def find_carrier(notification_id: int) -> int:
    """The row whose claim takes this one along: itself, unless it belongs to others or waits with them."""
    columns = select(*_FACTS, Notification.gathers, Notification.joined_to_id)
    mail = db.session.execute(columns.where(Notification.id == notification_id)).one_or_none()
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


def carried_by(carrier_id: int) -> ColumnElement[bool]:
    """The carrier and everything that goes with it."""
    return or_(Notification.id == carrier_id, Notification.joined_to_id == carrier_id)


def parts_of(carrier_id: int, *, locked: bool = False) -> list[Notification]:
    """Those rows as the database has them now, oldest first; what is ``locked`` is about its state, not its words."""
    wanted = select(Notification).where(carried_by(carrier_id)).order_by(Notification.id)
    if locked:
        wanted = wanted.with_for_update().options(defer(Notification.text_body), defer(Notification.html_body))
    return list(db.session.scalars(wanted, execution_options={"populate_existing": True}))


def _waits_with(mail: Any) -> ColumnElement[bool]:
    return and_(
        Notification.about == mail.about,
        Notification.recipient == mail.recipient,
        Notification.language == mail.language,
        Notification.gathers,
        Notification.state == NotificationState.QUEUED,
        Notification.joined_to_id.is_(None),
    )
