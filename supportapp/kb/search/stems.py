"""Word forms to one key: Snowball for Russian (Porter's published algorithm) and Porter for English.

Whoosh's own Russian stemmer tells «подпись» from «подписи», and so does Snowball; this one does not, nor «ошибка»
from «ошибок» or «токен» from «токенов».
"""

from __future__ import annotations

import re
from functools import lru_cache

from whoosh.lang.porter import stem as stem_english

__all__ = ["stem"]

_VOWELS = "аеиоуыэюя"
_GERUND = re.compile(r"(?:(?<=[ая])(?:вшись|вши|в)|(?:ив|ыв)(?:шись|ши)?)$")
_REFLEXIVE = re.compile(r"(?:ся|(?<!пи)сь)$")
_ADJECTIVE = re.compile(r"(?:ее|ие|ые|ое|ими|ыми|ей|ий|ый|ой|ем|им|ым|ом|его|ого|ему|ому|их|ых|ую|юю|ая|яя|ою|ею)$")
_PARTICIPLE = re.compile(r"(?:(?<=[ая])(?:ем|нн|вш|ющ|щ)|ивш|ывш|ующ)$")
_VERB = re.compile(
    r"(?:(?<=[ая])(?:ешь|нно|ете|йте|ла|на|ли|ем|ло|но|ет|ют|ны|ть|й|л|н)"
    r"|ила|ыла|ена|ейте|уйте|ите|или|ыли|ей|уй|ил|ыл|им|ым|ен|ило|ыло|ено|ят|ует|уют|ит|ыт|ены|ить|ыть|ишь|ую|ю)$"
)
_NOUN = re.compile(
    r"(?:иями|ями|ами|ией|иям|ием|иях|ев|ов|ие|ье|еи|ии|ей|ой|ий|ям|ем|ам|ом|ах|ях|ию|ью|ия|ья|а|е|и|й|о|у|ы|ь|ю|я)$"
)
_DERIVATIONAL = re.compile(r"ость?$")
_FLEETING = re.compile(r"(?<=[бвгджзйклмнпрстфхцчшщ])ок$")
_NOT_VERBS = re.compile(r"(\w*(?:токен|домен|обмен))(?:ами|ов|ом|ам|ах|[аеуы])?")
_REMOTE = re.compile(r"удаленн\w+")  # the desktop, not the deleted file
_VOWEL = re.compile("[aeiouy]")
_SUPERLATIVE = re.compile(r"ейше?$")


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The key of a lower-case word (ё already е), by the script it is written in."""
    if word.isascii():
        return str(stem_english(word)) if word.isalpha() and _VOWEL.search(word) else word  # dns, https, rds
    if not re.fullmatch("[а-я]+", word):
        return word
    if _REMOTE.fullmatch(word):
        return "удаленн"
    noun = _NOT_VERBS.fullmatch(word)
    key = noun[1] if noun else _snowball(word)
    return _FLEETING.sub("к", key) if len(key) > 4 else key


def _snowball(word: str) -> str:
    start = next((i + 1 for i, letter in enumerate(word) if letter in _VOWELS), len(word))
    head, rest = word[:start], word[start:]
    second = _second_region(word) - start
    rest = _ending(rest)
    rest = rest.removesuffix("и")
    found = _DERIVATIONAL.search(rest)
    if found and found.start() >= second:
        rest = rest[: found.start()]
    if rest.endswith("нн"):
        return head + rest[:-1]
    shorter = _SUPERLATIVE.sub("", rest)
    if shorter != rest:
        return head + (shorter[:-1] if shorter.endswith("нн") else shorter)
    return head + rest.removesuffix("ь")


def _ending(rest: str) -> str:
    """Step 1: one grammatical ending, the longest of its kind."""
    shorter = _GERUND.sub("", rest)
    if shorter != rest:
        return shorter
    rest = _REFLEXIVE.sub("", rest)
    shorter = _ADJECTIVE.sub("", rest)
    if shorter != rest:
        return _PARTICIPLE.sub("", shorter)
    shorter = _VERB.sub("", rest)
    return shorter if shorter != rest else _NOUN.sub("", rest)


def _second_region(word: str) -> int:
    """Where R2 starts: after the second non-vowel that follows a vowel."""
    places = [i for i in range(1, len(word)) if word[i] not in _VOWELS and word[i - 1] in _VOWELS]
    return places[1] + 1 if len(places) > 1 else len(word)
