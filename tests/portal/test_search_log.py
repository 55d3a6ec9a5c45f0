"""What the portal's pages record of the knowledge base's use: the ticket form with and without its script, searches."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from supportapp import clock, database
from supportapp.extensions import db, limiter
from supportapp.kb import operations as kb
from supportapp.kb.learning import operations
from supportapp.kb.models import Article, SearchOutcome, SearchPlace, SearchSession, SolvedWithoutTicket
from supportapp.kb.search.upkeep import rebuild
from supportapp.portal.forms.tickets import is_token
from supportapp.tickets.models import Ticket
from tests.factories import make_customer, make_staff, make_ticket
from tests.portal.people import seen, sign_in

WORDS = "Ошибка 0x80090016"
FORM = {"certificate": "none", "subject": WORDS, "body": "Набор ключей не найден.", "form_token": "form-1"}


@pytest.fixture
def article(session: object, at: datetime) -> Iterator[Article]:
    """A published article that the search knows."""
    written = kb.save_article(None, title=WORDS, body="Подключите носитель.", by=None, at=at)
    kb.publish(written, by=None, at=at)
    rebuild()
    yield written
    kb.withdraw(written, by=None, at=at)
    rebuild()


def the_session() -> SearchSession:
    return db.session.query(SearchSession).one()


def report(client: FlaskClient, **changes: str) -> Any:
    said = {"form_token": "form-1", "subject": WORDS, "body": "", "product": "", "shown": "", "opened": ""}
    return client.post("/suggestions/seen", data=said | changes)


def test_the_script_reports_what_stood_before_the_customer(client: FlaskClient, article: Article) -> None:
    customer = sign_in(client)
    assert report(client, shown=str(article.id)).status_code == 204
    assert report(client, shown=str(article.id), opened=str(article.id)).status_code == 204
    kept = the_session()
    assert (kept.customer_id, kept.place, kept.query) == (customer.id, SearchPlace.TICKET_FORM, WORDS)
    assert kept.impressions[0].opened_at is not None


@pytest.mark.parametrize("shown", ["", "x", "7;8", "-1", "9" * 40, ",,,", "²", "0"])
def test_a_report_without_known_articles_is_taken_calmly(client: FlaskClient, article: Article, shown: str) -> None:
    sign_in(client)
    assert report(client, shown=shown, opened=shown).status_code == 204
    assert [one for kept in db.session.query(SearchSession) for one in kept.impressions] == []


def test_only_customers_report(client: FlaskClient, article: Article) -> None:
    assert report(client, shown=str(article.id)).status_code == 401
    assert db.session.query(SearchSession).count() == 0


def test_reports_are_limited(client: FlaskClient, article: Article, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(client)
    monkeypatch.setattr(limiter, "enabled", True)
    assert [report(client).status_code for _ in range(61)][-1] == 429


def test_asking_for_suggestions_records_nothing(client: FlaskClient, article: Article) -> None:
    sign_in(client)
    assert client.post("/suggestions", json={"subject": WORDS}).json["suggestions"]  # type: ignore[index]
    assert db.session.query(SearchSession).count() == 0


def test_a_ticket_that_is_sent_ends_the_form(client: FlaskClient, article: Article) -> None:
    sign_in(client)
    sent = FORM | {"looked": "1", "shown": str(article.id), "opened": str(article.id)}
    assert client.post("/tickets/new", data=sent).status_code == 303
    ticket, kept = db.session.query(Ticket).one(), the_session()
    assert (kept.outcome, kept.ticket_id) == (SearchOutcome.SENT, ticket.id)
    assert kept.query == f"{WORDS}\nНабор ключей не найден."
    assert [one.article_id for one in kept.impressions if one.opened_at] == [article.id]


def test_a_form_sent_twice_is_recorded_once(client: FlaskClient, article: Article) -> None:
    sign_in(client)
    for _twice in range(2):
        client.post("/tickets/new", data=FORM | {"looked": "1", "shown": str(article.id)})
    assert the_session().ticket_id == db.session.query(Ticket).one().id


def test_solved_is_recorded_with_what_was_shown(client: FlaskClient, article: Article) -> None:
    sign_in(client)
    solved = FORM | {"article_id": str(article.id), "shown": str(article.id), "opened": str(article.id)}
    for _twice in range(2):
        assert client.post("/suggestions/solved", data=solved).status_code == 303
    assert the_session().outcome is SearchOutcome.SOLVED
    assert db.session.query(SolvedWithoutTicket).count() == 1
    assert db.session.query(Ticket).count() == 0


def test_somebody_elses_form_is_not_touched(client: FlaskClient, article: Article, app: Flask) -> None:
    stranger = make_customer()
    kept = SearchSession(token="form-1", place=SearchPlace.TICKET_FORM, customer_id=stranger.id, query="чужое")
    kept.started_at = kept.updated_at = clock.now()
    db.session.add(kept)
    sign_in(client)
    report(client, shown=str(article.id))
    client.post("/tickets/new", data=FORM | {"looked": "1", "shown": str(article.id)})
    assert (the_session().query, the_session().impressions, the_session().ticket_id) == ("чужое", [], None)
    assert db.session.query(Ticket).count() == 1


@pytest.mark.parametrize("token", ["reply:1", "reply:{}", "a b", "", "я" * 5, "x" * 65])
def test_a_form_cannot_take_the_place_of_a_reply_of_staff(client: FlaskClient, article: Article, token: str) -> None:
    customer = sign_in(client)
    ticket = make_ticket(customer)
    assert report(client, shown=str(article.id), form_token=token.format(ticket.id)).status_code == 204
    assert db.session.query(SearchSession).count() == 0
    operations.tell(ticket.id, [article.slug], language="ru", product_id=None, at=clock.now())
    assert the_session().place is SearchPlace.REPLY
    assert not is_token(the_session().token)


# Without a script


def test_without_a_script_the_articles_are_shown_once_before_the_ticket_goes(
    client: FlaskClient, article: Article
) -> None:
    sign_in(client)
    page = client.post("/tickets/new", data=FORM)
    assert page.status_code == 200
    assert "Обращение ещё не отправлено." in seen(page)
    assert f'href="/kb/{article.slug}"' in page.text
    assert 'value="form-1"' in page.text
    assert re.search(r"<textarea[^>]*>\s*Набор ключей не найден.</textarea>", page.text)
    assert db.session.query(Ticket).count() == 0
    looked = re.search(r'name="looked" value="(.*?)"', page.text)
    assert looked
    again = client.post("/tickets/new", data=FORM | {"looked": looked[1]})
    assert again.status_code == 303
    assert the_session().outcome is SearchOutcome.SENT
    assert the_session().impressions[0].article_id == article.id


def test_a_form_that_has_shown_them_never_asks_again(client: FlaskClient, article: Article) -> None:
    sign_in(client)
    client.post("/tickets/new", data=FORM)
    assert client.post("/tickets/new", data=FORM).status_code == 303  # "back" in the browser, and sent once more


def test_without_a_script_and_without_an_article_the_ticket_goes_at_once(client: FlaskClient, article: Article) -> None:
    sign_in(client)
    assert client.post("/tickets/new", data=FORM | {"subject": "Звук", "body": "Пропал."}).status_code == 303


def test_a_problem_of_the_form_is_told_before_any_article(client: FlaskClient, article: Article) -> None:
    sign_in(client)
    page = client.post("/tickets/new", data=FORM | {"body": ""})
    assert page.status_code == 422
    assert "Обращение ещё не отправлено." not in seen(page)


def test_an_article_opened_before_sending_without_a_script_is_known(client: FlaskClient, article: Article) -> None:
    sign_in(client)
    client.post("/tickets/new", data=FORM)
    client.get(f"/kb/{article.slug}")
    client.post("/tickets/new", data=FORM | {"looked": "1"})
    assert the_session().impressions[0].opened_at is not None
    assert the_session().ticket_id is not None


def test_without_a_script_an_article_solves_it(client: FlaskClient, article: Article) -> None:
    sign_in(client)
    client.post("/tickets/new", data=FORM)
    answer = client.post("/suggestions/solved", data=FORM | {"article_id": str(article.id), "looked": "1"})
    assert answer.status_code == 303
    assert the_session().outcome is SearchOutcome.SOLVED


# The search page


def search(client: FlaskClient, text: str = WORDS, **headers: str) -> None:
    assert client.get("/kb/", query_string={"q": text}, headers=headers).status_code == 200


def test_a_visitors_search_is_recorded_without_the_visitor(client: FlaskClient, article: Article) -> None:
    search(client)
    kept = the_session()
    assert (kept.place, kept.customer_id, kept.query) == (SearchPlace.SEARCH_PAGE, None, WORDS)
    assert [one.article_id for one in kept.impressions] == [article.id]


def test_a_search_without_hits_is_recorded_too(client: FlaskClient, article: Article) -> None:
    search(client, "звук пропал")
    assert (the_session().query, the_session().impressions) == ("звук пропал", [])


def test_the_same_search_within_an_hour_is_one(client: FlaskClient, article: Article, at: datetime) -> None:
    for minutes in (0, 30, 59):
        with clock.frozen(at + timedelta(minutes=minutes)):
            search(client)
    search(client, "другое слово")
    assert db.session.query(SearchSession).count() == 2


def test_an_opened_hit_is_marked_and_nothing_else_is(client: FlaskClient, article: Article, at: datetime) -> None:
    search(client)
    client.get(f"/kb/{article.slug}")
    assert the_session().impressions[0].opened_at == at


def test_an_article_opened_without_a_search_records_nothing(client: FlaskClient, article: Article) -> None:
    client.get("/kb/")
    client.get(f"/kb/{article.slug}")
    assert db.session.query(SearchSession).count() == 0


def test_a_visitors_search_goes_on_as_the_ticket_he_sends_after_signing_in(
    client: FlaskClient, article: Article
) -> None:
    search(client)
    client.get(f"/kb/{article.slug}")
    sign_in(client)
    client.post("/tickets/new", data=FORM | {"looked": "1"})
    found = {one.place: one for one in db.session.query(SearchSession)}
    ticket = db.session.query(Ticket).one()
    assert {one.ticket_id for one in found.values()} == {ticket.id}
    assert found[SearchPlace.SEARCH_PAGE].outcome is SearchOutcome.SENT
    assert found[SearchPlace.SEARCH_PAGE].impressions[0].opened_at is not None


@pytest.mark.parametrize("agent", ["Mozilla/5.0 (compatible; Googlebot/2.1)", "YandexBot/3.0", "curl/8.1", ""])
def test_robots_are_not_recorded(client: FlaskClient, article: Article, agent: str) -> None:
    search(client, **{"User-Agent": agent})
    assert db.session.query(SearchSession).count() == 0


def test_what_staff_look_for_is_no_readers_question(client: FlaskClient, article: Article) -> None:
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["signed_in_at"] = make_staff().get_id(), 4e9
    search(client)
    assert db.session.query(SearchSession).count() == 0


def test_a_browser_that_looks_ahead_is_not_recorded(client: FlaskClient, article: Article) -> None:
    search(client, **{"Sec-Purpose": "prefetch"})
    assert db.session.query(SearchSession).count() == 0


def test_one_visitor_cannot_fill_the_log(
    client: FlaskClient, article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limiter, "enabled", True)
    for number in range(65):
        search(client, f"слово{number}")
    assert db.session.query(SearchSession).count() == 60


# While others write


@contextmanager
def others_write() -> Iterator[None]:
    """Another connection holds what the log needs, as an import does for a while."""
    with db.engine.connect() as other, other.begin():  # on SQLite that holds the whole database
        if other.dialect.name == "postgresql":
            other.exec_driver_sql(f"LOCK TABLE {SearchSession.__tablename__} IN EXCLUSIVE MODE")
        yield


@pytest.fixture
def reader(own_app: Flask, at: datetime) -> FlaskClient:
    """A reader who has searched before, of a knowledge base on connections of its own."""
    with own_app.app_context():
        written = kb.save_article(None, title=WORDS, body="Подключите носитель.", by=None, at=at)
        kb.publish(written, by=None, at=at)
        db.session.commit()
        rebuild()
    client = own_app.test_client()
    assert client.get("/kb/", query_string={"q": WORDS}).status_code == 200
    return client


@pytest.mark.parametrize("path", ["/kb/?q=носитель", "/kb/{slug}"])
def test_a_page_does_not_wait_for_those_who_write(
    own_app: Flask, reader: FlaskClient, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    with own_app.app_context():
        path = path.format(slug=db.session.query(Article).one().slug)
        db.session.commit()
        with others_write():
            begun = monotonic()
            answer = reader.get(path)
            took = monotonic() - begun
    assert answer.status_code == 200
    assert WORDS in seen(answer)
    assert took < 3, "it waited for the other's lock"
    assert [record for record in caplog.records if record.levelno > logging.DEBUG and record.exc_info] == []
    assert recorded(own_app) == (1, 0)
    assert reader.get(path).status_code == 200
    assert recorded(own_app) in {(2, 0), (1, 1)}  # and once the other has finished, it is recorded


def recorded(app: Flask) -> tuple[int, int]:
    """How many searches are kept, and how many openings."""
    with app.app_context():
        kept = db.session.query(SearchSession).all()
        return len(kept), len([one for search in kept for one in search.impressions if one.opened_at])


def test_a_failure_of_the_log_is_not_the_readers(
    client: FlaskClient, article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_options: object) -> None:
        raise ValueError("damaged")

    monkeypatch.setattr(operations, "show", fail)
    page = client.get("/kb/", query_string={"q": WORDS})
    assert page.status_code == 200
    assert f'href="/kb/{article.slug}"' in page.text


def test_a_page_that_wrote_reads_again_afterwards_and_waits_as_long_as_ever(own_app: Flask) -> None:
    with own_app.app_context(), database.reading():
        for fails in (False, True):
            with suppress(ZeroDivisionError), database.writing_if_free(db.session):
                assert 1 / (not fails)
            assert database._read_only.get()
            assert database._wait_ms.get() == database.WAIT_MS
        if db.engine.dialect.name == "sqlite":
            assert db.session.execute(text("PRAGMA busy_timeout")).scalar() == database.WAIT_MS
        else:
            assert db.session.execute(text("SHOW lock_timeout")).scalar() == "0"
