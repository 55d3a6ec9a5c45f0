"""Every act of staff leaves its entry in the audit trail, and the page finds it."""

from __future__ import annotations

import io
import re
from datetime import date, datetime
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from supportapp.accounts.models import Customer, RegulationVersion, StaffUser
from supportapp.audit.models import AuditEntry
from supportapp.audit.operations import Object, record
from supportapp.audit.queries import PAGE
from supportapp.audit.rules import Act, Actor
from supportapp.certificates.models import Certificate, Product, SupportLevel
from supportapp.extensions import db, limiter
from supportapp.kb.models import Article, SynonymGroup, Topic
from supportapp.notifications.models import NotificationState
from supportapp.staff import changes
from supportapp.staff.audit_words import FIELDS
from supportapp.staff.frame import show_moment
from supportapp.tickets.models import CannedReply
from supportapp.worktime.models import CalendarCorrection
from tests.factories import (
    PASSWORD,
    mails,
    make_certificate,
    make_level,
    make_product,
    make_regulation,
    make_staff,
    make_ticket,
)
from tests.staff.conftest import SignIn

ADDRESS = "127.0.0.1"
# fmt: off
KEPT = (
    Article, CalendarCorrection, CannedReply, Certificate, Customer, Product, RegulationVersion, StaffUser,
    SupportLevel, SynonymGroup, Topic,
)
# fmt: on


def entries(*acts: str) -> list[AuditEntry]:
    rows = db.session.query(AuditEntry).order_by(AuditEntry.id).all()
    return [row for row in rows if row.act in acts]


def words_of(page: Any) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.text)))


def test_reference_data_is_kept_with_what_it_was_and_became(
    client: FlaskClient, manager: StaffUser, at: datetime
) -> None:
    client.post("/staff/products/add", data={"name": "Плагин", "versions": "1", "active": "y"})
    [added] = entries("added")
    assert (added.staff_id, added.object_kind, added.label, added.address) == (manager.id, "Product", "Плагин", ADDRESS)
    client.post(f"/staff/products/edit/{added.object_id}", data={"name": "Плагин 2", "versions": "1"})
    [changed] = entries("changed")
    assert changed.details["changes"] == {"active": ["True", "False"], "name": ["Плагин", "Плагин 2"]}
    client.post(f"/staff/products/delete/{added.object_id}")
    [deleted] = entries("deleted")
    assert (deleted.label, deleted.details["changes"]["name"]) == ("Плагин 2", ["Плагин 2", ""])


def test_an_act_that_was_refused_leaves_no_entry(client: FlaskClient, manager: StaffUser) -> None:
    make_product(name="Плагин")
    client.post("/staff/products/add", data={"name": "Плагин"})
    assert entries("added") == []


def test_a_calendar_correction_a_level_and_a_reply_are_kept(client: FlaskClient, manager: StaffUser) -> None:
    client.post("/staff/calendar/add", data={"day": "2026-12-31", "working": "n", "source": "Постановление"})
    client.post("/staff/canned-replies/add", data={"title": "Журнал", "text_ru": "Пришлите журнал."})
    assert [entry.object_kind for entry in entries("added")] == ["CalendarCorrection", "CannedReply"]


def test_a_certificate_is_kept_without_its_activation_code(client: FlaskClient, manager: StaffUser) -> None:
    certificate = make_certificate(level=make_level(), products=[make_product()])
    form = {
        "kind": "certificate",
        "number": certificate.number,
        "activation_code": "OTHER-CODE-77",
        "level": certificate.level_id,
        "products": certificate.products[0].id,
        "holder": "АО «Лютик»",
        "valid_from": date(2026, 1, 1),
        "valid_to": date(2026, 12, 31),
        "seats": 1,
    }
    client.post(f"/staff/certificates/edit/{certificate.id}", data=form)
    [changed] = entries("changed")
    assert changed.details["changes"]["holder"] == ["ООО «Ромашка»", "АО «Лютик»"]
    assert "OTHER-CODE" not in str(changed.details)
    assert changed.details["changes"]["activation_code"] == ["•••", "•••"]
    client.post(f"/staff/certificates/{certificate.id}/revocation", data={"reason": "Возврат оплаты"})
    [revoked] = entries("revoked")
    assert revoked.details["changes"]["revocation_reason"] == ["", "Возврат оплаты"]


def test_staff_accounts_roles_and_passwords_are_kept_without_passwords(client: FlaskClient, admin: StaffUser) -> None:
    form = {"username": "newone", "email": "new@vendor.example", "first_name": "Нина", "last_name": "Новая"}
    client.post("/staff/users/add", data={**form, "roles": "Engineer", "active": "y", "password": "a long quiet river"})
    [added] = entries("added")
    assert added.details["changes"]["roles"] == ["", "Engineer"]
    form |= {"roles": ["Engineer", "Manager"], "active": "y", "password": "another long river"}
    client.post(f"/staff/users/edit/{added.object_id}", data=form)
    [changed] = entries("changed")
    assert changed.details["changes"]["roles"] == ["Engineer", "Engineer, Manager"]
    assert changed.details["changes"]["password"] == ["•••", "•••"]
    own = {"old_password": PASSWORD, "password": "a third long river", "again": "a third long river"}
    client.post("/staff/password/", data=own)
    assert [entry.label for entry in entries("password_changed")] == [admin.display_name]
    assert "river" not in str([entry.details for entry in db.session.query(AuditEntry)])


def test_a_regulation_is_kept_when_it_comes_into_force(client: FlaskClient, editor: StaffUser) -> None:
    version = make_regulation(published_at=None, label="2.0")
    client.post(f"/staff/regulation/{version.id}/publication")
    assert [(entry.object_kind, entry.label) for entry in entries("published")] == [("RegulationVersion", "2.0")]


def test_blocking_and_sending_a_mail_again_are_kept_without_what_the_mail_says(
    client: FlaskClient, manager: StaffUser
) -> None:
    ticket = make_ticket()
    client.post(f"/staff/customers/{ticket.customer_id}/blocking")
    client.post(f"/staff/customers/{ticket.customer_id}/unblocking")
    mail = mails()[0]
    mail.state = NotificationState.UNDELIVERABLE
    client.post(f"/staff/outbox/{mail.id}/resending")
    assert [entry.object_kind for entry in entries("blocked", "unblocked", "resent")] == [
        "Customer",
        "Customer",
        "Notification",
    ]
    assert "body" not in str(entries("resent")[0].details)


def test_signing_in_and_failing_to_are_kept(client: FlaskClient, sign_in: SignIn) -> None:
    person = sign_in("Engineer")
    [entry] = entries("signed_in")
    assert (entry.staff_id, entry.address) == (person.id, ADDRESS)
    client.post("/staff/sign-out")
    client.post("/staff/sign-in/", data={"username": person.username, "password": "wrong"})
    client.post("/staff/sign-in/", data={"username": "my secret password", "password": "wrong"})
    known, unknown = entries("sign_in_failed")
    assert (known.staff_id, known.actor, known.object_id) == (None, Actor.STRANGER, str(person.id))
    assert (unknown.object_id, unknown.label, unknown.details) == ("", "", {})


def test_a_lockout_is_kept_once_however_often_it_is_knocked(client: FlaskClient) -> None:
    person = make_staff(username="knocker")
    limiter.enabled = True
    for _attempt in range(14):
        answer = client.post("/staff/sign-in/", data={"username": person.username, "password": "wrong"})
    assert answer.status_code == 429
    assert [entry.object_id for entry in entries("locked_out")] == [str(person.id)]


def test_the_page_reads_as_sentences_and_links_to_the_object(client: FlaskClient, manager: StaffUser) -> None:
    client.post("/staff/products/add", data={"name": "Плагин", "versions": "1", "active": "y"})
    [added] = entries("added")
    client.post(f"/staff/products/edit/{added.object_id}", data={"name": "Плагин 2", "versions": "1", "active": "y"})
    page = client.get("/staff/audit/?act=changed")
    assert "Изменено: продукт «Плагин 2»" in words_of(page)
    assert "Название : Плагин → Плагин 2" in words_of(page)
    assert f'href="/staff/products/edit/{added.object_id}"' in page.text
    assert manager.display_name in page.text
    history = client.get(f"/staff/audit/?kind=Product&key={added.object_id}")
    assert "Добавлено: продукт" in words_of(history)


@pytest.fixture
def editing_manager(client: FlaskClient) -> StaffUser:
    """Somebody who writes articles and reads the trail."""
    person = make_staff("Editor", "Manager")
    client.post("/staff/sign-in/", data={"username": person.username, "password": PASSWORD})
    return person


def article_with_a_picture(client: FlaskClient) -> tuple[Article, dict[str, Any]]:
    picture = io.BytesIO()
    Image.new("RGB", (40, 20), "navy").save(picture, "PNG")
    picture.seek(0)
    answer = client.post("/staff/writing/pictures", data={"file": (picture, "окно.png")})
    words = "Тайная строка статьи. " * 40
    form = {
        "title": "Токен",
        "body": f"{words}\n\n![окно]({answer.get_json()['address']})",
        "language": "ru",
        "topic": "",
        "products": [make_product(name="Плагин").id],
    }
    client.post("/staff/articles/add", data=form)
    return db.session.query(Article).one(), form


def test_an_edited_article_is_kept_without_its_text(client: FlaskClient, editing_manager: StaffUser) -> None:
    article, form = article_with_a_picture(client)
    length = len(article.body)
    seen = {"revision": article.revision, "seen_version": article.versions[0].id}
    client.post(f"/staff/articles/edit/{article.id}", data={**form, **seen, "body": article.body + " Ещё."})
    [added], [changed] = entries("added"), entries("changed")
    assert added.details["changes"]["images"] == ["", "окно.webp"]
    assert added.details["changes"]["products"] == ["", "Плагин"]
    assert changed.details["changes"] == {"body": [{"characters": length}, {"characters": length + 5}]}
    for entry in (added, changed):
        assert "object at 0x" not in str(entry.details)
        assert "Тайная строка" not in str(entry.details)
    assert f"Текст : изменено: {length} " in words_of(client.get("/staff/audit/?act=changed"))


def test_a_published_article_is_kept_with_its_state_and_nothing_that_did_not_change(
    client: FlaskClient, editing_manager: StaffUser
) -> None:
    article, _form = article_with_a_picture(client)
    client.post(f"/staff/articles/{article.id}/publication")
    [published] = entries("published")
    assert published.details["changes"].keys() == {"published_at", "state"}
    assert published.details["changes"]["state"] == ["draft", "published"]
    assert article.published_at is not None
    page = words_of(client.get("/staff/audit/?act=published"))
    assert "Состояние : Черновик → Опубликована" in page
    assert f": (пусто) → {show_moment(article.published_at)}" in page


@pytest.mark.parametrize("kind", KEPT, ids=lambda kind: kind.__name__)
def test_every_field_that_is_kept_has_its_words(kind: type[Any]) -> None:
    assert [name for name in changes.fields(kind) if name not in FIELDS] == []


def test_the_page_goes_on_from_a_key(client: FlaskClient, manager: StaffUser, at: datetime) -> None:
    for n in range(PAGE + 5):
        record(Act.CHANGED, Object("Topic", n, f"Раздел-{n:03d}"), by=manager, at=at)
    first = client.get("/staff/audit/?kind=Topic")
    assert "Раздел-054" in first.text
    assert "Раздел-004" not in first.text
    older = re.search(r'href="(\?[^"]*before=\d+)"', first.text)
    assert older
    second = client.get(f"/staff/audit/{unescape(older[1])}")
    assert "Раздел-004" in second.text
    assert "Раздел-005" not in second.text


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ("person=abc", 400),
        ("person=99999999999999999999", 400),
        ("since=whenever", 400),
        ("until=0001-01-01", 400),
        ("key=" + "9" * 60, 400),
        ("before=abc", 200),
        ("before=-1", 200),
        ("before=99999999999999999999", 200),
        ("act=flown&kind=Kite&q=%25%27%22", 200),
    ],
)
def test_nonsense_in_the_address_is_400_or_a_page(
    client: FlaskClient, manager: StaffUser, arguments: str, status: int
) -> None:
    assert client.get(f"/staff/audit/?{arguments}").status_code == status


def test_nothing_below_the_trail_takes_a_post(client: FlaskClient, admin: StaffUser) -> None:
    assert client.post("/staff/audit/").status_code == 405
    for path in ("delete/1", "edit/1", "1"):
        assert client.post(f"/staff/audit/{path}").status_code in (404, 405)


@pytest.mark.parametrize("role", ["Engineer", "Editor"])
def test_only_managers_and_administrators_read_it(client: FlaskClient, sign_in: SignIn, role: str) -> None:
    sign_in(role)
    assert client.get("/staff/audit/").status_code == 403


def test_a_file_taken_away_is_kept_with_what_was_chosen(client: FlaskClient, manager: StaffUser) -> None:
    make_ticket(subject="Выгружаемое")
    answer = client.get("/staff/exports/tickets.csv?scope=all")
    assert answer.status_code == 200
    assert "Выгружаемое" in answer.get_data().decode()
    [entry] = entries("exported")
    assert (entry.staff_id, entry.object_kind) == (manager.id, "Export")
    assert entry.label.endswith(".csv")
    assert entry.details["note"]
