"""Who may do what: every route below /staff, every method, every role, against a table kept here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from supportapp.accounts.models import StaffUser
from supportapp.extensions import db
from supportapp.notifications.models import NotificationState
from supportapp.staff import roles as table
from supportapp.staff.permissions import sync_roles
from supportapp.staff.tickets.view import TicketView
from supportapp.tickets import operations
from tests.factories import mails, make_customer, make_registration, make_regulation, make_staff, make_ticket
from tests.staff.conftest import SignIn
from tests.staff.test_every_page import get_pages

# E engineer, d editor, M manager, A admin; "-" is open to everybody. A route without a row fails the first test.
WHO: dict[str, str] = {
    "staff.static GET": "-",
    "staff.language POST": "-",
    "SignInView.login GET": "-",
    "SignInView.login POST": "-",
    "SignInView.logout POST": "EdMA",
    "HomeView.index GET": "EdMA",
    "PasswordView.change GET": "EdMA",
    "PasswordView.change POST": "EdMA",
    "TicketView.list GET": "EMA",
    "TicketView.action_post POST": "EMA",
    "TicketView.take_back POST": "EMA",
    "SavedFilterPage.save POST": "EMA",
    "SavedFilterPage.delete POST": "EMA",
    "SavedFilterPage.keep_private POST": "EMA",
    "TicketPage.show GET": "EMA",
    "TicketPage.write POST": "EMA",
    "TicketPage.compose POST": "EMA",
    "TicketPage.take POST": "EMA",
    "TicketPage.discard POST": "EMA",
    "TicketPage.undo POST": "EMA",
    "TicketPage.send_now POST": "EMA",
    "TicketDesk.keep_draft POST": "EMA",
    "TicketDesk.here POST": "EMA",
    "TicketDesk.upload POST": "EMA",
    "TicketDesk.remove_upload POST": "EMA",
    "TicketMarks.tag POST": "EMA",
    "TicketMarks.untag POST": "EMA",
    "TicketMarks.link POST": "EMA",
    "TicketMarks.unlink POST": "EMA",
    "TicketMarks.go GET": "EMA",
    "TicketMarks.printout GET": "EMA",
    "TicketPage.close POST": "EMA",
    "TicketPage.merge POST": "EMA",
    "TicketPage.assign POST": "MA",
    "NewTicketPage.new GET": "EMA",
    "NewTicketPage.new POST": "EMA",
    "ReportsPage.first GET": "MA",
    "ReportsPage.show GET": "MA",
    "ReportsPage.load GET": "MA",
    "ReportsPage.dry_run GET": "MA",
    "AssignmentDryRunPage.show GET": "MA",
    "ExportView.all GET": "MA",
    "ExportView.tickets GET": "MA",
    "ExportView.new GET": "MA",
    "ExportView.make POST": "MA",
    "ExportView.save POST": "MA",
    "ExportView.show GET": "MA",
    "ExportView.progress GET": "MA",
    "ExportView.cancel POST": "MA",
    "ExportView.download GET": "MA",
    "ExportView.delete POST": "MA",
    "ExportView.take_over POST": "MA",
    "ExportView.unsubscribe POST": "MA",
    "FileView.download GET": "EMA",
    "FileView.thumbnail GET": "EMA",
    "FileView.excerpt GET": "EMA",
    "CustomerView.list GET": "EMA",
    "CustomerView.show GET": "EMA",
    "CustomerView.block POST": "MA",
    "CustomerView.unblock POST": "MA",
    "CustomerView.confirm POST": "MA",
    "CustomerView.try_mails_again POST": "MA",
    "CustomerView.merge GET": "MA",
    "CustomerView.merge POST": "MA",
    "CertificateView.list GET": "EMA",
    "CertificateView.show GET": "EMA",
    "CertificateView.add GET": "MA",
    "CertificateView.add POST": "MA",
    "CertificateView.edit GET": "MA",
    "CertificateView.edit POST": "MA",
    "CertificateView.revoke GET": "MA",
    "CertificateView.revoke POST": "MA",
    "CertificateView.release POST": "MA",
    "CertificateImportPage.upload GET": "MA",
    "CertificateImportPage.upload POST": "MA",
    "CertificateImportPage.confirm POST": "MA",
    "DeflectionPage.show GET": "EdMA",
    "MailWordsPage.list GET": "dMA",
    "MailWordsPage.edit GET": "dMA",
    "MailWordsPage.edit POST": "dMA",
    "MailWordsPage.restore POST": "dMA",
    "ReceivedMailView.list GET": "EMA",
    "ReceivedMailView.show GET": "EMA",
    "ReceivedMailView.original GET": "EMA",
    "ReceivedMailView.note POST": "EMA",
    "ReceivedMailView.open POST": "EMA",
    "ReceivedMailView.again POST": "EMA",
    "ReceivedMailView.discard POST": "EMA",
    "QuarantineView.list GET": "EMA",
    "QuarantineView.show GET": "EMA",
    "OutboxView.list GET": "EMA",
    "OutboxView.show GET": "EMA",
    "OutboxView.resend POST": "MA",
    "RegulationView.publish POST": "dA",
    "ArticleView.move POST": "dA",
    "ArticleView.check POST": "dA",
    "TopicView.move POST": "dA",
    "VersionPage.list GET": "EdMA",
    "VersionPage.compare GET": "EdMA",
    "VersionPage.restore POST": "dA",
    "WritingTools.preview POST": "EdMA",
    "WritingTools.upload POST": "EdMA",
    "ArticleProposalPage.propose GET": "EMA",
    "ArticleProposalPage.propose POST": "EMA",
    "SynonymView.shipped GET": "EdMA",
    "AuditPage.show GET": "MA",
    "AuditPage.acts GET": "MA",
    "RoleView.list GET": "A",
    "RoleView.show GET": "A",
}
for view, readers, writers, deletes in (
    ("ProductView", "EMA", "MA", True),
    ("SupportLevelView", "EMA", "MA", True),
    ("AbsenceView", "EMA", "EMA", True),
    ("AssignmentRuleView", "EMA", "MA", True),
    ("CalendarView", "EMA", "MA", True),
    ("CannedReplyView", "EdMA", "dMA", True),
    ("TopicView", "EdMA", "dA", True),
    ("SynonymView", "EdMA", "dA", True),
    ("ArticleView", "EdMA", "dA", False),
    ("RegulationView", "EdMA", "dA", False),
    ("StaffUserView", "A", "A", False),
):
    WHO |= {f"{view}.{page} GET": readers for page in ("list", "show")}
    for page in ("add", "edit", *(["delete"] if deletes else [])):
        WHO |= {f"{view}.{page} {method}": writers for method in ("GET", "POST")}

# The acts on several tickets share one address, and each has a permission of its own.
ACTIONS = {"take": "EMA", "reply": "EMA", "close": "EMA", "merge": "EMA", "assign": "MA"}

ROLES = {"E": table.ENGINEER, "d": table.EDITOR, "M": table.MANAGER, "A": table.ADMIN}


def routes(app: Flask) -> list[tuple[str, str, str]]:
    """(endpoint, method, address) of everything below /staff."""
    found = []
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/staff"):
            continue
        values = {
            name: {"kind": "notes", "move": "publication", "form": "csv", "direction": "up", "way": "next"}.get(
                name, "1"
            )
            for name in rule.arguments
        }
        with app.test_request_context():
            address = rule.build(values)[1]  # type: ignore[index]
        found += [(rule.endpoint, method, address) for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]
    return found


def test_every_route_has_its_row_and_every_row_its_route(app: Flask) -> None:
    assert {f"{endpoint} {method}" for endpoint, method, _ in routes(app)} == WHO.keys()


@pytest.mark.parametrize("letter", list(ROLES))
def test_a_role_opens_what_the_table_says_and_nothing_else(app: Flask, client: FlaskClient, letter: str) -> None:
    person = make_staff(ROLES[letter], username=f"walker{letter.lower()}")
    wrong = []
    for endpoint, method, address in routes(app):
        if endpoint == "SignInView.logout":
            continue
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["signed_in_at"] = person.get_id(), 4e9
        status = client.open(address, method=method).status_code
        allowed = letter in WHO[f"{endpoint} {method}"] or WHO[f"{endpoint} {method}"] == "-"
        if endpoint == "TicketView.action_post":  # each act has a permission of its own: see below
            continue
        if (status == 403) == allowed:  # what an allowed act answers depends on its row
            wrong.append(f"{endpoint} {method}: {status}")
        assert status < 500, f"{endpoint} {method}: {status}"
    assert not wrong


@pytest.mark.parametrize("somebody", ["visitor", "customer"])
def test_nobody_but_staff_passes_the_door(app: Flask, client: FlaskClient, at: datetime, somebody: str) -> None:
    if somebody == "customer":
        customer = make_customer()
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["signed_in_at"] = customer.get_id(), at.timestamp()
    for endpoint, method, address in routes(app):
        answer = client.open(address, method=method)
        if WHO[f"{endpoint} {method}"] == "-":
            assert answer.status_code in (200, 303, 404, 422), endpoint
        else:
            assert answer.status_code == 303, (endpoint, method, answer.status_code)
            assert answer.headers["Location"].startswith("/staff/sign-in/"), endpoint


def test_flask_appbuilders_own_doors_are_shut(app: Flask, client: FlaskClient, sign_in: SignIn) -> None:
    sign_in("Admin")
    for path in ("/login/", "/logout/", "/users/list/", "/roles/list/", "/api/v1/security/login", "/swagger/v1",
                 "/lang/en", "/back", "/userinfoeditview/form", "/resetpassword/form", "/api/v1/menu/"):  # fmt: skip
        assert client.get(path).status_code == 404, path


@pytest.mark.parametrize("letter", list(ROLES))
def test_each_act_on_several_tickets_asks_for_its_own_permission(
    app: Flask, client: FlaskClient, sign_in: SignIn, letter: str
) -> None:
    view = next(view for view in app.appbuilder.baseviews if isinstance(view, TicketView))  # type: ignore[attr-defined]
    assert set(view.actions) == ACTIONS.keys()
    person, ticket = sign_in(ROLES[letter]), make_ticket()
    before = (ticket.status, ticket.assignee, len(ticket.messages))
    for action, who in ACTIONS.items():
        data = {"action": action, "rowid": ticket.reference, "assignee": person.id, "note": "Дубль."}
        status = client.post("/staff/tickets/action_post", data=data).status_code
        assert status == (303 if letter in who else 403), action
    if letter not in "EMA":
        assert (ticket.status, ticket.assignee, len(ticket.messages)) == before


def test_an_act_that_does_not_exist_is_not_found(client: FlaskClient, sign_in: SignIn) -> None:
    sign_in("Engineer")
    assert client.post("/staff/tickets/action_post", data={"action": "drop"}).status_code == 404


def test_a_manager_cannot_make_himself_admin(client: FlaskClient, sign_in: SignIn) -> None:
    manager = sign_in("Manager")
    answer = client.post(f"/staff/users/edit/{manager.id}", data={"roles": "Admin", "active": "y"})
    assert answer.status_code == 403
    assert [role.name for role in manager.roles] == ["Manager"]  # type: ignore[attr-defined]


def test_an_engineer_never_sees_an_activation_code(client: FlaskClient, sign_in: SignIn) -> None:
    certificate = make_registration(make_customer()).certificate
    sign_in("Engineer")
    page = client.get(f"/staff/certificates/show/{certificate.id}").text
    assert certificate.number in page
    assert certificate.activation_code not in page


def test_the_roles_are_written_once_however_often_they_are_synced(session: object) -> None:
    from flask_appbuilder.security.sqla.models import PermissionView, Role

    before = db.session.query(PermissionView).count()
    sync_roles()
    assert db.session.query(PermissionView).count() == before
    for name in table.ROLES:
        role = db.session.query(Role).filter_by(name=name).one()
        held = {(pair.permission.name, pair.view_menu.name) for pair in role.permissions}
        assert held == table.rights_of(name)


def test_a_permission_that_the_table_forgot_is_taken_away(session: object) -> None:
    from flask_appbuilder.security.sqla.models import Permission, PermissionView, Role, ViewMenu

    stale = PermissionView(permission=Permission(name="can_fly"), view_menu=ViewMenu(name="KiteView"))
    engineers = db.session.query(Role).filter_by(name="Engineer").one()
    engineers.permissions.append(stale)
    db.session.flush()
    sync_roles()
    assert db.session.query(PermissionView).filter(PermissionView.permission.has(name="can_fly")).count() == 0


@pytest.fixture
def guarded(app: Flask) -> Iterator[None]:
    """Forms need their token, as in production."""
    app.config["WTF_CSRF_ENABLED"] = True
    yield
    app.config["WTF_CSRF_ENABLED"] = False


def test_no_post_works_without_its_token(app: Flask, client: FlaskClient, admin: StaffUser, guarded: None) -> None:
    posts = [(endpoint, address) for endpoint, method, address in routes(app) if method == "POST"]
    assert len(posts) > 30
    for endpoint, address in posts:
        assert client.post(address).status_code == 400, endpoint


def test_every_form_that_posts_carries_the_token(
    app: Flask, client: FlaskClient, admin: StaffUser, guarded: None, at: datetime
) -> None:
    ticket = make_ticket()
    operations.request_information(ticket, "Журнал?", by=admin, at=at)
    mails()[0].state = NotificationState.FAILED
    regulation = make_regulation(published_at=None)
    rows = {"TicketPage": ticket.reference, "FileView": None, "ExportView": None, "RegulationView": regulation.id}
    checked = 0
    for page in get_pages(app, rows | {"CustomerView": ticket.customer.id, "OutboxView": mails()[0].id}):
        answer = client.get(page)
        for form in re.findall(r"<form\b.*?</form>", answer.text, re.S) if answer.mimetype == "text/html" else ():
            if re.search(r'<form[^>]*method="post"', form):
                assert 'name="csrf_token"' in form, page
                checked += 1
    assert checked > 60
