"""Keeping the words of tickets true."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import delete, insert, select

from supportapp.extensions import db
from supportapp.files.models import StoredFile
from supportapp.tickets.models import Message, Ticket, message_file
from supportapp.tickets.search.keys import words_of
from supportapp.tickets.search.tables import TicketWords


def take_in(message: Message) -> None:
    """Let the ticket be found by a new message and its files, in the transaction that writes them."""
    ticket = message.ticket
    new = words_of(ticket.reference, ticket.subject, [message.body, *(stored.name for stored in message.files)])
    row = db.session.get(TicketWords, ticket.id, populate_existing=True)
    if row is None:
        db.session.add(TicketWords(ticket_id=ticket.id, words=joined(new)))
    else:
        row.words = joined(new | set(row.words.split(" ")))
    db.session.flush()


def refill(ticket_ids: Sequence[int]) -> None:
    """Write the words of these tickets anew from all that is stored of them."""
    texts: dict[int, list[str]] = defaultdict(list)
    bodies = select(Message.ticket_id, Message.body).where(Message.ticket_id.in_(ticket_ids))
    names = (
        select(Message.ticket_id, StoredFile.name)
        .join(message_file, message_file.c.message_id == Message.id)
        .join(StoredFile, StoredFile.id == message_file.c.file_id)
        .where(Message.ticket_id.in_(ticket_ids))
    )
    for query in (bodies, names):
        for ticket_id, words in db.session.execute(query):
            texts[ticket_id].append(words)
    tickets = select(Ticket.id, Ticket.reference, Ticket.subject).where(Ticket.id.in_(ticket_ids))
    rows = [
        {"ticket_id": key, "words": joined(words_of(reference, subject, texts[key]))}
        for key, reference, subject in db.session.execute(tickets)
    ]
    db.session.execute(delete(TicketWords).where(TicketWords.ticket_id.in_(ticket_ids)))
    if rows:
        db.session.execute(insert(TicketWords), rows)


def joined(words: set[str]) -> str:
    """The words as the table keeps them."""
    return " ".join(sorted(words))
