"""Reports of one form that arrive at the same moment, on connections of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable

from flask import Flask

from supportapp.accounts.models import Customer
from supportapp.extensions import db
from supportapp.kb.learning import operations
from supportapp.kb.learning.operations import Asking
from supportapp.kb.models import Article, Impression, SearchOutcome, SearchPlace, SearchSession, SolvedWithoutTicket
from supportapp.tickets.models import Ticket
from tests.conftest import NOON
from tests.factories import make_customer, make_ticket
from tests.kb.samples import make_article

ROUNDS = 5
AT_ONCE = 6


def at_once(app: Flask, act: Callable[[int], object], times: int = AT_ONCE) -> list[object]:
    """Do it ``times`` at the same moment, each in a thread and a transaction of its own; what each said."""
    start = threading.Barrier(times)
    said: list[object] = [None] * times

    def run(number: int) -> None:
        with app.app_context():
            start.wait()
            with operations.apart():
                said[number] = act(number)
            db.session.commit()

    threads = [threading.Thread(target=run, args=[number]) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return said


def people_and_articles(app: Flask) -> tuple[int, list[int]]:
    with app.app_context():
        customer, articles = make_customer(), [make_article(f"Статья {n}") for n in range(5)]
        db.session.commit()
        return customer.id, [article.id for article in articles]


def asking(token: str, customer: int) -> Asking:
    return Asking(token, SearchPlace.TICKET_FORM, db.session.get(Customer, customer), "Токен не виден")


def test_one_form_is_one_session_however_many_report_it(own_app: Flask) -> None:
    customer, articles = people_and_articles(own_app)
    for turn in range(ROUNDS):

        def report(number: int, token: str = f"form-{turn}") -> bool:
            shown = articles[number % 5 :] + articles[: number % 5]
            return operations.show(asking(token, customer), shown, opened=[articles[0]], at=NOON)

        assert at_once(own_app, report) == [True] * AT_ONCE
        with own_app.app_context():
            session = db.session.query(SearchSession).filter_by(token=f"form-{turn}").one()
            assert sorted(one.article_id for one in session.impressions) == articles
            assert {one.rank for one in session.impressions} == {1}


def test_two_clicks_on_solved_count_once(own_app: Flask) -> None:
    customer, [article, *_others] = people_and_articles(own_app)

    def solve(_number: int) -> bool:
        found = db.session.get(Article, article)
        assert found is not None
        return operations.solve(asking("form", customer), found, at=NOON)

    assert sorted(map(bool, at_once(own_app, solve))) == [False] * (AT_ONCE - 1) + [True]
    with own_app.app_context():
        assert db.session.query(SolvedWithoutTicket).count() == 1


def test_solved_and_sent_at_once_never_count_a_ticket_as_spared(own_app: Flask) -> None:
    customer, [article, *_others] = people_and_articles(own_app)
    for turn in range(ROUNDS):
        with own_app.app_context():
            ticket: Ticket = make_ticket(db.session.get(Customer, customer))
            db.session.commit()
            key = ticket.id

        def act(number: int, token: str = f"form-{turn}", ticket_id: int = key) -> None:
            found = db.session.get(Article, article)
            assert found is not None
            if number % 2:
                operations.solve(asking(token, customer), found, at=NOON)
            else:
                operations.send(asking(token, customer), ticket_id=ticket_id, at=NOON)

        at_once(own_app, act)
        with own_app.app_context():
            session = db.session.query(SearchSession).filter_by(token=f"form-{turn}").one()
            assert (session.outcome, session.ticket_id) == (SearchOutcome.SENT, key)
            assert db.session.query(SolvedWithoutTicket).count() == 0
            assert db.session.query(Impression).filter(Impression.solved_at.is_not(None)).count() == 0
