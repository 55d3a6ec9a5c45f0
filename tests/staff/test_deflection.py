"""«База знаний: польза»: figures, questions without an article, votes, reviews."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient

from supportapp.accounts.models import StaffUser
from supportapp.extensions import db
from supportapp.kb.learning import operations
from supportapp.kb.learning.figures import Week
from supportapp.kb.learning.operations import Asking
from supportapp.kb.models import Article, ArticleVote, SearchPlace
from supportapp.staff.picture import BARS_BOTTOM, BARS_TOP, RATE_BOTTOM, RATE_TOP, draw
from tests.factories import make_customer, make_ticket
from tests.kb.samples import make_article
from tests.portal.people import seen
from tests.staff.conftest import SignIn

DAY = timedelta(days=1)


def asked_in_vain(text: str, *, at: datetime, times: int = 1) -> None:
    for n in range(times):
        customer = make_customer()
        asking = Asking(f"{text[:20]}-{n}", SearchPlace.TICKET_FORM, customer, text)
        operations.send(asking, ticket_id=make_ticket(customer).id, at=at)


def form(article: Article, token: str, end: str, *, at: datetime) -> None:
    asking = Asking(token, SearchPlace.TICKET_FORM, make_customer(), "Токен не виден")
    operations.show(asking, [article.id], at=at)
    if end == "solved":
        operations.solve(asking, article, at=at)
    if end == "sent":
        operations.send(asking, ticket_id=make_ticket(asking.customer).id, at=at)


def page(client: FlaskClient, **arguments: str) -> str:
    answer = client.get("/staff/knowledge-use/", query_string=arguments)
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize("role", ["Engineer", "Editor", "Manager", "Admin"])
def test_every_role_reads_it_while_nothing_is_known(client: FlaskClient, sign_in: SignIn, role: str) -> None:
    sign_in(role)
    text = page(client)
    assert "За этот период не начато ни одной формы с подсказками." in text
    assert "За этот период никто не спрашивал напрасно." in text


def test_the_rate_stands_in_words_picture_and_table(client: FlaskClient, manager: StaffUser, at: datetime) -> None:
    article = make_article()
    for n, end in enumerate(["solved", "sent", "left", "left"]):
        form(article, f"form-{n}", end, at=at)
    text = page(client)
    assert "<b>25 %</b>" in text
    assert "кто просто ушёл из формы, не считается" in seen(client.get("/staff/knowledge-use/")).lower()
    assert '<svg viewBox="0 0 920 330" role="img"' in text
    row = text[text.index("пн 16.11.2026</th>") :].partition("</tr>")[0]
    assert re.findall(r">([^<>]+)</td>", row) == ["4", "1", "1", "2", "25 %"]


def test_the_picture_asks_no_other_host_and_has_no_script_or_style_of_its_own(
    client: FlaskClient, manager: StaffUser, at: datetime
) -> None:
    form(make_article(), "form", "solved", at=at)
    picture = page(client).partition("<figure")[2].partition("</figure>")[0]
    assert "http" not in picture.replace("http://www.w3.org/2000/svg", "")
    assert "<script" not in picture
    assert "style" not in picture


def test_questions_stand_by_their_number_with_their_texts(client: FlaskClient, editor: StaffUser, at: datetime) -> None:
    asked_in_vain("Плагин не виден в хроме", at=at, times=3)
    asked_in_vain("Пропал звук <script>alert(1)</script>", at=at)
    text = page(client)
    assert text.index("Плагин не виден в хроме") < text.index("Пропал звук")
    assert "<script>alert(1)" not in text
    assert "3 обращения" in text


def test_an_editor_begins_an_article_with_the_customers_words(
    client: FlaskClient, editor: StaffUser, at: datetime
) -> None:
    asked_in_vain("Плагин не виден\nпосле обновления", at=at)
    link = re.search(r'href="(/staff/articles/add[^"]*)"', page(client).partition('id="questions"')[2])
    assert link
    assert re.fullmatch(r"/staff/articles/add\?asked=\d+", link[1]), "a server's log would keep the words"
    form = client.get(unescape(link[1])).text
    assert re.search(r'<input[^>]* name="title"[^>]* value="Плагин не виден"', form)
    assert re.search(r'<textarea[^>]* name="phrases"[^>]*>\s*Плагин не виден\s*</textarea>', form)


def test_names_and_numbers_of_customers_stand_neither_here_nor_in_the_draft(
    client: FlaskClient, editor: StaffUser, at: datetime
) -> None:
    customer = make_customer(name="Ярополк Зимин")
    asking = Asking("form", SearchPlace.TICKET_FORM, customer, "Плагин не виден у Зимина, zimin@most.example")
    operations.send(asking, ticket_id=make_ticket(customer).id, at=at)
    text = page(client)
    link = re.search(r'href="(/staff/articles/add[^"]*)"', text.partition('id="questions"')[2])
    assert link
    draft = client.get(unescape(link[1])).text
    assert "Плагин не виден" in text
    assert "Плагин не виден" in draft
    assert all(secret not in text + draft for secret in ("Зимин", "zimin@most"))


@pytest.mark.parametrize("asked", ["", "x", "0", "1.2.3", "9" * 90, ".", "²", "-1"])
def test_whatever_an_address_asks_for_the_editor_opens(client: FlaskClient, editor: StaffUser, asked: str) -> None:
    assert client.get("/staff/articles/add", query_string={"asked": asked}).status_code == 200


def test_who_may_not_write_articles_is_not_offered_to(client: FlaskClient, manager: StaffUser, at: datetime) -> None:
    asked_in_vain("Плагин не виден", at=at)
    assert "/staff/articles/add" not in page(client).partition('id="questions"')[2]


def test_what_engineers_answered_with_is_named(client: FlaskClient, manager: StaffUser, at: datetime) -> None:
    article, customer = make_article("Как увидеть плагин"), make_customer()
    ticket = make_ticket(customer)
    asking = Asking("form", SearchPlace.TICKET_FORM, customer, "Плагин не виден")
    operations.send(asking, ticket_id=ticket.id, at=at)
    operations.tell(ticket.id, [article.slug], language="ru", product_id=None, at=at)
    assert "Инженеры ответили статьёй: Как увидеть плагин" in seen(client.get("/staff/knowledge-use/"))


def test_the_best_and_the_worst_stand_with_their_comments(
    client: FlaskClient, manager: StaffUser, at: datetime
) -> None:
    good, bad = make_article("Хорошая статья"), make_article("Плохая статья")
    for n in range(3):
        db.session.add(ArticleVote(article_id=good.id, reader=f"g{n}", helped=True, at=at))
        db.session.add(ArticleVote(article_id=bad.id, reader=f"b{n}", helped=False, comment=f"Не то {n}", at=at))
    text = seen(client.get("/staff/knowledge-use/"))
    best, worst = text.index("Самые полезные"), text.index("Наименее полезные")
    assert best < text.index("Хорошая статья") < worst < text.index("Плохая статья") < text.index("Не то 2")


def test_a_single_angry_vote_makes_no_article_the_worst_of_many(
    client: FlaskClient, manager: StaffUser, at: datetime
) -> None:
    loved = make_article("Любимая статья")
    for n in range(9):
        db.session.add(ArticleVote(article_id=loved.id, reader=f"r{n}", helped=n != 0, at=at))
    assert "Наименее полезные" not in page(client)


def test_what_is_due_and_what_was_never_opened_is_listed(client: FlaskClient, manager: StaffUser, at: datetime) -> None:
    due, lonely, fresh = make_article("Пора проверить её"), make_article("Одинокая"), make_article("Свежая")
    due.review_on = date(2026, 11, 1)
    for article in (due, lonely):
        article.published_at = at - 60 * DAY
    fresh.published_at = at - DAY
    form(lonely, "form", "left", at=at)
    text = seen(client.get("/staff/knowledge-use/"))
    assert "Пора проверить её проверить после" in text
    assert "Одинокая предложена 1 раз" in text
    assert "Свежая" not in text


@pytest.mark.parametrize(("asked", "chosen"), [("30", "30"), ("365", "365"), ("", "90"), ("x", "90"), ("9" * 30, "90")])
def test_the_period_is_one_of_three(client: FlaskClient, manager: StaffUser, asked: str, chosen: str) -> None:
    assert f'href="/staff/knowledge-use/?days={chosen}" aria-current="page"' in page(client, days=asked)


def test_a_bar_is_as_high_as_its_number_and_the_rate_as_its_part() -> None:
    weeks = [Week(date(2026, 11, 2), solved=4, sent=0, left=0), Week(date(2026, 11, 9)), Week(date(2026, 11, 16), 1, 1)]
    picture = draw(weeks)
    first = picture.bars[0]
    assert (first.kind, first.y, first.height) == ("solved", BARS_TOP, BARS_BOTTOM - BARS_TOP)
    assert [bar.kind for bar in picture.bars] == ["solved", "solved", "sent"]
    assert [y for _x, y in picture.dots] == [RATE_TOP, (RATE_TOP + RATE_BOTTOM) / 2]
    assert picture.lines == []  # a week without a form lies between them


def test_a_year_of_weeks_keeps_inside_the_picture() -> None:
    monday = date(2025, 11, 17)
    picture = draw([Week(monday + n * 7 * DAY, solved=n * 37, sent=n * 91, left=n) for n in range(53)])
    assert all(bar.x >= 46 and bar.x + bar.width <= 912 and bar.y >= BARS_TOP for bar in picture.bars)
    assert len(picture.days) <= 14
    assert len(picture.lines) == 1
