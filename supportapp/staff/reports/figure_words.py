"""A report's figure, as an address names it, in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from supportapp.accounts.models import StaffUser
from supportapp.certificates.models import Certificate, Product, SupportLevel
from supportapp.database import Model
from supportapp.extensions import db
from supportapp.reports.behind import figures_of, read_days
from supportapp.staff import labels
from supportapp.tickets.rules import CloseReason, Satisfied

OUTCOMES: dict[str, Any] = {"kept": _l("kept"), "missed": _l("missed"), "running": _l("still running")}


def figure_words(text: str) -> str:
    """«поступили 01.11.2026 – 30.11.2026, уровень Базовый»; the text itself where it is no figure of ours."""
    try:
        return ", ".join(_one(figure) for figure in figures_of(text))
    except (ValueError, KeyError, OverflowError):
        return text


def _one(text: str) -> str:
    name, _colon, argument = text.partition(":")
    return FIGURES[name](argument)


def _in_days(words: Any) -> Callable[[str], str]:
    def said(argument: str) -> str:
        days = read_days(argument)
        return f"{words} {days.first:%d.%m.%Y} – {days.last:%d.%m.%Y}"

    return said


def _day(words: Any) -> Callable[[str], str]:
    return lambda argument: f"{words} {date.fromisoformat(argument):%d.%m.%Y}"


def _plain(words: Any) -> Callable[[str], str]:
    return lambda _argument: str(words)


def _outcome(words: Any) -> Callable[[str], str]:
    return lambda argument: f"{words}: {OUTCOMES[argument]}"


def _row(words: Any, model: type[Model]) -> Callable[[str], str]:
    def said(argument: str) -> str:
        row = None if argument == "none" else db.session.get(model, int(argument))
        return f"{words}: {_('nobody') if row is None and model is StaffUser else row or '—'}"

    return said


def _age(argument: str) -> str:
    youngest, _dash, oldest = argument.partition("/")[2].partition("-")
    if not oldest:
        return str(_("older than %(days)s days", days=int(youngest)))
    return str(_("%(first)s to %(last)s days old", first=int(youngest), last=int(oldest)))


def _minutes(argument: str) -> str:
    which, least, most = argument.split("/")
    words = _("first response") if which == "response" else _("solution")
    if least != most:
        return str(_("%(what)s within %(minutes)s min", what=words, minutes=int(most)))
    spent = ngettext("%(num)d minute", "%(num)d minutes", int(most))
    return f"{words}: {spent}"


def _decided(argument: str) -> str:
    words = {"response": _("First response"), "resolution": _("Solution")}[argument]
    return str(_("%(promise)s: kept or missed", promise=words))


def _opinion(argument: str) -> str:
    answer, _slash, days = argument.partition("/")
    words = _("asked whether he is satisfied") if answer == "any" else labels.label(Satisfied(answer))
    return _in_days(words)(days)


FIGURES: dict[str, Callable[[str], str]] = {
    "created": _in_days(_l("came in")),
    "closed": _in_days(_l("closed")),
    "open": _day(_l("open at the end of")),
    "now": _plain(_l("open now")),
    "age": _age,
    "reason": lambda argument: labels.label(CloseReason(argument)),
    "answered": _plain(_l("answered")),
    "finished": _plain(_l("worked on to the end")),
    "response": _outcome(_l("First response")),
    "resolution": _outcome(_l("Solution")),
    "automatic": _in_days(_l("closed automatically")),
    "returned": _in_days(_l("closed automatically and reopened later")),
    "accepted": _in_days(_l("accepted the solution")),
    "reopened": _in_days(_l("reopened the ticket")),
    "judged": _in_days(_l("accepted the solution or reopened the ticket")),
    "opinion": _opinion,
    "minutes": _minutes,
    "decided": _decided,
    "level": _row(_l("Support level"), SupportLevel),
    "assignee": _row(_l("Assignee"), StaffUser),
    "product": _row(_l("Product"), Product),
    "certificate": _row(_l("Certificate"), Certificate),
    "organisation": lambda argument: f"{_('Organisation')}: {argument}",
}
