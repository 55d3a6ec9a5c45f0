"""The words of mails in the hands of staff: every built-in text fits the same rules, and sending never breaks."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from supportapp.extensions import db
from supportapp.notifications import saved_words
from supportapp.notifications.mail import Letter, built_in
from supportapp.notifications.models import MailTemplate
from supportapp.notifications.saved_words import Words, check, find_saved, save
from supportapp.notifications.wordings import Wording, find_wording, wordings
from supportapp.tickets import operations
from supportapp.tickets.wordings import WORDINGS, letter_about
from tests.factories import (
    deliver_mails,
    mails,
    make_certificate,
    make_customer,
    make_registration,
    make_staff,
)
from tests.factories import make_ticket as submit
from tests.tickets.test_messages import live_through_everything

pytestmark = pytest.mark.usefixtures("session")
TEMPLATES = Path(__file__).parents[2] / "supportapp" / "templates" / "mail"
# what proves an address or sets a password, the mails among ourselves, and a list of what was not accepted
FIXED = ("account_", "staff_", "mail_staff", "mail_remarks")
ALL = [wording.name for wording in WORDINGS]


def wording_of(name: str) -> Wording:
    wording = find_wording(name)
    assert wording is not None
    return wording


def save_words(name: str, language: str, subject: str, body: str, *, at: datetime) -> MailTemplate:
    return save(wording_of(name), language, Words(subject, body), by="Editor", at=at)


def test_every_mail_to_customers_may_be_worded_but_those_that_secure_the_account() -> None:
    found = {path.name.split(".")[0] for path in TEMPLATES.glob("*.md")}
    assert {name for name in found if not name.startswith(FIXED)} == {wording.name for wording in wordings()}


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_built_in_text_would_be_accepted_as_one_of_staff(language: str) -> None:
    for wording in wordings():
        words = built_in(wording.name, language)
        assert check(wording, words).subject == words.subject, wording.name


def test_every_mail_carries_the_values_that_its_list_promises(at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, set[str]] = {}
    render = Letter.render

    def note(letter: Letter, language: str) -> object:
        names = seen.setdefault(letter.name, set())
        for name, value in letter.context.items():
            inner = vars(value) if isinstance(value, SimpleNamespace) else None
            names |= {name} if inner is None else {f"{name}.{attribute}" for attribute in inner}
        return render(letter, language)

    monkeypatch.setattr(Letter, "render", note)
    live_through_everything("ru", at)
    for wording in WORDINGS:
        if wording.name == "ticket_thanked":  # only a mail causes it
            continue
        promised = {value.name for value in wording.values}
        assert promised <= seen[wording.name], wording.name


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("name", ALL)
def test_every_mail_can_be_looked_at_with_a_real_ticket_and_acts_on_nothing(
    at: datetime, name: str, language: str
) -> None:
    ticket = submit(make_customer())
    operations.add_note(ticket, "inner-word", by=make_staff(), at=at)
    rendered = letter_about(ticket, wording_of(name), language=language, at=at).render(language)
    assert ticket.reference in rendered.subject
    assert "inner-word" not in rendered.text + rendered.html
    assert "/answer/" not in rendered.text + rendered.html


def test_the_words_of_staff_are_sent_in_their_language_and_the_others_stay(at: datetime) -> None:
    save_words(
        "ticket_submitted", "en", "[{{ ticket.reference }}] Got it", "Dear {{ customer.name }}, *thank* you.", at=at
    )
    submit(make_customer(language="en", name="Ann <b>"), at=at)
    submit(make_customer(language="ru"), at=at)
    english, russian = mails("ticket_submitted")
    assert english.subject.endswith("] Got it")
    assert "Dear Ann <b>, *thank* you." in english.text_body
    assert "Dear Ann &lt;b&gt;, <em>thank</em> you." in english.html_body
    assert "Мы получили" in russian.text_body


def test_raw_html_of_staff_is_shown_and_not_obeyed(at: datetime) -> None:
    body = "<script>alert(1)</script> <img src=x onerror=alert(1)> javascript:alert(1) ![p](https://e.example/p.png)"
    save_words("ticket_submitted", "en", "[{{ ticket.reference }}] x", body, at=at)
    submit(make_customer(language="en"), at=at)
    html = mails("ticket_submitted")[-1].html_body
    for tag in ("<script", "<img", 'href="javascript'):
        assert tag not in html


@pytest.mark.parametrize(
    "body",
    ["{{ customer.password_hash }}", "{{ ''.__class__ }}", "{{ ticket.closes_at | moment }}", "{% if", "x" * 200_000],
)
def test_words_that_cannot_be_used_are_replaced_by_the_built_in_ones_and_staff_are_told(
    at: datetime, body: str
) -> None:
    row = MailTemplate(
        name="ticket_submitted", language="ru", subject="[{{ ticket.reference }}] Своё", body=body, changed_at=at
    )
    db.session.add(row)  # as an older version of the product, or a hand in the database, may have left it
    submit(make_customer(language="ru"), at=at)
    assert "Мы получили" in mails("ticket_submitted")[-1].text_body
    assert row.problem
    assert saved_words.count_problems() == 1
    save_words("ticket_submitted", "ru", "[{{ ticket.reference }}] Своё", "Всё хорошо", at=at)
    assert saved_words.count_problems() == 0


def test_a_row_for_a_mail_that_secures_an_account_changes_nothing(at: datetime) -> None:
    db.session.add(
        MailTemplate(name="account_password_changed", language="ru", subject="x", body="evil", changed_at=at)
    )
    db.session.flush()
    assert find_saved("account_password_changed", "ru") is None
    assert "evil" not in Letter("account_password_changed", {"changed_at": at}).render("ru").text


def test_the_list_of_values_is_told_in_russian() -> None:
    from supportapp.i18n import gettext

    for wording in wordings():
        for words in (wording.purpose, *(value.meaning for value in wording.all_values)):
            assert gettext(words, "ru") != words


def test_a_saved_text_stays_with_every_branch_of_a_real_life(at: datetime) -> None:
    for wording in WORDINGS:
        for language in ("ru", "en"):
            save(wording, language, built_in(wording.name, language), by="x", at=at)
    for language in ("ru", "en"):
        live_through_everything(language, at)
    certificate = make_certificate()
    customer = make_customer()
    make_registration(customer, certificate)
    submit(customer, certificate_id=certificate.id, at=at)
    deliver_mails(at=at)
    assert saved_words.count_problems() == 0
