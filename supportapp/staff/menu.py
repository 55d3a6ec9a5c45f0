"""Every view of the staff screens, and where the menu leads."""

from __future__ import annotations

from typing import Any

from flask_appbuilder import AppBuilder
from flask_babel import lazy_gettext as _l

from supportapp.staff.absences import AbsenceView
from supportapp.staff.assignment import AssignmentRuleView
from supportapp.staff.audit import AuditPage
from supportapp.staff.calendar import CalendarView
from supportapp.staff.catalogue import CannedReplyView, ProductView, SupportLevelView
from supportapp.staff.certificates import CertificateView
from supportapp.staff.customers import CustomerView
from supportapp.staff.deflection import DeflectionPage
from supportapp.staff.exports import ExportView
from supportapp.staff.files import FileView
from supportapp.staff.knowledge import ArticleProposalPage, ArticleView, TopicView, VersionPage, WritingTools
from supportapp.staff.mail_words import MailWordsPage
from supportapp.staff.outbox import OutboxView
from supportapp.staff.received_mails import QuarantineView, ReceivedMailView
from supportapp.staff.register_import import CertificateImportPage
from supportapp.staff.regulation import RegulationView
from supportapp.staff.reports.assignment import AssignmentDryRunPage
from supportapp.staff.reports.pages import ReportsPage
from supportapp.staff.synonyms import SynonymView
from supportapp.staff.tickets.desk import TicketDesk
from supportapp.staff.tickets.marks import TicketMarks
from supportapp.staff.tickets.new import NewTicketPage
from supportapp.staff.tickets.page import TicketPage
from supportapp.staff.tickets.saved_lists import SavedFilterPage
from supportapp.staff.tickets.view import TicketView
from supportapp.staff.users import RoleView, StaffUserView

# Names are for the machine and unique; labels are what people read.
KNOWLEDGE, REGISTER, DESK, ADMINISTRATION = "Knowledge", "Register", "Settings", "Administration"
REPORTS, MAIL = "Reports", "Mail"
CATEGORIES: dict[str, Any] = {
    REGISTER: _l("Certificates"),
    KNOWLEDGE: _l("Knowledge base"),
    MAIL: _l("Mail"),
    REPORTS: _l("Reports"),
    DESK: _l("Settings"),
    ADMINISTRATION: _l("Administration"),
}
MENU: tuple[tuple[Any, str, Any, str], ...] = (
    (TicketView, "Tickets", _l("Tickets"), ""),
    (CustomerView, "Customers", _l("Customers"), ""),
    (CertificateView, "Certificates", _l("Certificates and contracts"), REGISTER),
    (CertificateImportPage, "Certificate import", _l("Import of the register"), REGISTER),
    (ArticleView, "Articles", _l("Articles"), KNOWLEDGE),
    (TopicView, "Topics", _l("Topics"), KNOWLEDGE),
    (SynonymView, "Synonyms", _l("Synonyms"), KNOWLEDGE),
    (DeflectionPage, "Knowledge use", _l("What the knowledge base does"), KNOWLEDGE),
    (CannedReplyView, "Canned replies", _l("Canned replies"), KNOWLEDGE),
    (RegulationView, "Regulation versions", _l("Regulation"), KNOWLEDGE),
    (QuarantineView, "Quarantine", _l("Quarantine"), MAIL),
    (ReceivedMailView, "Received mail", _l("Received mail"), MAIL),
    (OutboxView, "Outbox", _l("Outbox"), MAIL),
    (MailWordsPage, "Words of mails", _l("Words of mails"), MAIL),
    (ReportsPage, "Managers' reports", _l("Reports and dry run"), REPORTS),
    (ExportView, "Exports", _l("Exports"), REPORTS),
    (ProductView, "Products", _l("Products"), DESK),
    (SupportLevelView, "Support levels", _l("Support levels"), DESK),
    (AbsenceView, "Absences", _l("Absences"), DESK),
    (AssignmentRuleView, "Assignment rules", _l("Assignment rules"), DESK),
    (CalendarView, "Calendar corrections", _l("Calendar corrections"), DESK),
    (StaffUserView, "Staff users", _l("Staff"), ADMINISTRATION),
    (RoleView, "Staff roles", _l("Roles"), ADMINISTRATION),
    (AuditPage, "Audit trail", _l("Audit trail"), ADMINISTRATION),
)
WITHOUT_MENU: tuple[Any, ...] = (
    TicketPage,
    TicketDesk,
    TicketMarks,
    NewTicketPage,
    SavedFilterPage,
    AssignmentDryRunPage,
    FileView,
    VersionPage,
    WritingTools,
    ArticleProposalPage,
)


def add_views(builder: AppBuilder) -> None:
    """Register them all."""
    for view, name, label, category in MENU:
        builder.add_view(view, name, label=label, category=category, category_label=CATEGORIES.get(category, ""))
    for view in WITHOUT_MENU:
        builder.add_view_no_menu(view)
