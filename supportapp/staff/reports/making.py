"""Writes the tickets of a list into a file, a thousand at a time: whole pages of one are read, shown and forgotten."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, cast

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from supportapp.accounts.models import StaffUser
from supportapp.extensions import db, settings
from supportapp.guard.texts import without_secrets
from supportapp.reports.rules import ExportForm
from supportapp.reports.sheets import CsvWriter, Row, Table, Writer, XlsxWriter
from supportapp.staff.frame import language, show_moment
from supportapp.staff.labels import label
from supportapp.staff.reports import screen
from supportapp.staff.reports.lines import Line, Reader
from supportapp.staff.tickets.columns import Shown
from supportapp.tickets.desk.tags import tags_of_tickets
from supportapp.tickets.models import Message, Ticket

BATCH = 1_000
Progress = Callable[[int, int], object]


@dataclass(frozen=True)
class Wish:
    """How the file is to be."""

    form: ExportForm
    conversation: bool = False
    working_time: bool = True

    @property
    def extension(self) -> str:
        return "zip" if self.form is ExportForm.CSV and self.conversation else self.form.value

    @property
    def content_type(self) -> str:
        return {
            "csv": "text/csv",
            "zip": "application/zip",
            "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }[self.extension]


def write_tickets(
    ids: array[int], stream: IO[bytes], wish: Wish, *, by: StaffUser, at: datetime, progress: Progress
) -> int:
    """Write the tickets in that order, in the language and with the columns of the current request.

    ``progress(done, total)`` is called after each batch, outside of any transaction; what it raises ends the writing.
    Returns how many tickets are in the file.
    """
    writer = _writer(stream, wish)
    reader = Reader()
    shown, done, total = Shown(at), 0, len(ids)
    for start in range(0, total, BATCH):
        batch = ids[start : start + BATCH].tolist()
        tickets, shown.tags = reader.read(batch), tags_of_tickets(batch)
        writer.write(_ticket_rows(tickets, wish, shown))
        if wish.conversation:
            writer.write(_message_rows(tickets), 1)
        done += len(tickets)
        db.session.rollback()
        progress(done, total)
    writer.finish(_("About this file"), [*_made(by, at), *screen.facts(), (_("Number of tickets"), str(done))])
    return done


def file_name(wish: Wish, at: datetime) -> str:
    return f"tickets-{at.astimezone(settings.timezone):%Y-%m-%d-%H%M}.{wish.extension}"


def _writer(stream: IO[bytes], wish: Wish) -> Writer:
    shown = screen.columns().values()
    headings, widths = [str(column.label) for column in shown], [column.width for column in shown]
    if wish.working_time:
        headings += [_("Created"), _("Closed"), _("First response, working hours"), _("Solution, working hours")]
        widths += [17, 17, 14, 14]
    tables = [Table(_("Tickets"), headings, widths)]
    if wish.conversation:
        words = [_("Reference"), _("Sent at"), _("Author"), _("Message"), _("Text")]
        tables.append(Table(_("Conversation"), words, [13, 17, 28, 26, 120]))
    if wish.form is ExportForm.XLSX:
        return XlsxWriter(stream, tables, tz=settings.timezone)
    return CsvWriter(stream, tables, separator=";" if language() == "ru" else ",", tz=settings.timezone)


def _ticket_rows(tickets: Iterable[Line], wish: Wish, shown: Shown) -> Iterator[Row]:
    values = [column.value for column in screen.columns().values()]
    for ticket in tickets:
        row = [value(cast(Ticket, ticket), shown) for value in values]  # they read no more than a line has
        if wish.working_time:
            row += [ticket.created_at, ticket.closed_at]
            row += [_hours(ticket.first_response_minutes), _hours(ticket.resolution_minutes)]
        yield row


def _message_rows(tickets: Iterable[Line]) -> Iterator[Row]:
    references = {ticket.id: ticket.reference for ticket in tickets}
    said = select(Message).where(Message.ticket_id.in_(references)).order_by(Message.ticket_id, Message.id)
    said = said.options(joinedload(Message.customer), joinedload(Message.staff))
    conversations: dict[int, list[Message]] = {}
    for message in db.session.scalars(said):
        conversations.setdefault(message.ticket_id, []).append(message)
    for number, reference in references.items():
        for message in conversations.get(number, ()):
            yield [reference, message.created_at, message.author.display_name, label(message.kind), _read_out(message)]


def _read_out(message: Message) -> str:
    """What was said, without the secrets that were let through: a file goes further than the page."""
    return without_secrets(message.body, language()) if message.secrets else message.body


def _hours(minutes: int | None) -> float | None:
    return None if minutes is None else round(minutes / 60, 2)


def _made(by: StaffUser, at: datetime) -> list[tuple[str, str]]:
    return [
        (_("Made at"), f"{show_moment(at)} ({settings.SUPPORT_TIMEZONE})"),
        (_("Made by"), by.display_name),
    ]
