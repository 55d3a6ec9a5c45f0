"""Staff are asked before secrets are stored, and see what customers let through."""

from __future__ import annotations

import io
import re
from datetime import datetime
from html import unescape
from typing import Any

from flask.testing import FlaskClient

from supportapp.accounts.models import StaffUser
from supportapp.extensions import db
from supportapp.files.models import StoredFile
from supportapp.files.operations import store_upload
from supportapp.tickets import operations
from supportapp.tickets.models import Ticket
from tests.factories import make_customer, make_ticket
from tests.guard.samples import PKCS12, saved_mail

PASSWORD = "Пароль: Qwe123rty"


def words_of(page: Any) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.text)))


def write(client: FlaskClient, ticket: Ticket, act: str, **data: Any) -> Any:
    address = f"/staff/tickets/{ticket.reference}/{act}"
    data = {"draft": "d1", "seen_version": ticket.version, **data}
    return client.post(address, data=data, content_type="multipart/form-data")


def test_a_note_with_a_password_comes_back_with_its_text(
    client: FlaskClient, engineer: StaffUser, at: datetime
) -> None:
    ticket = make_ticket()
    page = write(client, ticket, "notes", body=PASSWORD)
    assert page.status_code == 422
    assert "Похоже, здесь есть секретные данные" in words_of(page)
    assert PASSWORD in page.text
    assert f'formaction="/staff/tickets/{ticket.reference}/notes"' in page.text
    assert len(ticket.messages) == 1
    assert write(client, ticket, "notes", body=PASSWORD, secrets="remove").status_code == 303
    assert ticket.messages[-1].body == "Пароль: [удалено: пароль]"


def test_what_staff_insist_on_is_marked(client: FlaskClient, engineer: StaffUser, at: datetime) -> None:
    ticket = make_ticket()
    assert write(client, ticket, "notes", body=PASSWORD, secrets="keep").status_code == 303
    assert (ticket.messages[-1].body, ticket.messages[-1].secrets) == (PASSWORD, "password")
    assert "секрет: пароль" in words_of(client.get(f"/staff/tickets/{ticket.reference}"))


def test_a_file_with_a_key_is_not_kept_unless_one_insists(client: FlaskClient, engineer: StaffUser) -> None:
    ticket = make_ticket()
    page = write(client, ticket, "notes", body="Смотрите файл.", files=[(io.BytesIO(PKCS12), "key.pfx")])
    assert page.status_code == 422
    assert "Файл key.pfx: контейнер с закрытым ключом. Он не сохранён." in words_of(page)
    assert db.session.query(StoredFile).count() == 0
    again = [(io.BytesIO(PKCS12), "key.pfx")]
    write(client, ticket, "notes", body="Смотрите файл.", files=again, secrets="keep")
    assert db.session.query(StoredFile).one().secret == "key_container"


def test_a_key_in_a_saved_mail_is_found_like_a_key(client: FlaskClient, engineer: StaffUser) -> None:
    files = [(io.BytesIO(saved_mail("key.pfx", PKCS12)), "письмо.eml")]
    page = write(client, make_ticket(), "notes", body="Смотрите письмо.", files=files)
    assert page.status_code == 422
    assert "Файл письмо.eml: контейнер с закрытым ключом. Он не сохранён." in words_of(page)
    assert db.session.query(StoredFile).count() == 0


def test_what_a_customer_let_through_is_marked_on_the_ticket_page(
    client: FlaskClient, engineer: StaffUser, at: datetime
) -> None:
    ticket = make_ticket()
    owner = ticket.customer
    stored = store_upload(io.BytesIO(PKCS12), "key.pfx", owner=owner, draft="d", at=at, secrets_allowed=True)
    operations.reply(ticket, "пин 12345678", by=owner, at=at, files=[stored])
    page = words_of(client.get(f"/staff/tickets/{ticket.reference}"))
    assert "секрет: пин-код" in page
    assert "секрет: контейнер с закрытым ключом" in page


def test_a_ticket_on_behalf_of_a_customer_asks_too(client: FlaskClient, engineer: StaffUser) -> None:
    customer = make_customer()
    form = {"customer": customer.email, "form_token": "t1", "subject": "Не входит", "body": PASSWORD}
    form |= {"certificate": "", "product": ""}
    page = client.post("/staff/tickets/new", data=form)
    assert page.status_code == 422
    assert "Похоже, здесь есть секретные данные" in words_of(page)
    assert db.session.query(Ticket).count() == 0
    assert client.post("/staff/tickets/new", data=form | {"secrets": "remove"}).status_code == 303
    assert db.session.query(Ticket).one().messages[0].body == "Пароль: [удалено: пароль]"


def test_the_reason_of_a_closing_goes_into_the_mail_without_secrets(
    client: FlaskClient, engineer: StaffUser, at: datetime
) -> None:
    ticket = make_ticket()
    operations.close(ticket, f"Готово. {PASSWORD}", by=engineer, at=at)
    assert ticket.close_note == "Готово. Пароль: [удалено: пароль]"


def test_a_register_of_activation_codes_is_not_held_up(client: FlaskClient, manager: StaffUser) -> None:
    text = b"number;activation_code\nA-1;4040E-G0037-EK8R3-C6K4U-HCXQG\n"
    page = client.post("/staff/certificate-import/", data={"register": (io.BytesIO(text), "register.csv")})
    assert "секрет" not in words_of(page)
    assert "не сохранён" not in words_of(page)


def test_a_reply_that_would_wait_to_leave_is_asked_about_before_it_is_kept(
    client: FlaskClient, engineer: StaffUser, at: datetime
) -> None:
    ticket = make_ticket()
    page = write(client, ticket, "replies", body=PASSWORD)
    assert page.status_code == 422
    assert "Похоже, здесь есть секретные данные" in words_of(page)
    for table in db.metadata.sorted_tables:
        for row in db.session.execute(table.select()):
            assert "Qwe123rty" not in str(row), table.name
