"""What staff did on tickets, of all tickets together."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from supportapp.accounts.models import StaffUser
from supportapp.database import FinalRowError
from supportapp.extensions import db
from supportapp.tickets import operations
from supportapp.tickets.models import TimelineEntry
from supportapp.tickets.rules import EventKind
from supportapp.tickets.trail import PAGE, WantedActs, staff_acts
from tests.factories import make_customer, make_staff, make_ticket


def test_acts_are_searched_by_person_act_ticket_and_period(session: object, at: datetime) -> None:
    anna, boris = make_staff(), make_staff()
    first, second = make_ticket(), make_ticket()
    operations.take(first, by=anna, at=at - timedelta(days=2))
    operations.reply(second, "Смотрим.", by=boris, at=at)
    operations.reply(second, "Спасибо.", by=second.customer, at=at)  # a customer is no staff
    taken, replied = (EventKind.TAKEN, first.id), (EventKind.REPLIED, second.id)
    for wanted, found in (
        (WantedActs(), [replied, taken]),
        (WantedActs(staff_id=anna.id), [taken]),
        (WantedActs(kind=EventKind.REPLIED), [replied]),
        (WantedActs(reference=first.reference.lower()), [taken]),
        (WantedActs(since=at - timedelta(days=1)), [replied]),
        (WantedActs(until=at - timedelta(days=1)), [taken]),
        (WantedActs(kind=EventKind.MERGED), []),
    ):
        assert [(entry.kind, entry.ticket_id) for entry in staff_acts(wanted)[0]] == found, wanted


def test_pages_go_on_from_a_key_and_miss_nothing(session: object, at: datetime) -> None:
    ticket, by = make_ticket(), make_staff()
    for number in range(PAGE + 1):
        operations.add_note(ticket, f"Заметка {number}", by=by, at=at)
    entries, older = staff_acts(WantedActs())
    rest, end = staff_acts(WantedActs(before=older))
    assert (len(entries), len(rest), end) == (PAGE, 1, None)


@pytest.mark.parametrize(("page", "act"), [("/staff/audit/", "changed"), ("/staff/audit/tickets", "taken")])
def test_both_lists_show_what_they_were_narrowed_by(
    client: FlaskClient, manager: StaffUser, page: str, act: str
) -> None:
    chosen = {"person": manager.id, "act": act, "since": "2026-11-20", "until": "2026-11-21", "q": "<TP-1>"}
    form = client.get(page, query_string=chosen).text.partition('<form class="search"')[2].partition("</form>")[0]
    assert re.findall(r'<option value="([^"]+)" selected>', form) == [str(manager.id), act]
    assert re.findall(r'<input [^>]*id="(since|until|q)" value="([^"]*)"', form) == [
        ("since", "2026-11-20"), ("until", "2026-11-21"), ("q", "&lt;TP-1&gt;"),
    ]  # fmt: skip
    labels, fields = (re.findall(rf'{attribute}="(\w+)"', form) for attribute in ("<label for", " id"))
    assert labels == fields
    assert f'<a class="btn btn-default btn-sm" href="{page}">Все</a>' in form


def test_the_page_leads_to_the_tickets(client: FlaskClient, manager: StaffUser, at: datetime) -> None:
    ticket, other = make_ticket(), make_ticket()
    operations.take(ticket, by=manager, at=at)
    operations.add_note(other, "Заметка", by=manager, at=at)
    page = client.get(f"/staff/audit/tickets?person={manager.id}&act=taken&since=2026-11-20&until=2026-11-20").text
    assert re.findall(r'href="/staff/tickets/([^"?]+)">', page.partition("<tbody>")[2]) == [ticket.reference]
    assert "/staff/audit/tickets" in client.get("/staff/audit/").text
    for query in ("act=flying", "person=x", "since=1"):
        assert client.get(f"/staff/audit/tickets?{query}").status_code == 400
    assert client.get("/staff/audit/tickets?q=x&before=x").status_code == 200


def test_what_happened_on_a_ticket_cannot_be_changed(session: object, at: datetime) -> None:
    ticket = make_ticket(make_customer())
    for statement in (update(TimelineEntry).values(at=at + timedelta(days=1)), delete(TimelineEntry)):
        with pytest.raises(DBAPIError, match="final"), db.session.begin_nested():
            db.session.execute(statement)
    entry = ticket.timeline[0]
    entry.kind = EventKind.TAKEN
    with pytest.raises(FinalRowError):
        db.session.flush()
