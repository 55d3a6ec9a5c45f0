"""The words with which mail programs, Russian and English, begin a quotation or a forwarded mail."""

from __future__ import annotations

import re
from functools import cache

from supportapp.i18n import LANGUAGES, N_, gettext

_DATE = re.compile(r"\b(?:19|20)\d\d\b|\b\d{1,2}:\d\d\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b")
_DAY = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b")
_PROGRAM = re.compile(
    r"\b(?:программ|приложени|журнал|лог|систем|сервер|консол|утилит|ошибк|the (?:program|log|server|system|console))",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"\b(?:wrote|writes|write|said|schrieb|écrit|escribió|пишет|пишете|написали?|написала|написал\(а\)|писали?|писала"
    r"|писал\(а\)|сообщил|сообщила)(?!\w)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[<(\[][^<>()\[\]\s@]{1,100}@[^<>()\[\]\s]{1,150}[>)\]]")
_BEGINS_WITH_DATE = re.compile(
    r"(?:on|am|le|в|пн|вт|ср|чт|пт|сб|вс|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье"
    r"|\d{1,2}[ ./:-])\b.{0,200}",
    re.IGNORECASE,
)
_LABEL = re.compile(r"\*?(?P<label>[A-Za-zА-Яа-яЁё-]{2,16})(?: \([^()]{0,20}\))?:\*?(?:[ \t\xa0]|$)")
_LABELS = {
    "from": {"from", "от", "отправитель", "von", "de", "від"},
    "sent": {"sent", "date", "отправлено", "дата", "gesendet", "datum", "надіслано"},
    "to": {"to", "кому", "получатель", "an", "cc", "копия"},
    "subject": {"subject", "тема", "betreff"},
}
_ORIGINAL = re.compile(
    r"[-_—–=* ]{2,20}\s?(?:original message|original appointment|reply message|исходное сообщение|исходное письмо"
    r"|оригинальное сообщение|первоначальное сообщение|исходная встреча|ursprüngliche nachricht)\s?[-_—–=* :]{0,20}",
    re.IGNORECASE,
)
_FORWARDED = re.compile(
    r"(?:[-_—–=* ]{2,20}\s?(?:forwarded message|forwarded by\b.{0,100}|пересылаемое сообщение|пересланное сообщение"
    r"|пересылаемое письмо|пересланное письмо|перенаправленное сообщение|переадресованное сообщение"
    r"|начало переадресованного сообщения)\s?[-_—–=* :]{0,20}"
    r"|begin forwarded message:|начало переадресованного сообщения:|начало пересылаемого сообщения:"
    r"|это пересылаемое сообщение:?)",
    re.IGNORECASE,
)
_REPLY_ABOVE = re.compile(
    r"[-—–#=*_ ]{0,20}(?:please )?(?:type |write )?(?:your )?(?:reply|answer) above this line.{0,80}"
    r"|[-—–#=*_ ]{0,20}(?:пожалуйста, )?(?:пишите|напишите|введите|отвечайте)(?: ваш| свой)?(?: ответ)? "
    r"(?:выше|над) (?:этой|этого|данной).{0,80}",
    re.IGNORECASE,
)
_RULE = re.compile(r"[-_=*—–]{3,100}")
_OUR_SENTENCE = N_("You receive this mail because your address is used on the portal “%(name)s”.")


def is_attribution(text: str) -> bool:
    """Somebody's words follow, and it says whose and when: "On … wrote:", "23.11.2026, 10:12, "Имя" <a@b>:".

    Without an address it must not be a program that "writes": people quote logs like that.
    """
    text = text.strip()
    if not text.endswith(":") or len(text) > 500 or not _DAY.search(text):
        return False
    return bool(_ADDRESS.search(text) or (_VERB.search(text) and not _PROGRAM.search(text)))


def begins_with_date(text: str) -> bool:
    """The first line of an attribution that was broken into several."""
    text = text.strip()
    return bool(_BEGINS_WITH_DATE.match(text) and _DATE.search(text)) and not text.endswith((".", "!", "?", ":"))


def label_of(text: str) -> str:
    """Which line of a header block this is: from, sent, to, subject, or nothing."""
    match = _LABEL.match(text.strip()[:300])
    word = match["label"].lower() if match else ""
    return next((name for name, words in _LABELS.items() if word in words), "")


def is_original_line(text: str) -> bool:
    return bool(_ORIGINAL.fullmatch(text.strip()[:300]))


def is_forwarded_line(text: str) -> bool:
    return bool(_FORWARDED.fullmatch(text.strip()[:300]))


def is_reply_above_line(text: str) -> bool:
    return bool(_REPLY_ABOVE.fullmatch(text.strip()[:300]))


def is_rule(text: str) -> bool:
    """A drawn line."""
    return bool(_RULE.fullmatch(text.strip()[:200]))


def is_our_sentence(text: str) -> bool:
    """The sentence that stands under each of our own mails."""
    squeezed = " ".join(text[:1000].split())
    return any(beginning in squeezed for beginning in _our_beginnings())


@cache
def _our_beginnings() -> tuple[str, ...]:
    """Up to the portal's name, in each language; a mail program may have broken the line: half of it is enough."""
    sentences = (gettext(_OUR_SENTENCE, language).partition("%")[0] for language in LANGUAGES)
    return tuple(sentence[: len(sentence) * 2 // 3].strip() for sentence in sentences)
