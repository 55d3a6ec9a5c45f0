"""How well the suggestions answer: the real code over any set of articles and questions.

``python -m bench.relevance --articles A.jsonl --queries Q.jsonl --out run.json`` writes what is suggested for each
question, best first, and the milliseconds it took. ``--table`` (``bench.tricks``) leaves out every trick in turn.
Articles are rows {id, title, body, product, lang, phrases?}, questions {id, subject, description, product, relevant}.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from bench.tricks import FIRST, Rows, print_table

AT = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
LOOKED_AT = 10  # places that the scores of rankings look at


def rows(path: Path) -> Rows:
    """The lines of a JSONL file."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


@contextmanager
def library(articles: Rows) -> Iterator[dict[str, int]]:
    """An application with these articles, published and indexed, in a folder of its own; products' ids by name."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DEMO": "1",
            "VAR_DIR": folder,
            "INDEX_DIR": f"{folder}/index",
            "DATABASE_URL": f"sqlite:///{folder}/portal.db",
            "REDIS_URL": f"unix://{folder}/none.sock",
        }
        from supportapp import create_app
        from supportapp.commands.database import prepare_database

        with create_app().app_context():
            prepare_database()
            products = _publish(articles)
            from supportapp.kb.search import upkeep

            upkeep.rebuild()
            yield products


def _publish(articles: Rows) -> dict[str, int]:
    from supportapp.extensions import db
    from supportapp.kb.models import Article, ArticleState, article_product
    from supportapp.kb.render import to_text

    products = _products({article["product"] for article in articles if article.get("product")})
    shown = {"state": ArticleState.PUBLISHED, "created_at": AT, "updated_at": AT, "published_at": AT}
    db.session.execute(
        insert(Article),
        [
            {
                "id": number,
                "slug": article["id"],
                "title": article["title"][:200],
                "body": article["body"],
                "text": to_text(article["body"]),
                "phrases": article.get("phrases") or "",
                "language": article.get("lang") or "ru",
            }
            | shown
            for number, article in enumerate(articles, 1)
        ],
    )
    links = [
        {"article_id": number, "product_id": products[article["product"]]}
        for number, article in enumerate(articles, 1)
        if article.get("product")
    ]
    if links:
        db.session.execute(insert(article_product), links)
    db.session.commit()
    return products


def _products(names: set[str]) -> dict[str, int]:
    from supportapp.certificates.models import Product
    from supportapp.extensions import db

    made = [Product(name=name) for name in sorted(names)]
    db.session.add_all(made)
    db.session.flush()
    return {product.name: product.id for product in made}


def asked(queries: Rows, products: dict[str, int], **tuning: float) -> dict[str, dict[str, Any]]:
    """What is suggested for each question."""
    from supportapp.kb.search import suggest
    from supportapp.kb.search.tuning import TUNING

    tuned, answers = replace(TUNING, **tuning), {}
    for query in queries:
        start = time.perf_counter()
        found = suggest(
            query.get("subject") or "",
            query.get("description") or "",
            product_id=products.get(query.get("product") or ""),
            language=query.get("lang") or "ru",
            limit=LOOKED_AT,
            tuning=tuned,
        )
        took = (time.perf_counter() - start) * 1000
        answers[query["id"]] = {"ids": [hit.slug for hit in found], "ms": round(took, 2)}
    return answers


def scores(queries: Rows, answers: dict[str, dict[str, Any]]) -> dict[str, float]:
    """Hit@5 and MRR@10 over the questions that have an answer; "false" is the share of the others that got one."""
    places = [
        next((place for place, found in enumerate(answers[query["id"]]["ids"], 1) if found in query["relevant"]), 0)
        for query in queries
        if query["relevant"]
    ]
    others = [bool(answers[query["id"]]["ids"]) for query in queries if not query["relevant"]]
    return {
        "Hit@5": statistics.mean(0 < place <= FIRST for place in places),
        "MRR": statistics.mean(1 / place if place else 0.0 for place in places),
        "false": statistics.mean(others) if others else 0.0,
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Answer every question, write the run, print the scores."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=Path, required=True)
    parser.add_argument("--queries", type=Path, required=True)
    parser.add_argument("--out", type=Path, help="where to write the run as JSON")
    parser.add_argument("--table", action="store_true", help="turn every trick off in turn")
    options = parser.parse_args(arguments)
    queries = rows(options.queries)
    with library(rows(options.articles)) as products:
        asked(queries[:20], products)  # the first questions collect the words
        answers = asked(queries, products)
        if options.out:
            options.out.write_text(json.dumps(answers, ensure_ascii=False, indent=1), encoding="utf-8")
        from supportapp.kb.search import meaning

        print("  ".join(f"{name} {value:.3f}" for name, value in scores(queries, answers).items()), end="  ")
        print("with the model of meaning" if meaning.is_wanted() else "by words alone")
        if options.table:
            print_table(queries, partial(asked, products=products), scores)


if __name__ == "__main__":
    main()
