"""What is recorded of a form: what it showed, what was opened, and how it ended."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from supportapp.accounts.models import Customer
from supportapp.extensions import db
from supportapp.kb import operations as kb
from supportapp.kb.learning import jobs, operations, queries
from supportapp.kb.learning.operations import Asking
from supportapp.kb.models import (
    Article,
    ArticleVote,
    Impression,
    SearchOutcome,
    SearchPlace,
    SearchSession,
    SolvedWithoutTicket,
)
from tests.factories import make_customer, make_product, make_ticket
from tests.kb.samples import make_article

LATER = timedelta(minutes=5)


@pytest.fixture
def anna(session: object) -> Customer:
    return make_customer()


def asking(customer: Customer | None, **changes: Any) -> Asking:
    values: dict[str, Any] = {"token": "form-1", "place": SearchPlace.TICKET_FORM, "text": "Токен не виден"}
    return Asking(customer=customer, **{**values, **changes})


def the_session() -> SearchSession:
    db.session.expire_all()
    return db.session.query(SearchSession).one()


def test_what_was_shown_is_kept_with_its_best_place(anna: Customer, at: datetime) -> None:
    first, second = make_article("Первая"), make_article("Вторая")
    assert operations.show(asking(anna), [first.id, second.id], at=at)
    assert operations.show(asking(anna, text="Токен не виден в 1С"), [second.id], at=at + LATER)
    kept = the_session()
    assert {(one.article.title, one.rank) for one in kept.impressions} == {("Первая", 1), ("Вторая", 1)}
    assert (kept.query, kept.outcome, kept.customer_id) == ("Токен не виден в 1С", SearchOutcome.LEFT, anna.id)
    assert (kept.started_at, kept.updated_at) == (at, at + LATER)


def test_the_same_report_twice_is_one(anna: Customer, at: datetime) -> None:
    article = make_article()
    for _twice in range(2):
        operations.show(asking(anna), [article.id, article.id], opened=[article.id], at=at)
    assert db.session.query(Impression).count() == 1


def test_the_first_opening_is_the_one_that_is_kept(anna: Customer, at: datetime) -> None:
    article = make_article()
    operations.show(asking(anna), [article.id], opened=[article.id], at=at)
    operations.show(asking(anna), [article.id], opened=[article.id], at=at + LATER)
    assert the_session().impressions[0].opened_at == at


def test_what_is_not_public_or_does_not_exist_is_left_out(anna: Customer, at: datetime) -> None:
    draft, public = make_article("Черновик", published=False), make_article("Открытая")
    operations.show(asking(anna), [draft.id, 999_999, -1, 2**40, public.id], opened=[draft.id], at=at)
    assert [one.article_id for one in the_session().impressions] == [public.id]


def test_a_foreign_token_records_nothing(anna: Customer, at: datetime) -> None:
    article = make_article()
    operations.show(asking(anna), [article.id], at=at)
    stranger = asking(make_customer(), text="Чужой текст")
    assert not operations.show(stranger, [article.id], opened=[article.id], at=at)
    assert not operations.solve(stranger, article, at=at)
    operations.send(stranger, ticket_id=make_ticket(stranger.customer).id, at=at)
    kept = the_session()
    assert (kept.query, kept.outcome, kept.impressions[0].opened_at) == ("Токен не виден", SearchOutcome.LEFT, None)


@pytest.mark.parametrize("token", ["", "x" * 65, "a\0b"])
def test_a_damaged_token_records_nothing(anna: Customer, at: datetime, token: str) -> None:
    assert not operations.show(asking(anna, token=token), [make_article().id], at=at)
    assert db.session.query(SearchSession).count() == 0


def test_a_session_holds_fifty_articles_and_two_thousand_characters(anna: Customer, at: datetime) -> None:
    articles = [make_article(f"Статья {n}").id for n in range(54)]
    operations.show(asking(anna, text="я" * 9000), articles[:30], at=at)
    operations.show(asking(anna, text="я" * 9000), articles[30:], at=at)
    assert len(the_session().impressions) == operations.MOST_IMPRESSIONS
    assert len(the_session().query) == operations.LONGEST_QUERY


def test_nobody_fills_the_table_by_himself(anna: Customer, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "MOST_SESSIONS_A_DAY", 3)
    article = make_article()
    done = [operations.show(asking(anna, token=f"form-{n}"), [article.id], at=at) for n in range(5)]
    assert done == [True, True, True, False, False]
    assert operations.show(asking(anna, token="tomorrow"), [article.id], at=at + timedelta(days=2))


@pytest.mark.parametrize("number", [None, 0, -5, 999_999, 2**31, 2**70])
def test_a_product_that_does_not_exist_is_none(anna: Customer, at: datetime, number: int | None) -> None:
    operations.show(asking(anna, product_id=number), [make_article().id], at=at)
    assert the_session().product_id is None


def test_the_product_and_the_language_are_kept(anna: Customer, at: datetime) -> None:
    product = make_product()
    operations.show(asking(anna, product_id=product.id, language="en"), [make_article().id], at=at)
    assert (the_session().product_id, the_session().language) == (product.id, "en")


def test_solved_ends_the_form_and_is_counted_once(anna: Customer, at: datetime) -> None:
    article, other = make_article(), make_article("Другая")
    operations.show(asking(anna), [other.id, article.id], at=at)
    assert operations.solve(asking(anna), article, at=at + LATER)
    assert not operations.solve(asking(anna), article, at=at + 2 * LATER)
    kept = the_session()
    [solved] = [one for one in kept.impressions if one.solved_at]
    assert (kept.outcome, solved.article_id, solved.rank) == (SearchOutcome.SOLVED, article.id, 2)
    assert (solved.opened_at, solved.solved_at) == (at + LATER, at + LATER)
    assert db.session.query(SolvedWithoutTicket).count() == 1


def test_solved_without_any_report_before_is_counted_too(anna: Customer, at: datetime) -> None:
    assert operations.solve(asking(anna), make_article(), at=at)
    assert the_session().outcome is SearchOutcome.SOLVED


def test_a_ticket_after_all_takes_the_count_back(anna: Customer, at: datetime) -> None:
    article = make_article()
    operations.solve(asking(anna), article, at=at)
    ticket = make_ticket(anna)
    operations.send(asking(anna), ticket_id=ticket.id, at=at + LATER)
    kept = the_session()
    assert (kept.outcome, kept.ticket_id, kept.impressions[0].solved_at) == (SearchOutcome.SENT, ticket.id, None)
    assert db.session.query(SolvedWithoutTicket).count() == 0
    assert not operations.solve(asking(anna), article, at=at + LATER)


def test_a_late_report_changes_neither_text_nor_outcome(anna: Customer, at: datetime) -> None:
    article = make_article()
    operations.send(asking(anna), ticket_id=make_ticket(anna).id, at=at)
    assert operations.show(asking(anna, text="позже"), [article.id], opened=[article.id], at=at + LATER)
    kept = the_session()
    assert (kept.query, kept.outcome) == ("Токен не виден", SearchOutcome.SENT)
    assert kept.impressions[0].opened_at == at + LATER


def test_a_form_that_was_sent_without_suggestions_is_known_as_well(anna: Customer, at: datetime) -> None:
    operations.send(asking(anna), ticket_id=make_ticket(anna).id, at=at)
    assert (the_session().outcome, the_session().impressions) == (SearchOutcome.SENT, [])


def test_a_search_goes_on_as_a_ticket(anna: Customer, at: datetime) -> None:
    article, ticket = make_article(), make_ticket(anna)
    operations.show(asking(None, token="search", place=SearchPlace.SEARCH_PAGE), [article.id], at=at)
    operations.open_article("search", article, at=at)
    operations.carry_on("search", ticket_id=ticket.id, since=at - timedelta(hours=1), at=at + LATER)
    [seen] = queries.seen_before(ticket.id)
    assert (seen.article, seen.rank, seen.opened_at) == (article, 1, at)


def test_yesterdays_search_has_nothing_to_do_with_the_ticket(anna: Customer, at: datetime) -> None:
    operations.show(asking(None, token="search", place=SearchPlace.SEARCH_PAGE), [make_article().id], at=at)
    tomorrow = at + timedelta(days=1)
    operations.carry_on("search", ticket_id=make_ticket(anna).id, since=tomorrow - timedelta(hours=1), at=tomorrow)
    assert the_session().ticket_id is None


def test_what_was_opened_comes_before_what_was_only_shown(anna: Customer, at: datetime) -> None:
    shown, late, early = (make_article(name) for name in ("Только показана", "Позже", "Раньше"))
    operations.show(asking(anna), [shown.id, late.id, early.id], opened=[early.id], at=at)
    operations.show(asking(anna), [shown.id], opened=[late.id], at=at + LATER)
    ticket = make_ticket(anna)
    operations.send(asking(anna), ticket_id=ticket.id, at=at + LATER)
    assert [one.article.title for one in queries.seen_before(ticket.id)] == ["Раньше", "Позже", "Только показана"]


def test_an_article_sent_by_staff_is_remembered_and_was_not_read_before(anna: Customer, at: datetime) -> None:
    article, ticket = make_article(), make_ticket(anna)
    for _twice in range(2):
        operations.tell(ticket.id, [article.slug, "no-such", "не-адрес"], language="ru", product_id=None, at=at)
    assert queries.told_in_replies(ticket.id) == {article.id}
    assert queries.seen_before(ticket.id) == []
    assert db.session.query(Impression).count() == 1


def test_a_failure_of_the_log_leaves_the_rest_of_the_transaction_alone(anna: Customer, at: datetime) -> None:
    article = make_article()
    with operations.apart():
        db.session.add(Impression(session_id=999_999, article_id=article.id, rank=1, shown_at=None))
        db.session.flush()
    anna.name = "Анна"
    db.session.commit()
    assert db.session.query(Impression).count() == 0
    assert db.session.query(Customer).filter_by(name="Анна").count() == 1


def test_old_sessions_are_forgotten_and_the_tally_stays(anna: Customer, at: datetime) -> None:
    old, article = at - timedelta(days=operations.KEPT_DAYS + 1), make_article()
    operations.solve(asking(anna, token="old"), article, at=old)
    operations.show(asking(anna, token="new"), [article.id], at=at)
    assert jobs.forget_old_sessions() == 1
    assert [one.token for one in db.session.query(SearchSession)] == ["new"]
    assert db.session.query(Impression).count() == 1
    assert db.session.query(SolvedWithoutTicket).count() == 1


def weigh(article: Article) -> float:
    jobs.weigh_articles()
    db.session.refresh(article)
    return article.usefulness


def test_the_job_weighs_votes_and_what_readers_did(anna: Customer, at: datetime) -> None:
    good, bad = make_article("Хорошая"), make_article("Плохая")
    revision = good.revision
    for n in range(6):
        customer = make_customer()
        operations.solve(asking(customer, token=f"good-{n}"), good, at=at)
        operations.show(asking(customer, token=f"bad-{n}"), [bad.id], opened=[bad.id], at=at)
        operations.send(asking(customer, token=f"bad-{n}"), ticket_id=make_ticket(customer).id, at=at)
    assert weigh(good) == pytest.approx(6 / 16, abs=0.001)
    assert weigh(bad) == pytest.approx(-3 / 13, abs=0.001)
    assert good.revision == revision
    assert jobs.weigh_articles() == 0


def test_one_customer_with_a_hundred_forms_decides_nothing(anna: Customer, at: datetime) -> None:
    article = make_article()
    for n in range(20):
        operations.solve(asking(anna, token=f"form-{n}"), article, at=at)
    assert weigh(article) == 0


def test_an_article_that_staff_send_again_and_again_is_useful(at: datetime, session: object) -> None:
    article = make_article()
    for _ticket in range(5):
        operations.tell(make_ticket().id, [article.slug], language="ru", product_id=None, at=at)
    assert weigh(article) > 0.1


def test_what_visitors_say_counts_half(at: datetime, session: object) -> None:
    article = make_article()
    for n in range(4):
        db.session.add(ArticleVote(article_id=article.id, reader=f"visitor-{n}", helped=True, at=at))
    assert weigh(article) == pytest.approx(2 / 12, abs=0.001)


def test_a_withdrawn_article_still_stands_in_the_tickets_story(anna: Customer, at: datetime) -> None:
    article, ticket = make_article(), make_ticket(anna)
    operations.show(asking(anna), [article.id], opened=[article.id], at=at)
    operations.send(asking(anna), ticket_id=ticket.id, at=at)
    kb.withdraw(article, by=None, at=at)
    assert [one.article for one in queries.seen_before(ticket.id)] == [article]
