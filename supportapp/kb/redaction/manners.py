"""Greetings and signatures: an article speaks to nobody in particular."""

from __future__ import annotations

import re

from supportapp.kb.redaction.canvas import NAME_MARK

_B = r"[ \t]"  # a blank
_COMMA = rf"{_B}*+(?:,{_B}*+)?+"
_HELLO = (
    rf"здравствуйте|здравствуй|добрый{_B}+(?:день|вечер)|доброе{_B}+утро|приветствую|привет|уважаем(?:ый|ая|ые)"
    rf"|доброго{_B}+(?:дня|времени{_B}+суток|вечера|утра)|hello|hi|dear|greetings"
    rf"|good{_B}+(?:morning|afternoon|evening|day)"
)
_TITLE = (
    rf"(?:уважаем\w+{_B}+)?"
    r"(?:клиент|коллеги|пользователь|господин|госпожа|customer|colleagues?|all|sir|madam|m(?:r|s|rs)\.?)"
)
_STRANGER = rf"[A-ZА-ЯЁ][\w-]+(?:{_B}+[A-ZА-ЯЁ][\w-]+){{0,2}}"
_GREETING = re.compile(
    rf"\A\s*(?i:{_HELLO})\b(?:"
    rf"{_COMMA}{_STRANGER}{_B}*+(?:!+|,?(?=\n)|\Z)"
    rf"|(?:{_COMMA}(?:(?i:{_TITLE})(?:{_B}*+{NAME_MARK})?|{NAME_MARK}))?{_B}*+(?:[!.,:;]+|(?=\n)|\Z)"
    rf"|(?=\s))"
)
_THANKS = re.compile(
    r"\A\s*(?i:спасибо|благодар\w+|thank you|thanks)\b[^.!?\n]{0,60}"
    r"\b(?i:обращени\w*|ожидани\w*|ответ\w*|сообщени\w*|contacting\b[^.!?\n]{0,30}|waiting)[^.!?\n]{0,20}[.!]+"
)
_FAREWELL = re.compile(
    rf"^{_B}*(?:с{_B}+(?:уважением|наилучшими|благодарностью)|всего{_B}+(?:доброго|хорошего|наилучшего)|до{_B}+свидания"
    rf"|хорошего{_B}+(?:вам{_B}+)?дня|(?:best|kind|warm){_B}+(?:regards|wishes)|regards|sincerely|yours{_B}+\w+"
    rf"|--{_B}*$|__+{_B}*$)",
    re.I | re.M,
)
_POLITE_LINE = re.compile(
    rf"^{_B}*(?:заранее{_B}+)?(?:спасибо|благодар\w+|thank(?:s|{_B}+you))\b[^\n.!]{{0,40}}[.!]*{_B}*$"
    rf"|^{_B}*(?:если|при)\b[^\n]{{0,40}}\bвопрос\w{{0,4}}[^\n]{{0,60}}"
    rf"(?:пишите|обращайтесь|сообщите|поможем|рады|звоните)[^\n]{{0,40}}$",
    re.I | re.M,
)
LONGEST_SIGNATURE = 600


def without_manners(text: str) -> str:
    """The text without greeting, thanks, farewell and what stands below it."""
    text = _without_greeting(text)
    text = _POLITE_LINE.sub("", _without_signature(text))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _without_greeting(text: str) -> str:
    """What followed a greeting begins with a capital now."""
    rest = text
    for pattern in (_GREETING, _THANKS, _GREETING):
        rest = pattern.sub("", rest, count=1)
    if rest == text:
        return text
    rest = rest.lstrip()
    return rest[:1].upper() + rest[1:]


def _without_signature(text: str) -> str:
    """From the farewell on, when little follows it: a farewell in the middle of a quoted mail ends no article."""
    for found in _FAREWELL.finditer(text):
        if len(text) - found.start() <= LONGEST_SIGNATURE:
            return text[: found.start()]
    return text
