"""What a page cannot bear to show is refused when it is saved."""

from __future__ import annotations

from datetime import datetime

import pytest

from supportapp.errors import Refused
from supportapp.kb import operations
from supportapp.kb.exchange import article_file
from supportapp.kb.exchange.problems import Findings
from supportapp.kb.intricacy import MAX_LINKS, is_intricate

HOSTILE = (
    "![" * 100_000,
    "[" * 200_000,
    "[a](" * 50_000,
    "*a " * 60_000,
    "_a " * 60_000,
    "# a\n" * 50_000,
    "- a\n" * 50_000,
    "  - a\n" * 30_000,
    "> a\n" * 50_000,
    "<http://a> " * 40_000 + "`" * 10_000,
    "|" + "a|" * 300 + "\n|" + "-|" * 300 + "\n" + ("|" + "a|" * 300 + "\n") * 300,
    "|" + "a|" * 300 + "\n|" + "-|" * 300 + "\n" + "a\n" * 300,
)


@pytest.mark.parametrize("body", HOSTILE, ids=lambda body: body[:12])
def test_thousands_of_marks_are_refused_with_a_sentence(session: object, at: datetime, body: str) -> None:
    with pytest.raises(Refused) as refused:
        operations.save_article(None, title="Статья", body=body[:200_000], by=None, at=at)
    assert (refused.value.reason, refused.value.field) == ("too_intricate", "body")
    assert "Разделите" in refused.value.text("ru")


@pytest.mark.parametrize(
    "body",
    [
        "Слово за словом. " * 11_000,
        "[ссылка](/kb/x) и ещё. " * MAX_LINKS,
        "## Шаг\n\nСделайте **это** в `окне`.\n\n" * 2_000,
        "|а|б|в|\n|-|-|-|\n" + "|1|2|3|\n" * 1_000,
        "---\n\nтекст | с чертой\n",
    ],
    ids=lambda body: body[:12],
)
def test_a_long_article_of_the_usual_kind_is_saved(body: str) -> None:
    assert not is_intricate(body)


def test_an_import_names_the_file_that_is_too_intricate() -> None:
    findings = Findings()
    assert article_file.read("---\ntitle: Статья\n---\n" + "[" * 5_000, "a.md", "a", findings) is None
    assert "too many links" in str(findings.problems)
