"""What lies beside a ticket in other tables: mostly nothing, and one statement tells which of them to read."""

from __future__ import annotations

from collections.abc import Set
from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, bindparam, exists, or_, select

from supportapp.extensions import db
from supportapp.kb.models import Article, SearchSession
from supportapp.mailbox.models import ReceivedMail
from supportapp.tickets.desk.models import HeldAct, ReplyDraft, TicketLink, TicketTag
from supportapp.tickets.models import Message, Ticket
from supportapp.tickets.opinions import Opinion

_THIS = bindparam("ticket", type_=Integer)
_ROWS: dict[type[Any], Any] = {
    HeldAct: HeldAct.ticket_id == _THIS,
    ReplyDraft: ReplyDraft.ticket_id == _THIS,
    TicketTag: TicketTag.ticket_id == _THIS,
    TicketLink: or_(TicketLink.ticket_id == _THIS, TicketLink.other_id == _THIS),
    Opinion: Opinion.ticket_id == _THIS,
    SearchSession: SearchSession.ticket_id == _THIS,
    Article: Article.from_ticket_id == _THIS,
    ReceivedMail: (ReceivedMail.entry_id == Message.id) & (Message.ticket_id == _THIS),
}


def beside(ticket: Ticket) -> Set[type[Any]]:
    """The tables that hold something of the ticket."""
    found = db.session.execute(_found(), {"ticket": ticket.id}).one()
    return {model for model, there in zip(_ROWS, found, strict=True) if there}


@cache
def _found() -> Select[*tuple[bool, ...]]:
    return select(*(exists().where(rows) for rows in _ROWS.values()))
