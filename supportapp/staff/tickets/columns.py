"""The columns of the ticket list, in one place for the screen and for the exports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from supportapp.extensions import settings
from supportapp.staff.frame import language, show_moment
from supportapp.staff.labels import label
from supportapp.tickets.models import Message, Ticket
from supportapp.tickets.rules import LOWEST_PRIORITY
from supportapp.tickets.targets import support_hours
from supportapp.worktime.calendar import WorkCalendar
from supportapp.worktime.queries import current_calendar
from supportapp.worktime.rules import working_time_between

NEAR = timedelta(hours=1)


@dataclass
class Shown:
    """What the cells of one page have in common: the moment, the last messages by ticket, and the calendar once it is
    needed."""

    at: datetime
    last: dict[int, Message] = field(default_factory=dict)

    @cached_property
    def calendar(self) -> WorkCalendar:
        return current_calendar()


@dataclass(frozen=True)
class Column:
    """``cell`` is for the screen, ``value`` for a file (text, number or moment); ``orders`` says how to sort by it."""

    label: Any
    cell: Callable[[Ticket, Shown], Any]
    value: Callable[[Ticket, Shown], Any]
    width: int = 16


def _reference(ticket: Ticket, _shown: Shown) -> Markup:
    link = url_for("TicketPage.show", reference=ticket.reference)
    return Markup('<a class="reference" href="{}">{}</a>').format(link, ticket.reference)


def _subject(ticket: Ticket, _shown: Shown) -> Markup:
    link = url_for("TicketPage.show", reference=ticket.reference)
    return Markup('<a class="subject" href="{}">{}</a>').format(link, ticket.subject)


def _customer(ticket: Ticket, _shown: Shown) -> Markup:
    cell = Markup("{}<br><small>{}</small>")
    return cell.format(ticket.customer.name, ticket.customer.organisation)


def _customer_text(ticket: Ticket, _shown: Shown) -> str:
    return ", ".join(filter(None, (ticket.customer.name, ticket.customer.organisation)))


def _product_text(ticket: Ticket, _shown: Shown) -> str:
    return f"{ticket.product or ''} {ticket.product_version}".strip()


def _level_text(ticket: Ticket, _shown: Shown) -> str:
    if ticket.level is not None:
        return ticket.level.name(language())
    return _("no certificate") if ticket.priority == LOWEST_PRIORITY else "—"


def _status(ticket: Ticket, _shown: Shown) -> Markup:
    words = label(ticket.close_reason) if ticket.close_reason else label(ticket.turn)
    cell = Markup('<span class="state state-{}">{}</span><br><small>{}</small>')
    return cell.format(ticket.status.value, label(ticket.status), words)


def _status_text(ticket: Ticket, _shown: Shown) -> str:
    return f"{label(ticket.status)}, {label(ticket.close_reason) if ticket.close_reason else label(ticket.turn)}"


def target_cell(ticket: Ticket, shown: Shown) -> Markup:
    """Working time left to the nearest target, red when it is near or past; "paused" while the customer is to act."""
    if not ticket.is_open or ticket.level is None:
        return Markup("—")
    if ticket.paused_at is not None:
        return Markup('<span class="target paused">{}</span>').format(_("paused"))
    if ticket.target_at is None:
        return Markup("—")
    left = _working_time_left(ticket, shown)
    past = ticket.target_at <= shown.at
    mood = "past" if past else "near" if left <= NEAR else "far"
    words = _("late by %(time)s", time=duration(left)) if past else duration(left)
    cell = Markup('<span class="target {}" title="{}">{}</span>')
    return cell.format(mood, show_moment(ticket.target_at), words)


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
    return working_time_between(start, end, support_hours(ticket.level), shown.calendar, settings.timezone)


def _assignee(ticket: Ticket, _shown: Shown) -> Any:
    return (
        ticket.assignee.display_name
        if ticket.assignee
        else Markup('<span class="nobody">{}</span>').format(_("nobody"))
    )


def _last_message(ticket: Ticket, shown: Shown) -> Markup:
    message = shown.last.get(ticket.id)
    who = message.author.display_name if message else ""
    side = "staff" if message and message.staff_id else "customer"
    cell = Markup('<span class="by by-{}">{}</span><br><small>{}</small>')
    return cell.format(side, who, show_moment(ticket.last_message_at))


COLUMNS: dict[str, Column] = {
    "reference": Column(_l("Reference"), _reference, lambda t, _s: t.reference, 13),
    "subject": Column(_l("Subject"), _subject, lambda t, _s: t.subject, 50),
    "customer": Column(_l("Customer"), _customer, _customer_text, 36),
    "product": Column(_l("Product"), _product_text, _product_text, 26),
    "level": Column(_l("Support level"), _level_text, _level_text, 18),
    "status": Column(_l("Status"), _status, _status_text, 30),
    "target": Column(_l("Time to target"), target_cell, lambda t, _s: t.target_at, 17),
    "assignee": Column(_l("Assignee"), _assignee, lambda t, _s: t.assignee.display_name if t.assignee else "", 22),
    "last_message": Column(_l("Last message"), _last_message, lambda t, _s: t.last_message_at, 17),
}
HOME = ("reference", "subject", "customer", "status", "target")
