"""Questions that ask the same stand together."""

from __future__ import annotations

import time

from supportapp.kb.learning.likeness import group


def together(texts: list[str]) -> list[set[str]]:
    return [{texts[place] for place in like.members} for like in group(texts)]


def test_texts_that_share_their_telling_words_are_one_group() -> None:
    plugin = ["плагин не работает в хроме", "Плагин браузера не работает", "не работает плагин в браузере"]
    assert set(plugin) in together([*plugin, "VPN отваливается каждые пять минут", "Забыл пароль от контейнера"])


def test_the_same_error_code_is_the_same_question_however_it_is_spelt() -> None:
    code = ["Ошибка 0x80090016 при подписании", "вылезает 80090016 после обновления", "код -2146893802 в журнале"]
    assert set(code) in together([*code, "Ошибка при подписании договора", "после обновления нет звука"])


def test_what_everybody_asks_is_one_group() -> None:
    texts = ["Плагин не виден в хроме"] * 30 + ["Плагин не виден в яндексе"] * 30
    assert [len(like.members) for like in group(texts)] == [60]


def test_different_questions_stay_apart_though_they_share_a_common_word() -> None:
    texts = [f"ошибка {word}" for word in ("принтера", "лицензии", "сертификата", "почты", "туннеля", "браузера")]
    assert all(len(like.members) == 1 for like in group(texts))


def test_the_biggest_group_comes_first_with_the_words_that_hold_it_together() -> None:
    texts = ["нет звука", "плагин не виден в хроме", "плагин не виден в яндексе", "плагин снова не виден"]
    best = group(texts)[0]
    assert best.members == [1, 2, 3]
    assert set(best.words) == {"плагин", "виден"}


def test_greetings_and_empty_texts_ask_nothing() -> None:
    assert group(["", "   ", "Здравствуйте!", "!!!"]) == []


def test_three_thousand_texts_are_grouped_in_a_moment() -> None:
    names = ["токен", "плагин", "лицензия", "сертификат", "контейнер", "туннель", "подпись", "журнал", "служба", "ключ"]
    acts = ["не виден", "истёк", "пропал", "не ставится", "зависает", "не отвечает", "требует пароль", "выдаёт отказ"]
    texts = [
        f"{names[n % 10]} {acts[n // 10 % 8]} узел{n % 700} после обновления системы номер {n}" for n in range(3000)
    ]
    group(texts)
    start = time.thread_time()
    group(texts)
    assert time.thread_time() - start < 10  # a fiftieth of it on an idle machine
