"""The mails of a ticket, as people read them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from supportapp.accounts.operations import email_changed
from supportapp.extensions import db
from supportapp.notifications.models import Notification
from supportapp.tickets import operations
from tests.factories import deliver_mails, mails, make_certificate, make_customer, make_registration, make_staff
from tests.factories import make_ticket as submit

pytestmark = pytest.mark.usefixtures("session")

TEMPLATES = Path(__file__).parents[2] / "supportapp" / "templates" / "mail"
KINDS = {path.name.split(".")[0] for path in TEMPLATES.glob("*ticket_*.md")}
GREETING = {"ru": "Здравствуйте, Ann_*Smith*!", "en": "Hello Ann_*Smith*,"}
MONDAY = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
TUESDAY = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
THURSDAY = datetime(2026, 11, 25, 21, 0, tzinfo=UTC)


def live_through_everything(language: str, at: datetime) -> dict[str, Notification]:
    """Let a customer's tickets cause every mail there is; the last mail of each kind."""
    customer = make_customer(language=language, name="Ann_*Smith*", organisation="<b>Ltd</b>", muted_mails="")
    certificate, other = make_certificate(), make_certificate()
    make_registration(customer, certificate)
    make_registration(customer, other)
    engineer, colleague = make_staff(), make_staff()
    ticket = submit(customer, certificate_id=certificate.id, subject="[x](javascript:alert(1)) <img>", at=at)
    operations.assign(ticket, engineer, by=colleague, at=at)
    operations.reply(ticket, "First *words*", by=engineer, at=at)
    operations.request_information(ticket, "What?", by=engineer, at=at)
    operations.reply(ticket, "This.", by=customer, at=at)
    operations.propose_solution(ticket, "Update.", by=engineer, at=at)
    deliver_mails(at=at)
    operations.thank(ticket, "Thank you!", by=customer, at=at)
    operations.ask_for_more_time(ticket, by=customer, at=at)
    operations.accept_solution(ticket, by=customer, at=at)
    operations.reopen(ticket, by=customer, at=at)
    operations.close(ticket, "Out of *scope*", by=engineer, at=at)
    silent, merged = submit(customer, at=at), submit(customer, at=at)
    operations.merge(merged, silent, by=engineer, at=at)
    operations.request_information(silent, "Hello?", by=engineer, at=at)
    deliver_mails(at=at)
    operations.remind(silent, at=MONDAY)
    operations.choose_certificate(silent, other.id, by=customer, at=MONDAY)
    operations.warn(silent, at=TUESDAY)
    deliver_mails(at=TUESDAY)
    operations.close_unanswered(silent, at=THURSDAY)
    operations.withdraw(submit(customer, at=at), by=customer, at=at)
    return {mail.kind: mail for mail in mails() if "ticket" in mail.kind}


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_mail_can_be_written_in_both_languages(language: str, at: datetime) -> None:
    written = live_through_everything(language, at)
    assert set(written) == KINDS
    for mail in written.values():
        assert mail.subject.startswith("[TP-")
        assert "{{" not in mail.text_body + mail.html_body
        assert "None" not in mail.text_body
        if mail.kind.startswith("ticket_"):
            assert GREETING[language] in mail.text_body


@pytest.mark.parametrize("language", ["ru", "en"])
def test_what_people_typed_is_never_markup_in_a_mail(language: str, at: datetime) -> None:
    for mail in live_through_everything(language, at).values():
        assert 'href="javascript' not in mail.html_body
        assert "<img>" not in mail.html_body
        assert "<b>Ltd" not in mail.html_body
        assert "<em>" not in mail.html_body


@pytest.mark.parametrize("language", ["ru", "en"])
def test_no_mail_to_the_customer_carries_a_word_of_a_note(language: str, at: datetime) -> None:
    customer, staff = make_customer(language=language), make_staff()
    ticket = submit(customer)
    operations.add_note(ticket, "secret-word", by=staff, at=at)
    operations.reply(ticket, "Hello", by=staff, at=at)
    operations.request_information(ticket, "What?", by=staff, at=at)
    assert not any("secret-word" in mail.text_body + mail.html_body for mail in mails())


def test_with_the_setting_tickets_and_certificates_follow_a_changed_address(
    app: Flask, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = replace(app.extensions["settings"], EMAIL_CHANGE_KEEPS_HISTORY=True)
    monkeypatch.setitem(app.extensions, "settings", changed)
    old, successor = make_customer(), make_customer()
    registration, ticket = make_registration(old), submit(old)
    email_changed.send(old, successor=successor)
    db.session.flush()
    db.session.refresh(ticket)
    assert (ticket.customer, registration.customer, registration.released_at) == (successor, successor, None)
