"""Names made harmless, and kinds told by content."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportapp.files import rules
from tests.files import samples


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\Анна\\журнал.log", "журнал.log"),
        ("журнал\u202egnp.exe", "журналgnp.exe"),
        ("отчёт\0.pdf", "отчёт.pdf"),
        ("a\r\nSet-Cookie: x.txt", "aSet-Cookie_ x.txt"),
        ("e\u0301.txt", "é.txt"),
        ("  ...  ", "file"),
        ("", "file"),
        ("\ud800x.png", "x.png"),
        (".bashrc", "bashrc"),
    ],
)
def test_a_name_loses_what_could_mislead(given_name: str, kept: str) -> None:
    assert rules.clean_name(given_name) == kept


def test_a_long_name_keeps_its_extension() -> None:
    name = rules.clean_name("ж" * 500 + ".log")
    assert len(name) == rules.MAX_NAME
    assert name.endswith("ж.log")


@given(st.text(max_size=400))
def test_any_name_becomes_one_that_a_disk_and_a_page_can_bear(name: str) -> None:
    clean = rules.clean_name(name)
    assert 0 < len(clean) <= rules.MAX_NAME
    assert not set(clean) & set('/\\\0\r\n<>:"|?*')
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in clean)
    clean.encode()


@given(st.text(max_size=400))
def test_a_clean_name_stays_as_it_is(name: str) -> None:
    assert rules.clean_name(rules.clean_name(name)) == rules.clean_name(name)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("screen.png", samples.HTML),
        ("screen.png", samples.SVG),
        ("screen.jpg", samples.picture("PNG")),
        ("scan.pdf", samples.HTML),
        ("report.docx", samples.HTML),
        ("report.xlsx", samples.PDF),
        ("logs.zip", samples.PDF),
        ("journal.txt", samples.PDF),
        ("journal.log", b"\xef\xbb\xbf  <html><body>"),
    ],
)
def test_a_disguise_is_seen(name: str, content: bytes) -> None:
    assert rules.is_disguised(name, rules.kind_of(content))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("screen.PNG", samples.picture("PNG")),
        ("photo.jpeg", samples.picture("JPEG")),
        ("s.webp", samples.picture("WEBP")),
        ("s.bmp", samples.picture("BMP")),
        ("s.gif", samples.picture("GIF")),
        ("scan.pdf", samples.PDF),
        ("report.docx", samples.archive(**{"[Content_Types].xml": b"<Types/>"})),
        ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 50),
        ("journal.log", "2026-11-20 ошибка 0x80090016\n".encode("cp1251")),
        ("journal.txt", "событие".encode("utf-16")),
        ("cut.log", b"line\n\0\0\0\0"),
        ("chain.p7s", samples.DER),
        ("root.cer", samples.DER),
        ("page.html", samples.HTML),
        ("dump.unknown", b"\x01\x02\x03"),
    ],
)
def test_an_honest_file_is_let_in(name: str, content: bytes) -> None:
    kind = rules.kind_of(content)
    assert not rules.is_disguised(name, kind)
    assert not rules.is_program(name, kind)


@pytest.mark.parametrize(
    ("name", "content"),
    [("tool.exe", b"x"), ("tool.log", samples.PE), ("tool", samples.ELF), ("fix", b"#!/bin/sh\nrm"), ("a.JS", b"x")],
)
def test_a_program_is_known_by_name_or_by_content(name: str, content: bytes) -> None:
    assert rules.is_program(name, rules.kind_of(content))


@given(st.binary(max_size=300))
def test_any_bytes_have_a_kind(head: bytes) -> None:
    assert "/" in rules.kind_of(head)
