"""The filters of the ticket list that a column's type alone does not give."""

from __future__ import annotations

from typing import Any

from flask_appbuilder.models.filters import BaseFilter
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from supportapp.accounts.models import Customer
from supportapp.certificates.models import Certificate
from supportapp.extensions import db
from supportapp.staff.filters import RelationIs, StaffFilterConverter
from supportapp.staff.reports.figure_filter import FigureIs
from supportapp.staff.tickets import choices
from supportapp.tickets import search
from supportapp.tickets.desk.tags import has_tag
from supportapp.tickets.models import Ticket

NOBODY = "0"


class AnyWords(BaseFilter):
    """Every word, in any form: in the subject, a message, an internal note or the name of a file."""

    name = _l("has the words")
    arg_name = "ct"
    in_subject = False

    def apply(self, query: Any, value: str) -> Any:
        found = search.contains_words(value, in_subject=self.in_subject)
        if found is None:
            return query.filter(func.lower(Ticket.subject).contains(value.strip().lower(), autoescape=True))
        return query.filter(found)


class SubjectWords(AnyWords):
    in_subject = True


class CustomerContains(BaseFilter):
    """Name, address or organisation of the customer. The customers are looked for once, and not again with every
    statement of the page; so many that a statement becomes too long stay a part of it."""

    name = _l("contains")
    arg_name = "ct"
    most = 500

    def apply(self, query: Any, value: str) -> Any:
        them = select(Customer.id).where(Customer.found_by.contains(value.strip().lower(), autoescape=True))
        found = db.session.scalars(them.limit(self.most + 1)).all()
        return query.filter(Ticket.customer_id.in_(found if len(found) <= self.most else them))


class CertificateContains(BaseFilter):
    name = _l("contains")
    arg_name = "ct"

    def apply(self, query: Any, value: str) -> Any:
        found = func.lower(Certificate.number).contains(value.strip().lower(), autoescape=True)
        return query.filter(Ticket.certificate_id.in_(select(Certificate.id).where(found)))


class AssigneeIs(RelationIs):
    def apply(self, query: Any, value: str) -> Any:
        return query.filter(Ticket.assignee_id.is_(None)) if value == NOBODY else super().apply(query, value)


class TagIs(BaseFilter):
    """One of the words that staff put on tickets, as a whole."""

    name = _l("is")
    arg_name = "eq"

    def apply(self, query: Any, value: str) -> Any:
        return query.filter(has_tag(value))


# By column: they are too many for a select, or their words are kept elsewhere.
FILTERS = {
    "messages": AnyWords,
    "subject": SubjectWords,
    "customer": CustomerContains,
    "certificate": CertificateContains,
    "assignee": AssigneeIs,
    "tags": TagIs,
    "figure": FigureIs,
}
BY_WORDS = frozenset({"messages", "customer", "certificate", "tags", "figure"})


CHOICES = {"product": choices.products, "level": choices.levels, "assignee": choices.staff}
MORE_CHOICES = {"assignee": {NOBODY: _l("nobody")}}


class TicketFilterConverter(StaffFilterConverter):
    def convert(self, col_name: str) -> Any:
        if col_name in FILTERS:
            return [FILTERS[col_name](col_name, self.datamodel)]
        return super().convert(col_name)
