"""Several mails as one: the words of each, whole and in order, in the frame of the last, under the subject of the most
important one.

The layouts (``templates/mail/layout.*``) mark where the words begin and end: in HTML by two comments, which neither a
person's words nor Markdown can bring in; in plain text by the line above which to answer, the rule before whose turn it
is, and the signature's dashes. What stands below the words, whose turn it is and what was said, is the last one's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from supportapp.i18n import gettext
from supportapp.notifications.mail import ANSWER_ABOVE, Rendered
from supportapp.notifications.models import Notification

HTML_BEGIN, HTML_END = "<!--words-->", "<!--/words-->"
SIGNATURE = "\n-- \n"
BELOW = "\n" + "-" * 60 + "\n"
TEXT_LINE = "\n\n" + "=" * 40 + "\n\n"
HTML_LINE = '<hr style="margin:28px 0;border:0;border-top:2px solid #c4cad1;">'
_BODY = re.compile(r"<body\b[^>]*>(.*)</body\s*>", re.I | re.S)
_weights: dict[str, int] = {}


def weigh(weights: Mapping[str, int]) -> None:
    """Let a feature say how much its kinds of mails weigh when several become one; those not named weigh nothing."""
    _weights.update(weights)


def join(parts: Sequence[Notification]) -> Rendered:
    """One subject, text and page out of ``parts``; a single one stays as it is.

    The subject is that of the heaviest part (``weigh``), of the last one among equals.
    """
    last = parts[-1]
    if len(parts) == 1:
        return Rendered(last.subject, last.text_body, last.html_body)
    above, foot = _text(last)[0], _text(last)[2]
    text = TEXT_LINE.join(_text(part)[1].strip() for part in parts)
    head, _, tail = _html(last.html_body)
    page = f"\n{HTML_LINE}\n".join(_html(part.html_body)[1].strip() for part in parts)
    subject = max(reversed(parts), key=lambda part: _weights.get(part.kind, 0)).subject
    return Rendered(subject, f"{above}{text}\n{foot}", f"{head}\n{page}\n{tail}")


def _text(part: Notification) -> tuple[str, str, str]:
    """The line above which to answer, the words, and all that follows them."""
    line = gettext(ANSWER_ABOVE, part.language) + "\n\n"
    above = line if part.text_body.startswith(line) else ""
    whole = part.text_body.removeprefix(above)
    for mark in (BELOW, SIGNATURE):
        words, found, rest = whole.rpartition(mark)
        if found:
            return above, words, found + rest
    return above, whole, ""


def _html(page: str) -> tuple[str, str, str]:
    """What stands before the words, the words, and what follows; a page without marks is taken by its body."""
    begin, end = page.find(HTML_BEGIN), page.rfind(HTML_END)
    if 0 <= begin < end:
        start = begin + len(HTML_BEGIN)
        return page[:start], page[start:end], page[end:]
    body = _BODY.search(page)
    return (page[: body.start(1)], body[1], page[body.end(1) :]) if body else ("", page, "")
