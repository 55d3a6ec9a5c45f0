"""Reports about our own mails: they came back, or are late (RFC 3464)."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import select

from supportapp.accounts.operations import mark_bounced
from supportapp.extensions import db
from supportapp.mailbox.reading.contents import Bounce
from supportapp.notifications import operations as notifications
from supportapp.notifications.gathering import parts_of
from supportapp.notifications.keys import genuine_mail_ids
from supportapp.notifications.models import Notification
from supportapp.tickets import operations
from supportapp.tickets.models import Ticket

# what was in the mail was refused, not its address (RFC 3463): full, too large, not convertible
_NOT_THE_ADDRESS = re.compile(r"5\.(2\.[23]|3\.4|6\.[0-9]+)")


def hear_bounce(bounce: Bounce, *, at: datetime) -> Ticket | None:
    """Mark the mails that came back, their address, and what waited for them. The ticket, where there is one.

    Only a report that quotes a Message-ID which nobody but we can make is believed, and only one that names the address
    we wrote to marks it: a mail that was passed on may come back from elsewhere.
    """
    found, why = _mails(bounce), f"{bounce.status} {bounce.diagnostic}".strip()
    tickets, news = [], []
    for mail in found:
        if notifications.mark_bounced(mail, why, at=at):
            news.append(mail)
            tickets += [operations.mark_bounced(part, at=at) for part in parts_of(mail.joined_to_id or mail.id)]
    address = news[0].recipient if news and bounce.is_permanent else ""
    if address and bounce.recipient in ("", address) and not _NOT_THE_ADDRESS.fullmatch(bounce.status):
        mark_bounced(address, why, at=at)
    return next(filter(None, tickets), None)


def hear_delay(bounce: Bounce, *, at: datetime) -> Ticket | None:
    """Note that a mail is late; its server goes on trying."""
    tickets = [operations.mark_delayed(mail, at=at) for mail in _mails(bounce)[:1]]
    return next(filter(None, tickets), None)


def _mails(bounce: Bounce) -> list[Notification]:
    ids = genuine_mail_ids(bounce.about_ids)[:20]
    wanted = select(Notification).where(Notification.message_id.in_(ids)).order_by(Notification.id)
    return list(db.session.scalars(wanted)) if ids else []
