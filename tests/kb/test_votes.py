"""One answer a reader."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.kb.models import ArticleVote
from supportapp.kb.votes import find_vote, recent_comments, vote, votes_of
from tests.factories import make_customer
from tests.kb.samples import AT, make_article

pytestmark = pytest.mark.usefixtures("session")


def say(article: Any, helped: bool = True, **changes: Any) -> ArticleVote:
    return vote(article, **{"reader": "a" * 64, "customer": None, "helped": helped, "at": AT, **changes})


def test_a_second_answer_replaces_the_first_and_keeps_its_words() -> None:
    article = make_article()
    say(article, comment=" Коротко\0 ")
    later = say(article, helped=False, at=AT + timedelta(hours=1))
    assert (later.helped, later.comment, later.at) == (False, "Коротко", AT + timedelta(hours=1))
    assert votes_of(article) == (0, 1)
    assert say(article, comment="").comment == ""


def test_votes_are_counted_by_article() -> None:
    article, other = make_article(), make_article("Другая")
    for number in range(3):
        say(article, reader=f"{number}" * 64, helped=number > 0)
    say(other)
    assert votes_of(article) == (2, 1)
    assert votes_of(other) == (1, 0)


def test_who_signs_in_takes_his_vote_along() -> None:
    article, customer = make_article(), make_customer()
    say(article, comment="Мало")
    assert find_vote(article, reader="a" * 64, customer=customer) is not None
    taken = say(article, customer=customer)
    assert (taken.reader, taken.customer_id, taken.comment) == (f"customer:{customer.id}", customer.id, "Мало")
    assert votes_of(article) == (1, 0)


def test_of_a_vote_before_and_one_after_signing_in_the_customers_stays() -> None:
    article, customer = make_article(), make_customer()
    say(article, reader=None, customer=customer, comment="как пользователь")
    say(article, helped=False, comment="как посетитель")
    kept = say(article, customer=customer)
    assert kept.comment == "как пользователь"
    assert votes_of(article) == (1, 0)


def test_another_customer_at_the_same_browser_has_a_vote_of_his_own() -> None:
    article = make_article()
    for customer in (make_customer(), make_customer()):
        say(article, customer=customer)
    assert votes_of(article) == (2, 0)


def test_a_comment_has_a_bound() -> None:
    with pytest.raises(Refused, match="too_long"):
        say(make_article(), comment="я" * 1001)
    assert db.session.query(ArticleVote).count() == 0


@pytest.mark.parametrize("reader", [None, "", "x" * 65, "customer:1"])
def test_nobody_votes_under_a_name_that_is_no_hash(reader: str | None) -> None:
    with pytest.raises(ValueError, match="hash of his cookie"):
        say(make_article(), reader=reader)


def test_the_newest_comments_come_first_and_silent_votes_not_at_all() -> None:
    article = make_article()
    for number, comment in enumerate(("первый", "", "третий")):
        say(article, reader=f"{number}" * 64, comment=comment, at=AT + timedelta(hours=number))
    assert [row.comment for row in recent_comments(10)] == ["третий", "первый"]
    assert [row.article for row in recent_comments(1)] == [article]
