"""What people type, as a condition on tickets. Their text never reaches the query languages of the databases."""

from __future__ import annotations

from sqlalchemy import BindParameter, ColumnElement, bindparam, column, select, table, text

from supportapp.extensions import db
from supportapp.tickets.models import Ticket
from supportapp.tickets.search.keys import SUBJECT, keys_of
from supportapp.tickets.search.tables import POSTGRESQL_VECTOR, TicketWords

MOST_WORDS = 12
_fts = table("ticket_words_fts", column("rowid"), column("ticket_words_fts"))


def contains_words(words: str, *, in_subject: bool = False) -> ColumnElement[bool] | None:
    """That a ticket has every word, in any form, wherever it stands; None when there is nothing to look for."""
    keys = sorted(keys_of(words), key=len, reverse=True)[:MOST_WORDS]
    if in_subject:
        keys = [SUBJECT + key for key in keys]
    return _has(keys) if keys else None


def _has(keys: list[str]) -> ColumnElement[bool]:
    """Keys consist of letters, digits, dots and underscores; quoted they are nothing but words in both languages."""
    if db.session.get_bind().dialect.name == "sqlite":
        query = " AND ".join(f'"{key}"' for key in keys)
        return Ticket.id.in_(select(_fts.c.rowid).where(_fts.c.ticket_words_fts.op("MATCH")(query)))
    query = " & ".join(f"'{key}'" for key in keys)
    # unique: two filters of one list may both ask for words
    wanted: BindParameter[str] = bindparam("ticket_words", query, unique=True)
    found = text(f"{POSTGRESQL_VECTOR} @@ CAST(:ticket_words AS tsquery)").bindparams(wanted)
    # the fence keeps the planner from walking the tickets in order and testing the words of each; as it does not look
    # behind it, IN would make it sort out keys that come twice, of which there are none
    return Ticket.id == select(TicketWords.ticket_id).where(found).offset(0).subquery().c.ticket_id
