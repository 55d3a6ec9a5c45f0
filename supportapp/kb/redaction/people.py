"""Names of people and organisations, in whatever case they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable

from supportapp.kb.redaction.canvas import NAME_MARK, Canvas, Kind

_ENDING = re.compile(r"(?:ая|яя|ый|ий|ой|ея|ия|[аяйьоеиую])$")
_NOUN_CASES = "(?:ами|ями|ой|ою|ей|ею|ом|ем|ём|ым|ым|ии|ия|ию|ие|ью|ых|[аяыиеуюйьо])?"
_ADJECTIVE_CASES = "(?:ого|его|ому|ему|ыми|ими|ой|ою|ей|ею|ом|ем|ым|им|ый|ий|ая|яя|ую|юю|ых|их|ые|ие|[яюией])?"
_LATIN_CASES = "(?:a|y|i|u|e|oi|oy|om|em|im|ym|sky|skiy|skaya)?"
_LATIN: dict[str, str] = {
    **dict(zip("абвгдзиклмнопрстуфчшъьэ", "abvgdziklmnoprstuf", strict=False)),
    **{"ч": "ch", "ш": "sh", "ъ": "['y]?", "ь": "['y]?", "э": "e", "ы": "(?:y|i)", "й": "(?:y|i|j)"},
    **{"е": "(?:e|ye|je|yo|jo|io)", "ж": "(?:zh|j)", "х": "(?:kh|h|x)", "ц": "(?:ts|c|tc)", "щ": "(?:shch|sch|shh)"},
    **{"ю": "(?:yu|iu|ju|u)", "я": "(?:ya|ia|ja|a)"},
}
_FLEETING = re.compile(r".+[^аеёиоуыэюя][ео][кц]|.+вел|лев")
LONG_STEM = 5  # shorter ones count only with a capital: «вера» and «лев» are words, too

_PATRONYMIC = "[А-ЯЁ][а-яё]+(?:ович|евич|ьич|мич|нич|тич|овн|евн|иничн|ичн)(?:а|у|ем|ом|е|ы|ой|ою)?"
_LIKELY_SURNAME = "[А-ЯЁ][а-яё]+(?:[оеё]в|[иы]н|ск|цк|ко|[ую]к|[яа]н)(?:а|у|ым|ом|е|ой|ою|ий|ого|ому|им|ая|ую)?"
_FULL_NAME = re.compile(
    rf"\b(?:{_LIKELY_SURNAME}[ \t]+)?[А-ЯЁ][а-яё]+[ \t]+{_PATRONYMIC}\b(?:[ \t]+{_LIKELY_SURNAME}\b)?(?![-\w])"
)
_GREETS = re.compile("(?:уважаем|здравствуй|привет|дорог)", re.I)
_SURNAME = r"[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?"
_INITIALS = re.compile(rf"\b[А-ЯЁ]\.[ \t]?[А-ЯЁ]\.[ \t]?{_SURNAME}|\b{_SURNAME}[ \t]+[А-ЯЁ]\.[ \t]?[А-ЯЁ]\.")
_FORMS = "ООО|АО|ЗАО|ОАО|ПАО|НАО|ИП|ФГУП|ФГБУ|ФГБОУ|ГУП|МУП|ГБУЗ|ГБУ|МБУ|МБОУ|ГБОУ|МКУ|АНО|НКО|ТСЖ|СНТ|LLC|JSC|Ltd|Inc"
_IN_QUOTES = re.compile(rf"\b(?:{_FORMS})[ \t]*[«\"“„'][^»\"”“'\n]{{2,80}}[»\"”“']{{1,2}}")

_AFTER_FORM = re.compile(  # ООО Ромашка
    rf"\b(?:{_FORMS})[ \t]+[A-ZА-ЯЁ][\w-]+(?:[ \t]+[A-ZА-ЯЁ][\w-]+){{0,2}}(?:[ \t]+[А-ЯЁ]\.[ \t]?[А-ЯЁ]\.)?"
)
_BEFORE_FORM = re.compile(r"\b[A-Z][\w&-]{1,60}+(?:[ \t][A-Z][\w&-]{1,60}+){0,2},?[ \t](?:LLC|JSC|Ltd|Inc)\b")


def take_names(canvas: Canvas, names: Iterable[str]) -> None:
    """The given full names, in Russian cases and in Latin letters; and whoever is called by patronymic or initials."""
    canvas.take(_FULL_NAME, Kind.NAME, accept=lambda found: not _GREETS.match(found.group()))
    canvas.take(_INITIALS, Kind.NAME)
    words = {word for name in names for word in re.findall(r"[^\W\d_]{2,}", name)}
    for word in sorted(words, key=len, reverse=True):
        for pattern in _patterns(word.lower().replace("ё", "е")):
            canvas.take(pattern, Kind.NAME)
    canvas.text = re.sub(rf"{NAME_MARK}[ \t]+(?:[А-ЯЁ]\.[ \t]?){{1,2}}", NAME_MARK, canvas.text)
    canvas.join(Kind.NAME)


def take_organisations(canvas: Canvas, names: Iterable[str]) -> None:
    """The given organisations with or without legal form and quotes; and any that stands beside its form."""
    canvas.take(_IN_QUOTES, Kind.ORGANISATION)
    for name in names:
        core = re.sub(rf"\b(?:{_FORMS})\b|[«»\"“”„'()]", " ", name).split()
        if not core or len("".join(core)) < 3:
            continue
        form = rf"(?:\b(?:{_FORMS})[ \t]*)?[«\"“„]?"
        words = r"[ \t]+".join(_inflected(word) for word in core)
        canvas.take(re.compile(rf"{form}(?<!\w){words}(?!\w)[»\"”]?"), Kind.ORGANISATION)
    canvas.take(_BEFORE_FORM, Kind.ORGANISATION)
    canvas.take(_AFTER_FORM, Kind.ORGANISATION)


def stems(word: str) -> list[str]:
    """What stays of a Russian name through its cases: «анна» -> «анн», «павел» -> «павел» and «павл»."""
    found = [_ENDING.sub("", word) if len(word) > 3 else word]
    if _FLEETING.fullmatch(word):
        found.append(word[:-2] + ("ь" if word[-3] == "л" else "") + word[-1])
    if word.endswith("ей"):  # «соловей», «соловья»
        found.append(f"{word[:-2]}ь")
    return found


def _patterns(word: str) -> list[re.Pattern[str]]:
    if re.search("[a-z]", word):
        return [_sensitive(re.escape(word), "(?:'s)?", short=len(word) < LONG_STEM)]
    cases = _ADJECTIVE_CASES if re.search("(?:ая|яя|[ыи]й|ой)$", word) else _NOUN_CASES
    found = []
    for stem in stems(word):
        own_cases = "" if stem == word and len(word) == 3 and _FLEETING.fullmatch(word) else cases
        found.append(_sensitive(_loose(stem), own_cases, short=len(stem) < LONG_STEM))
        latin = "".join(_LATIN.get(letter, letter) for letter in stem)
        found.append(_sensitive(latin, _LATIN_CASES, short=len(stem) < LONG_STEM, initial=True))
    return found


def _sensitive(stem: str, ending: str, *, short: bool, initial: bool = False) -> re.Pattern[str]:
    """A short stem must begin with a capital; a longer one may be written anyhow."""
    first = "(?=[A-ZА-ЯЁ])" if short else ""
    before = r"(?:(?<=[._-])|(?<![^\W_]))"  # ivan.petrov, i_petrov and HOST-PETROV are made of names
    letter = r"(?:(?<![^\W_])[a-zA-Z](?:[._-])?)?" if initial and not short else ""
    return re.compile(rf"{before}{letter}{first}(?i:{stem}{ending})(?![^\W_])")


def _loose(stem: str) -> str:
    return re.escape(stem).replace("е", "[её]")


def _inflected(word: str) -> str:
    """A word of an organisation's name; capital as it is written there, or all capitals."""
    stem = _ENDING.sub("", word) if len(word) > 3 and re.fullmatch("[А-Яа-яЁё]+", word) else word
    cases = f"(?:{_NOUN_CASES}|{_ADJECTIVE_CASES})" if re.fullmatch("[А-Яа-яЁё]+", stem) else ""
    pattern = f"(?i:{re.escape(stem)}{cases})"
    return f"(?=[A-ZА-ЯЁ0-9]){pattern}" if word[:1].isupper() else pattern
