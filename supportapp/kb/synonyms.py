"""The editors' own synonyms, and what the whole list says about a phrase.

A row of ``SynonymGroup`` is written like a line of the list that ships: ``винда, windows``, or one way only:
``флешка -> токен``. Searching reads the rows at the next question; nothing has to be indexed again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import select

from supportapp.accounts.models import StaffUser
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.i18n import N_
from supportapp.kb.models import SynonymGroup
from supportapp.kb.search.thesaurus import ARROW, LONGEST, Way, shipped_lines
from supportapp.kb.search.words import keys

MOST_MEMBERS = 30
LONGEST_WORD = 40
LONGEST_TEXT = MOST_MEMBERS * LONGEST * (LONGEST_WORD + 1)
MOST_KEYS = 40
MOST_FOUND = 100


@dataclass(frozen=True)
class Meeting:
    """That ``asked``, which stands in the phrase, also asks for ``others``; ``own`` lines are the editors'."""

    asked: str
    others: tuple[str, ...]
    own: bool


def save_group(group: SynonymGroup | None, words: str, *, by: StaffUser, at: datetime) -> SynonymGroup:
    """Write a new group or change one.

    Refused, next to the field "words": two_arrows, too_few, too_many, too_long, says_nothing, one_word, same_twice.
    """
    line = _checked(words)
    group = group or SynonymGroup()
    group.words, group.updated_at, group.updated_by_id = line, at, by.id
    db.session.add(group)
    db.session.flush()
    return group


def meetings(phrase: str) -> list[Meeting]:
    """What a question with ``phrase`` asks for besides, by the editors' list and the one that ships."""
    asked = keys(phrase[:LONGEST_TEXT])[:MOST_KEYS]
    ways = {tuple(asked[i : i + n]) for n in range(1, LONGEST + 1) for i in range(len(asked) - n + 1)}
    own: dict[Way, list[Meeting]] = {}
    for line in db.session.scalars(select(SynonymGroup.words).order_by(SynonymGroup.id)):
        _enter(own, line, own=True)
    return [found for way in sorted(ways) for book in (own, _shipped()) for found in book.get(way, ())]


def lines_with(letters: str) -> list[str]:
    """The lines of the list that ships in which ``letters`` stand, the first MOST_FOUND; all of them for none."""
    wanted = letters.casefold()
    found = [line for line in shipped_lines() if wanted in line.casefold()]
    return found[:MOST_FOUND] if wanted else found


def _checked(words: str) -> str:
    """``words`` as they are kept."""
    sides = [_members(side) for side in words.replace("\0", "").replace("→", ARROW).split(ARROW)]
    members = [member for side in sides for member in side]
    if len(sides) > 2:
        raise Refused("two_arrows", N_("One arrow is enough: write another group for the next."), field="words")
    if len(members) < 2 or not all(sides):
        raise Refused(
            "too_few", N_("A group needs two words or more, and something on each side of an arrow."), field="words"
        )
    if len(members) > MOST_MEMBERS:
        raise Refused("too_many", N_("At most %(limit)s words in a group."), field="words", limit=MOST_MEMBERS)
    seen: dict[Way, str] = {}
    for member in members:
        way = _way(member)
        if way in seen:
            sentence = N_("“%(word)s” and “%(other)s” are the same to the search.")
            raise Refused("same_twice", sentence, field="words", word=seen[way], other=member)
        seen[way] = member
    return f" {ARROW} ".join(", ".join(side) for side in sides)


def _members(side: str) -> list[str]:
    return [" ".join(part.split()) for part in re.split(r"[,;\n]", side) if part.strip()]


def _way(member: str) -> Way:
    """The keys of one member; refused when they are not what an editor would expect."""
    way = tuple(keys(member))
    if max(len(member.split()), len(way)) > LONGEST or max(map(len, member.split())) > LONGEST_WORD:
        sentence = N_("“%(word)s” is too long: at most %(words)s words of %(letters)s letters.")
        short = member[: 2 * LONGEST_WORD]
        raise Refused("too_long", sentence, field="words", word=short, words=LONGEST, letters=LONGEST_WORD)
    if not way:
        raise Refused("says_nothing", N_("“%(word)s” is too common to be searched for."), field="words", word=member)
    if len(way) == 1 and len(member.split()) > 1:
        sentence = N_("The search reads “%(word)s” as one word: the others are too common. Write that word alone.")
        raise Refused("one_word", sentence, field="words", word=member)
    return way


@cache
def _shipped() -> dict[Way, list[Meeting]]:
    book: dict[Way, list[Meeting]] = {}
    for line in shipped_lines():
        _enter(book, line, own=False)
    return book


def _enter(book: dict[Way, list[Meeting]], line: str, *, own: bool) -> None:
    for way, meeting in _meetings_of(line, own):
        book.setdefault(way, []).append(meeting)


def _meetings_of(line: str, own: bool) -> Iterator[tuple[Way, Meeting]]:
    left, arrow, right = line.partition(ARROW)
    asked, shown = _members(left), _members(right if arrow else left)
    for member in asked:
        others = tuple(other for other in shown if other != member)
        yield tuple(keys(member)), Meeting(member, others, own)
