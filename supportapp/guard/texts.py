"""Secrets in what people write: private keys, licence keys, PIN codes and passwords. Pure rules.

They would rather miss one than cry wolf: a warning that comes with every second log is pressed away unread.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from supportapp.guard.findings import DOTS, Finding, Secret, mark_of

LONGEST_KEY = 20_000
FEWEST_KEY_CHARACTERS = 40

_BEGIN = re.compile(r"-----BEGIN (?P<what>(?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?)-----")
_PUTTY = "PuTTY-User-Key-File-"
_PUTTY_END = re.compile(r"Private-MAC:[ \t]*[0-9a-f]{0,128}", re.I)
_BASE64 = re.compile(r"[A-Za-z0-9+/=]")
_BODY = re.compile(r"(?:[ \t]*(?:[\w-]{1,40}:[^\n]{0,200}|[A-Za-z0-9+/=]{1,120})?[ \t]*\r?(?:\n|\Z))*")
_LICENCE = re.compile(r"(?<![\w-])[0-9A-ZА-ЯЁ]{5}(?:[ \t]?[-–—−][ \t]?[0-9A-ZА-ЯЁ]{5}){4}(?![\w-])", re.I)

# Words that may stand between the name of a secret and the secret itself.
_BETWEEN = (
    r"(?:[ \t]+(?:от|для|к|ко|на|по|из|у|нас|мой|моего|наш|нашего|такой|вот|это|был|стоит|умолчанию|токен\w{0,2}"
    r"|рутокен\w{0,2}|етокен\w{0,2}|контейнер\w{0,2}|ключ\w{0,2}|носител\w{0,2}|карт\w{0,2}|пользовател\w{0,2}"
    r"|администратор\w{0,2}|сервер\w{0,2}|архив\w{0,2}|учётк\w|учетк\w|входа?|доступа?|код\w{0,2}|of|for|to|the|my|our|is|user|admin|token"
    r"|container|account|login|code|rutoken|jacarta|etoken|pfx)){0,5}"
)
_JOINT = r"[ \t]*(?P<joint>:=|[:=—–]|[ \t]-[ \t]|[ \t](?!-))[ \t]*[«\"'`“(]?[ \t]*"
_VALUE = r"(?P<what>[^\s«»“”\"'`,;]{4,64})"
_PIN = re.compile(rf"(?<![\w-])(?:пин|pin)(?:[ \t]?-?[ \t]?(?:код\w{{0,2}}|code))?{_BETWEEN}{_JOINT}{_VALUE}", re.I)
_PASSWORD = re.compile(
    r"(?<![\w-])(?P<word>парол(?:ь|я|ю|ем|е|и)|password|passwd|passphrase|passwort|pwd|psw|pass|api[_-]?key"
    r"|secret[_-]?key|client[_-]?secret|access[_-]?token|auth[_-]?token)"
    rf"{_BETWEEN}{_JOINT}{_VALUE}",
    re.I,
)
_IN_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]{1,15}://[^\s/:@\"'<>]{1,64}:(?P<what>[^\s/:@\"'<>]{3,64})@", re.I)

_STARRED = re.compile(r"[*•·.xх#?_…-]+|[<\[{(%$].*|\.\.\..*", re.I)
_PLAIN_RUSSIAN = re.compile(r"[а-яё.!?()/-]+", re.I)
_NO_SECRET = re.compile(
    r"0x[0-9a-f]+|[A-ZА-Я]{2,6}-\d[\d-]+|\d{1,4}[./-]\d{1,2}[./-]\d{2,4}|v?\d+(?:\.\d+){1,4}|\d{1,2}:\d\d(?::\d\d)?"
    r"|https?:.*|[/~].*|[a-zа-я]:[\\/].*|(?:windows|win|astra|csp|ubuntu|debian|macos|android|ios|office|server|jacarta|rutoken)[\w.-]*",
    re.I,
)
# fmt: off
_STOP_WORDS = frozenset((
    "required", "requires", "null", "none", "true", "false", "empty", "incorrect", "invalid", "wrong", "expired",
    "must", "error", "fail", "failed", "failure", "change", "changed", "reset", "prompt", "enter", "entered",
    "hidden", "unknown", "policy", "authentication", "string", "text", "field", "value", "undefined", "default",
    "blocked", "locked", "retry", "attempts",
))
# fmt: on
_EXAMPLES = frozenset({"pass", "password", "passwd", "pwd"})  # as instructions write an address


def found_in_text(text: str) -> list[Finding]:
    """Every secret in ``text``, in its order, none inside another."""
    found: list[Finding] = []
    for one in sorted((*_keys(text), *_licences(text), *_phrases(text)), key=lambda one: (one.start, -one.end)):
        if not found or one.start >= found[-1].end:
            found.append(one)
    return found


def without_secrets(text: str, language: str) -> str:
    """``text`` with «[удалено: …]» where secrets stood; everything else as it was."""
    parts, end = [], 0
    for one in found_in_text(text):
        parts += [text[end : one.start], mark_of(one.kind, language)]
        end = one.end
    return "".join([*parts, text[end:]])


def _keys(text: str) -> Iterator[Finding]:
    """Private keys by their frame; a frame that stands around nothing is no key."""
    place = 0
    while begin := _BEGIN.search(text, place):
        closing = text.find("-----END", begin.end(), begin.end() + LONGEST_KEY)
        line_end = text.find("-----", closing + 8, closing + 80) if closing >= 0 else -1
        body = _BODY.match(text, begin.end(), begin.end() + LONGEST_KEY)
        end = line_end + 5 if line_end >= 0 else (body.end() if body else begin.end())
        if len(_BASE64.findall(text[begin.end() : end])) >= FEWEST_KEY_CHARACTERS:
            yield Finding(Secret.PRIVATE_KEY, begin.start(), end, f"{begin.group()} {DOTS}")
        place = max(end, begin.end())
    for closing_line in _PUTTY_END.finditer(text):
        start = text.rfind(_PUTTY, max(0, closing_line.start() - LONGEST_KEY), closing_line.start())
        if start >= 0:
            yield Finding(Secret.PRIVATE_KEY, start, closing_line.end(), f"{_PUTTY}… {DOTS}")


def _licences(text: str) -> Iterator[Finding]:
    for match in _LICENCE.finditer(text):
        signs = match.group()
        if any(c.isdigit() for c in signs) and any(c.isalpha() for c in signs) and len(set(signs)) > 6:
            yield Finding(Secret.LICENCE_KEY, match.start(), match.end(), f"{signs[:2]}•••-{DOTS}•-…")


def _phrases(text: str) -> Iterator[Finding]:
    for pattern, kind, is_secret in ((_PIN, Secret.PIN, _is_pin), (_PASSWORD, Secret.PASSWORD, _is_password)):
        for match in pattern.finditer(text):
            value = match["what"].rstrip(".)")
            if len(value) >= 4 and not _is_no_secret(value) and is_secret(value, match):
                start = match.start("what")
                yield Finding(kind, start, start + len(value), f"{text[match.start() : start]}{DOTS}")
    for match in _IN_ADDRESS.finditer(text):
        if not _is_no_secret(match["what"]) and match["what"].lower() not in _EXAMPLES:
            yield Finding(Secret.PASSWORD, match.start("what"), match.end("what"), f"://…:{DOTS}@")


def _is_no_secret(value: str) -> bool:
    """A placeholder, a plain word, a date, a version, an error code, a reference, a product."""
    if value.lower() in _STOP_WORDS:
        return True
    return any(pattern.fullmatch(value) for pattern in (_STARRED, _PLAIN_RUSSIAN, _NO_SECRET))


def _is_pin(value: str, match: re.Match[str]) -> bool:
    """Digits make a PIN; "осталось 10 попыток" is too short, and a telephone does not follow the word."""
    return sum(c.isdigit() for c in value) >= (3 if match["joint"].strip() else 4)


def _is_password(value: str, match: re.Match[str]) -> bool:
    """After a colon or an equals sign nearly anything; after a mere space only what no word looks like."""
    digits, letters = any(c.isdigit() for c in value), any(c.isalpha() for c in value)
    joint, word = match["joint"].strip(), match["word"].lower()
    if not joint:
        return digits and len(value) >= 6
    if joint in ("=", ":=") or word.startswith("парол"):
        return True
    return digits or (letters and not value.replace("-", "").isalpha()) or (not value.islower() and not value.istitle())
