"""Thanks alone are told from everything that wants an answer."""

from __future__ import annotations

import pytest

from supportapp.mailbox.reading import is_thanks


@pytest.mark.parametrize(
    "text",
    [
        "Спасибо!",
        "спс",
        "Большое спасибо за помощь!!!",
        "Добрый день!\n\nБлагодарю Вас за оперативный ответ.\n\nС уважением,\nИван Петров\n+7 495 000-00-00",
        "Спасибо, отлично 👍",
        "Спасибо большое 🙏\n\nОтправлено с iPhone",
        "Огромное Вам спасибо за быструю и подробную консультацию!\n-- \nИван Петров",
        "Thanks!",
        "Thank you very much for your quick help.\n\nBest regards,\nJohn Smith",
        "Many thanks, excellent support team",
    ],
)
def test_nothing_but_thanks(text: str) -> None:
    assert is_thanks(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n",
        "👍",
        "Хорошо",
        "Здравствуйте!",
        "Благодарю, всё заработало",
        "Спасибо, не помогло",
        "Спасибо, но ошибка осталась",
        "Спасибо? Вы серьёзно?",
        "Спасибо. А что дальше?",
        "Спасибо, жду",
        "Спасибо за ответ. Версия 5.0",
        "Спасибо за помощь\nhttps://zavod.example/log",
        "Спасибо!\n\nС уважением, Иван\n\nP.S. А когда выйдет версия для Linux?",
        "Спасибо!\n\nС уважением,\nИван\n\n" + "И ещё одно: программа по-прежнему не видит токен, " * 3,
        "Thanks, but it does not work",
        "Thank you, when will it be released?",
        "Thanks a lot for nothing",
        "Без благодарности",
    ],
)
def test_more_than_thanks(text: str) -> None:
    assert not is_thanks(text)
