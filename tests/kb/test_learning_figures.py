"""Figures for editors: weeks, questions asked in vain, and how each article fares."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from supportapp.accounts.models import Customer
from supportapp.extensions import db
from supportapp.kb import operations as kb
from supportapp.kb.learning import figures, operations, questions
from supportapp.kb.learning.operations import Asking
from supportapp.kb.models import Article, ArticleVote, SearchPlace, SearchSession
from tests.factories import make_customer, make_product, make_ticket
from tests.kb.samples import make_article

MOSCOW = ZoneInfo("Europe/Moscow")
DAY = timedelta(days=1)


def ask(token: str, text: str = "Токен не виден", *, by: Customer | None = None, **changes: object) -> Asking:
    return Asking(token, SearchPlace.TICKET_FORM, by or make_customer(), text, **changes)  # type: ignore[arg-type]


def shown(token: str, article: Article, *, at: datetime, end: str = "left", text: str = "Токен не виден") -> None:
    asking = ask(token, text)
    operations.show(asking, [article.id], at=at)
    if end == "solved":
        operations.solve(asking, article, at=at)
    elif end == "sent":
        operations.send(asking, ticket_id=make_ticket(asking.customer).id, at=at)


def test_every_week_of_the_period_has_its_row(session: object, at: datetime) -> None:
    weeks = figures.weeks(since=at - 30 * DAY, until=at, tz=MOSCOW)
    assert [week.begins for week in weeks] == [date(2026, 10, 19) + n * 7 * DAY for n in range(5)]
    assert all(week.rate is None for week in weeks)


def test_a_form_counts_in_the_week_of_the_desks_time_zone(session: object, at: datetime) -> None:
    article = make_article()
    monday = datetime(2026, 11, 16, tzinfo=MOSCOW)
    shown("sunday", article, at=monday - timedelta(seconds=1))
    shown("monday", article, at=monday)
    *_before, last, this = figures.weeks(since=at - 30 * DAY, until=at, tz=MOSCOW)
    assert (last.left, this.left) == (1, 1)


def test_the_rate_is_the_part_of_all_forms_with_suggestions_that_was_solved(session: object, at: datetime) -> None:
    article = make_article()
    for n, end in enumerate(["solved", "sent", "sent", "left"]):
        shown(f"form-{n}", article, at=at, end=end)
    week = figures.total(figures.weeks(since=at - 30 * DAY, until=at, tz=MOSCOW))
    assert (week.shown, week.solved, week.sent, week.left, week.rate) == (4, 1, 2, 1, 0.25)


def test_forms_without_suggestions_and_searches_are_not_counted(session: object, at: datetime) -> None:
    operations.send(ask("form"), ticket_id=make_ticket().id, at=at)
    search = Asking("search", SearchPlace.SEARCH_PAGE, None, "токен")
    operations.show(search, [make_article().id], at=at)
    assert figures.total(figures.weeks(since=at - 7 * DAY, until=at, tz=MOSCOW)).shown == 0


def test_asked_in_vain_are_tickets_and_what_was_left_unopened(session: object, at: datetime) -> None:
    article, before = make_article(), at - DAY
    shown("sent", article, at=before, end="sent", text="Токен не виден после обновления")
    shown("left", article, at=before, text="Токен не виден в системе")
    shown("solved", article, at=before, end="solved", text="Токен не виден, решено")
    operations.show(ask("opened", "Токен не виден, прочитал"), [article.id], opened=[article.id], at=before)
    [question] = questions.unanswered(since=at - 30 * DAY, at=at)
    assert (question.count, question.sent) == (2, 1)
    assert set(question.examples) == {"Токен не виден после обновления", "Токен не виден в системе"}


def test_who_is_still_writing_has_not_asked_in_vain(session: object, at: datetime) -> None:
    shown("now", make_article(), at=at - timedelta(minutes=10))
    assert questions.unanswered(since=at - 30 * DAY, at=at) == []


def test_an_article_that_was_opened_before_the_ticket_did_not_answer(session: object, at: datetime) -> None:
    article, asking = make_article(), ask("form")
    operations.show(asking, [article.id], opened=[article.id], at=at)
    operations.send(asking, ticket_id=make_ticket(asking.customer).id, at=at)
    [question] = questions.unanswered(since=at - DAY, at=at)
    assert question.count == 1


def test_a_question_names_its_products_and_what_engineers_answered(session: object, at: datetime) -> None:
    product, answer = make_product(name="Криптопровайдер"), make_article("Как увидеть токен")
    for n in range(3):
        asking = ask(f"form-{n}", "Токен не виден\nПосле перезагрузки", product_id=product.id)
        ticket = make_ticket(asking.customer)
        operations.send(asking, ticket_id=ticket.id, at=at)
        operations.tell(ticket.id, [answer.slug], language="ru", product_id=product.id, at=at)
    [question] = questions.unanswered(since=at - DAY, at=at)
    assert (question.count, question.products, question.told) == (3, ["Криптопровайдер"], [answer])
    assert (question.title, questions.wording(question.keys)) == ("Токен не виден", ["Токен не виден"])
    assert len(question.tickets) == 3


def test_a_question_says_nothing_of_who_asked(session: object, at: datetime) -> None:
    customer = make_customer(name="Ярополк Зимин", organisation="Заречный мостоотряд", email="zimin@most.example")
    text = "Ошибка 0x80090016 у Ярополка Зимина\nЗаречный мостоотряд, zimin@most.example, +7 921 555-12-34"
    asking = Asking("form", SearchPlace.TICKET_FORM, customer, text)
    operations.send(asking, ticket_id=make_ticket(customer).id, at=at)
    [question] = questions.unanswered(since=at - DAY, at=at)
    shown = "\n".join([*question.examples, *question.words, question.title, *questions.wording(question.keys)])
    assert "Ошибка 0x80090016" in question.title
    assert all(secret not in shown for secret in ("Зимин", "мостоотряд", "zimin@", "555-12-34"))


def test_words_are_found_again_by_keys_and_not_those_of_replies(session: object, at: datetime) -> None:
    article, asking = make_article(), ask("form", "Токен не виден")
    operations.send(asking, ticket_id=make_ticket(asking.customer).id, at=at)
    operations.tell(make_ticket().id, [article.slug], language="ru", product_id=None, at=at)
    kept = [one.id for one in db.session.query(SearchSession)]
    assert questions.wording([0, -1, 10**12, 999_999]) == []
    assert questions.wording(kept) == ["Токен не виден"]


def test_what_was_asked_before_the_period_is_not_looked_at(session: object, at: datetime) -> None:
    shown("old", make_article(), at=at - 40 * DAY, end="sent")
    assert questions.unanswered(since=at - 30 * DAY, at=at) == []


def test_an_articles_record_counts_each_kind_once_a_form(session: object, at: datetime) -> None:
    article, other = make_article("А"), make_article("Б")
    make_article("В", published=False)
    shown("1", article, at=at, end="solved")
    asking = ask("2")
    operations.show(asking, [article.id, other.id], opened=[article.id], at=at)
    operations.send(asking, ticket_id=make_ticket(asking.customer).id, at=at)
    operations.tell(make_ticket().id, [article.slug], language="ru", product_id=None, at=at)
    for n, helped in enumerate([True, False, False]):
        vote = ArticleVote(article_id=article.id, reader=f"r{n}", helped=helped, at=at, comment="" if helped else "Нет")
        db.session.add(vote)
    db.session.flush()
    first, second = figures.records(since=at - DAY)
    assert (first.article, first.yes, first.no, first.shown, first.opened) == (article, 1, 2, 2, 2)
    assert (first.solved, first.sent, first.told) == (1, 1, 1)
    assert (second.article, second.shown, second.opened, second.votes) == (other, 1, 0, 0)
    assert {vote.comment for vote in figures.comments([article.id], since=at - DAY)} == {"Нет"}


def test_one_visitor_with_many_votes_is_outweighed_by_customers(session: object, at: datetime) -> None:
    loved, played = make_article("А"), make_article("Б")
    for n in range(5):
        kept = ArticleVote(article_id=loved.id, reader=f"c{n}", customer_id=make_customer().id, helped=True, at=at)
        db.session.add(kept)
    for n in range(200):
        db.session.add(ArticleVote(article_id=played.id, reader=f"v{n}", helped=True, at=at))
        db.session.add(ArticleVote(article_id=loved.id, reader=f"v{n}", helped=False, at=at))
    first, second = figures.records(since=at - DAY)
    assert (first.yes, first.no, second.yes) == (5, 200, 200)
    assert first.good > first.bad
    assert second.good <= 3


def test_one_customer_who_says_solved_in_many_forms_is_one(session: object, at: datetime) -> None:
    article, customer = make_article(), make_customer()
    for n in range(9):
        operations.solve(ask(f"form-{n}", by=customer), article, at=at)
    [record] = figures.records(since=at - DAY)
    assert (record.solved, record.solvers, record.good) == (9, 1, 1)


def test_a_withdrawn_article_has_no_record(session: object, at: datetime) -> None:
    article = make_article()
    kb.withdraw(article, by=None, at=at)
    assert figures.records(since=at - DAY) == []
