"""Every page opens for an administrator, empty and with rows, in both languages."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from supportapp.accounts.models import StaffUser
from supportapp.extensions import db, settings
from supportapp.kb import operations as kb
from supportapp.kb.models import SynonymGroup, Topic
from supportapp.mailbox.jobs import read_received
from supportapp.notifications.models import Notification
from supportapp.reports.operations import request_export
from supportapp.reports.rules import ExportForm
from supportapp.tickets.assigning.models import AssignmentRule, StaffAbsence
from supportapp.tickets.models import CannedReply
from supportapp.worktime.models import CalendarCorrection
from tests.factories import make_registration, make_regulation, make_staff, make_ticket
from tests.mailbox.letters import arrive, write


def get_pages(app: Flask, keys: dict[str, object]) -> list[str]:
    """The address of every GET route below /staff, with the given key of its view where it wants one."""
    pages = []
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/staff/") or "GET" not in (rule.methods or ()) or "<path:" in rule.rule:
            continue
        view = rule.endpoint.split(".")[0]
        with app.test_request_context():
            values = {name: keys.get(f"{view}.{name}", keys.get(view)) for name in rule.arguments}
            if None not in values.values():
                pages.append(rule.build(values)[1])  # type: ignore[index]
    return pages


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_list_opens_while_nothing_is_there(
    app: Flask, client: FlaskClient, admin: StaffUser, language: str
) -> None:
    client.post("/staff/language", data={"language": language})
    for page in get_pages(app, {"ExportView.form": "csv", "ReportsPage": "speed"}):
        answer = client.get(page)
        assert answer.status_code in ((302, 303) if page == "/staff/sign-in/" else (200,)), page
        if answer.mimetype == "text/html" and answer.status_code == 200:
            assert f'<html lang="{language}">' in answer.text, page
            assert f" · {settings.support_name(language)}</title>" in answer.text, page


def test_every_page_of_a_row_opens(app: Flask, client: FlaskClient, admin: StaffUser, at: datetime) -> None:
    ticket = make_ticket()
    registration = make_registration(ticket.customer)
    certificate = registration.certificate
    regulation = make_regulation(published_at=None)
    topic = Topic(name_ru="Установка", name_en="Setup")
    canned = CannedReply(title="Логи", text_ru="Пришлите логи.", text_en="")
    correction = CalendarCorrection(day=at.date(), working=False, source="Указ")
    synonym_group = SynonymGroup(words="винда, windows", updated_at=at)
    rule = AssignmentRule(place=1, product=certificate.products[0], engineers=[admin], changed_at=at)
    absence = StaffAbsence(staff=admin, deputy=make_staff(), first_day=at.date(), last_day=at.date())
    db.session.add_all([rule, absence, topic, canned, correction, synonym_group])
    article = kb.save_article(None, title="Ошибка 0x8009", body="# Что делать", by=None, at=at)
    db.session.commit()
    export = request_export("", form=ExportForm.CSV, conversation=True, language="ru", by=admin, at=at)
    db.session.commit()
    mail_id = arrive(write("ivan@example.org"))
    read_received(mail_id)
    keys: dict[str, object] = {
        "TicketPage": ticket.reference,
        "CustomerView": ticket.customer.id,
        "CertificateView": certificate.id,
        "ProductView": certificate.products[0].id,
        "SupportLevelView": certificate.level_id,
        "RegulationView": regulation.id,
        "TopicView": topic.id,
        "CannedReplyView": canned.id,
        "AbsenceView": absence.id,
        "AssignmentRuleView": rule.id,
        "CalendarView": correction.id,
        "ArticleView": article.id,
        "SynonymView": synonym_group.id,
        "ReceivedMailView": mail_id,
        "QuarantineView": mail_id,
        "OutboxView": db.session.query(Notification).first().id,  # type: ignore[union-attr]
        "MailWordsPage.name": "ticket_submitted",
        "MailWordsPage.language": "ru",
        "StaffUserView": admin.id,
        "RoleView": admin.roles[0].id,  # type: ignore[attr-defined]
        "ExportView.form": "xlsx",
        "ExportView.number": export.id,
        "ReportsPage": "speed",
    }
    pages = get_pages(app, keys)
    assert len(pages) > 45
    for page in pages:
        assert client.get(page).status_code in (200, 302, 303), page
