"""Writing articles on the staff screens: the editor, translations, pictures, the day of the next check."""

from __future__ import annotations

import io
import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from supportapp.accounts.models import StaffUser
from supportapp.extensions import db
from supportapp.files.models import StoredFile
from supportapp.kb import operations as kb
from supportapp.kb.models import Article, Topic
from tests.factories import make_product, make_staff
from tests.staff.conftest import SignIn


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 20)) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", size, "navy").save(target, kind)
    return target.getvalue()


def article(title: str = "Токен заблокирован", **changes: Any) -> Article:
    values: dict[str, Any] = {"body": "Старый текст", "by": None, "at": datetime.fromisoformat("2026-11-02T09:00Z")}
    return kb.save_article(None, title=title, **{**values, **changes})


def typed(**changes: Any) -> dict[str, Any]:
    return {"title": "Токен заблокирован", "body": "Новый текст", "language": "ru", "topic": "", **changes}


def field(page: str, name: str) -> str:
    """What stands in a text area or an input of the page."""
    area = re.search(rf'<textarea[^>]*name="{name}"[^>]*>\s*(.*?)</textarea>', page, re.S)
    line = re.search(rf'<input[^>]*name="{name}"[^>]*value="(.*?)"', page)
    found = area or line
    assert found is not None, name
    return found[1].strip()


def test_everything_that_the_form_offers_is_saved(client: FlaskClient, editor: StaffUser) -> None:
    topic, product = Topic(name_ru="Токены", name_en="Tokens"), make_product()
    db.session.add(topic)
    db.session.flush()
    form = typed(
        topic=topic.id,
        products=[product.id],
        phrases="залочился токен",
        review_on="2027-03-01",
        source="https://example.com",
        licence="CC BY 4.0",
        attribution="Автор",
        note="первая",
    )
    answer = client.post("/staff/articles/add", data=form)
    saved = db.session.query(Article).one()
    assert answer.headers["Location"] == f"/staff/articles/show/{saved.id}"
    assert (saved.topic, saved.products, saved.review_on) == (topic, [product], date(2027, 3, 1))
    assert (saved.source, saved.licence, saved.attribution) == ("https://example.com", "CC BY 4.0", "Автор")
    assert [(v.note, v.saved_by) for v in saved.versions] == [("первая", editor)]
    page = client.get(f"/staff/articles/edit/{saved.id}").text
    assert [field(page, n) for n in ("phrases", "review_on", "licence")] == [
        "залочился токен",
        "2027-03-01",
        "CC BY 4.0",
    ]


def test_preview_shows_the_page_beside_the_form_and_saves_nothing(client: FlaskClient, editor: StaffUser) -> None:
    answer = client.post("/staff/articles/add", data=typed(body="**важно**", phrases="слова", act="preview"))
    assert answer.status_code == 200
    assert "<strong>важно</strong>" in answer.text
    assert field(answer.text, "phrases") == "слова"
    assert db.session.query(Article).count() == 0


@pytest.mark.parametrize(
    "wrong", [{"title": ""}, {"body": " "}, {"title": "ж" * 201}, {"review_on": "завтра"}, {"language": "de"},
              {"translation_of": "нет такой"}, {"note": "ж" * 201}]
)  # fmt: skip
def test_a_refused_form_keeps_all_that_was_typed(client: FlaskClient, editor: StaffUser, wrong: dict[str, str]) -> None:
    answer = client.post(
        "/staff/articles/add", data=typed(phrases="набранные слова", **{"body": "Длинный текст", **wrong})
    )
    assert answer.status_code == 422
    assert field(answer.text, "phrases") == "набранные слова"
    assert 'class="help-block error"' in answer.text
    assert db.session.query(Article).count() == 0


def test_who_comes_second_sees_what_the_first_changed_and_keeps_his_text(
    client: FlaskClient, editor: StaffUser, at: datetime
) -> None:
    first = make_staff("Editor", first_name="Ольга", last_name="Первая")
    one = article(body="Общая строка\nСтарый конец")
    page = client.get(f"/staff/articles/edit/{one.id}").text
    seen = {name: field(page, name) for name in ("revision", "seen_version")}
    kb.save_article(one, title=one.title, body="Общая строка\nКонец коллеги", by=first, at=at)
    answer = client.post(f"/staff/articles/edit/{one.id}", data=typed(body="Общая строка\nМой конец", **seen))
    assert answer.status_code == 422
    assert field(answer.text, "body") == "Общая строка\nМой конец"
    assert "Ольга Первая" in answer.text
    assert re.search(r"<del>.*?Старый.*?</del><ins>.*?Конец коллеги|<del>.*?Старый конец", answer.text, re.S)
    assert one.body.endswith("Конец коллеги")
    again = {name: field(answer.text, name) for name in ("revision", "seen_version")}
    client.post(f"/staff/articles/edit/{one.id}", data=typed(body="Общая строка\nОба конца", **again))
    assert one.body == "Общая строка\nОба конца"
    assert [v.body.partition("\n")[2] for v in one.versions] == ["Оба конца", "Конец коллеги", "Старый конец"]


def test_a_translation_begins_with_everything_but_its_words(client: FlaskClient, editor: StaffUser) -> None:
    topic, product = Topic(name_ru="Токены", name_en="Tokens"), make_product()
    db.session.add(topic)
    db.session.flush()
    one = article(topic=topic, products=[product], phrases="залочился")
    assert f"translation_of={one.id}" in client.get(f"/staff/articles/show/{one.id}").text
    page = client.get(f"/staff/articles/add?translation_of={one.id}").text
    assert field(page, "translation_of") == f"{one.id}: Токен заблокирован"
    assert field(page, "phrases") == "залочился"
    assert re.search(r'<option selected value="en">', page)
    form = typed(title="The token is locked", language="en", translation_of=f"{one.id}: Токен заблокирован")
    client.post("/staff/articles/add", data=form)
    other = db.session.query(Article).filter_by(language="en").one()
    assert other.translation_of == one
    for here, there in ((one, other), (other, one)):
        assert f'/staff/articles/show/{there.id}"' in client.get(f"/staff/articles/show/{here.id}").text


@pytest.mark.parametrize("named", ["{id}", "{id}: что угодно", "№ {id}", "{title}", "{slug}", "ТОКЕН ЗАБЛОКИРОВАН"])
def test_an_original_is_named_by_number_title_or_address(client: FlaskClient, editor: StaffUser, named: str) -> None:
    one = article()
    name = named.format(id=one.id, title=one.title, slug=one.slug)
    client.post("/staff/articles/add", data=typed(title="Locked", language="en", translation_of=name))
    assert db.session.query(Article).filter_by(language="en").one().translation_of == one


def test_a_second_translation_into_a_language_is_refused_at_its_field(client: FlaskClient, editor: StaffUser) -> None:
    one = article()
    article("Locked", language="en", translation_of=one)
    answer = client.post("/staff/articles/add", data=typed(language="en", translation_of=str(one.id)))
    assert "Перевод уже есть: Locked." in answer.text


def test_checked_moves_the_next_check_by_the_same_interval(
    client: FlaskClient, editor: StaffUser, at: datetime
) -> None:
    one = article(review_on=date(2026, 11, 12))  # ten days after it was written
    client.post(f"/staff/articles/{one.id}/check")
    assert one.review_on == at.date() + timedelta(days=10)
    assert "проверка: всё верно" in client.get(f"/staff/articles/show/{one.id}").text


def test_the_list_shows_what_is_due_and_finds_it_by_day(client: FlaskClient, editor: StaffUser) -> None:
    article("Пора", review_on=date(2026, 11, 20))
    article("Рано", review_on=date(2027, 5, 1))
    article("Никогда")
    page = client.get("/staff/articles/?_oc_ArticleView=review_on&_od_ArticleView=asc").text
    assert page.index("Пора") < page.index("Рано")
    assert "20.11.2026 — пора проверить" in page
    found = client.get("/staff/articles/?_flt_1_review_on=2026-12-01").text
    assert "Пора" in found
    assert "Рано" not in found
    english = client.get("/staff/articles/?_flt_0_language=en").text
    assert "Пора" not in english


# Pictures


def test_a_picture_is_stored_as_a_new_picture_and_shown_to_staff(client: FlaskClient, editor: StaffUser) -> None:
    answer = client.post("/staff/writing/pictures", data={"file": (io.BytesIO(picture("JPEG")), "фото.jpg")})
    assert answer.status_code == 201
    address = answer.json["address"]  # type: ignore[index]
    stored = db.session.query(StoredFile).one()
    assert address == f"/kb/images/{stored.public_id}"
    assert (stored.content_type, stored.name, stored.attached_at) == ("image/webp", "фото.webp", None)
    shown = client.get(address)
    assert (shown.status_code, shown.mimetype) == (200, "image/webp")


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "a.png", "пуст"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg", "не картинка"),
        (b"\x89PNG\r\n\x1a\nbroken", "a.png", "не картинка"),
        (b"x" * (10 * 1024 * 1024 + 1), "a.png", "10"),
    ],
)
def test_what_is_no_picture_is_refused_with_a_sentence(
    client: FlaskClient, editor: StaffUser, content: bytes, name: str, words: str
) -> None:
    answer = client.post("/staff/writing/pictures", data={"file": (io.BytesIO(content), name)})
    assert answer.status_code == 422
    assert words in answer.json["error"]  # type: ignore[index]
    assert db.session.query(StoredFile).count() == 0


def test_a_form_without_script_takes_pictures_along_whatever_is_pressed(client: FlaskClient, editor: StaffUser) -> None:
    files = [(io.BytesIO(picture()), "раз.png"), (io.BytesIO(b"no picture"), "два.png")]
    answer = client.post("/staff/articles/add", data=typed(act="save", files=files))
    assert "![](/kb/images/" in field(answer.text, "body")
    assert "Файл два.png — не картинка" in answer.text
    assert db.session.query(Article).count() == 0
    client.post("/staff/articles/add", data=typed(body=field(answer.text, "body")))
    assert len(db.session.query(Article).one().images) == 1
    assert "1 картинка без описания" in client.get("/staff/articles/").text


def test_a_picture_that_is_not_there_is_told(client: FlaskClient, editor: StaffUser) -> None:
    one = article(body=f"![окно](/kb/images/{'0' * 32})")
    assert "картинки, которых нет" in client.get(f"/staff/articles/show/{one.id}").text


def test_the_preview_is_safe_and_refuses_what_is_too_long(client: FlaskClient, editor: StaffUser) -> None:
    answer = client.post("/staff/writing/preview", data={"body": "**x** <script>alert(1)</script>"})
    assert "<strong>x</strong>" in answer.json["html"]  # type: ignore[index]
    assert "<script" not in answer.json["html"]  # type: ignore[index]
    assert client.post("/staff/writing/preview", data={"body": "x" * 200_001}).status_code == 422


# Versions


def test_versions_are_listed_compared_and_restored(client: FlaskClient, editor: StaffUser, at: datetime) -> None:
    one = article(body="Красная лиса")
    kb.save_article(one, title="Новое название", body="Синяя лиса", note="перекрасили", by=editor, at=at)
    newest, oldest = one.versions
    page = client.get(f"/staff/articles/{one.id}/versions").text
    for words in ("перекрасили", editor.display_name, "02.11.2026 12:00", "изменение"):
        assert words in page
    compared = client.get(f"/staff/articles/{one.id}/comparison?old={newest.id}&new={oldest.id}").text
    assert re.search(r"<del>.*?Красная.*?</del><ins>.*?Синяя", compared, re.S)
    client.post(f"/staff/articles/{one.id}/versions/{oldest.id}/restoration", data={"revision": str(one.revision)})
    assert (one.title, one.body, len(one.versions)) == ("Токен заблокирован", "Красная лиса", 3)
    assert one.versions[0].note == "02.11.2026 12:00"


def test_a_restoration_that_meets_a_newer_text_is_refused(client: FlaskClient, editor: StaffUser, at: datetime) -> None:
    one = article(body="раз")
    seen = one.revision
    kb.save_article(one, title=one.title, body="два", by=None, at=at)
    oldest = one.versions[-1]
    client.post(f"/staff/articles/{one.id}/versions/{oldest.id}/restoration", data={"revision": str(seen)})
    assert one.body == "два"


@pytest.mark.parametrize("old", ["{theirs}", "abc", "9" * 20, "0", ""])
def test_a_version_of_another_article_is_404(client: FlaskClient, editor: StaffUser, old: str) -> None:
    one, other = article("Одна"), article("Другая")
    named = old.format(theirs=other.versions[0].id)
    assert client.get(f"/staff/articles/{one.id}/comparison?old={named}").status_code == 404
    theirs = f"/staff/articles/{one.id}/versions/{other.versions[0].id}/restoration"
    assert client.post(theirs).status_code == 404


def test_an_engineer_reads_versions_and_changes_nothing(client: FlaskClient, sign_in: SignIn) -> None:
    sign_in("Engineer")
    one = article()
    page = client.get(f"/staff/articles/show/{one.id}").text
    assert client.get(f"/staff/articles/{one.id}/versions").status_code == 200
    for words in ("/edit/", "/publication", "/check", "translation_of="):
        assert words not in page
