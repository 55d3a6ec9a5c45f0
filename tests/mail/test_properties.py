"""No byte string makes the reader raise or lose a word, whatever it was made of."""

from __future__ import annotations

import base64
import quopri
import random
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from supportapp.mailbox.reading import Attachment, files_within, fingerprint, is_thanks, limits, read_mail
from tests.mail import corpus

CALMLY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
LETTERS = st.characters(min_codepoint=32, max_codepoint=0x4FF, categories=("Lu", "Ll", "Nd"))
LINES = st.lists(st.one_of(st.text(LETTERS, max_size=60), st.sampled_from(
    ["> quoted", ">> deeper", "-- ", "From: x", "On 1.1.2026 10:10, A <a@b.example> wrote:", "", "С уважением,"]
)), max_size=12).map("\n".join)  # fmt: skip
ENCODINGS = {
    "8bit": lambda data: data,
    "base64": base64.encodebytes,
    "quoted-printable": quopri.encodestring,
}
CHARSETS = ("utf-8", "utf-16", "utf-8-sig")
TEXTS = st.tuples(LINES, st.sampled_from(sorted(ENCODINGS)), st.sampled_from(CHARSETS))


def sound(raw: bytes) -> None:
    """What must hold of any bytes: facts of the right kinds, fit for a database."""
    mail = read_mail(raw)
    fit = (mail.text, mail.whole_text, mail.subject, mail.sender, mail.sender_name, mail.message_id, *mail.recipients)
    for words in (*fit, *mail.in_reply_to, *mail.references, *(file.name for file in mail.attachments)):
        assert "\x00" not in words
        words.encode("utf-8")
    assert all(file.name and "/" not in file.name and len(file.name) <= 150 for file in mail.attachments)
    assert len(mail.sender) <= 254
    assert len(mail.message_id) <= 300
    is_thanks(mail.text)
    assert len(fingerprint(raw)) == 64


@CALMLY
@given(st.binary(max_size=4000))
def test_no_bytes_make_it_raise(raw: bytes) -> None:
    sound(raw)


@CALMLY
@given(st.sampled_from(corpus.NAMES), st.randoms(use_true_random=False))
def test_no_damage_to_a_mail_makes_it_raise(name: str, chance: random.Random) -> None:
    sound(damaged(corpus.raw(name), chance))


def damaged(raw: bytes, chance: random.Random) -> bytes:
    """Bytes changed, cut out, doubled, moved or taken from another mail."""
    data = bytearray(raw)
    for _ in range(chance.randrange(1, 8)):
        start = chance.randrange(len(data) + 1)
        end = min(len(data), start + chance.randrange(200))
        act = chance.randrange(5)
        if act == 0:
            data[start:end] = bytes(chance.randrange(256) for _ in range(end - start))
        elif act == 1:
            del data[start:end]
        elif act == 2:
            data[start:start] = data[start:end] * chance.randrange(1, 20)
        elif act == 3:
            other = corpus.raw(chance.choice(corpus.NAMES))
            data[start:end] = other[: chance.randrange(len(other) + 1)]
        else:
            data = data[:start]
    return bytes(data)


@CALMLY
@given(st.lists(TEXTS, min_size=1, max_size=6), st.integers(0, 12), st.booleans())
def test_no_letter_of_a_text_is_lost(texts: list[tuple[str, str, str]], depth: int, is_reply: bool) -> None:
    parts = [text_part(*text) for text in texts]
    raw = (b"In-Reply-To: <a@portal.example>\n" if is_reply else b"") + nested(parts, depth)
    mail = read_mail(raw)
    whole = letters(mail.whole_text)
    assert all(letters(line) in whole for text, _, _ in texts for line in text.split("\n"))
    assert letters(mail.text) == "" or all(letters(line) in whole for line in mail.text.split("\n"))


@CALMLY
@given(LINES, st.integers(0, 4))
def test_no_letter_of_a_page_is_lost(text: str, depth: int) -> None:
    page = (
        "<html><body>"
        + "<blockquote>" * depth
        + "".join(f"<div>{escaped(line)}<br></div>" for line in text.split("\n"))
    )
    raw = b"Content-Type: text/html; charset=utf-8\n\n" + page.encode()
    whole = letters(read_mail(raw).whole_text)
    assert all(letters(line) in whole for line in text.split("\n"))


@pytest.mark.parametrize("name", corpus.NAMES)
def test_new_text_is_part_of_the_whole_text(name: str) -> None:
    mail = read_mail(corpus.raw(name))
    whole = letters(mail.whole_text)
    assert all(letters(line) in whole for line in mail.text.split("\n"))


@CALMLY
@given(st.lists(st.sampled_from(["mixed", "alternative", "related", "signed", "report", "digest"]), max_size=300),
       st.binary(max_size=200))  # fmt: skip
def test_any_nesting_is_read(kinds: list[str], inside: bytes) -> None:
    raw = inside
    for number, kind in enumerate(kinds):
        mark = f"b{number}".encode()
        raw = b"Content-Type: multipart/%s; boundary=%s\n\n--%s\n%s\n--%s--\n" % (kind.encode(), mark, mark, raw, mark)
    sound(raw)


HUGE = {
    "a thousand levels": b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(1000)
    ),
    "ten thousand parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 10_000,
    "one boundary for all": b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" * 5_000,
    "open tags": b"Content-Type: text/html\n\n" + b"<div>" * 300_000,
    "open quotations": b"Content-Type: text/html\n\n" + b"<blockquote>" * 100_000 + b"x",
    "open attributes": b"Content-Type: text/html\n\n" + b'<a "' * 300_000,
    "open comments": b"Content-Type: text/html\n\n" + b"<!--" * 300_000,
    "open scripts": b"Content-Type: text/html\n\n" + b"<script><style>" * 60_000,
    "entities": b"Content-Type: text/html\n\n" + b"&#" + b"1" * 500_000,
    "attributions": b"In-Reply-To: <a@b>\n\n" + b"On 1.1.2026 10:10, X wrote:\n" * 40_000,
    "header blocks": b"In-Reply-To: <a@b>\n\n" + b"From: x\n" * 80_000,
    "signs of quoting": b"In-Reply-To: <a@b>\n\n" + b">" * 2_000_000,
    "signatures": b"\n" + b"-- \n" * 200_000,
    "headers": b"Subject: x\n" * 100_000,
    "folded lines": b"Subject: x\n" + b" y\n" * 300_000,
    "quotes in an address": b"From: " + b'\\"' * 100_000 + b"\n\n",
    "brackets in an address": b"From: " + b"(" * 200_000 + b"\n\n",
    "encoded words": b"Subject: " + b"=?utf-8?q?a" * 20_000 + b"\n\n",
    "parameters": b"Content-Type: text/plain; " + b'a="\\' * 30_000 + b"\n\n",
    "one line": b"\n" + b"a" * 10_000_000,
    "carriage returns": b"a\r" * 500_000,
    "indefinite lengths": b"Content-Type: application/pkcs7-mime\n\n" + b"\x30\x80" * 300_000,
    "small elements": b"Content-Type: application/pkcs7-mime\n\n\x30\x80" + b"\x04\x00" * 1_000_000,
    "addresses in a bounce": b"From: mailer-daemon@x.example\nSubject: failure notice\n\n" + b"a@" * 500_000,
    "padding": b"Content-Transfer-Encoding: base64\n\n" + b"=" * 1_000_000,
    "padding and spaces": b"Content-Transfer-Encoding: base64\n\n" + b"= " * 500_000,
    "spaces": b"\na" + b" " * 1_000_000 + b"b" + b" \t" * 500_000 + b"c",
    "separators below a quotation": b"In-Reply-To: <a@b>\n\nx\nOn 1.1.2026, X wrote:\n> y\n"
    + b"-- \n" * 70_000
    + b"> z",
    "hints": b"In-Reply-To: <a@b>\n\n" + "ответ слово ".encode() * 20_000 + b"\nOn 1.1.2026, X wrote:\n> y\n",
    "many long parts": b"Content-Type: multipart/mixed; boundary=b\n\n"
    + (b"--b\nContent-Type: text/html\n\n" + b"<p>a" * 20_000) * 100,
    "calendar parameters": b"Content-Type: text/calendar\n\n" + b"A;" * 50_000,
    "calendar lines": b"Content-Type: text/calendar\n\n" + b"A;B:" * 100_000,
}


@pytest.mark.parametrize("name", HUGE)
def test_nothing_takes_long(name: str) -> None:
    """Seconds of this thread's own time, on any machine: what grew with the square of the length would take hours."""
    before = time.thread_time()
    sound(HUGE[name])
    assert time.thread_time() - before < 60


def text_part(text: str, encoding: str, charset: str) -> bytes:
    data = text.encode(charset)
    encoding = "base64" if charset == "utf-16" else encoding
    head = (
        f"Content-Type: text/plain; charset={charset.removesuffix('-sig')}\nContent-Transfer-Encoding: {encoding}\n\n"
    )
    return head.encode() + ENCODINGS[encoding](data)


def nested(parts: list[bytes], depth: int) -> bytes:
    """The parts in a multipart/mixed, that one in another, and so on."""
    for level in range(depth + 1):
        mark = f"=_level_{level}".encode()
        body = b"".join(b"--%s\n%s\n" % (mark, part) for part in parts)
        parts = [b"Content-Type: multipart/mixed; boundary=%s\n\n%s--%s--\n" % (mark, body, mark)]
    return parts[0]


def letters(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum())


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def forwarded(depth: int, files: int) -> bytes:
    """A mail in a mail in a mail …, each with so many files."""
    mail = b"From: x@y.example\n\ntext"
    for level in range(depth):
        mark = b"b%d" % level
        parts = [b"Content-Type: message/rfc822\n\n" + mail]
        parts += [b"Content-Disposition: attachment; filename=a.txt\n\nx"] * files
        mail = b"Content-Type: multipart/mixed; boundary=" + mark + b"\n\n--" + mark + b"\n"
        mail += (b"\n--" + mark + b"\n").join(parts) + b"\n--" + mark + b"--\n"
    return mail


@pytest.mark.parametrize(("depth", "files"), [(30, 0), (4, 90), (1, 400)])
def test_mails_within_mails_are_looked_into_to_a_bounded_depth_and_number(depth: int, files: int) -> None:
    outer = Attachment("m.eml", "message/rfc822", forwarded(depth, files))
    found = list(files_within(outer))
    assert len(found) <= limits.FILES_WITHIN
    assert len([file for file in found if file.name != "a.txt"]) <= limits.MAIL_DEPTH
    assert found[-1].data
