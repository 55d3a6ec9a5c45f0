"""Numbers that belong to somebody, told from those that belong to an error."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from supportapp.kb.redaction.canvas import Canvas, Kind

LONGEST_KEY = 20_000

# Nothing here may be tried twice for one place: runs end at a sign they cannot hold, or are possessive.
_PEM_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{1,40}-----")
_PEM_END = re.compile(r"-----END [A-Z0-9 ]{1,40}-----")
_PEM_BODY = re.compile(r"(?:\s*+[A-Za-z0-9+/=]{20,}+)++")
_SECRET = re.compile(
    r"\b(?:парол[ьяюе]м?|password|passwd|pwd|(?:пин|pin)-?код\w?|pin(?:-?code)?|код\w* активации|activation code"
    r"|токен доступа|token|лицензионн\w+ ключ\w?|ключ\w? (?:продукта|лицензии|активации)|(?:licen[cs]e|product) key"
    r"|api[ _-]?key|secret)"
    r"[ \t]*(?:[:=—–]|[ \t]-[ \t])[ \t]*[«\"'`]?(?P<what>[^\s«»\"'`,;]+)",
    re.I,
)
_LICENCE_KEY = re.compile(r"(?<![\w-])[A-Z0-9]{4,6}(?:-[A-Z0-9]{4,6}){2,7}(?![\w-])")
_OF_PAPER = re.compile(
    r"\b(?:договор|контракт|сч[её]т|заявк|обращени|инцидент|тикет|сертификат|лицензи|заказ|полис|паспорт|доверенност|contract"
    r"|ticket|order|invoice|certificate|licen[cs]e)\w*[ \t]+(?:[а-яё]{2,12}[ \t]+){0,2}"
    r"(?:№|N[oº°]?\.?|#|номер\w{0,3}|number|no\.)[ \t]*+(?::[ \t]*+)?+(?P<what>[\w/.-]*\d[\w/-]*)",
    re.I,
)
_OF_CONTRACT = re.compile(
    r"\b(?:договор|контракт|сч[её]т|полис|доверенност|contract|invoice)\w{0,4}[ \t]+(?:[а-яё]{2,12}[ \t]+){0,2}"
    r"(?P<what>(?=[\w/-]{0,60}\d)[\w/-]{2,}+)",
    re.I,
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_PASSPORT = re.compile(
    r"\bпаспорт\w*[ \t:]+(?:серии?[ \t]+)?(?P<what>\d{2}[ \t]?\d{2}[ \t]*+(?:(?:№|номер)[ \t]*+)?+\d{6})\b", re.I
)
_SERIAL = re.compile(
    r"\b(?:серийн\w+[ \t]+номер\w{0,2}|заводск\w+[ \t]+номер\w{0,2}|serial(?:[ \t]+number|[ \t]+no\.?)?|s/n|sn)"
    r"(?:[ \t]+(?:сертификата|токена|ключа|рутокена|носителя))?"
    r"[ \t]*+(?:[:=№#—-][ \t]*+)*+"
    r"(?P<what>(?:0x)?+(?=[0-9A-F :]*\d)[0-9A-F]{2,}+(?!\w)(?:[ :][0-9A-F]{2,}+(?!\w))*+)",
    re.I,
)
_PAIRS = re.compile(r"(?<![\w:-])[0-9a-f]{2}(?:([ :-])[0-9a-f]{2})(?:\1[0-9a-f]{2}){14,62}(?![\w:-])", re.I)
_HEX = re.compile(r"(?<!\w)(?:(?=\w*\d)[0-9a-f]{40}|(?=\w*\d)[0-9a-f]{64})(?!\w)", re.I)
_LONG_HEX = re.compile(r"(?<!\w)(?=\w*\d)(?=\w*[a-f])[0-9a-f]{18,128}(?!\w)", re.I)
_TAX_NAMED = re.compile(
    r"\b(?:ИНН|КПП|ОГРН(?:ИП)?|СНИЛС|ОКПО|INN|KPP|OGRN|SNILS)(?:[ \t]*/[ \t]*(?:КПП|KPP))?[ \t:№=—-]*+"
    r"(?P<what>\d[\d \t-]{5,16}\d(?:[ \t]*/[ \t]*\d{9})?)(?!\w)",
    re.I,
)
_SNILS = re.compile(r"(?<![\w-])\d{3}-\d{3}-\d{3}[ -]\d{2}(?![\w-])")
_BARE_TAX = re.compile(r"(?<![\w.,+-])(?:\d{10}|\d{12}|\d{13}|\d{15})(?![\w-]|[.,]\d)")
_CARD = re.compile(r"(?<![\w-])\d{4}(?P<gap>[ -]?)\d{4}(?P=gap)\d{4}(?P=gap)\d{4}(?:(?P=gap)\d{1,3})?(?![\w-])")
_ACCOUNT = re.compile(r"(?<!\w)\d{18,40}(?!\w)")
_PHONE = re.compile(
    r"(?<![\w.+-])(?:(?:\+7|8|7)[ \t]?[(-]?[ \t]?\d{3}[ \t]?[)-]?[ \t]?\d{3}[ \t-]?\d{2}[ \t-]?\d{2}"
    r"|\(\d{3,5}\)[ \t]?\d{1,3}[ \t-]?\d{2}[ \t-]?\d{2}|\+\d{1,3}(?:[ \t-]?\(?\d{2,4}\)?){2,5})"
    r"(?:,?[ \t]*(?:доб|вн|ext)\w{0,10}\.?[ \t]*+\d{1,6})?(?![\w-]|\.\d)",
    re.I,
)
_NAMED_PHONE = re.compile(
    r"\b(?:тел|телефон\w*|моб|факс|phone|tel|доб)\b\.?[ \t:]*(?P<what>\d[\d \t()-]{1,16}\d)(?!\w)", re.I
)
_ERROR_BEFORE = re.compile(r"(?:ошибк\w*|код\w*|error|code|hresult|0x)[ \t:=№(-]*\Z", re.I)


def take_known(canvas: Canvas, known: Iterable[str], ticket_prefix: str) -> None:
    """The numbers that the ticket knows, however they are spaced, and references of any ticket."""
    canvas.take(re.compile(rf"(?<![\w-]){re.escape(ticket_prefix)}-\d[\d-]{{2,}}\d(?![\w])", re.I), Kind.TICKET)
    for number in known:
        parts = re.findall(r"[^\W_]", number)
        if len(parts) >= 4:
            spaced = r"[\s/_–-]?".join(map(re.escape, parts))
            canvas.take(re.compile(rf"(?<!\w){spaced}(?!\w)", re.I), Kind.NUMBER)


def take_secrets(canvas: Canvas) -> None:
    """Keys, passwords, serial numbers and thumbprints."""
    canvas.cut(_keys(canvas.text), Kind.SECRET)
    canvas.take(_SECRET, Kind.SECRET, accept=_is_no_plain_word)
    canvas.take(_LICENCE_KEY, Kind.SECRET, accept=_has_letters_and_digits)
    canvas.take(_SERIAL, Kind.SERIAL, accept=lambda found: len(re.sub(r"\W", "", found["what"])) >= 6)
    canvas.take(_PAIRS, Kind.THUMBPRINT)
    canvas.take(_HEX, Kind.THUMBPRINT)
    canvas.take(_LONG_HEX, Kind.SERIAL)


def take_numbers(canvas: Canvas) -> None:
    """Numbers of papers, of taxes, cards, accounts and telephones. A code of an error stays, decimal ones included."""
    canvas.take(_TAX_NAMED, Kind.TAX)
    canvas.take(_SNILS, Kind.TAX)
    canvas.take(_PASSPORT, Kind.NUMBER)
    canvas.take(_OF_PAPER, Kind.NUMBER, accept=lambda found: not found["what"].lower().startswith("0x"))
    canvas.take(_OF_CONTRACT, Kind.NUMBER, accept=_is_of_contract)
    canvas.take(_CARD, Kind.CARD, accept=_is_card)
    canvas.take(_ACCOUNT, Kind.CARD)
    canvas.take(_PHONE, Kind.PHONE, accept=lambda found: len(re.sub(r"\D", "", found.group())) >= 9)
    canvas.take(_NAMED_PHONE, Kind.PHONE)
    canvas.take(_BARE_TAX, Kind.TAX, accept=_is_tax_number)


def _keys(text: str) -> Iterator[tuple[int, int]]:
    """Where keys and certificates in their frames begin and end; one without an end goes as far as its body."""
    place, closing = 0, -1
    for begin in _PEM_BEGIN.finditer(text):
        if begin.start() < place:
            continue
        if closing < begin.end():
            closing = text.find("-----END ", begin.end())
            closing = len(text) + LONGEST_KEY if closing < 0 else closing
        if closing - begin.end() < LONGEST_KEY:
            line = _PEM_END.match(text, closing)
            place = line.end() if line else closing
        else:
            body = _PEM_BODY.match(text, begin.end())
            place = body.end() if body else begin.end()
        yield begin.start(), place


def _is_of_contract(found: re.Match[str]) -> bool:
    """«44/2024-ТП» and «12345» are numbers of papers; a year and an error code are not."""
    what = found["what"].lower()
    if what.startswith("0x") or _YEAR.fullmatch(what):
        return False
    return "/" in what or sum(sign.isdigit() for sign in what) >= 4


def _is_no_plain_word(found: re.Match[str]) -> bool:
    """«Пароль: введите новый» names no password."""
    return re.fullmatch(r"[а-яё.!?()-]+", found["what"], re.I) is None


def _has_letters_and_digits(found: re.Match[str]) -> bool:
    return any(c.isdigit() for c in found.group()) and any(c.isalpha() for c in found.group())


def _is_card(found: re.Match[str]) -> bool:
    """In groups of four it is one whatever its check digit says; in a row the digit decides."""
    digits = [int(digit) for digit in re.sub(r"\D", "", found.group())]
    doubled = [sum(divmod(2 * digit, 10)) if place % 2 else digit for place, digit in enumerate(reversed(digits))]
    return bool(found["gap"]) or sum(doubled) % 10 == 0


def _is_tax_number(found: re.Match[str]) -> bool:
    digits = found.group()
    before = found.string[max(0, found.start() - 16) : found.start()]
    if _ERROR_BEFORE.search(before) or (len(digits) == 10 and 2**31 <= int(digits) < 2**32):  # an unsigned HRESULT
        return False
    if len(digits) in (13, 15):
        return int(digits[:-1]) % (11 if len(digits) == 13 else 13) % 10 == int(digits[-1])
    weights = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
    last = range(len(digits) - (1 if len(digits) == 10 else 2), len(digits))
    return all(_checksum(digits[:place], weights[-place:]) == int(digits[place]) for place in last)


def _checksum(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11 % 10
