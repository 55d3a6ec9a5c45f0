"""The list of tickets: order, parts, filters, bad input, acts on several."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from supportapp import clock
from supportapp.accounts.models import StaffUser
from supportapp.extensions import db
from supportapp.tickets import operations
from supportapp.tickets.desk.drafts import find_draft, keep_draft
from supportapp.tickets.desk.jobs import sweep_held
from supportapp.tickets.desk.tags import add_tag
from supportapp.tickets.models import CannedReply
from supportapp.tickets.rules import Status
from tests.factories import (
    make_certificate,
    make_customer,
    make_level,
    make_product,
    make_registration,
    make_staff,
    make_ticket,
)


def with_level(priority: int, *, at: datetime, **changes: Any) -> Any:
    """A ticket under a certificate of a level with that priority."""
    customer = make_customer()
    certificate = make_certificate(level=make_level(priority=priority, **changes))
    make_registration(customer, certificate)
    return make_ticket(customer, certificate_id=certificate.id, at=at)


def sweep(at: datetime) -> None:
    with clock.frozen(at):
        sweep_held()


@pytest.fixture
def canned(session: object) -> CannedReply:
    """A prepared answer in both languages."""
    prepared = CannedReply(title="Проверяем", text_ru="Уже проверяем.", text_en="We are checking.")
    db.session.add(prepared)
    return prepared


@pytest.fixture
def ten_seconds(undo_seconds: Callable[[int], None]) -> None:
    """What is sent waits, as on an installed portal."""
    undo_seconds(10)


def shown(page: str) -> list[str]:
    return re.findall(r'name="rowid" value="([^"]+)"', page)


def way(page: str, rel: str) -> str:
    """Where a link of the paging leads; empty when there is none."""
    found = re.search(rf'<a href="([^"]+)" rel="{rel}">', page)
    return html.unescape(found[1]) if found else ""


def test_the_queue_goes_by_priority_then_target_then_age(
    client: FlaskClient, engineer: StaffUser, at: datetime
) -> None:
    none = make_ticket(at=at - timedelta(days=9))
    later = with_level(10, at=at - timedelta(hours=1), first_response_hours=8)
    sooner = with_level(10, at=at - timedelta(minutes=30), first_response_hours=1)
    silent = with_level(10, at=at - timedelta(days=5), first_response_hours=None, resolution_hours=None)
    first = with_level(1, at=at)
    expected = [ticket.reference for ticket in (first, sooner, later, silent, none)]
    assert shown(client.get("/staff/tickets/").text) == expected


def test_the_row_says_what_an_engineer_wants_to_know(client: FlaskClient, engineer: StaffUser, at: datetime) -> None:
    ticket = with_level(10, at=at - timedelta(hours=3), first_response_hours=1)
    page = client.get("/staff/tickets/").text
    for words in (
        ticket.subject,
        ticket.customer.name,
        "ООО «Ромашка»",
        ticket.level.name_ru,
        "дело за нами",
        "просрочено на 2 ч",
        "никто",
    ):
        assert words in page


def test_a_ticket_that_awaits_its_customer_is_paused(client: FlaskClient, engineer: StaffUser, at: datetime) -> None:
    ticket = with_level(10, at=at)
    operations.request_information(ticket, "Пришлите журнал.", by=engineer, at=at)
    page = client.get("/staff/tickets/").text
    assert "на паузе" in page
    assert "ждём пользователя" in page


def test_each_part_shows_its_tickets(client: FlaskClient, engineer: StaffUser, at: datetime) -> None:
    free, mine, closed = make_ticket(), make_ticket(), make_ticket()
    operations.take(mine, by=engineer, at=at)
    operations.close(closed, "Решено по телефону.", by=engineer, at=at)
    parts = {scope: set(shown(client.get(f"/staff/tickets/?scope={scope}").text)) for scope in
             ("open", "mine", "unassigned", "closed", "all", "nonsense")}  # fmt: skip
    assert parts["open"] == parts["nonsense"] == {free.reference, mine.reference}
    assert parts["mine"] == {mine.reference}
    assert parts["unassigned"] == {free.reference}
    assert parts["closed"] == {closed.reference}
    assert parts["all"] == {free.reference, mine.reference, closed.reference}


def test_filters_find_by_words_people_and_days(client: FlaskClient, engineer: StaffUser, at: datetime) -> None:
    product = make_product()
    wanted = make_ticket(
        make_customer(name="Ольга Ильина", organisation="АО «Вектор»"),
        subject="ОШИБКА 100% при подписи",
        body="Журнал приложен",
        product=product,
        at=at,
    )
    make_ticket(subject="Ошибка 1005 при запуске", at=at - timedelta(days=30))
    for query in (
        "_flt_0_subject=ошибка 100%",
        "_flt_0_customer=вектор",
        "_flt_0_customer=ильина",
        "_flt_0_messages=ошибкой подписи",
        f"_flt_0_product={product.id}",
        "_flt_0_created_at=2026-11-20",
        f"_flt_0_reference={wanted.reference.lower()}",
        "_flt_0_status=new&_flt_0_created_at=20.11.2026",
    ):
        assert shown(client.get(f"/staff/tickets/?{query}").text) == [wanted.reference], query
    assert not shown(client.get("/staff/tickets/?_flt_1_status=new").text)


def test_a_customer_is_found_by_what_he_is_called_now(client: FlaskClient, engineer: StaffUser) -> None:
    customer = make_customer(name="Ольга Ильина", organisation="")
    ticket = make_ticket(customer)
    customer.name, customer.organisation = "Ольга Ёлкина", "АО «Вектор»"
    for words in ("ёлкин", "ВЕКТОР", customer.email.upper()):
        assert shown(client.get(f"/staff/tickets/?_flt_0_customer={words}").text) == [ticket.reference], words
    assert not shown(client.get("/staff/tickets/?_flt_0_customer=ильина").text)


def test_the_filters_stand_in_the_form_afterwards(client: FlaskClient, engineer: StaffUser) -> None:
    page = client.get("/staff/tickets/?scope=all&_flt_0_subject=подпись&_flt_0_status=closed").text
    assert 'value="подпись"' in page
    assert '<option value="closed" selected>' in page
    assert '<input type="hidden" name="scope" value="all">' in page


def test_one_persons_filters_never_reach_anothers_page(client: FlaskClient, engineer: StaffUser) -> None:
    ticket = make_ticket()
    client.get("/staff/tickets/?_flt_0_subject=nothing-like-that")
    assert shown(client.get("/staff/tickets/").text) == [ticket.reference]


@pytest.mark.parametrize(
    "column", ["reference", "subject", "customer", "product", "level", "status", "target", "assignee", "last_message"]
)
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_every_column_sorts(client: FlaskClient, engineer: StaffUser, column: str, direction: str) -> None:
    references = {make_ticket().reference, make_ticket().reference}
    page = client.get(f"/staff/tickets/?_oc_TicketView={column}&_od_TicketView={direction}")
    assert set(shown(page.text)) == references


@pytest.mark.parametrize(
    "query",
    [
        "page_TicketView=abc",
        "page_TicketView=-1",
        "psize_TicketView=x",
        "page_TicketView=99999999999999999999",
        "_flt_9_subject=x",
        "_flt_0_password=x",
        "_flt_0_customer.email=x",
        "_flt_0_product=abc",
        "_flt_0_status=flying",
        "_flt_0_product=99999999999999999999",
        "_flt_0_created_at=31.02.2026",
        "_flt_0_created_at=0001-01-01",
        "_flt_0_subject=%00",
        "_flt_x=1",
        "_flt_0_subject=" + "a" * 201,
    ],
)
def test_what_cannot_be_read_is_answered_by_400(client: FlaskClient, engineer: StaffUser, query: str) -> None:
    assert client.get(f"/staff/tickets/?{query}").status_code == 400


@pytest.mark.parametrize(
    "query", ["_oc_TicketView=password&_od_TicketView=asc", "_oc_TicketView=subject&_od_TicketView=up", "q=(a:!"]
)
def test_an_unknown_order_is_the_queues(client: FlaskClient, engineer: StaffUser, query: str) -> None:
    ticket = make_ticket()
    assert shown(client.get(f"/staff/tickets/?{query}").text) == [ticket.reference]


def test_a_page_size_has_a_bound(client: FlaskClient, engineer: StaffUser) -> None:
    customer = make_customer()
    for number in range(101):
        make_ticket(customer, subject=f"Вопрос {number}")
    page = client.get("/staff/tickets/?psize_TicketView=20000").text
    assert len(shown(page)) == 100
    assert len(shown(client.get(way(page, "next")).text)) == 1


def test_a_page_costs_the_same_whatever_its_rows(client: FlaskClient, engineer: StaffUser, at: datetime) -> None:
    def cost() -> int:
        statements: list[str] = []
        listen = lambda *args: statements.append(args[2]) if args[2].startswith("SELECT") else None  # noqa: E731
        event.listen(db.engine, "before_cursor_execute", listen)
        try:
            client.get("/staff/tickets/")
        finally:
            event.remove(db.engine, "before_cursor_execute", listen)
        return len(statements)

    with_level(1, at=at)
    client.get("/staff/tickets/")
    few = cost()
    for _ in range(20):
        with_level(10, at=at)
    assert cost() == few
    assert few <= 13


def test_several_tickets_are_taken_at_once_and_refusals_name_theirs(
    client: FlaskClient, engineer: StaffUser, at: datetime
) -> None:
    free, taken = make_ticket(), make_ticket()
    operations.take(taken, by=make_staff("Engineer", last_name="Проворный"), at=at)
    rows = [free.reference, taken.reference, "TP-999999", "' OR 1=1"]
    form = {"action": "take", "rowid": rows, "back": "/staff/tickets/?scope=all"}
    answer = client.post("/staff/tickets/action_post", data=form)
    assert answer.headers["Location"] == "/staff/tickets/?scope=all"
    page = client.get("/staff/tickets/").text
    assert f"Готово: {free.reference}" in page
    assert f"{taken.reference}: " in page
    assert "Проворный" in page
    assert "TP-999999: такого обращения нет" in page
    assert free.assignee is not None
    assert free.assignee.id == engineer.id


def test_closing_several_needs_a_reason(client: FlaskClient, engineer: StaffUser) -> None:
    ticket = make_ticket()
    client.post("/staff/tickets/action_post", data={"action": "close", "rowid": ticket.reference})
    assert ticket.is_open
    client.post("/staff/tickets/action_post", data={"action": "close", "rowid": ticket.reference, "note": "Дубль."})
    assert ticket.status is Status.CLOSED
    assert ticket.close_note == "Дубль."


def test_a_manager_assigns_several(client: FlaskClient, manager: StaffUser) -> None:
    colleague, editor, ticket = make_staff("Engineer"), make_staff("Editor"), make_ticket()
    form = {"action": "assign", "rowid": ticket.reference}
    for assignee in ("", "abc", "99999999999999999999", str(editor.id)):
        client.post("/staff/tickets/action_post", data=form | {"assignee": assignee})
        assert ticket.assignee is None
        assert "Выберите, кому назначить" in client.get("/staff/tickets/").text
    client.post("/staff/tickets/action_post", data=form | {"assignee": colleague.id})
    assert ticket.assignee is not None
    assert ticket.assignee.id == colleague.id


def test_an_act_leads_back_only_to_the_list(client: FlaskClient, engineer: StaffUser) -> None:
    for back in ("https://evil.example", "/staff/users/", ""):
        answer = client.post("/staff/tickets/action_post", data={"action": "take", "back": back})
        assert answer.headers["Location"] == "/staff/tickets/"


def test_a_prepared_answer_goes_to_several_each_in_his_language(
    client: FlaskClient, engineer: StaffUser, canned: CannedReply
) -> None:
    russian, english = make_ticket(), make_ticket(make_customer(language="en"))
    form = {"action": "reply", "rowid": [russian.reference, english.reference]}
    for key in ("", "abc", "9" * 30):
        client.post("/staff/tickets/action_post", data=form | {"canned": key})
        assert "Выберите готовый ответ" in client.get("/staff/tickets/").text
    client.post("/staff/tickets/action_post", data=form | {"canned": canned.id})
    assert [ticket.messages[-1].body for ticket in (russian, english)] == ["Уже проверяем.", "We are checking."]
    assert russian.messages[-1].staff == engineer
    assert russian.assignee == engineer


def test_an_answer_to_several_leaves_when_its_time_has_come(
    client: FlaskClient, engineer: StaffUser, at: datetime, canned: CannedReply, ten_seconds: None
) -> None:
    first, second = make_ticket(), make_ticket()
    form = {"action": "reply", "rowid": [first.reference, second.reference]}
    client.post("/staff/tickets/action_post", data=form | {"canned": canned.id})
    assert [len(ticket.messages) for ticket in (first, second)] == [1, 1]
    sweep(at + timedelta(seconds=10))
    assert [len(ticket.messages) for ticket in (first, second)] == [2, 2]


def test_an_answer_to_several_is_taken_back_as_a_whole(
    client: FlaskClient, engineer: StaffUser, at: datetime, canned: CannedReply, ten_seconds: None
) -> None:
    first, second = make_ticket(), make_ticket()
    kept = keep_draft(first, "Моё письмо, ещё не готово.", by=engineer, at=at, token="my0form")
    assert kept == 1
    form = {"action": "reply", "rowid": [first.reference, second.reference]}
    client.post("/staff/tickets/action_post", data=form | {"canned": canned.id})
    assert "Отозвать все" in client.get("/staff/tickets/").text
    client.post("/staff/tickets/several/undoing")
    page = client.get("/staff/tickets/").text
    assert "Отозвано: 2 обращения остались какими были." in page
    assert "Отозвать все" not in page
    sweep(at + timedelta(minutes=1))
    assert [len(ticket.messages) for ticket in (first, second)] == [1, 1]
    draft = find_draft(first, engineer)
    assert draft is not None
    assert draft.body == "Моё письмо, ещё не готово."


def test_an_answer_to_several_that_has_left_cannot_be_taken_back(
    client: FlaskClient, engineer: StaffUser, at: datetime, canned: CannedReply, ten_seconds: None
) -> None:
    ticket = make_ticket()
    client.post("/staff/tickets/action_post", data={"action": "reply", "rowid": ticket.reference, "canned": canned.id})
    sweep(at + timedelta(seconds=10))
    client.post("/staff/tickets/several/undoing")
    assert "вернуть его нельзя" in client.get("/staff/tickets/").text
    assert len(ticket.messages) == 2


def test_several_are_merged_into_one_and_a_strangers_is_refused(client: FlaskClient, engineer: StaffUser) -> None:
    customer = make_customer()
    target, source, foreign = make_ticket(customer), make_ticket(customer), make_ticket()
    form = {"action": "merge", "rowid": [target.reference, source.reference, foreign.reference]}
    client.post("/staff/tickets/action_post", data=form | {"target": target.reference.lower()})
    page = client.get("/staff/tickets/?scope=all").text
    assert source.merged_into == target
    assert target.is_open
    assert foreign.is_open
    assert f"Готово: {source.reference}" in page
    assert f"{foreign.reference}: " in page
    client.post("/staff/tickets/action_post", data=form | {"target": "TP-999999"})
    assert "TP-999999" in client.get("/staff/tickets/").text
    client.post("/staff/tickets/action_post", data=form | {"target": ""})
    assert "Укажите, с каким обращением" in client.get("/staff/tickets/").text


def test_a_ticket_that_has_changed_since_the_list_was_read_is_left_alone(
    client: FlaskClient, engineer: StaffUser, at: datetime
) -> None:
    ticket = make_ticket()
    seen = re.findall(r'name="seen" value="([^"]+)"', client.get("/staff/tickets/").text)
    operations.reply(ticket, "Уже неважно, но есть новое.", by=ticket.customer, at=at)
    form = {"action": "close", "rowid": ticket.reference, "note": "Дубль.", "seen": seen}
    client.post("/staff/tickets/action_post", data=form)
    assert ticket.is_open
    assert f"{ticket.reference}: " in client.get("/staff/tickets/").text


def test_a_hundred_refusals_are_all_told(client: FlaskClient, engineer: StaffUser) -> None:
    rows = [f"TP-{number:06d}" for number in range(900_000, 900_100)]
    client.post("/staff/tickets/action_post", data={"action": "take", "rowid": rows})
    page = client.get("/staff/tickets/").text
    assert all(reference in page for reference in rows)


def test_the_last_message_says_who_and_when(client: FlaskClient, engineer: StaffUser, at: datetime) -> None:
    ticket = make_ticket(at=at - timedelta(days=1))
    assert ticket.customer.name in client.get("/staff/tickets/").text
    operations.reply(ticket, "Смотрим.", by=engineer, at=at - timedelta(hours=2))
    operations.add_note(ticket, "Похоже на прошлый раз.", by=engineer, at=at)
    page = client.get("/staff/tickets/").text
    assert re.search(rf"{engineer.display_name}</span><br><small>20\.11\.2026 12:00", page)


def test_nobodys_tickets_and_near_targets_can_be_asked_for(
    client: FlaskClient, engineer: StaffUser, at: datetime
) -> None:
    late = with_level(10, at=at - timedelta(days=3), first_response_hours=1)
    far = with_level(10, at=at, first_response_hours=8)
    operations.take(far, by=engineer, at=at)
    assert shown(client.get("/staff/tickets/?scope=near").text) == [late.reference]
    assert shown(client.get("/staff/tickets/?_flt_0_assignee=0").text) == [late.reference]
    assert shown(client.get(f"/staff/tickets/?_flt_0_assignee={engineer.id}").text) == [far.reference]


def test_tags_stand_in_the_queue_and_lead_to_their_tickets(
    client: FlaskClient, engineer: StaffUser, at: datetime
) -> None:
    ticket, other = make_ticket(), make_ticket()
    add_tag(ticket, "Ждём & <релиз>", by=engineer, at=at)
    add_tag(other, "прочее", by=engineer, at=at)
    page = client.get("/staff/tickets/").text
    links = re.findall(r'<span class="queue-tags"><a href="([^"]+)">([^<]+)</a>', page)
    assert [html.unescape(words) for _link, words in links] == ["ждём & <релиз>", "прочее"]
    assert shown(client.get(html.unescape(links[0][0])).text) == [ticket.reference]
    assert shown(client.get("/staff/tickets/?_flt_0_tags=Прочее").text) == [other.reference]
    assert shown(client.get("/staff/tickets/?_flt_0_tags=проч").text) == []


def test_the_customers_turn_is_a_part_of_the_queue(client: FlaskClient, engineer: StaffUser, at: datetime) -> None:
    ticket, other, closed = make_ticket(), make_ticket(), make_ticket()
    operations.request_information(ticket, "Пришлите журнал.", by=engineer, at=at)
    operations.propose_solution(closed, "Обновите.", by=engineer, at=at)
    operations.accept_solution(closed, by=closed.customer, at=at)
    assert shown(client.get("/staff/tickets/?scope=theirs").text) == [ticket.reference]
    assert shown(client.get("/staff/tickets/?scope=ours").text) == [other.reference]
