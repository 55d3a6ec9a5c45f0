"""Bytes into letters, whatever the label says: Russian mail is mislabelled more often than any other."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

_SAMPLE = 20_000
_KNOWN = re.compile(
    r"(?:utf_(?:8|7|16|32)(?:_[bl]e|_sig)?|us_ascii|ascii|iso(?:_?8859_\d{1,2}|_?2022_\w{2,6})|latin_?\d|windows_\d{3,4}"
    r"|cp_?\d{3,4}|ibm_?\d{3}|koi8_[rtu]|mac_cyrillic|gb2312|gbk|gb18030|hz|big5\w*|euc_\w{2}|shift_?jis|tis_620)\Z"
)
_OTHER_NAMES = {
    "utf8": "utf_8",
    "utf_8mb4": "utf_8",
    "unicode_1_1_utf_8": "utf_8",
    "win_1251": "cp1251",
    "win1251": "cp1251",
    "windows1251": "cp1251",
    "x_cp1251": "cp1251",
    "cp_1251": "cp1251",
    "ansi_1251": "cp1251",
    "windows_1251": "cp1251",
    "koi8r": "koi8_r",
    "koi8": "koi8_r",
    "koi_8_r": "koi8_r",
    "koi8_ru": "koi8_u",
    "dos_866": "cp866",
    "x_mac_cyrillic": "mac_cyrillic",
    "ks_c_5601_1987": "cp949",
    "unicode_1_1_utf_7": "utf_7",
    "ansi_x3.4_1968": "ascii",
}
# Says nothing about what the bytes are: programs write it when they do not know.
_EMPTY_LABELS = {"", "ascii", "us_ascii", "iso_8859_1", "latin_1", "latin1"}
_RUSSIAN = ("cp1251", "koi8_r", "cp866")
# How often each letter stands in a thousand of Russian text.
_FREQUENCY = dict(zip("оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё", (
    110, 84, 80, 74, 67, 63, 55, 47, 45, 44, 35, 32, 30, 28, 26, 20, 19, 17, 17, 16, 16, 14, 12, 10, 9,
    7, 6, 5, 4, 3, 3, 1, 1,
), strict=True))  # fmt: skip
_CYRILLIC_IN_UTF8 = re.compile(rb"(?:[\xd0\xd1][\x80-\xbf]){2}")
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_BOMS = ((codecs.BOM_UTF8, "utf_8"), (codecs.BOM_UTF16_LE, "utf_16_le"), (codecs.BOM_UTF16_BE, "utf_16_be"))


@lru_cache(maxsize=256)
def known_charset(label: str) -> str | None:
    """Python's name of a charset that mail may use; None for nonsense and for codecs that are no charsets."""
    name = label.strip(" \"'\t").lower().partition("*")[0].replace("-", "_").replace(" ", "_")[:40]
    name = _OTHER_NAMES.get(name, name)
    if not name.isascii() or not _KNOWN.match(name):
        return None
    try:
        return codecs.lookup(name).name.replace("-", "_")
    except LookupError:
        return None


def decode(data: bytes, label: str = "") -> tuple[str, bool]:
    """The letters, and whether the label was right (True also where there was none to be wrong).

    UTF-8 that calls itself something else is taken for UTF-8: other text is hardly ever valid as that by chance.
    """
    for bom, name in _BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(name, "replace"), True
    charset = known_charset(label)
    if charset is None or charset in _EMPTY_LABELS:
        return guess(data), not label or charset is not None
    if charset not in ("utf_8", "utf_16", "utf_7") and _CYRILLIC_IN_UTF8.search(_sample(data)):
        utf8 = _strictly(data, "utf_8")
        if utf8 is not None:
            return utf8, False
    text = _strictly(data, charset)
    if text is None:
        return guess(data), False
    return _doubted(data, text, charset)


def guess(data: bytes) -> str:
    """The letters of unlabelled bytes: UTF-8, else the Russian charset whose letters are the most usual, else Latin."""
    text = _strictly(data, "utf_8")
    if text is not None:
        return text
    text = data.decode("utf_8", "replace")
    sample = _sample(data)
    broken = sample.decode("utf_8", "replace").count("\ufffd")
    if broken * 20 <= sum(map(len, _HIGH_RUN.findall(sample))) and _CYRILLIC_IN_UTF8.search(sample):
        return text
    best = max(_RUSSIAN, key=lambda name: _likeness(_letters(data, name)))
    if _is_latin(data) or _likeness(_letters(data, best)) <= 0:
        return data.decode("cp1252", "replace")
    return data.decode(best, "replace")


def _sample(data: bytes) -> bytes:
    """A piece that begins where the letters do that ASCII has not."""
    match = _HIGH_RUN.search(data)
    return data[match.start() : match.start() + _SAMPLE] if match else b""


def _strictly(data: bytes, charset: str) -> str | None:
    try:
        return data.decode(charset)
    except (UnicodeError, LookupError, ValueError):
        return None


def _doubted(data: bytes, text: str, charset: str) -> tuple[str, bool]:
    """Any bytes are valid KOI8-R: a label is overruled when another charset makes far better Russian of them."""
    if charset not in _RUSSIAN:
        return text, True
    likeness = {name: _likeness(_letters(data, name)) for name in _RUSSIAN}
    best = max(_RUSSIAN, key=lambda name: likeness[name])
    if likeness[best] > 400 and likeness[best] > 3 * max(likeness[charset], 0):
        return data.decode(best, "replace"), False
    return text, True


def _letters(data: bytes, charset: str) -> str:
    return b" ".join(_HIGH_RUN.findall(_sample(data))).decode(charset, "replace")


def _likeness(text: str) -> int:
    """How much a text looks like Russian: common letters count, capitals inside words and other signs count against."""
    score, before = 0, " "
    for letter in text:
        small = letter.lower()
        if small not in _FREQUENCY:
            score -= 0 if letter in " «»—–№…" else 60
        elif letter != small and before.isalpha() and before == before.lower():
            score -= 60
        else:
            score += _FREQUENCY[small] if letter == small else _FREQUENCY[small] // 2
        before = letter
    return score


def _is_latin(data: bytes) -> bool:
    """Single accented letters inside Latin words: French or German, not Russian."""
    runs = _HIGH_RUN.findall(_sample(data))
    return bool(runs) and sum(len(run) == 1 for run in runs) * 10 > len(runs) * 8 and len(runs) > 1
