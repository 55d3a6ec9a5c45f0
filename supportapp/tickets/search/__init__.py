"""Full text over tickets, by the database itself: FTS5 on SQLite, tsvector on PostgreSQL.

Staff alone use it: internal notes are found, too. Words are brought to their keys here and not by the database, so both
find the same, in the same forms, as the knowledge base does.
"""

from supportapp.tickets.search.finding import contains_words
from supportapp.tickets.search.keys import keys_of, split_with, words_of
from supportapp.tickets.search.upkeep import joined, refill, take_in

__all__ = ["contains_words", "joined", "keys_of", "refill", "split_with", "take_in", "words_of"]
