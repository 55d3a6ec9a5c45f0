"""What each trick of the suggestions is worth: the same questions, one trick left out at a time, and readers who vote.

A weight is turned off in ``Tuning``. How a text is read is changed in the code, and the index is built anew.
"""

from __future__ import annotations

import re
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import lru_cache
from random import Random
from typing import Any
from unittest.mock import patch

from sqlalchemy import select, update

Rows = list[dict[str, Any]]
Answers = dict[str, dict[str, Any]]
Ask = Callable[..., Answers]  # of questions and changes of the tuning
Score = Callable[[Rows, Answers], dict[str, float]]

FIRST = 5  # places that a customer sees
READERS = 10  # customers who ask each question: of one mind they make an article half as useful as can be
DRAWS = 6  # how often votes at random are drawn

TRICKS: dict[str, dict[str, float]] = {
    "all of them": {},
    "without synonyms": {"synonyms": 0},
    "without four-letter pieces": {"grams": 0},
    "without keyboard layout": {"layout": 0},
    "without typo repair and transliteration": {"typos": 0},
    "without words of the other script that sound alike": {"sound": 0},
    "without the meaning of titles": {"semantic": 0},
    "without completing the last word": {"beginning": 0},
    "without the product": {"product": 1},
    "title weighs as the text": {"title": 1},
    "without the share of the title that is asked for": {"covered": 0},
    "codes weigh as words": {"code": 1},
    "numbers weigh as words": {"number": 1},
    "a rare Latin name says no more than a word": {"name": 0},
    "subject weighs as the text": {"subject": 1},
    "without saying nothing when little fits": {"fit": 0, "told": 0, "tail": 0},
    "40 things asked instead of 16": {"concepts": 40},
    "none of them": {
        **dict.fromkeys(
            ("synonyms", "grams", "layout", "typos", "sound", "beginning", "covered", "fit", "told", "tail"), 0
        ),
        **dict.fromkeys(("product", "title", "code", "number", "subject"), 1),
    },
}


def print_table(queries: Rows, ask: Ask, score: Score) -> None:
    """Each trick with and without, then each way to read a text, then what readers say."""

    def show(name: str, *runs: Answers) -> None:
        found = [score(queries, answers) for answers in runs]
        took = sorted(answer["ms"] for answers in runs for answer in answers.values())
        means = "".join(
            f"{statistics.mean(each[what] for each in found):{form}}"
            for what, form in (("Hit@5", "8.3f"), ("MRR", "8.3f"), ("false", "8.2f"))
        )
        print(f"{name:52}{means}{took[len(took) // 2]:8.1f}{took[int(len(took) * 0.95)]:8.1f}", flush=True)

    print(f"{'':52}{'Hit@5':>8}{'MRR':>8}{'false':>8}{'p50 ms':>8}{'p95 ms':>8}")
    for name, tuning in TRICKS.items():
        show(name, ask(queries, **tuning))
    for name, changes in _ways_to_read().items():
        with _read_so(changes):
            ask(queries[:20])
            show(name, ask(queries))
    show("readers of the other half of the questions taught it", _taught(queries, ask))
    show("readers voted at random", *_voted_at_random(queries, ask))


def _ways_to_read() -> dict[str, list[AbstractContextManager[Any]]]:
    from whoosh.lang.snowball.russian import RussianStemmer

    from supportapp.kb.search import words

    pattern = words._PATTERN.pattern
    name, number = pattern.index("(?P<name>"), pattern.index("(?P<number>")
    whoosh, ours, key_of = RussianStemmer(), words.stem, words._key_of

    def snowball(word: str) -> str:
        return str(whoosh.stem(word)) if re.fullmatch("[а-я]+", word) else ours(word)

    def with_yo(spelt: str) -> tuple[str, int] | None:
        return (spelt.lower(), 1) if "ё" in spelt.lower() else key_of(spelt)

    return {
        "without stems": _stemmed_by(lambda word: word),
        "Whoosh's Snowball instead of ours": _stemmed_by(lru_cache(100_000)(snowball)),
        "codes as they are spelt": [patch.object(words, "_PATTERN", re.compile(pattern[name:]))],
        "names in parts alone": [patch.object(words, "_PATTERN", re.compile(pattern[:name] + pattern[number:]))],
        "ё is not е": [patch.object(words, "_key_of", lru_cache(50_000)(with_yo))],
    }


def _stemmed_by(stem: Callable[[str], str]) -> list[AbstractContextManager[Any]]:
    from supportapp.kb.search import lexicon, spelling, words

    return [patch.object(module, "stem", stem) for module in (words, spelling, lexicon)]


@contextmanager
def _read_so(changes: list[AbstractContextManager[Any]]) -> Iterator[None]:
    """Articles, questions and synonyms are read with the changes in the code, and as before after the block."""
    with ExitStack() as stack:
        for change in changes:
            stack.enter_context(change)
        _read_anew()
        yield
    _read_anew()


def _read_anew() -> None:
    from supportapp.kb.search import desk, extracts, reading, synonyms, upkeep, words

    words._key_of.cache_clear()
    extracts._places.cache_clear()
    synonyms._kept.thesaurus = None
    upkeep.rebuild()
    if reader := reading.newest():
        desk.warm(reader)


def _taught(queries: Rows, ask: Ask) -> Answers:
    """Each half of the questions is asked by READERS, who press "this solved it" or send the ticket after all; then
    the other half is asked. Who learns and who is examined never are the same."""
    from supportapp.kb.learning.rules import OPENED_THEN_SENT, usefulness

    answers: Answers = {}
    for half in (0, 1):
        opinions: dict[str, list[float]] = defaultdict(list)
        lessons = queries[half::2]
        for query, answer in zip(lessons, ask(lessons).values(), strict=True):
            for slug in answer["ids"][:FIRST]:
                opinions[slug] += READERS * [1.0 if slug in query["relevant"] else OPENED_THEN_SENT]
        with _useful({slug: usefulness(said) for slug, said in opinions.items()}):
            answers |= ask(queries[1 - half :: 2])
    return answers


def _voted_at_random(queries: Rows, ask: Ask) -> Iterator[Answers]:
    """Readers who say yes and no without a reason, to every article."""
    from supportapp.extensions import db
    from supportapp.kb.learning.rules import usefulness
    from supportapp.kb.models import Article

    most, slugs = usefulness([1.0] * READERS), db.session.scalars(select(Article.slug).order_by(Article.id)).all()
    for draw in range(DRAWS):
        random = Random(draw)  # noqa: S311 - to be the same every time
        with _useful({slug: random.uniform(-most, most) for slug in slugs}):
            yield ask(queries)


@contextmanager
def _useful(known: Mapping[str, float]) -> Iterator[None]:
    """These articles have a usefulness, and none of them after the block."""
    from supportapp.extensions import db
    from supportapp.kb.models import Article

    ids = {slug: number for number, slug in db.session.execute(select(Article.id, Article.slug))}
    db.session.execute(update(Article), [{"id": ids[slug], "usefulness": value} for slug, value in known.items()])
    db.session.commit()
    yield
    db.session.execute(update(Article).values(usefulness=0.0))
    db.session.commit()
