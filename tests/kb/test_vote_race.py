"""Two clicks at once, on connections of their own, are one vote."""

from __future__ import annotations

import threading

import pytest
from flask import Flask

from supportapp.accounts.models import Customer
from supportapp.extensions import db
from supportapp.kb.models import Article, ArticleVote
from supportapp.kb.votes import vote
from tests.factories import make_customer
from tests.kb.samples import AT, make_article

ROUNDS = 5


@pytest.mark.parametrize("voted_before", [False, True])
def test_two_clicks_are_one_vote(own_app: Flask, voted_before: bool) -> None:
    with own_app.app_context():
        customer = make_customer()
        db.session.commit()
        customer_id = customer.id
    for number in range(ROUNDS):
        with own_app.app_context():
            article = make_article(f"Статья {number}")
            if voted_before:
                vote(article, reader="a" * 64, customer=None, helped=False, at=AT)
            db.session.commit()
            article_id = article.id
        assert click_twice(own_app, article_id, customer_id) == []
        with own_app.app_context():
            rows = db.session.query(ArticleVote).filter_by(article_id=article_id).all()
            assert [(row.customer_id, row.helped) for row in rows] == [(customer_id, True)]


def click_twice(app: Flask, article_id: int, customer_id: int) -> list[Exception]:
    """What went wrong."""
    start, failed = threading.Barrier(2), list[Exception]()

    def click() -> None:
        with app.app_context():
            start.wait()
            try:
                article = db.session.get_one(Article, article_id)
                customer = db.session.get_one(Customer, customer_id)
                vote(article, reader="a" * 64, customer=customer, helped=True, at=AT)
                db.session.commit()
            except Exception as error:
                failed.append(error)

    threads = [threading.Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return failed
