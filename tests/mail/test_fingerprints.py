"""One mail is one mail, whichever way it came and however often."""

from __future__ import annotations

import pytest

from supportapp.mailbox.reading import fingerprint
from tests.mail import corpus

MAIL = (
    b"Message-ID: <a@zavod.example>\r\nFrom: Ivan <ivan@zavod.example>\r\nSubject: A long\r\n subject\r\n"
    b"Date: Tue, 24 Nov 2026 09:15:00 +0300\r\n\r\nHello\r\n\r\nWorld\r\n"
)


def test_lines_of_servers_do_not_count() -> None:
    trace = (
        b"Return-Path: <ivan@zavod.example>\r\nDelivered-To: support@portal.example\r\nReceived: from a by b\r\n"
        b"DKIM-Signature: v=1; a=rsa-sha256\r\nX-Spam-Score: 1.5\r\nAuthentication-Results: mx; spf=pass\r\n"
    )
    assert fingerprint(trace + MAIL) == fingerprint(MAIL)


@pytest.mark.parametrize("ends", [b"\n", b"\r"])
def test_line_ends_do_not_count(ends: bytes) -> None:
    assert fingerprint(MAIL.replace(b"\r\n", ends)) == fingerprint(MAIL)


def test_the_way_headers_are_folded_does_not_count() -> None:
    assert fingerprint(MAIL.replace(b"long\r\n subject", b"long subject")) == fingerprint(MAIL)


def test_empty_lines_at_the_end_and_an_mbox_line_do_not_count() -> None:
    assert fingerprint(b"From ivan Tue Nov 24 09:15:00 2026\r\n" + MAIL + b"\r\n\r\n") == fingerprint(MAIL)


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"<a@", b"<b@"), (b"Ivan", b"Anna"), (b"A long", b"Another"), (b"09:15", b"09:16"), (b"World", b"world")],
)
def test_what_the_sender_wrote_counts(old: bytes, new: bytes) -> None:
    assert fingerprint(MAIL.replace(old, new)) != fingerprint(MAIL)


def test_no_two_mails_of_the_corpus_are_one() -> None:
    assert len({fingerprint(corpus.raw(name)) for name in corpus.NAMES}) == len(corpus.NAMES)
