"""What a question means, beside what it says: an extra that may be missing, late or damaged; alone it finds nothing."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from flask import Flask

from supportapp.extensions import db
from supportapp.kb import jobs, operations
from supportapp.kb.models import Article
from supportapp.kb.search import meaning, nearness, reading, search, suggest, titles, warm
from supportapp.kb.search.meaning import Vectors
from tests.kb.samples import AT, index_all, make_article
from tests.services import eventually

pytestmark = pytest.mark.usefixtures("session")

BODY = "Подпись документа не проходит проверку на портале."
ASKED = "подпись документа не проходит"


class Model:
    """Means the same: all texts that speak of a second, and everything else."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: list[str]) -> Vectors:
        self.asked += texts
        vectors = np.zeros((len(texts), meaning.DIMENSIONS), np.float32)
        for row, text in enumerate(texts):
            vectors[row, int("втор" in text.lower() or "подпись" in text.lower())] = 1
        return vectors


@pytest.fixture
def turned_on(app: Flask, index_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The setting as it is outside the tests, and a process that has loaded nothing yet."""
    app.extensions["settings"] = dataclasses.replace(app.extensions["settings"], SEMANTIC_SEARCH=True)
    held = SimpleNamespace(encode=None, failed=False, loading=threading.Lock())
    monkeypatch.setattr(meaning, "_held", held)
    monkeypatch.setattr(meaning, "is_installed", lambda: True)
    titles.look_again()
    yield
    eventually(lambda: not held.loading.locked(), "the model is loaded")


@pytest.fixture
def model(turned_on: None, monkeypatch: pytest.MonkeyPatch) -> Model:
    """A model that is loaded."""
    model = Model()
    monkeypatch.setattr(meaning, "_loaded", lambda: model.encode)
    assert meaning.load()
    return model


def two_articles() -> tuple[Article, Article]:
    """Of which the second means what is asked; what they say is the same."""
    both = make_article("Совет первый", body=BODY), make_article("Совет второй", body=BODY)
    index_all()
    return both


def found(asked: str = ASKED) -> list[str]:
    return [hit.title for hit in suggest(asked, "", product_id=None, language="ru")]


def test_an_article_whose_title_means_what_is_asked_comes_up(model: Model) -> None:
    two_articles()
    assert found() == ["Совет второй", "Совет первый"]
    assert [hit.title for hit in search(ASKED, language="ru")] == ["Совет второй", "Совет первый"]


def test_the_setting_turns_it_off(app: Flask, model: Model) -> None:
    two_articles()
    app.extensions["settings"] = dataclasses.replace(app.extensions["settings"], SEMANTIC_SEARCH=False)
    model.asked.clear()
    assert found() == ["Совет первый", "Совет второй"]
    assert jobs.refresh_index() == 0
    assert model.asked == []


def test_both_are_brought_to_one_scale() -> None:
    scores, near = np.array([8, 4, 0], np.float32), np.array([0, 0.5, 0.25], np.float32)
    assert nearness.fused(scores, near, 0.3).tolist() == pytest.approx([8, 4 + 0.3 * 8, 0])
    nothing = np.zeros(3, np.float32)
    assert nearness.fused(scores, nothing, 0.3).tolist() == scores.tolist()
    assert nearness.fused(nothing, near, 0.3).tolist() == nothing.tolist()


def test_meaning_alone_finds_nothing(model: Model) -> None:
    make_article("Совет второй", body="О другом.")
    make_article("Совет первый", body=BODY)
    index_all()
    assert found() == ["Совет первый"]


def test_a_question_that_the_words_refuse_stays_refused(model: Model) -> None:
    two_articles()
    assert found("второй завтрак космонавта остыл документа") == []


def test_an_error_code_is_looked_up_to_the_letter(model: Model) -> None:
    make_article("Ошибка 0x80090016", body=BODY)
    make_article("Совет второй", body=BODY)
    index_all()
    model.asked.clear()
    assert found(f"{ASKED} 0x80090016")[0] == "Ошибка 0x80090016"
    assert model.asked == []


def test_a_word_that_is_being_typed_is_waited_for(model: Model) -> None:
    two_articles()
    model.asked.clear()
    for typed in ("подпись документа п", "подпись документа пр", "подпись документа пров"):
        assert search(typed, language="ru")[0].title == "Совет второй"
    assert model.asked == ["подпись документа "]
    search("подпись документа проверку", language="ru")
    assert model.asked[1:] == ["подпись документа проверку"]


def test_of_a_long_text_the_beginning_is_read(model: Model) -> None:
    two_articles()
    model.asked.clear()
    search(f"{ASKED} {'портал ' * 1_000}", language="ru")
    assert [len(text) for text in model.asked] == [meaning.LONGEST]


def test_while_there_are_no_vectors_the_words_alone_answer(index_dir: Path, model: Model) -> None:
    two_articles()
    (index_dir / titles.NAME).unlink()
    titles.look_again()
    assert found() == ["Совет первый", "Совет второй"]
    jobs.refresh_index()
    assert found() == ["Совет второй", "Совет первый"]


@pytest.mark.parametrize("damage", [lambda whole: b"", lambda whole: whole[:-40], lambda whole: b"\x80" * len(whole)])
def test_damaged_vectors_are_ignored_and_made_anew(
    index_dir: Path, model: Model, damage: Callable[[bytes], bytes]
) -> None:
    two_articles()
    path = index_dir / titles.NAME
    path.write_bytes(damage(path.read_bytes()))
    titles.look_again()
    assert found() == ["Совет первый", "Совет второй"]
    jobs.refresh_index()
    assert found() == ["Совет второй", "Совет первый"]


def test_a_damaged_number_among_the_vectors_is_noticed(model: Model) -> None:
    two_articles()
    stamps = list(titles.read().rows)
    titles.write(stamps, np.full((2, meaning.DIMENSIONS), np.nan, np.float32))
    assert titles.read() is titles.NONE


def test_vectors_of_another_model_are_made_anew(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    two_articles()
    monkeypatch.setattr(meaning, "EDITION", "another")
    titles.look_again()
    assert titles.read() is titles.NONE
    jobs.refresh_index()
    assert len(titles.read().rows) == 2


def test_a_new_title_plays_no_part_before_the_refresh_has_read_it(model: Model) -> None:
    first, second = two_articles()
    model.asked.clear()
    for article, title in ((second, "Совет иной"), (first, "Второй совет")):
        operations.save_article(article, title=title, body=BODY, by=None, at=AT)
        db.session.commit()
        jobs.index_article(article.id)
    assert found() == ["Совет иной", "Второй совет"]
    jobs.refresh_index()
    assert set(model.asked) == {ASKED, "Второй совет", "Совет иной"}
    assert found() == ["Второй совет", "Совет иной"]


def test_a_withdrawn_article_leaves_no_vector(model: Model) -> None:
    first, second = two_articles()
    operations.withdraw(second, by=None, at=AT)
    db.session.commit()
    assert found() == ["Совет первый"]
    jobs.refresh_index()
    assert [stamp.partition(":")[0] for stamp in titles.read().rows] == [str(first.id)]


def test_what_is_known_is_not_read_again(model: Model) -> None:
    two_articles()
    model.asked.clear()
    jobs.reindex()
    jobs.refresh_index()
    assert model.asked == []


def test_without_the_package_nothing_is_written_or_loaded(
    index_dir: Path, turned_on: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meaning, "is_installed", lambda: False)
    monkeypatch.setattr(meaning, "_loaded", lambda: pytest.fail("there is nothing to load"))
    two_articles()
    assert found() == ["Совет первый", "Совет второй"]
    assert not (index_dir / titles.NAME).exists()


def test_a_model_that_cannot_be_loaded_is_given_up_once(turned_on: None, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[int] = []

    def broken() -> meaning.Encode:
        tries.append(1)
        raise ValueError("damaged weights")

    monkeypatch.setattr(meaning, "_loaded", broken)
    two_articles()
    for _ in range(3):
        assert found() == ["Совет первый", "Совет второй"]
        jobs.refresh_index()
    assert tries == [1]


def test_a_model_that_fails_on_the_titles_does_not_fail_the_index(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(texts: list[str]) -> Vectors:
        raise MemoryError

    monkeypatch.setattr(meaning._held, "encode", fails)
    two_articles()
    assert [hit.title for hit in search("второй", language="ru")] == ["Совет второй"]


def test_nobody_waits_for_the_model_and_it_is_loaded_once(turned_on: None, monkeypatch: pytest.MonkeyPatch) -> None:
    model, loads, gate = Model(), [], threading.Event()

    def slow() -> meaning.Encode:
        loads.append(threading.current_thread().name)
        assert gate.wait(10)
        return model.encode

    first, second = make_article("Совет первый", body=BODY), make_article("Совет второй", body=BODY)
    index_all_without_titles(monkeypatch)
    titles.write([stamp_of(first), stamp_of(second)], model.encode(["первый", "второй"]))
    monkeypatch.setattr(meaning, "_loaded", slow)
    for _ in range(3):
        warm()
        assert found() == ["Совет первый", "Совет второй"]
    gate.set()
    eventually(lambda: found() == ["Совет второй", "Совет первый"], "the model plays its part")
    assert loads == ["search-meaning"]


def index_all_without_titles(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(meaning, "is_installed", lambda: False)
        index_all()


def stamp_of(article: Article) -> str:
    reader = reading.newest()
    assert reader is not None
    return reader.stamps()[article.id]


def test_the_package_knows_what_means_the_same(turned_on: None) -> None:
    assert meaning.load()
    told, same, english, other = meaning.encoded(
        ["не могу войти в личный кабинет", "нет доступа к учётной записи", "cannot sign in", "настройка принтера"]
    )
    assert float(told @ told) == pytest.approx(1, abs=1e-3)
    assert min(told @ same, told @ english) > float(told @ other) + 0.1
    again = meaning.vector("не могу войти в личный кабинет")
    assert again is not None
    assert float(again @ told) == pytest.approx(1, abs=1e-3)


def test_the_package_keeps_to_one_core(turned_on: None) -> None:
    from threadpoolctl import threadpool_info

    assert meaning.load()
    assert {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"} == {1}


def test_a_title_that_was_not_read_yet_is_as_near_as_the_others_are() -> None:
    scores, near = np.array([2.0, 2.0, 2.0, 0.0]), np.array([0.2, 0.6, -1.0, -1.0])
    moved = nearness.fused(scores.astype(np.float32), near.astype(np.float32), 0.3)
    assert moved[0] < moved[2] < moved[1]
    assert moved[3] == 0
