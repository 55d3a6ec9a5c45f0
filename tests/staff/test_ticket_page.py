"""The page of one ticket: what stands on it, the four acts, two people at once, and no text that is ever lost."""

from __future__ import annotations

import io
import re
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from supportapp import clock
from supportapp.accounts.models import StaffUser
from supportapp.extensions import db
from supportapp.files.models import StoredFile
from supportapp.notifications.models import NotificationState
from supportapp.tickets import operations
from supportapp.tickets.models import CannedReply, Ticket
from supportapp.tickets.rules import MessageKind, Status
from tests.factories import deliver_mails, mails, make_customer, make_registration, make_staff, make_ticket


def address(ticket: Ticket, act: str = "") -> str:
    return f"/staff/tickets/{ticket.reference}" + (f"/{act}" if act else "")


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found
    return found[1]


def composed(client: FlaskClient, ticket: Ticket, **fields: Any) -> dict[str, Any]:
    """What the composer of a fresh page would send."""
    page = client.get(address(ticket)).text
    return {"draft": hidden(page, "draft"), "seen_version": hidden(page, "seen_version"), **fields}


def test_the_page_tells_who_asks_under_what_and_by_when(client: FlaskClient, engineer: StaffUser, at: datetime) -> None:
    registration = make_registration(make_customer(phone="+7 495 123-45-67"))
    certificate = registration.certificate
    ticket = make_ticket(
        registration.customer,
        certificate_id=certificate.id,
        product=certificate.products[0],
        product_version="5.0.1",
        operating_system="Astra Linux",
        at=at,
    )
    earlier = make_ticket(registration.customer, subject="Прошлый вопрос")
    page = client.get(address(ticket)).text
    for words in (
        ticket.subject, ticket.customer.email, "+7 495 123-45-67", certificate.number, "действует", "31.12.2026",
        certificate.level.name_ru, certificate.products[0].name, "5.0.1", "Astra Linux", earlier.reference,
        "обращение отправлено", "ждёт отправки",
    ):  # fmt: skip
        assert words in page, words


def test_a_target_is_paused_while_the_customer_is_to_act_and_no_longer_when_the_ticket_is_closed(
    client: FlaskClient, engineer: StaffUser, at: datetime
) -> None:
    registration = make_registration(make_customer())
    ticket = make_ticket(registration.customer, certificate_id=registration.certificate_id, at=at)
    operations.propose_solution(ticket, "Обновите.", by=engineer, at=at)
    assert "<small>(на паузе)</small>" in client.get(address(ticket)).text
    operations.accept_solution(ticket, by=registration.customer, at=at)
    assert "на паузе" not in client.get(address(ticket)).text


@pytest.mark.parametrize("reference", ["TP-999999", "99999999999999999999", "a" * 300, "нет"])
def test_a_ticket_that_is_not_there_is_404(client: FlaskClient, engineer: StaffUser, reference: str) -> None:
    for method, act in (("GET", ""), ("POST", "/notes"), ("POST", "/taking"), ("POST", "/closure")):
        assert client.open(f"/staff/tickets/{reference}{act}", method=method).status_code == 404


@pytest.mark.parametrize(
    ("act", "kind", "status"),
    [
        ("replies", MessageKind.REPLY, Status.IN_PROGRESS),
        ("requests", MessageKind.INFO_REQUEST, Status.AWAITING_INFO),
        ("solutions", MessageKind.SOLUTION, Status.SOLUTION_PROPOSED),
        ("notes", MessageKind.NOTE, Status.NEW),
    ],
)
def test_each_act_does_its_own_thing(
    client: FlaskClient, engineer: StaffUser, act: str, kind: MessageKind, status: Status
) -> None:
    ticket = make_ticket()
    before = len(mails())
    answer = client.post(address(ticket, act), data=composed(client, ticket, body="Текст сотрудника"))
    assert answer.status_code == 303
    message = ticket.messages[-1]
    assert (message.kind, message.body, ticket.status) == (kind, "Текст сотрудника", status)
    assert message.staff is not None
    assert (len(mails()) > before) is (act != "notes")
    page = client.get(address(ticket)).text
    assert "Текст сотрудника" in page
    assert ("message note internal" in page) is (act == "notes")


def test_each_act_says_before_the_click_what_it_leads_to(
    client: FlaskClient, engineer: StaffUser, at: datetime
) -> None:
    page = client.get(address(make_ticket())).text
    assert page.count("Если не ответит, обращение закроется автоматически не раньше 26 ноября 2026") == 2
    assert "Письма не будет" in page


def test_the_deadline_stands_there_with_its_days(client: FlaskClient, engineer: StaffUser, at: datetime) -> None:
    ticket = make_ticket()
    operations.request_information(ticket, "Пришлите журнал.", by=engineer, at=at)
    assert "пользователь не получил запрос" in client.get(address(ticket)).text
    deliver_mails(at=at)
    page = client.get(address(ticket)).text
    assert "Закроется 26.11.2026 00:00" in page
    assert "пн 23.11.2026, вт 24.11.2026, ср 25.11.2026" in page
    assert "сб 21.11.2026, вс 22.11.2026" in page


def test_a_mail_that_did_not_arrive_is_plain_to_see(client: FlaskClient, manager: StaffUser) -> None:
    ticket = make_ticket()
    mail = mails()[-1]
    mail.state, mail.last_error = NotificationState.UNDELIVERABLE, "550 mailbox unavailable"
    page = client.get(address(ticket)).text
    assert "Не доставлено:" in page
    assert "550 mailbox unavailable" in page
    back = client.post(f"/staff/outbox/{mail.id}/resending", data={"back": address(ticket)})
    assert back.headers["Location"] == address(ticket)
    assert mail.state is NotificationState.QUEUED


@pytest.mark.parametrize("body", ["", "   \n ", "х" * 120_000])
def test_a_refused_text_stays_on_the_page_with_its_reason(client: FlaskClient, engineer: StaffUser, body: str) -> None:
    ticket = make_ticket()
    answer = client.post(address(ticket, "replies"), data=composed(client, ticket, body=body))
    assert answer.status_code == 422
    assert body in answer.text
    assert 'class="help-block error"' in answer.text
    assert len(ticket.messages) == 1


def test_a_text_sent_after_the_session_ended_is_shown_to_be_copied(client: FlaskClient, engineer: StaffUser) -> None:
    ticket = make_ticket()
    form = composed(client, ticket, body="Длинный ответ, который жалко потерять")
    engineer.active = False
    answer = client.post(address(ticket, "replies"), data=form)
    assert answer.status_code == 400
    assert "Длинный ответ, который жалко потерять" in answer.text
    assert f'href="{address(ticket)}"' in answer.text
    assert form["draft"] not in answer.text
    assert len(ticket.messages) == 1


def test_somebody_wrote_meanwhile_so_nothing_is_sent_and_the_news_are_shown(
    client: FlaskClient, engineer: StaffUser, at: datetime
) -> None:
    ticket = make_ticket()
    form = composed(client, ticket, body="Мой длинный ответ")
    operations.reply(ticket, "Уже решил сам!", by=ticket.customer, at=at)
    answer = client.post(address(ticket, "solutions"), data=form)
    assert answer.status_code == 422
    for words in ("Новое с тех пор, как вы открыли страницу", "Уже решил сам!", "Мой длинный ответ", "написан ответ"):
        assert words in answer.text
    assert [message.body for message in ticket.messages][-1] == "Уже решил сам!"
    again = form | {"seen_version": hidden(answer.text, "seen_version")}
    assert client.post(address(ticket, "solutions"), data=again).status_code == 303
    assert ticket.messages[-1].body == "Мой длинный ответ"


def test_files_survive_a_refusal_and_go_with_the_next_try(client: FlaskClient, engineer: StaffUser) -> None:
    ticket = make_ticket()
    files = [(io.BytesIO(b"line one\n"), "trace.log"), (io.BytesIO(b"line two\n"), "more.log")]
    form = composed(client, ticket, body="", files=files)
    answer = client.post(address(ticket, "notes"), data=form)
    assert answer.status_code == 422
    assert "trace.log" in answer.text
    unwanted = db.session.query(StoredFile).filter_by(name="more.log").one().public_id
    client.post(address(ticket, "notes"), data={"draft": form["draft"], "body": "Журнал", "remove": unwanted})
    assert [file.name for file in ticket.messages[-1].files] == ["trace.log"]


def test_a_file_that_is_refused_names_itself_and_the_text_stays(client: FlaskClient, engineer: StaffUser) -> None:
    ticket = make_ticket()
    form = composed(client, ticket, body="Смотрите снимок", files=[(io.BytesIO(b"<html>boo</html>"), "screen.png")])
    answer = client.post(address(ticket, "replies"), data=form)
    assert answer.status_code == 422
    assert "screen.png" in answer.text
    assert "Смотрите снимок" in answer.text
    assert len(ticket.messages) == 1


def test_a_file_that_is_refused_takes_none_of_the_others_along(client: FlaskClient, engineer: StaffUser) -> None:
    ticket = make_ticket()
    files = [(io.BytesIO(b""), "empty.log"), (io.BytesIO(b"line\n"), "trace.log")]
    form = composed(client, ticket, body="Журнал", files=files)
    page = client.post(address(ticket, "replies"), data=form).text
    assert "empty.log" in page
    assert "trace.log" in page
    client.post(address(ticket, "replies"), data={key: form[key] for key in ("draft", "seen_version", "body")})
    assert [file.name for file in ticket.messages[-1].files] == ["trace.log"]


def test_a_canned_reply_is_put_under_what_was_typed_in_the_customers_language(
    client: FlaskClient, engineer: StaffUser
) -> None:
    canned = CannedReply(title="Журнал", text_ru="Пришлите журнал.", text_en="Please send the log.")
    db.session.add(canned)
    ticket = make_ticket(make_customer(language="en"))
    form = composed(client, ticket, body="Hello,", canned="")
    page = client.post(address(ticket, "draft"), data=form | {"canned": canned.id}).text
    assert "Hello,\n\nPlease send the log.</textarea>" in page
    assert len(ticket.messages) == 1


def test_what_customers_write_is_never_markup(client: FlaskClient, engineer: StaffUser) -> None:
    ticket = make_ticket(subject="<script>alert(1)</script>", body='<img src=x onerror="alert(2)"> https://example.com')
    page = client.get(address(ticket)).text
    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page
    assert 'href="https://example.com"' in page


def test_taking_a_ticket_that_a_colleague_took_names_the_colleague(
    client: FlaskClient, engineer: StaffUser, at: datetime
) -> None:
    ticket = make_ticket()
    client.post(address(ticket, "taking"))
    assert ticket.assignee is not None
    assert ticket.assignee.id == engineer.id
    other = make_ticket()
    operations.take(other, by=make_staff("Engineer", first_name="Ольга", last_name="Быстрая"), at=at)
    answer = client.post(address(other, "taking"))
    assert answer.status_code == 422
    assert "Ольга Быстрая" in answer.text


def test_a_manager_gives_a_ticket_to_a_colleague_who_is_told(client: FlaskClient, manager: StaffUser) -> None:
    ticket, colleague = make_ticket(), make_staff("Engineer")
    client.post(address(ticket, "assignment"), data={"assignee": colleague.id})
    assert ticket.assignee is not None
    assert ticket.assignee.id == colleague.id
    assert any(mail.recipient == colleague.email for mail in mails())


def test_closing_needs_a_reason_and_an_up_to_date_page(client: FlaskClient, engineer: StaffUser, at: datetime) -> None:
    ticket = make_ticket()
    form = composed(client, ticket)
    answer = client.post(address(ticket, "closure"), data=form | {"note": " "})
    assert answer.status_code == 422
    assert ticket.is_open
    operations.reply(ticket, "Ещё вопрос", by=ticket.customer, at=at)
    answer = client.post(address(ticket, "closure"), data=form | {"note": "Решено по телефону"})
    assert "Решено по телефону" in answer.text
    assert ticket.is_open
    form["seen_version"] = hidden(answer.text, "seen_version")
    client.post(address(ticket, "closure"), data=form | {"note": "Решено по телефону"})
    assert not ticket.is_open
    page = client.get(address(ticket)).text
    assert "закрыто сотрудником" in page
    assert "Сохранить внутреннюю заметку" in page
    assert "Отправить ответ" not in page


def test_merging_takes_a_reference_of_the_same_customer(client: FlaskClient, engineer: StaffUser) -> None:
    customer = make_customer()
    source, target, foreign = make_ticket(customer), make_ticket(customer), make_ticket()
    for reference, reason in (
        ("TP-999999", "Обращения TP-999999 нет."),
        (source.reference, "в себя|само"),
        (foreign.reference, "того же|одного"),
    ):
        answer = client.post(address(source, "merging"), data={"target": reference})
        assert answer.status_code == 422
        assert f'value="{reference}"' in answer.text
        assert re.search(reason, answer.text), reference
    client.post(address(source, "merging"), data={"target": f" {target.reference.lower()} "})
    assert source.merged_into is not None
    assert source.merged_into.id == target.id


def test_a_ticket_on_behalf_of_a_customer(client: FlaskClient, engineer: StaffUser) -> None:
    registration = make_registration(make_customer())
    customer, certificate = registration.customer, registration.certificate
    assert "Пользователя с таким адресом нет" in client.get("/staff/tickets/new?customer=no@example.com").text
    page = client.get(f"/staff/tickets/new?customer={customer.email.upper()}").text
    assert certificate.number in page
    form = {
        "customer": customer.email,
        "form_token": re.search(r'name="form_token"[^>]* value="([^"]+)"', page)[1],  # type: ignore[index]
        "subject": "",
        "body": "Позвонил, не подписывается.",
        "certificate": certificate.id,
        "product": "",
    }
    answer = client.post("/staff/tickets/new", data=form)
    assert answer.status_code == 422
    assert "Позвонил, не подписывается." in answer.text
    for _ in range(2):  # a double click makes one
        answer = client.post("/staff/tickets/new", data=form | {"subject": "По телефону"})
        assert answer.status_code == 303
    ticket = db.session.query(Ticket).one()
    assert answer.headers["Location"] == address(ticket)
    assert (ticket.customer.id, ticket.certificate_id) == (customer.id, certificate.id)
    assert ticket.timeline[0].staff is not None
    assert any(mail.recipient == customer.email for mail in mails())


def test_files_are_downloads_that_cannot_run(client: FlaskClient, engineer: StaffUser, at: datetime) -> None:
    from PIL import Image

    from supportapp.files.operations import store_upload

    picture = io.BytesIO()
    Image.new("RGB", (400, 300), "white").save(picture, "PNG")
    picture.seek(0)
    ticket = make_ticket()
    draft = store_upload(picture, "снимок.png", owner=ticket.customer, draft="d", at=at)
    assert client.get(f"/staff/files/{draft.public_id}").status_code == 404
    operations.reply(ticket, "Снимок", by=ticket.customer, at=at, files=[draft])
    answer = client.get(f"/staff/files/{draft.public_id}", buffered=True)
    assert answer.data == picture.getvalue()
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    small = client.get(f"/staff/files/{draft.public_id}/thumbnail", buffered=True)
    assert small.mimetype.startswith("image/")
    assert "sandbox" in small.headers["Content-Security-Policy"]
    assert client.get("/staff/files/nothing").status_code == 404


def test_the_first_page_says_what_wants_doing(client: FlaskClient, engineer: StaffUser, at: datetime) -> None:
    mine = make_ticket(subject="Мой вопрос")
    operations.take(mine, by=engineer, at=at)
    make_ticket()
    mails()[0].state = NotificationState.FAILED
    page = client.get("/staff/").text
    assert "Мой вопрос" in page
    assert re.search(r"<b>1</b>\s*открытое обращение без исполнителя", page)
    assert re.search(r"<b>1</b>\s*письмо не доставлено", page)
    assert "Регламент не опубликован" in page
    assert "Производственный календарь на" not in page
    far = datetime(2035, 3, 1, 9, tzinfo=at.tzinfo)
    with clock.frozen(far), client.session_transaction() as cookie:
        cookie["_user_id"], cookie["signed_in_at"] = engineer.get_id(), far.timestamp()
    with clock.frozen(far):
        assert "Производственный календарь на 2035 год ещё не известен" in client.get("/staff/").text


@pytest.mark.parametrize("act", ["assignment", "merging"])
def test_who_assigns_or_merges_on_an_old_page_is_shown_what_is_new(
    client: FlaskClient, manager: StaffUser, at: datetime, act: str
) -> None:
    customer, colleague = make_customer(), make_staff("Engineer")
    ticket, other = make_ticket(customer), make_ticket(customer)
    form = {**composed(client, ticket), "assignee": colleague.id, "target": other.reference}
    operations.reply(ticket, "Это не то же самое!", by=customer, at=at)
    page = client.post(address(ticket, act), data=form)
    assert page.status_code == 422
    assert "Новое с тех пор, как вы открыли страницу" in page.text
    assert (ticket.assignee, ticket.merged_into) == (None, None)
    again = form | {"seen_version": hidden(page.text, "seen_version")}
    assert client.post(address(ticket, act), data=again).status_code == 303


def test_a_nul_byte_is_taken_out_of_an_answer_which_is_not_lost(client: FlaskClient, engineer: StaffUser) -> None:
    ticket = make_ticket()
    form = composed(client, ticket, body="Журнал\0 получен")
    page = client.post(address(ticket, "replies"), data=form, follow_redirects=True)
    assert "убраны символы" in page.text
    assert ticket.messages[-1].body == "Журнал получен"
