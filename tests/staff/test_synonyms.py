"""Synonyms: who writes them, what is refused, and what a phrase asks for besides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from supportapp import clock
from supportapp.accounts.models import StaffUser
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.kb import synonyms
from supportapp.kb.models import SynonymGroup
from supportapp.kb.search.synonyms import look_again, thesaurus
from tests.factories import make_staff

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def save(words: str, group: SynonymGroup | None = None) -> SynonymGroup:
    return synonyms.save_group(group, words, by=make_staff("Editor", username=f"e{len(words)}"), at=NOW)


def refusal(words: str) -> str:
    with pytest.raises(Refused) as refused:
        save(words)
    assert refused.value.field == "words"
    return refused.value.reason


def test_a_group_is_kept_tidy_with_its_author_and_day(session: object) -> None:
    group = save(" Флюгер ,ветряк\n вертушка ")
    assert group.words == "Флюгер, ветряк, вертушка"
    assert group.updated_at == NOW
    assert group.updated_by_id is not None
    assert save("флюгер → вертушка").words == "флюгер -> вертушка"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("флюгер", "too_few"),
        ("флюгер -> ", "too_few"),
        (", ,", "too_few"),
        ("а -> б -> в", "two_arrows"),
        (", ".join(f"слово{n}" for n in range(31)), "too_many"),
        ("флюгер, эта длинная фраза много слов", "too_long"),
        ("флюгер, " + "ш" * 41, "too_long"),
        ("флюгер, для", "says_nothing"),
        ("флюгер, !!!", "says_nothing"),
        ("крутится, не крутится", "one_word"),
        ("сертификаты, сертификат", "same_twice"),
        ("флюгер -> Флюгера", "same_twice"),
    ],
)
def test_what_the_search_would_read_otherwise_is_refused(session: object, words: str, reason: str) -> None:
    assert refusal(words) == reason


def test_the_search_knows_a_group_at_once_and_forgets_a_deleted_one(client: FlaskClient, editor: StaffUser) -> None:
    def known() -> bool:
        look_again()
        return ("вертушк",) in thesaurus().instead_of(("флюгер",))

    assert not known()
    client.post("/staff/synonyms/add", data={"words": "флюгер, ветряк"})
    group = db.session.query(SynonymGroup).one()
    assert not known()
    with clock.frozen(clock.now() + timedelta(seconds=1)):
        client.post(f"/staff/synonyms/edit/{group.id}", data={"words": "флюгер, вертушка"})
    assert known()
    client.post(f"/staff/synonyms/delete/{group.id}")
    assert db.session.query(SynonymGroup).count() == 0
    assert not known()


def test_a_refused_group_stays_in_the_form_with_the_reason(client: FlaskClient, editor: StaffUser) -> None:
    answer = client.post("/staff/synonyms/add", data={"words": "сертификаты, сертификат"})
    assert "«сертификаты» и «сертификат» для поиска — одно и то же." in answer.text
    assert ">\r\nсертификаты, сертификат</textarea>" in answer.text
    assert db.session.query(SynonymGroup).count() == 0


def test_an_engineer_reads_and_does_not_write(client: FlaskClient, engineer: StaffUser) -> None:
    group = save("флюгер, ветряк")
    db.session.commit()
    page = client.get("/staff/synonyms/").text
    assert "флюгер, ветряк" in page
    assert "/staff/synonyms/add" not in page
    assert client.post(f"/staff/synonyms/edit/{group.id}", data={"words": "а, б"}).status_code == 403


def test_a_phrase_shows_what_it_also_asks_for_own_groups_first(client: FlaskClient, engineer: StaffUser) -> None:
    save("винда, форточки")
    save("флюгер -> ветряк")
    db.session.commit()
    page = client.get("/staff/synonyms/shipped?q=обновление винды и флюгер").text
    assert page.index("<b>винда</b>: форточки") < page.index("<b>винда</b>: windows")
    assert "<b>флюгер</b>: ветряк" in page
    assert "<b>ветряк</b>" not in client.get("/staff/synonyms/shipped?q=ветряк").text


def test_the_list_that_ships_is_read_whole_or_by_letters(client: FlaskClient, engineer: StaffUser) -> None:
    whole = client.get("/staff/synonyms/shipped").text
    assert whole.count("<li>") > 900
    assert "Больше ничего: этих слов нет" in client.get("/staff/synonyms/shipped?q=флюгер").text
    assert "рутокен, rutoken" in client.get("/staff/synonyms/shipped?q=РУТОК").text


@pytest.mark.parametrize("phrase", ["<b>", "\0", "a" * 5000, "для", "0x80090016"])
def test_no_phrase_breaks_the_page(client: FlaskClient, engineer: StaffUser, phrase: str) -> None:
    answer = client.get("/staff/synonyms/shipped", query_string={"q": phrase})
    assert answer.status_code in (200, 400)
    assert "<b>» ищет" not in answer.text
