"""How long the suggestions take over 2,000 and over 10,000 articles: ``python -m bench.kb``.

For each size a knowledge base is invented, indexed and asked through gunicorn as a signed-in customer's browser asks,
one request at a time over one connection, in turn with ``bench.bare``. Printed are milliseconds at the client, the mean
milliseconds of processor time in the server (``cpu``), and the ratio to that floor. Then ``suggest()`` is called
directly with texts that the door would refuse.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from flask import Flask
from sqlalchemy import insert, select

from bench.invented import Invented, Tongue
from bench.pages import PASSWORD, Client, hidden_fields, prepared, serving

AT = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
GOALS = {2_000: 15.0, 10_000: 40.0}
MEGABYTE = 2**20
Ask = dict[str, str]


def invented_app(environment: dict[str, str], articles: int) -> Flask:
    """The portal over a knowledge base of ``articles``, not indexed yet."""
    from supportapp import create_app
    from supportapp.extensions import db
    from supportapp.kb.models import Article, ArticleState

    os.environ.update(environment)
    app = create_app()
    with app.app_context():
        there = len(db.session.scalars(select(Article.id)).all())
        made = Tongue(1).articles(articles - there)
        shown = {"state": ArticleState.PUBLISHED, "created_at": AT, "updated_at": AT, "published_at": AT}
        while rows := [_row(article) | shown for article in islice(made, 500)]:
            db.session.execute(insert(Article), rows)
        db.session.commit()
    return app


def _row(article: Invented) -> dict[str, str]:
    place = article.title.rpartition("(")[2].rstrip(")")
    return {
        "slug": f"invented-{place}",
        "title": article.title,
        "body": article.text,
        "text": article.text,
        "phrases": article.phrases,
    }


def typing(tongue: Tongue) -> Iterator[Ask]:
    """A subject letter by letter, and then a text."""
    while True:
        subject, text = tongue.subject(), " ".join(tongue.some(10, 20))
        yield from ({"subject": subject[:end], "text": ""} for end in range(3, len(subject) + 1))
        yield from ({"subject": subject, "text": text[:end]} for end in range(1, len(text) + 1))


def subjects(tongue: Tongue) -> Iterator[Ask]:
    """A whole subject."""
    while True:
        yield {"subject": tongue.subject(), "text": ""}


def letters(tongue: Tongue) -> Iterator[Ask]:
    """A subject and a letter of a page."""
    while True:
        yield {"subject": tongue.subject(), "text": " ".join(tongue.some(150, 300))}


def logs(tongue: Tongue) -> Iterator[Ask]:
    """A subject and a pasted log."""
    while True:
        yield {"subject": tongue.subject(), "text": tongue.log(10_000)}


def greetings(tongue: Tongue) -> Iterator[Ask]:
    """What needs no search: the price of the request itself."""
    while True:
        yield {"subject": tongue.random.choice(("Здравствуйте", "Добрый день", "Помогите")), "text": ""}


KINDS: tuple[tuple[str, Callable[[Tongue], Iterator[Ask]]], ...] = (
    ("a greeting, not searched for", greetings),
    ("typing, each keystroke", typing),
    ("subject alone", subjects),
    ("subject and 150-300 words", letters),
    ("subject and a log of 10 kB", logs),
)


class Form:
    """The ticket form of a signed-in customer."""

    def __init__(self, port: int) -> None:
        self.client = Client(port)
        self.client.submit("/sign-in", email="anna@example.com", password=PASSWORD)
        _, page = self.client.ask("GET", "/tickets/new")
        self._token = hidden_fields(page)["csrf_token"]

    def ask(self, asked: Ask) -> tuple[int, float, str]:
        """Status, milliseconds and text of the answer."""
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.client.cookies.items()),
            "Content-Type": "application/json",
            "X-CSRFToken": self._token,
        }
        body = json.dumps(asked | {"product_id": "1"})
        connection = self.client.connection
        start = time.perf_counter()
        connection.request("POST", "/suggestions", body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        return answer.status, (time.perf_counter() - start) * 1000, text


def measure_door(app: Flask, environment: dict[str, str], rounds: int, goal: float) -> None:
    """The endpoint, kind by kind, beside the floor."""
    with serving("bench.unlimited:app", environment) as port, serving("bench.bare:app", environment) as bare_port:
        form, bare = Form(port), Client(bare_port)
        status, first, _ = form.ask({"subject": "токен заблокирован", "text": ""})
        print(f"  {'the first request of a process':<34}{first:>8.1f} ms (answered {status})")
        print(f"  {'(ms)':<34}{'p50':>8}{'p95':>8}{'max':>8}{'cpu':>8}{'floor':>8}{'p95/floor':>11}{'answered':>10}")
        for name, kind in KINDS:
            mine, floor, answered, spent = [], [], 0, _processor("bench.unlimited")
            for asked in islice(kind(Tongue(7)), rounds):
                status, milliseconds, text = form.ask(asked)
                if status != 200:
                    raise SystemExit(f"POST /suggestions answered {status}")
                answered += '"extract"' in text
                mine.append(milliseconds)
                start = time.perf_counter()
                bare.ask("GET", "/")
                floor.append((time.perf_counter() - start) * 1000)
            spent = (_processor("bench.unlimited") - spent) / rounds
            _line(name, mine, spent, statistics.median(floor), answered, goal)
        status, refused, _ = Form(port).ask({"subject": "", "text": "ключ " * (MEGABYTE // 9)})
        print(f"  {'a paste of 1 MB at the door':<34}{refused:>8.1f} ms (answered {status})")
        _publish(app, form)
        print(f"  memory of the web processes: {', '.join(f'{size:.0f} MB' for size in _memory('bench.unlimited'))}")


def _line(name: str, mine: list[float], spent: float, floor: float, answered: int, goal: float) -> None:
    p50, p95 = statistics.median(mine), statistics.quantiles(mine, n=20)[-1]
    figures = f"{p50:>8.1f}{p95:>8.1f}{max(mine):>8.1f}{spent:>8.1f}{floor:>8.2f}{p95 / floor:>11.1f}"
    print(f"  {name:<34}{figures}{answered / len(mine):>10.0%}{'' if p95 <= goal else '   MISSED'}")


def _publish(app: Flask, form: Form) -> None:
    """How soon an article that changed is found, and what the change costs those who ask meanwhile."""
    from supportapp.extensions import db
    from supportapp.kb.models import Article
    from supportapp.kb.search import upkeep

    with app.app_context():
        article = db.session.scalars(select(Article).order_by(Article.id.desc())).first()
        assert article is not None
        article.title, article.revision = "Квазиморда барахлит после полнолуния", article.revision + 1
        db.session.commit()
        start = time.perf_counter()
        upkeep.put_article(article.id)
        indexed, slowest = time.perf_counter() - start, 0.0
    for _ in range(200):
        _, milliseconds, text = form.ask({"subject": "квазиморда барахлит после полнолуния", "text": ""})
        slowest = max(slowest, milliseconds)
        if "Квазиморда" in json.dumps(json.loads(text), ensure_ascii=False):
            break
        time.sleep(0.05)
    found = time.perf_counter() - start
    print(
        f"  a changed article: indexed in {indexed:.2f} s, found after {found:.2f} s; slowest request {slowest:.1f} ms"
    )


def _memory(name: str) -> list[float]:
    """Resident megabytes of the running processes with ``name`` in their command line."""
    page = os.sysconf("SC_PAGE_SIZE") / MEGABYTE
    return sorted(int((process / "statm").read_text().split()[1]) * page for process in _processes(name))


def _processor(name: str) -> float:
    """Milliseconds of processor time they have used; on a busy machine it says more than the clock on the wall."""
    ticks = [(process / "stat").read_text().rpartition(")")[2].split()[11:13] for process in _processes(name)]
    return sum(int(part) for pair in ticks for part in pair) * 1000 / os.sysconf("SC_CLK_TCK")


def _processes(name: str) -> Iterator[Path]:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if name.encode() in (process / "cmdline").read_bytes():
                yield process
        except OSError:  # it has just ended
            continue


def measure_directly(app: Flask, rounds: int) -> None:
    """``suggest()`` with more text than the door lets in."""
    from supportapp.database import reading
    from supportapp.extensions import db
    from supportapp.kb.search import suggest

    tongue = Tongue(9)
    texts = {
        "a log of 10 kB": tongue.log(10_000),
        "a log of 1 MB": tongue.log(10_000) * (MEGABYTE // 10_000),
        "1 MB without a space": "абвгд" * (MEGABYTE // 5),
        "1 MB of codes": " ".join(f"0x{number:08x}" for number in range(MEGABYTE // 11)),
        "1 MB of punctuation": "(_.-" * (MEGABYTE // 4),
    }
    print(f"  {'suggest() itself (ms)':<34}{'p50':>8}{'p95':>8}{'max':>8}")
    with app.app_context(), reading():
        suggest("токен заблокирован", "", product_id=1, language="ru")  # reads the index
        for name, text in texts.items():
            taken = []
            for _ in range(max(rounds // 10, 10)):
                start = time.perf_counter()
                suggest("не открывается подпись", text, product_id=1, language="ru")
                taken.append((time.perf_counter() - start) * 1000)
                db.session.rollback()
            p95 = statistics.quantiles(taken, n=20)[-1]
            print(f"  {name:<34}{statistics.median(taken):>8.1f}{p95:>8.1f}{max(taken):>8.1f}")


def measure(articles: int, rounds: int) -> None:
    """Everything over one knowledge base."""
    from supportapp.kb.search import shelf, upkeep

    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        environment = prepared(Path(name))
        app = invented_app(environment, articles)
        with app.app_context():
            start = time.perf_counter()
            upkeep.rebuild()
            taken = time.perf_counter() - start
            folder = shelf.current()
            assert folder is not None
            size = sum(path.stat().st_size for path in folder.iterdir()) / MEGABYTE
        print(f"\n{articles} articles: indexed in {taken:.1f} s, {size:.0f} MB on disk")
        measure_door(app, environment, rounds, GOALS.get(articles, 40.0))
        measure_directly(app, rounds)


def main() -> None:
    """Measure each size in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=400)
    parser.add_argument("--articles", type=int, nargs="+", default=list(GOALS))
    asked = parser.parse_args()
    print(f"words from {Tongue(1).source or 'a made-up language'}")
    for articles in asked.articles:
        measure(articles, asked.rounds)


if __name__ == "__main__":
    main()
