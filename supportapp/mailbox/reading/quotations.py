"""New text told from quoted text. In doubt nothing is cut: a word too many can be passed over, a lost one cannot."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from supportapp.mailbox.reading import quote_heads, signatures
from supportapp.mailbox.reading.lines import Line, Mark, join_lines

_ANSWERS_INSIDE = re.compile(
    r"\b(?:см\.? ниже|смотрите ниже|(?:ответ\w*|комментари\w+|замечани\w+|пояснени\w+)(?: \w+){0,3} "
    r"(?:ниже|в тексте|в письме|в цитате|по тексту)"
    r"|по тексту|в тексте письма|(?:красн|син|зел[её]н)\w+(?: цветом| шрифтом)?|выделил\w*|внутри письма"
    r"|inline|in-line|see below|(?:answers?|comments?|replies|responses?)(?: \w+){0,3} (?:below|inline|in text)"
    r"|in (?:red|blue|green|bold)|in the text below)\b",
    re.IGNORECASE,
)
_HEADER_BLOCK_LINES = 10
_ATTRIBUTION_LINES = 3
_SIGNATURE_AFTER_QUOTE = 8


@dataclass(frozen=True)
class Head:
    """Lines ``start`` to ``end`` introduce a quotation. An open one runs to the end of the mail, any other as far as
    the lines are quoted."""

    start: int
    end: int
    is_open: bool


def new_lines(lines: list[Line], *, is_reply: bool) -> list[Line]:
    """The lines that the sender wrote now; all of them when there is any doubt.

    Nothing is cut from a mail that answers nothing, from a forwarded one, and from answers written between the lines.
    """
    cut = _without_quotation(lines) if is_reply else lines
    shortened = signatures.without_signature(cut)
    return shortened if any(not line.is_blank for line in shortened) else lines


def new_text(lines: list[Line], *, is_reply: bool) -> str:
    """``new_lines`` as a text."""
    return join_lines(new_lines(lines, is_reply=is_reply))


def _without_quotation(lines: list[Line]) -> list[Line]:
    head = _find_head(lines)
    if head is None:
        return lines
    before, after = lines[: head.start], lines[head.end :]
    if _is_forward(lines[: head.end]) or any(_ANSWERS_INSIDE.search(line.text) for line in before):
        return lines
    said_before = any(not line.is_blank for line in before)
    if head.is_open:
        return before if said_before else lines
    rest = _unquoted_rest(after)
    if rest is None:
        return before if said_before else lines
    if said_before:
        kept = _signature_below(rest)
        return lines if kept is None else [*_without_blank_end(before), *kept]
    is_our_mail_above = any(quote_heads.is_our_sentence(line.text) for line in after)
    return rest if is_our_mail_above and _is_one_block(after) else lines


def _find_head(lines: list[Line]) -> Head | None:
    our_end = max((at for at, line in enumerate(lines) if quote_heads.is_our_sentence(line.text)), default=-1)
    for index, line in enumerate(lines):
        if line.is_blank:
            continue
        head = _head_at(lines, index, line, our_end)
        if head:
            return Head(_with_rules_above(lines, head.start), head.end, head.is_open)
    return None


def _head_at(lines: list[Line], index: int, line: Line, our_end: int) -> Head | None:
    if quote_heads.is_reply_above_line(line.text):
        return Head(_attribution_start(lines, index), index + 1, is_open=not line.depth)
    if line.mark is Mark.HEAD or _is_header_block(lines, index):
        return Head(index, index + 1, is_open=True)
    if line.text.rstrip().endswith(":"):
        return _attribution(lines, index, our_end)
    return None


def _is_header_block(lines: list[Line], index: int) -> bool:
    """From, Sent, To, Subject one below the other, as Outlook begins what it quotes; fewer below "Original Message"."""
    text = lines[index].text
    if quote_heads.is_original_line(text):
        following = _next_spoken(lines, index + 1)
        return following is not None and bool(quote_heads.label_of(lines[following].text))
    if quote_heads.label_of(text) != "from":
        return False
    labels = {quote_heads.label_of(line.text) for line in lines[index : index + _HEADER_BLOCK_LINES]}
    return "sent" in labels and len(labels - {""}) >= 3


def _attribution(lines: list[Line], index: int, our_end: int) -> Head | None:
    """Of up to three lines that end with the one at ``index``; what follows must be quoted, or one of our own mails."""
    start = _attribution_start(lines, index + 1)
    if start > index:
        return None
    following = _next_spoken(lines, index + 1)
    if following is None:
        return None
    if lines[following].depth > 0:
        return Head(start, index + 1, is_open=False)
    is_known = lines[start].mark is Mark.ATTRIBUTION or lines[index].mark is Mark.ATTRIBUTION
    if is_known or following <= our_end:
        return Head(start, index + 1, is_open=True)
    return None


def _attribution_start(lines: list[Line], end: int) -> int:
    """Where the attribution begins whose last line stands before ``end``; ``end`` itself when there is none."""
    last = end - 1
    while last > 0 and lines[last].is_blank:
        last -= 1
    for first in range(last, max(-1, last - _ATTRIBUTION_LINES), -1):
        if first < 0 or lines[first].is_blank or lines[first].depth > 1:
            break
        if quote_heads.is_attribution(" ".join(line.text for line in lines[first : last + 1])):
            return _with_first_line(lines, first)
    return end


def _with_first_line(lines: list[Line], first: int) -> int:
    if first > 0 and quote_heads.begins_with_date(lines[first - 1].text):
        return first - 1
    while first > 0 and quote_heads.label_of(lines[first - 1].text) in ("to", "subject"):  # Yandex on a telephone
        first -= 1
    return first


def _with_rules_above(lines: list[Line], start: int) -> int:
    """Drawn lines and "Original Message" right above belong to the quotation."""
    position = start
    while position > 0:
        above = lines[position - 1]
        if not (above.is_blank or quote_heads.is_rule(above.text) or quote_heads.is_original_line(above.text)):
            break
        position -= 1
        start = start if above.is_blank else position
    return start


def _next_spoken(lines: list[Line], index: int) -> int | None:
    return next((at for at in range(index, len(lines)) if not lines[at].is_blank), None)


def _is_forward(lines: list[Line]) -> bool:
    return any(quote_heads.is_forwarded_line(line.text) for line in lines if not line.depth)


def _unquoted_rest(after: list[Line]) -> list[Line] | None:
    """The lines from the first unquoted one on; None when only quoted lines and a program's own lines remain."""
    last_quoted = max((index for index, line in enumerate(after) if line.depth), default=-1)
    for index, line in enumerate(after):
        if signatures.is_separator(line) and index > last_quoted:
            return None
        if not (line.depth or line.is_blank or signatures.is_footer(line.text)):
            return after[index:]
    return None


def _without_blank_end(lines: list[Line]) -> list[Line]:
    end = max(index for index, line in enumerate(lines) if not line.is_blank) + 1
    return lines[:end]


def _signature_below(rest: list[Line]) -> list[Line] | None:
    """A signature that the program put under the quotation; None when it is anything else."""
    spoken = [line for line in rest if not line.is_blank]
    if len(spoken) > _SIGNATURE_AFTER_QUOTE or any(line.depth for line in spoken):
        return None
    return [Line(""), *rest] if signatures.is_valediction(spoken[0].text) else None


def _is_one_block(after: list[Line]) -> bool:
    """One quotation and then one answer, not several by turns."""
    turns = [line.depth > 0 for line in after if not line.is_blank]
    return sum(one != other for one, other in pairwise(turns)) == 1
