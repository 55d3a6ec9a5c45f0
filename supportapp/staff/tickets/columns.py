"""The columns of the ticket list, in one place for the screen and for the exports."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape

from supportapp.extensions import settings
from supportapp.staff.frame import language, show_moment
from supportapp.staff.labels import label
from supportapp.tickets.models import Ticket
from supportapp.tickets.queries import LastMessage
from supportapp.tickets.rules import LOWEST_PRIORITY
from supportapp.tickets.targets import NEAR, support_hours
from supportapp.worktime.calendar import WorkCalendar
from supportapp.worktime.queries import current_calendar
from supportapp.worktime.rules import working_time_between


@dataclass
class Shown:
    """What the cells of one page have in common: the moment, what is known by ticket, what is looked up once."""

    at: datetime
    last: dict[int, LastMessage] = field(default_factory=dict)
    words: dict[tuple[type, Any], str] = field(default_factory=dict)
    tags: dict[int, list[str]] = field(default_factory=dict)

    @cached_property
    def calendar(self) -> WorkCalendar:
        return current_calendar()

    @cached_property
    def timezone(self) -> ZoneInfo:
        return settings.timezone

    @cached_property
    def language(self) -> str:
        return language()

    @cached_property
    def address(self) -> str:
        """What stands before the reference in the address of a ticket."""
        return url_for("TicketPage.show", reference="0").removesuffix("0")

    @cached_property
    def paused(self) -> str:
        """Instead of the time to a target that does not run."""
        return str(_("paused"))

    @cached_property
    def without_certificate(self) -> str:
        """Instead of a support level."""
        return str(_("no certificate"))

    @cached_property
    def openings(self) -> dict[str, str]:
        """How a cell of each column begins: where rows are cards, its label stands before it."""
        return {
            name: f'<td role="cell" class="col-{name}" data-label="{escape(column.label)}">'
            for name, column in COLUMNS.items()
        }

    @cached_property
    def nobody(self) -> Markup:
        """Instead of an assignee."""
        return _html(f'<span class="nobody">{escape(_("nobody"))}</span>')

    def label(self, member: enum.Enum) -> str:
        """The words for a member of an enum."""
        key = type(member), member._value_
        if key not in self.words:
            self.words[key] = label(member)
        return self.words[key]


@dataclass(frozen=True)
class Column:
    """``cell`` is for the screen, ``value`` for a file (text, number or moment); ``orders`` says how to sort by it."""

    label: Any
    cell: Callable[[Ticket, Shown], Any]
    value: Callable[[Ticket, Shown], Any]
    width: int = 16


def _html(text: str) -> Markup:
    """A cell of parts that are escaped: cells are many, and ``Markup.format`` is slow."""
    return Markup(text)  # noqa: S704


def _reference(ticket: Ticket, shown: Shown) -> Markup:
    reference = escape(ticket.reference)
    return _html(f'<a class="reference" href="{shown.address}{reference}">{reference}</a>')


def _subject(ticket: Ticket, shown: Shown) -> Markup:
    link = f'<a class="subject" href="{shown.address}{escape(ticket.reference)}">{escape(ticket.subject)}</a>'
    tags = shown.tags.get(ticket.id)
    return _html(link + _tag_links(tags, shown)) if tags else _html(link)


def _tag_links(tags: Sequence[str], shown: Shown) -> str:
    """Each tag leads to the tickets that bear it."""
    way = shown.address.removesuffix("/")
    links = "".join(
        f'<a href="{way}/?{escape(urlencode({"scope": "all", "_flt_0_tags": tag}))}">{escape(tag)}</a>' for tag in tags
    )
    return f' <span class="queue-tags">{links}</span>'


def _customer(ticket: Ticket, _shown: Shown) -> Markup:
    return _html(f"{escape(ticket.customer.name)}<br><small>{escape(ticket.customer.organisation)}</small>")


def _customer_text(ticket: Ticket, _shown: Shown) -> str:
    return ", ".join(filter(None, (ticket.customer.name, ticket.customer.organisation)))


def _product_text(ticket: Ticket, _shown: Shown) -> str:
    return f"{ticket.product or ''} {ticket.product_version}".strip()


def _level_text(ticket: Ticket, shown: Shown) -> str:
    if ticket.level is not None:
        return ticket.level.name(shown.language)
    return shown.without_certificate if ticket.priority == LOWEST_PRIORITY else "—"


def _status(ticket: Ticket, shown: Shown) -> Markup:
    words = shown.label(ticket.close_reason or ticket.turn)
    state = f'<span class="state state-{ticket.status.value}">{escape(shown.label(ticket.status))}</span>'
    return _html(f"{state}<br><small>{escape(words)}</small>")


def _status_text(ticket: Ticket, shown: Shown) -> str:
    return f"{shown.label(ticket.status)}, {shown.label(ticket.close_reason or ticket.turn)}"


def target_cell(ticket: Ticket, shown: Shown) -> Markup:
    """Working time left to the nearest target, red when it is near or past; "paused" while the customer is to act."""
    mood, words = _target(ticket, shown)
    if mood in ("none", "paused"):
        return Markup("—") if mood == "none" else _html(f'<span class="target paused">{escape(words)}</span>')
    assert ticket.target_at is not None
    title = show_moment(ticket.target_at)
    return _html(f'<span class="target {mood}" title="{title}">{escape(words)}</span>')


def _target(ticket: Ticket, shown: Shown) -> tuple[str, str]:
    """How it stands with the nearest target, and in words."""
    if not ticket.is_open or ticket.level is None:
        return "none", ""
    if ticket.paused_at is not None:
        return "paused", shown.paused
    if ticket.target_at is None:
        return "none", ""
    left = _working_time_left(ticket, shown)
    if ticket.target_at <= shown.at:
        return "past", str(_("late by %(time)s", time=duration(left)))
    return "near" if left <= NEAR else "far", duration(left)


def duration(time: timedelta) -> str:
    """Working time in hours and minutes, in hours alone when they are many."""
    hours, minutes = divmod(int(time.total_seconds() // 60), 60)
    if not hours:
        return str(_("%(minutes)s min", minutes=minutes))
    if not minutes or hours >= 10:
        return str(_("%(hours)s h", hours=hours))
    return str(_("%(hours)s h %(minutes)s min", hours=hours, minutes=minutes))


def _working_time_left(ticket: Ticket, shown: Shown) -> timedelta:
    assert ticket.target_at is not None
    assert ticket.level is not None
    start, end = sorted((shown.at, ticket.target_at))
    return working_time_between(start, end, support_hours(ticket.level), shown.calendar, shown.timezone)


def _assignee(ticket: Ticket, shown: Shown) -> str:
    return ticket.assignee.display_name if ticket.assignee else shown.nobody


def _last_message(ticket: Ticket, shown: Shown) -> Markup:
    last = shown.last.get(ticket.id)
    side, who = ("staff" if last.by_staff else "customer", last.author) if last else ("nobody", "")
    when = show_moment(ticket.last_message_at)
    return _html(f'<span class="by by-{side}">{escape(who)}</span><br><small>{when}</small>')


def cells(ticket: Ticket, names: Sequence[str], shown: Shown) -> Markup:
    """The cells of a row of the list, one after another."""
    openings = shown.openings
    return _html("".join(f"{openings[name]}{_escaped(COLUMNS[name].cell(ticket, shown))}</td>" for name in names))


def _escaped(cell: Any) -> str:
    return cell if isinstance(cell, Markup) else escape(cell)


COLUMNS: dict[str, Column] = {
    "reference": Column(_l("Reference"), _reference, lambda t, _s: t.reference, 13),
    "subject": Column(_l("Subject"), _subject, lambda t, _s: t.subject, 50),
    "customer": Column(_l("Customer"), _customer, _customer_text, 36),
    "product": Column(_l("Product"), _product_text, _product_text, 26),
    "level": Column(_l("Support level"), _level_text, _level_text, 18),
    "status": Column(_l("Status"), _status, _status_text, 30),
    "target": Column(_l("Time to target"), target_cell, lambda t, s: _target(t, s)[1], 17),
    "assignee": Column(_l("Assignee"), _assignee, lambda t, _s: t.assignee.display_name if t.assignee else "", 22),
    "last_message": Column(_l("Last message"), _last_message, lambda t, _s: t.last_message_at, 17),
}
# What the screen tells in the title or beside the text of a cell; files have it as columns of their own,
# after those of the screen.
BESIDE: dict[str, Column] = {
    "target_at": Column(_l("Target"), target_cell, lambda t, _s: t.target_at, 17),
    "tags": Column(_l("Tags"), _subject, lambda t, s: ", ".join(s.tags.get(t.id, ())), 24),
}
HOME = ("reference", "subject", "customer", "status", "target")
