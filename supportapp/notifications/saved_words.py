"""Words of mails as staff saved them: checked before they are kept, and never in the way of a mail that must leave."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select

from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.i18n import N_
from supportapp.notifications import markup, places, sandbox
from supportapp.notifications.models import MailTemplate
from supportapp.notifications.places import BadPlace
from supportapp.notifications.wordings import Wording, find_wording

SUBJECT_LENGTH = 200
BODY_LENGTH = 20_000
PROBLEM_LENGTH = 300
_IN_BRACKETS = re.compile(r"<[^>\n]*\{\{")
IN_CODE = N_("Line %(line)s: a value cannot stand between back-ticks or in angle brackets.")
IN_LINK = N_("Line %(line)s: a link leads to a fixed address, or to one that begins with {{ portal_url }}.")
UNMADE = N_("A link of this text leads nowhere: its address begins with https://, http:// or mailto:, without blanks.")
_BAD_PLACES = {
    BadPlace.CODE: ("value_in_code", IN_CODE),
    BadPlace.LINK: ("value_in_link", IN_LINK),
    BadPlace.UNMADE: ("link_unmade", UNMADE),
}

logger = logging.getLogger(__name__)


class Words(NamedTuple):
    """Subject and body, as a template is written."""

    subject: str
    body: str


def find_saved(name: str, language: str) -> MailTemplate | None:
    """What staff saved for that mail, if anything; a mail whose words are fixed has nothing."""
    if find_wording(name) is None:
        return None
    wanted = select(MailTemplate).where(MailTemplate.name == name, MailTemplate.language == language)
    return db.session.scalars(wanted).one_or_none()


def all_saved() -> Sequence[MailTemplate]:
    """Everything that staff saved."""
    return db.session.scalars(select(MailTemplate).order_by(MailTemplate.name, MailTemplate.language)).all()


def count_problems() -> int:
    """How many saved texts could not be used when a mail was made."""
    return db.session.scalar(select(func.count()).where(MailTemplate.problem != "")) or 0


def check(wording: Wording, words: Words) -> Words:
    """The words as they are kept. Refused, at the field ``subject`` or ``body``, with the line and what is wrong."""
    words = Words(words.subject.strip(), words.body.replace("\r\n", "\n").replace("\r", "\n").strip() + "\n")
    _check_shape(wording, words)
    for field, source in zip(Words._fields, words, strict=True):
        _check_brackets(source, field)
        used = sandbox.check_language(source, wording, field=field)
        _try(source, wording, used, field)
        if field == "subject" and wording.needs_in_subject and wording.needs_in_subject not in used:
            sentence = N_("The subject must contain {{ %(name)s }}: answers find their way by it.")
            raise Refused("subject_needs", sentence, field=field, name=wording.needs_in_subject)
    return words


def save(wording: Wording, language: str, words: Words, *, by: str, at: datetime) -> MailTemplate:
    """Keep the words for the mails to come; ``by`` is the name of who changed them. Refused as by ``check``."""
    checked = check(wording, words)
    saved = find_saved(wording.name, language)
    if saved is None:
        saved = MailTemplate(name=wording.name, language=language)
        db.session.add(saved)
    saved.subject, saved.body, saved.problem = checked.subject, checked.body, ""
    saved.changed_at, saved.changed_by = at, by[:150]
    db.session.flush()
    return saved


def restore(saved: MailTemplate) -> None:
    """Back to the built-in words."""
    db.session.delete(saved)
    db.session.flush()


def note_problem(saved: MailTemplate, error: Exception) -> None:
    """A mail could not be made with these words: the built-in ones are sent, and staff are told on their first page."""
    problem = f"{type(error).__name__}: {error}"[:PROBLEM_LENGTH]
    logger.error("the saved words of %s cannot be used: %s", saved, problem)
    if not saved.problem:
        saved.problem = problem


def _check_shape(wording: Wording, words: Words) -> None:
    if not words.subject:
        raise Refused("subject_missing", N_("Write a subject."), field="subject")
    if len(words.subject) > SUBJECT_LENGTH:
        raise Refused(
            "subject_long", N_("The subject has more than %(most)s characters."), field="subject", most=SUBJECT_LENGTH
        )
    if not words.subject.isprintable():
        raise Refused("subject_lines", N_("The subject is one line of text."), field="subject")
    if not words.body.strip():
        raise Refused("body_missing", N_("Write the text of the mail."), field="body")
    if len(words.body) > BODY_LENGTH:
        raise Refused("body_long", N_("The text has more than %(most)s characters."), field="body", most=BODY_LENGTH)


def _check_brackets(source: str, field: str) -> None:
    for number, line in enumerate(source.split("\n"), 1):
        if _IN_BRACKETS.search(line):
            raise Refused("value_in_code", IN_CODE, field=field, line=number)


def _try(source: str, wording: Wording, used: set[str], field: str) -> None:
    """Every branch with every kind of value, as text and as the page."""
    seen = set[str]()
    for values in wording.samples(used):
        for finalize in (markup.one_line, markup.escape_markdown):
            try:
                result = sandbox.render(source, values, finalize)
            except Exception as error:  # whatever it is, it must not come up when a mail has to leave
                raise _unusable(wording, used, field, error) from None
        if not result.strip():
            sentence = N_("In some cases nothing would be left of this text. Give the condition an {% else %}.")
            raise Refused("becomes_empty", sentence, field=field)
        if field == "body" and result not in seen:
            _check_page(source, values, field)
            seen.add(result)


def _check_page(source: str, values: dict[str, Any], field: str) -> None:
    """Where a value would not be shown letter by letter, or would choose where a link leads."""
    for place in places.find_bad_places(source, values):
        reason, sentence = _BAD_PLACES[place]
        raise Refused(reason, sentence, field=field, line=places.line_of(place, source, values))


def _unusable(wording: Wording, used: set[str], field: str, error: Exception) -> Refused:
    missing = sorted(value.name for value in wording.all_values if value.name in used and value.may_be_missing)
    if not missing:
        return Refused(
            "unusable", N_("This text cannot be worked out: %(detail)s"), field=field, detail=str(error)[:200]
        )
    sentence = N_(
        "A value that may be missing is used without a condition (%(names)s). Put what needs it between"
        " {%% if %(name)s %%} and {%% endif %%}."
    )
    return Refused("may_be_missing", sentence, field=field, names=", ".join(missing), name=missing[0])
