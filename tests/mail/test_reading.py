"""Every mail of the corpus becomes what stands beside it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from supportapp.mailbox.reading import IncomingMail, read_mail
from tests.mail import corpus

LISTS = ("in_reply_to", "references", "recipients", "authentication_results")


def seen(mail: IncomingMail, name: str) -> Any:
    """A field in the form in which the corpus writes it down."""
    value = getattr(mail, name)
    if name == "attachments":
        return [attachment.name for attachment in value]
    if name == "bounce":
        return value and {key: list(said) if isinstance(said, tuple) else said for key, said in asdict(value).items()}
    if name == "date":
        return value and value.isoformat()
    return list(value) if name in LISTS else value


@pytest.mark.parametrize("name", corpus.NAMES)
def test_a_mail_becomes_what_stands_beside_it(name: str) -> None:
    mail, expected = read_mail(corpus.raw(name)), dict(corpus.expected(name))
    said, whole = expected.pop("whole_text_has", []), expected.pop("text_is_whole", None)
    problems, inline = expected.pop("problems", None), expected.pop("inline", None)
    bounce = expected.pop("bounce")
    expected.pop("proof", None)  # asked for in tests/mailbox/test_evidence.py
    assert {field: seen(mail, field) for field in expected} == expected
    assert {key: (seen(mail, "bounce") or {}).get(key) for key in bounce or {}} == (bounce or {})
    assert (mail.bounce is None) == (bounce is None)
    assert [words for words in said if words not in mail.whole_text] == []
    assert whole is None or mail.has_quotation != whole
    assert problems is None or [words for words in problems if words not in " | ".join(mail.problems)] == []
    assert inline is None or [file.name for file in mail.attachments if file.is_inline] == inline


def test_the_corpus_is_as_large_as_was_promised() -> None:
    assert len(corpus.NAMES) >= 90
    assert all((corpus.FOLDER / f"{name}.json").exists() for name in corpus.NAMES)


def test_addresses_of_the_corpus_belong_to_nobody() -> None:
    allowed = (".example", "@localhost", ".invalid", "@workstation", "example.com", "example.org")
    for name in corpus.NAMES:
        mail = read_mail(corpus.raw(name))
        for address in (mail.sender, *mail.recipients):
            assert address.endswith(allowed) or not address, f"{name}: {address}"
