"""Templates of the tests' own, so that they do not depend on the words of real mails."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from jinja2 import DictLoader

from supportapp.notifications import mail
from supportapp.notifications.mail import Letter

TEMPLATES = {
    "hello.ru.md": "Subject: Здравствуйте, {{ name }}\n\nЭто **письмо** для {{ name }}.\n",
    "hello.en.md": "Subject: Hello, {{ name }}\n\nThis is a **letter** to {{ name }}.\n",
    "when.ru.md": "Subject: Срок\n\nДо {{ at|moment }}, то есть {{ at|day }}.\n",
    "when.en.md": "Subject: Time\n\nUntil {{ at|moment }}, that is {{ at|day }}.\n",
    "forgetful.ru.md": "Subject: Нет слова\n\n{{ missing }}\n",
    "headless.ru.md": "Здравствуйте!\n",
}


@pytest.fixture(autouse=True)
def templates(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The templates; a test may add its own."""
    own = dict(TEMPLATES)
    monkeypatch.setattr(mail, "LOADER", DictLoader(own))
    mail._words.cache_clear()
    yield own
    mail._words.cache_clear()


@pytest.fixture
def letter() -> Letter:
    return Letter("hello", {"name": "Анна"})
