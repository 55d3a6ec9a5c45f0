"""The words of each ticket, and what each database makes of them."""

from __future__ import annotations

from sqlalchemy import DDL, ForeignKey, Text, event
from sqlalchemy.orm import Mapped, mapped_column

from supportapp.database import Model

# The very words of the index: PostgreSQL finds it by them.
POSTGRESQL_VECTOR = "array_to_tsvector(string_to_array(ticket_words.words, ' '))"
_FTS = (
    "CREATE VIRTUAL TABLE ticket_words_fts USING fts5(words, content='ticket_words', content_rowid='ticket_id', "
    "detail=none, columnsize=0, tokenize=\"unicode61 remove_diacritics 0 tokenchars '_.'\")"
)
_ADD = "INSERT INTO ticket_words_fts(rowid, words) VALUES (new.ticket_id, new.words);"
_TAKE = "INSERT INTO ticket_words_fts(ticket_words_fts, rowid, words) VALUES ('delete', old.ticket_id, old.words);"
SQLITE = (
    "DROP TABLE IF EXISTS ticket_words_fts",
    _FTS,
    f"CREATE TRIGGER ticket_words_added AFTER INSERT ON ticket_words BEGIN {_ADD} END",
    f"CREATE TRIGGER ticket_words_gone AFTER DELETE ON ticket_words BEGIN {_TAKE} END",
    f"CREATE TRIGGER ticket_words_changed AFTER UPDATE ON ticket_words BEGIN {_TAKE} {_ADD} END",
)
POSTGRESQL = (
    "CREATE INDEX ix_ticket_words_fts ON ticket_words "
    "USING gin (array_to_tsvector(string_to_array(words, ' '))) WITH (fastupdate = off)",
)


class TicketWords(Model):
    """The keys of everything that was written on a ticket, each once, with spaces between.

    Derived: ``flask search-tickets rebuild`` makes it anew. The index beside it follows by itself, in the same
    transaction: by triggers on SQLite, as any index on PostgreSQL.
    """

    __tablename__ = "ticket_words"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True)
    words: Mapped[str] = mapped_column(Text)


for _dialect, _statements in (("sqlite", SQLITE), ("postgresql", POSTGRESQL)):
    for _statement in _statements:
        _made = DDL(_statement.replace("%", "%%")).execute_if(dialect=_dialect)  # type: ignore[no-untyped-call]
        event.listen(TicketWords.__table__, "after_create", _made)
