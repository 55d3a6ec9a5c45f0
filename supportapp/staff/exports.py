"""The ticket list as a file: the filters, columns, order and language of the screen, all its pages."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask import request, send_file
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _

from supportapp import clock
from supportapp.extensions import settings
from supportapp.reports.sheets import IN_MEMORY, Sheet, csv_lines, xlsx_file
from supportapp.staff import arguments
from supportapp.staff.frame import StaffScreen, language, show_moment
from supportapp.staff.security import signed_in_staff
from supportapp.staff.tickets.columns import COLUMNS, Shown
from supportapp.staff.tickets.listing import SCOPES, chosen_scope
from supportapp.staff.tickets.view import TicketView

BATCH = 500
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ExportView(StaffScreen):
    """Its permission is can_export of the ticket list."""

    route_base = "/staff/exports"
    default_view = "tickets"
    class_permission_name = "TicketView"

    @expose("/tickets.<any(csv,xlsx):form>")
    @has_access
    @permission_name("export")
    def tickets(self, form: str) -> ResponseReturnValue:
        listing = next(view for view in self.appbuilder.baseviews if isinstance(view, TicketView))
        at = clock.now()
        sheet = Sheet(
            title=_("Tickets"),
            headings=[str(column.label) for column in COLUMNS.values()],
            widths=[column.width for column in COLUMNS.values()],
            rows=_rows(listing, at),
            facts=_facts(listing, at),
        )
        name = f"tickets-{at.astimezone(settings.timezone):%Y-%m-%d-%H%M}.{form}"
        if form == "xlsx":
            return send_file(xlsx_file(sheet, settings.timezone), XLSX, as_attachment=True, download_name=name)
        lines = csv_lines(sheet, separator=";" if language() == "ru" else ",", tz=settings.timezone)
        # whole before the answer begins: rows read after the request has ended hold a transaction that nobody ends
        file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed with the answer
        file.writelines(line.encode() for line in lines)
        file.seek(0)
        answer = send_file(file, "text/csv")
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer


def _rows(listing: TicketView, at: datetime) -> Iterator[list[Any]]:
    """Every ticket of the list in its order; the address is judged now, the rows come one by one later."""
    column, direction = arguments.order("TicketView", COLUMNS)
    filters = listing.requested_filters().get_joined_filters(listing._base_filters)
    chosen = listing.datamodel.ordered(listing.datamodel.chosen(filters), column, direction)
    shown = Shown(at)
    return ([column.value(ticket, shown) for column in COLUMNS.values()] for ticket in chosen.yield_per(BATCH))


def _facts(listing: TicketView, at: datetime) -> list[tuple[str, str]]:
    """What the file was made from, for its second sheet."""
    filters = listing.requested_filters()
    chosen = [
        (str(listing.label_columns.get(one.column_name, one.column_name)), f"{one.name} {value}")
        for one, value in filters.get_filters_values()
    ]
    column, direction = arguments.order("TicketView", COLUMNS)
    order = f"{COLUMNS[column].label}, {direction}" if column else _("queue: priority, nearest target, age")
    return [
        (_("Made at"), f"{show_moment(at)} ({settings.SUPPORT_TIMEZONE})"),
        (_("Made by"), signed_in_staff().display_name),
        (_("Tickets shown"), str(SCOPES[chosen_scope()])),
        *chosen,
        (_("Order"), order),
        (_("Address"), request.full_path),
    ]
