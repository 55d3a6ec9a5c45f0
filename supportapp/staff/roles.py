"""Who may do what on the staff screens, as data. ``flask init-db`` writes it into Flask-AppBuilder's tables.

A row names a view (its class), a permission of it and the roles that hold it. A view or permission that has no row here
is open to nobody.
"""

from __future__ import annotations

ENGINEER, EDITOR, MANAGER, ADMIN = "Engineer", "Editor", "Manager", "Admin"
ROLES = (ENGINEER, EDITOR, MANAGER, ADMIN)

READ, WRITE, ACT = "can_read", "can_write", "can_act"
ASSIGN, EXPORT, SHARE = "can_assign", "can_export", "can_share"

_ALL = frozenset(ROLES)
_DESK = frozenset({ENGINEER, MANAGER, ADMIN})
_EDITORS = frozenset({EDITOR, ADMIN})
_MANAGERS = frozenset({MANAGER, ADMIN})
_ADMINS = frozenset({ADMIN})

RIGHTS: dict[str, dict[str, frozenset[str]]] = {
    "HomeView": {READ: _ALL},
    "PasswordView": {WRITE: _ALL},
    "TicketView": {READ: _DESK, ACT: _DESK, ASSIGN: _MANAGERS, EXPORT: _MANAGERS},
    "TicketPage": {READ: _DESK, ACT: _DESK, ASSIGN: _MANAGERS},
    "NewTicketPage": {ACT: _DESK},
    "SavedFilterPage": {ACT: _DESK, SHARE: _MANAGERS},
    "ExportView": {READ: _MANAGERS},
    "ReportsPage": {READ: _MANAGERS},
    "FileView": {READ: _DESK},
    "CustomerView": {READ: _DESK, WRITE: _MANAGERS},
    "CertificateView": {READ: _DESK, WRITE: _MANAGERS},
    "CertificateImportPage": {WRITE: _MANAGERS},
    "ProductView": {READ: _DESK, WRITE: _MANAGERS},
    "SupportLevelView": {READ: _DESK, WRITE: _MANAGERS},
    "AbsenceView": {READ: _DESK, WRITE: _DESK, ASSIGN: _MANAGERS},
    "AssignmentRuleView": {READ: _DESK, WRITE: _MANAGERS},
    "CalendarView": {READ: _DESK, WRITE: _MANAGERS},
    "CannedReplyView": {READ: _ALL, WRITE: _EDITORS | _MANAGERS},
    "TopicView": {READ: _ALL, WRITE: _EDITORS},
    "ArticleView": {READ: _ALL, WRITE: _EDITORS},
    "VersionPage": {READ: _ALL, WRITE: _EDITORS},
    "WritingTools": {WRITE: _ALL},
    "ArticleProposalPage": {ACT: _DESK},
    "SynonymView": {READ: _ALL, WRITE: _EDITORS},
    "DeflectionPage": {READ: _ALL},
    "RegulationView": {READ: _ALL, WRITE: _EDITORS},
    "ReceivedMailView": {READ: _DESK, ACT: _DESK},
    "QuarantineView": {READ: _DESK},
    "OutboxView": {READ: _DESK, WRITE: _MANAGERS},
    "MailWordsPage": {READ: _EDITORS | _MANAGERS, WRITE: _EDITORS | _MANAGERS},
    "AuditPage": {READ: _MANAGERS},
    "StaffUserView": {READ: _ADMINS, WRITE: _ADMINS},
    "RoleView": {READ: _ADMINS},
}


def rights_of(role: str) -> set[tuple[str, str]]:
    """The (permission, view) pairs that ``role`` holds."""
    return {
        (permission, view)
        for view, permissions in RIGHTS.items()
        for permission, roles in permissions.items()
        if role in roles
    }
