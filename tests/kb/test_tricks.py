"""Each trick of the search, as a sentence, on a knowledge base of a few articles."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from supportapp.extensions import db
from supportapp.kb.models import Article
from supportapp.kb.search import search, suggest, synonyms
from supportapp.kb.search.desk import MOST_UNDERSTOOD, desk_for
from supportapp.kb.search.extracts import extract, marked
from supportapp.kb.search.grams import grams
from supportapp.kb.search.hits import hits
from supportapp.kb.search.lexicon import MOST_MEANT, Lexicon, in_cyrillic, sound
from supportapp.kb.search.question import MOST_KNOWN, MOST_UNKNOWN, Question, understand
from supportapp.kb.search.reading import current
from supportapp.kb.search.spelling import distance, in_right_layout, mended
from supportapp.kb.search.stems import stem
from supportapp.kb.search.thesaurus import Thesaurus
from supportapp.kb.search.tuning import TUNING
from supportapp.kb.search.words import keys
from supportapp.kb.synonyms import save_group
from tests.factories import make_product, make_staff
from tests.kb.samples import AT, index_all, make_article

WORDS = "забыть пароль контейнер учётная запись рутокен определяется сертификат пин код license cpconfig rutoken сервер"


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon(dict.fromkeys(keys(WORDS), 3), size=100)


def asked(subject: str, text: str = "", *, lexicon: Lexicon, lines: tuple[str, ...] = ()) -> Question:
    return understand(subject, text, lexicon=lexicon, thesaurus=Thesaurus(lines), tuning=TUNING)


def ways(question: Question, key: str) -> dict[str, float]:
    """In which ways the thing that ``key`` speaks of may be said."""
    found = next(concept.ways for concept in question.concepts if (key,) in concept.ways)
    return {" ".join(way): factor for way, factor in found.items()}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("gfhjkm rjyntqythf", "пароль контейнера"),
        ("ыгвщ сзсщташп", "ыгвщ cpconfig"),
        ("pf,snm gfhjkm", "забыть пароль"),
        ("rutoken license", "rutoken license"),
        ("пароль", "пароль"),
        ("qwerty", "qwerty"),
    ],
)
def test_a_chunk_in_the_wrong_layout_is_repaired_when_only_the_other_makes_sense(
    lexicon: Lexicon, typed: str, meant: str
) -> None:
    assert in_right_layout(typed, lexicon) == meant


def test_a_comma_at_the_end_of_a_chunk_may_be_a_comma_or_a_letter(lexicon: Lexicon) -> None:
    assert in_right_layout("gfhjkm, rjyntqyth", lexicon) == "пароль, контейнер"


@pytest.mark.parametrize(
    ("word", "meant"), [("пороль", "парол"), ("контейнра", "контейнер"), ("сертефикат", "сертификат")]
)
def test_a_typo_in_a_word_that_nobody_knows_is_repaired(lexicon: Lexicon, word: str, meant: str) -> None:
    assert (meant,) in mended(word, keys(word)[0], lexicon)


def test_a_word_of_the_dictionary_is_no_typo(lexicon: Lexicon) -> None:
    assert mended("кодекс", keys("кодекс")[0], lexicon) == []


def test_a_word_of_the_index_is_no_typo(lexicon: Lexicon) -> None:
    assert ways(asked("рутокен пароль", lexicon=lexicon), "парол") == {"парол": 1.0}


def test_two_words_run_together_are_taken_apart(lexicon: Lexicon) -> None:
    assert mended("пинкод", "пинкод", lexicon) == [("пин", "код")]


@pytest.mark.parametrize("word", ["opredelyaetsya", "parol", "konteyner"])
def test_russian_in_latin_letters_is_understood(lexicon: Lexicon, word: str) -> None:
    assert mended(word, keys(word)[0], lexicon)[0][0] in keys("определяется пароль контейнер")


def test_a_name_is_found_in_both_scripts_by_its_sound(lexicon: Lexicon) -> None:
    assert ways(asked("рутокен молчит", lexicon=lexicon), "рутокен") == {"рутокен": 1.0, "rutoken": TUNING.sound}
    assert sound("cryptopro") == sound("криптопро")
    assert sound("tsp") == sound("тсп")
    assert in_cyrillic("shifrovanie") == "шифрование"


@pytest.mark.parametrize(
    ("one", "other", "steps"),
    [("токен", "токен", 0), ("токен", "тоекн", 1), ("токен", "токены", 1), ("ключ", "лицо", 2)],
)
def test_neighbours_that_changed_places_are_one_step(one: str, other: str, steps: int) -> None:
    assert distance(one, other, 1) == min(steps, 2)


def test_synonyms_are_asked_for_too_and_weigh_less(lexicon: Lexicon) -> None:
    question = asked("винда тормозит", lexicon=lexicon, lines=("винда, windows",))
    assert ways(question, "винд") == {"винд": 1.0, "window": TUNING.synonyms}


def test_a_rule_with_an_arrow_works_one_way(lexicon: Lexicon) -> None:
    lines = ("флешка -> носитель",)
    assert "носител" in ways(asked("флешка молчит", lexicon=lexicon, lines=lines), "флешк")
    assert ways(asked("носитель молчит", lexicon=lexicon, lines=lines), "носител") == {"носител": 1.0}


def test_a_phrase_stands_for_its_abbreviation_and_the_other_way_round(lexicon: Lexicon) -> None:
    lines = ("удостоверяющий центр, УЦ",)
    assert "уц" in ways(asked("наш удостоверяющий центр", lexicon=lexicon, lines=lines), "уц")
    assert "удостоверя центр" in ways(asked("наш УЦ закрыт", lexicon=lexicon, lines=lines), "уц")


def test_what_is_being_typed_is_completed_and_what_is_finished_is_not(lexicon: Lexicon) -> None:
    assert "сертификат" in ways(asked("новый серт", lexicon=lexicon), "серт")
    assert "сертификат" not in ways(asked("новый серт ", lexicon=lexicon), "серт")


def test_a_code_weighs_more_and_a_bare_number_less_than_a_word(lexicon: Lexicon) -> None:
    weight = {
        key: concept.weight
        for concept in asked("сервер 0x80090016 2024", lexicon=lexicon).concepts
        for (key,) in concept.ways
    }
    assert weight["0x80090016"] > weight["сервер"] > weight["2024"]


def test_the_rare_name_of_a_program_says_enough_alone(lexicon: Lexicon) -> None:
    rare = Lexicon({"cspclean": 1, "пароль": 50}, size=100)
    assert asked("cspclean", lexicon=rare).says_enough
    assert not asked("пароль", lexicon=rare).says_enough
    assert not asked("qwertyasdf", lexicon=rare).says_enough


def test_of_a_long_text_a_bounded_number_of_things_is_asked(lexicon: Lexicon) -> None:
    long = " ".join(f"слово{number}" for number in range(200_000))
    assert len(asked("сервер", long, lexicon=lexicon).concepts) <= MOST_KNOWN + MOST_UNKNOWN


def test_a_word_that_came_after_the_words_were_collected_is_known_at_once(lexicon: Lexicon) -> None:
    assert in_right_layout("rdfynjctqa", lexicon.at(lambda key: 0)) == "rdfynjctqa"
    assert in_right_layout("rdfynjctqa", lexicon.at(lambda key: 2 * (key == "квантосейф"))) == "квантосейф"
    assert asked("quantosafe", lexicon=lexicon.at(lambda key: 1 * (key == "quantosaf"))).says_enough


def test_pieces_of_words_forgive_endings() -> None:
    assert grams("Ключи") == ["_клю", "ключ", "лючи", "ючи_"]
    assert len(set(grams("подписание")) & set(grams("подписать"))) >= 4


def suggested(subject: str, **tuning: float) -> list[str]:
    found = suggest(subject, "", product_id=None, language="ru", tuning=replace(TUNING, **tuning))
    return [hit.title for hit in found]


def test_pieces_of_words_are_a_second_opinion_where_stems_differ(session: None) -> None:
    for title in ("Плагин: отключение", "Плагин: переустановка"):
        make_article(title, body="Закройте браузер и начните сначала.")
    index_all()
    by_stems = {"typos": 0, "fit": 0, "told": 0}
    assert suggested("переустановщик плагина", grams=0, **by_stems)[0] == "Плагин: отключение"
    assert suggested("переустановщик плагина", **by_stems)[0] == "Плагин: переустановка"


def test_a_word_in_the_title_says_more_than_in_the_text(session: None) -> None:
    make_article("Сервер и события", body="Что пишет в журнал служба обновлений.")
    make_article("Сервер и журнал", body="Что пишет про события служба обновлений.")
    index_all()
    by_weight = {"covered": 0, "grams": 0}
    assert suggested("журнал службы", title=1, **by_weight)[0] == "Сервер и события"
    assert suggested("журнал службы", **by_weight)[0] == "Сервер и журнал"


def test_of_all_that_is_asked_the_most_telling_things_count(session: None) -> None:
    for number in range(5):
        make_article(f"Сервер номер {number}", body="Про сервер и службу.")
    make_article("Штамп времени", body="Штамп ставит служба.")
    index_all()
    asked = "на сервере служба забыла про штамп"
    assert suggested(asked, concepts=1, grams=0, fit=0, told=0) == ["Штамп времени"]
    assert len(suggested(asked, grams=0, fit=0, told=0, tail=0)) > 1


def test_the_last_places_are_left_empty_rather_than_filled_with_what_hardly_fits(session: None) -> None:
    make_article("Как сменить ПИН-код токена", body="Откройте панель управления токеном и смените ПИН-код.")
    for number in range(6):
        make_article(f"Журнал событий сервера {number}", body="Сервер пишет журнал. Токен упомянут вскользь.")
    index_all()
    assert [hit.title for hit in suggest("сменить пин-код токена", "", product_id=None, language="ru")] == [
        "Как сменить ПИН-код токена"
    ]


def test_an_article_whose_whole_title_is_asked_for_comes_first(session: None) -> None:
    make_article("Копирование контейнера на токен при переносе рабочего места", body="Контейнер, токен. " * 3)
    make_article("Копирование контейнера", body="Контейнер, токен. " * 3)
    index_all()
    assert search("копирование контейнера", language="ru")[0].title == "Копирование контейнера"


def test_what_readers_taught_moves_an_article_by_a_twentieth_at_most(session: None) -> None:
    liked, better = make_article("Ошибка подписи"), make_article("Подпись не проверяется")
    liked.usefulness = 1.0
    db.session.flush()
    for score, first in ((1.04, liked), (1.06, better)):
        found = hits(
            [(better.id, score), (liked.id, 1.0)], marks=(), language="ru", usefulness=TUNING.usefulness, limit=2
        )
        assert found[0].article_id == first.id


def test_of_an_article_and_its_translation_the_reader_sees_the_one_in_his_language(session: None) -> None:
    russian = make_article("Токен заблокирован 0x8010006C", body="Разблокируйте токен.")
    english = make_article("Token locked 0x8010006C", body="Unlock the token.", language="en")
    english.translation_of = russian
    db.session.flush()
    index_all()
    assert [hit.title for hit in suggest("0x8010006c", "", product_id=None, language="en")] == [english.title]
    assert [hit.title for hit in suggest("0x8010006c", "", product_id=None, language="ru")] == [russian.title]


def test_what_an_editor_adds_to_the_synonyms_works_without_a_new_index(session: None) -> None:
    make_article("Считыватель не отвечает", body="Переподключите считыватель смарт-карт.")
    index_all()
    assert search("гзюкфо", language="ru") == []
    save_group(None, "гзюкфо, считыватель", by=make_staff("Editor"), at=AT)
    synonyms.look_again()
    assert [hit.title for hit in search("гзюкфо", language="ru")] == ["Считыватель не отвечает"]


def test_nothing_is_suggested_when_the_best_article_leaves_most_of_the_question_unsaid(session: None) -> None:
    make_article("Печать журнала событий", body="Как распечатать журнал.")
    for number in range(8):
        make_article(f"Сертификат номер {number}", body="Выпуск, отзыв и замена сертификата.")
    index_all()
    asked = "не печатает принтер лазерный картридж заменён барабан мигает лампочка бумага застряла"
    assert suggest(asked, "", product_id=None, language="ru") == []
    assert suggest("печать журнала событий", "", product_id=None, language="ru")


def test_every_trick_can_be_turned_off_to_be_measured(session: None) -> None:
    make_article("Забыт пароль контейнера", body="Пароль контейнера восстановить нельзя.")
    index_all()
    typed = {"subject": "pf,sk gfhjkm rjyntqythf", "text": "", "product_id": None, "language": "ru"}
    assert suggest(**typed)  # type: ignore[arg-type]
    assert suggest(**typed, tuning=replace(TUNING, layout=0)) == []  # type: ignore[arg-type]


def test_the_product_lifts_its_articles_and_hides_no_other(session: None) -> None:
    product = make_product()
    foreign, own = (make_article("Ошибка входа в систему", products=products) for products in ([], [product]))
    index_all()
    found = [hit.article_id for hit in suggest("ошибка входа в систему", "", product_id=product.id, language="ru")]
    assert found == [own.id, foreign.id]


def test_a_heading_is_told_from_the_text_below_it() -> None:
    shown = extract("Причина\nКлюч удалён.\nЧто делать\nВерните ключ.", {"ключ"})
    assert shown == Markup("Причина · <mark>Ключ</mark> удалён. Что делать · Верните <mark>ключ</mark>.")


def test_marks_are_safe_html() -> None:
    assert marked("<b> ключ & замок", {"ключ"}) == Markup("&lt;b&gt; <mark>ключ</mark> &amp; замок")


def test_an_article_in_the_database_is_what_a_hit_shows(session: None) -> None:
    article: Article = make_article("Ключ на токене", body="Где лежит ключ.")
    index_all()
    (hit,) = search("ключ", language="ru")
    assert (hit.article_id, hit.slug, hit.title) == (article.id, article.slug, article.title)
    assert hit.heading == Markup("<mark>Ключ</mark> на токене")


@given(st.text("абв", max_size=8), st.text("абв", max_size=8), st.sampled_from([1, 2]))
def test_what_two_words_have_in_common_at_their_ends_costs_no_step(one: str, other: str, limit: int) -> None:
    assert distance(f"при{one}ка", f"при{other}ка", limit) == distance(one, other, limit)


def test_a_word_with_a_typo_is_reckoned_once_while_a_person_types_on(lexicon: Lexicon) -> None:
    first = mended("сертефикат", stem("сертефикат"), lexicon)
    later = lexicon.at(lambda key: 1 if key == "новость" else 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Lexicon, "spelt_like", lambda _self, key: pytest.fail(f"{key} was looked for again"))
        assert mended("сертефикат", stem("сертефикат"), later) == first != []


def test_what_is_remembered_of_typos_is_bounded() -> None:
    lexicon = Lexicon({}, size=0)
    for number in range(MOST_MEANT + 10):
        lexicon.meant[str(number)] = []
    assert len(lexicon.meant) <= MOST_MEANT


def test_a_question_that_is_asked_again_is_understood_once_until_a_synonym_is_saved(session: object) -> None:
    make_article("Рутокен не определяется")
    index_all()
    desk = desk_for(current() or pytest.fail("there is no index"))
    words, others = Thesaurus(()), Thesaurus(("токен = рутокен",))
    first = desk.understand("токен не определяется", "", words)
    assert desk.understand("токен не определяется", "", words) is first
    assert desk.understand("токен не определяется", "", others) is not first
    for number in range(MOST_UNDERSTOOD + 5):
        desk.understand(f"вопрос {number}", "", words)
    assert desk.understand("токен не определяется", "", words) == first
