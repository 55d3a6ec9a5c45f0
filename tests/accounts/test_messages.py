"""The mails of accounts: each in two languages, with the links that its reader needs."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from supportapp.accounts import messages
from tests.factories import mails, make_customer

pytestmark = pytest.mark.usefixtures("session")


@pytest.mark.parametrize(("language", "greeting"), [("ru", "Здравствуйте!"), ("en", "Hello!")])
def test_every_mail_greets_in_the_language_of_its_reader(language: str, greeting: str, at: datetime) -> None:
    vera, owner, until = make_customer(language=language), make_customer(language=language), at + timedelta(hours=1)
    messages.mail_confirmation(vera, "s3cret", expires_at=until, at=at)
    messages.mail_already_registered(vera, at=at)
    messages.mail_reset(vera, "s3cret", expires_at=until, at=at)
    messages.mail_reset_unknown("nobody@example.com", language, at=at)
    messages.mail_password_changed(vera, at=at)
    messages.mail_email_change(vera, "new@example.com", "s3cret", expires_at=until, at=at)
    messages.mail_email_change_taken(vera, owner, at=at)
    messages.mail_email_change_asked(vera, "new@example.com", at=at)
    messages.mail_email_changed(vera, "new@example.com", at=at)
    assert len({mail.kind for mail in mails()}) == len(mails()) == 9
    for mail in mails():
        assert mail.language == language
        assert mail.text_body.startswith(greeting)
        assert "{{" not in mail.text_body + mail.html_body


@pytest.mark.parametrize("base", ["https://support.example.com", "https://support.example.com/"])
def test_links_lead_to_the_public_address(base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Elsewhere:
        PUBLIC_BASE_URL = base

    monkeypatch.setattr(messages, "settings", Elsewhere)
    assert messages.url("/confirm/x") == "https://support.example.com/confirm/x"
