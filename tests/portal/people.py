"""What tests of the portal do as people: sign in, send a form, read a page, open a mail."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from flask.testing import FlaskClient

from supportapp.accounts.models import Customer
from supportapp.extensions import db
from supportapp.notifications.models import Notification
from tests import factories


def sign_in(client: FlaskClient, customer: Customer | None = None, **changes: Any) -> Customer:
    """The customer (a new one by default) signs in through the form."""
    customer = customer or factories.make_customer(**changes)
    answer = client.post("/sign-in", data={"email": customer.email, "password": factories.PASSWORD})
    assert answer.status_code == 302, seen(answer)
    return customer


def seen(answer: Any) -> str:
    """The words of the page's body, as a person reads them."""
    body = re.sub(r"(?s)<(script|style)\b.*?</\1>", " ", answer.text.partition("<body")[2] or answer.text)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body))).strip()


def problem_of(answer: Any, field: str) -> str:
    """The sentence next to the field, which a screen reader ties to it."""
    found = re.search(rf'id="{field}-error">(.*?)</p>', answer.text, re.DOTALL)
    assert found, f"no problem next to {field}: {seen(answer)}"
    assert f"{field}-error" in "".join(re.findall(r'aria-describedby="([^"]*)"', answer.text))
    return unescape(found[1])


def mails(kind: str | None = None) -> list[Notification]:
    """The mails written so far, oldest first."""
    rows = db.session.query(Notification).order_by(Notification.id).all()
    return [row for row in rows if kind in (None, row.kind)]


def link_in(mail: Notification) -> str:
    """The path of the first link of the mail that carries a secret."""
    found = re.search(r"http://localhost(/(?:confirm|password/reset|email-change)/[\w-]+)", mail.text_body)
    assert found, mail.text_body
    return found[1]
