"""What stands under a text: signatures, lines of mobile programs and virus scanners, valedictions."""

from __future__ import annotations

import re

from supportapp.mailbox.reading.lines import Line

_SEPARATORS = {"-- ", "--\xa0"}
_SIGNATURE_LINES = 12
_SIGNATURE_CHARACTERS = 1_200
_FOOTER = re.compile(
    r"(?:(?:отправлено (?:с|из|через)|sent (?:from|with|via)) (?:(?:my|the|new|моего|мобильн\w{1,4}|приложения|нового"
    r"|устройства|смартфона|телефона|версии) ){0,3}(?:iphone|ipad|mac|android|samsung|galaxy|huawei|honor|xiaomi|redmi"
    r"|windows|почты|mail|mail\.ru|yandex|яндекс|gmail|outlook|proton|thunderbird|myoffice|мойофис|blackberry)\b.{0,60}"
    r"|get outlook for .{1,40}"
    r"|скачать outlook для .{1,40}|получить outlook для .{1,40}|загрузить outlook для .{1,40}"
    r"|(?:это|данное) (?:письмо|сообщение|электронное письмо) (?:было )?проверено .{1,160}"
    r"|this e-?mail has been (?:checked|scanned) .{1,160}|virus-free\..{0,100}|без вирусов\..{0,100}"
    r"|(?:https?://)?www\.avast\.(?:com|ru)\S{0,200}|posted by .{1,60}|_{10,}|-{2,}[ \xa0]?)",
    re.IGNORECASE,
)
_VALEDICTION = re.compile(
    r"(?:с уважением|с наилучшими пожеланиями|всего доброго|всего хорошего|best regards|kind regards|regards"
    r"|sincerely|best wishes|thanks and regards|yours)\b.{0,80}",
    re.IGNORECASE,
)


def without_signature(lines: list[Line]) -> list[Line]:
    """The lines above a "-- " line, where one surely separates a short signature and something stands above it."""
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index]
        if line.text in _SEPARATORS and not line.depth:
            below = lines[index + 1 :]
            is_short = (
                len(below) <= _SIGNATURE_LINES and sum(len(other.text) for other in below) < _SIGNATURE_CHARACTERS
            )
            has_text_above = any(not other.is_blank for other in lines[:index])
            return lines[:index] if is_short and has_text_above else lines
    return lines


def is_separator(line: Line) -> bool:
    return line.text in _SEPARATORS and not line.depth


def is_footer(text: str) -> bool:
    """A line that a program put there, not a person."""
    return bool(_FOOTER.fullmatch(text.strip(" \t\xa0<>")[:300]))


def is_valediction(text: str) -> bool:
    """ "С уважением," and its like: the name follows."""
    return bool(_VALEDICTION.fullmatch(text.strip()[:300]))
