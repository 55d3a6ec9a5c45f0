"""The first page of the staff screens: what wants doing now."""

from __future__ import annotations

from datetime import datetime

from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from supportapp import clock
from supportapp.accounts.models import StaffUser
from supportapp.accounts.queries import current_regulation
from supportapp.extensions import db
from supportapp.kb.search.upkeep import index_status
from supportapp.mailbox.queries import count_quarantined
from supportapp.notifications.queries import count_undelivered
from supportapp.notifications.saved_words import count_problems
from supportapp.staff.frame import StaffScreen
from supportapp.staff.roles import READ
from supportapp.staff.security import may, signed_in_staff
from supportapp.staff.tickets import columns
from supportapp.tickets import queries
from supportapp.tickets.assigning.absences import absence_of, represented_by, whose_tickets
from supportapp.tickets.desk.drafts import unsent_drafts
from supportapp.tickets.models import Ticket
from supportapp.worktime.queries import unknown_year_warning

OWN_TICKETS = 15


class HomeView(StaffScreen):
    """Shown to every role; each sees the parts that it may open."""

    route_base = "/staff"
    default_view = "index"

    @expose("/")
    @has_access
    @permission_name("read")
    def index(self) -> ResponseReturnValue:
        desk, me, at = may(READ, "TicketView"), signed_in_staff(), clock.now()
        represented = represented_by(me, at=at) if desk else []
        return self.render_template(
            "staff/home.html",
            drafts=unsent_drafts(me) if desk else [],
            own=own_tickets(me, at=at) if desk else [],
            columns=[columns.COLUMNS[name] for name in (*columns.HOME, *(["assignee"] if represented else []))],
            represented=represented,
            absence=absence_of(me, at=at) if desk else None,
            shown=columns.Shown(clock.now()),
            unassigned=count_unassigned() if desk else None,
            quarantined=count_quarantined() if may(READ, "QuarantineView") else None,
            undelivered=count_undelivered() if may(READ, "OutboxView") else None,
            mail_problems=count_problems() if may(READ, "MailWordsPage") else 0,
            unknown_year=unknown_year_warning(clock.now()),
            no_regulation=current_regulation() is None,
            index=index_status(at=clock.now()),
        )


def own_tickets(person: StaffUser, *, at: datetime) -> list[Ticket]:
    """The next open tickets of ``person`` and of those for whom he stands in, in queue order."""
    loaded = (joinedload(part) for part in (Ticket.customer, Ticket.product, Ticket.level, Ticket.assignee))
    mine = Ticket.assignee_id.in_(whose_tickets(person, at=at))
    wanted = queries.queue().where(mine).options(*loaded).limit(OWN_TICKETS)
    return list(db.session.scalars(wanted))


def count_unassigned() -> int:
    """How many open tickets nobody has taken."""
    wanted = queries.queue().where(Ticket.assignee_id.is_(None)).order_by(None)
    return db.session.scalar(select(func.count()).select_from(wanted.with_only_columns(Ticket.id).subquery())) or 0
