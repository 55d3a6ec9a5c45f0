"""The first lines of a text, whatever it was written with."""

from __future__ import annotations

import io
from datetime import datetime

import pytest

from supportapp.errors import NotFound
from supportapp.files import storage
from supportapp.files.excerpts import MOST_LINES, Excerpt, has_excerpt, read_excerpt
from supportapp.files.models import StoredFile
from supportapp.files.operations import store_upload
from tests.factories import make_staff
from tests.files.samples import picture

pytestmark = pytest.mark.usefixtures("session")


def stored(at: datetime, data: bytes, name: str = "service.log") -> StoredFile:
    return store_upload(io.BytesIO(data), name, owner=make_staff(), draft="d", at=at)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
def test_russian_is_read_in_the_usual_encodings(at: datetime, encoding: str) -> None:
    found = read_excerpt(stored(at, "Ошибка входа\r\nКод 0x80090016\n".encode(encoding)))
    assert found == Excerpt("Ошибка входа\nКод 0x80090016\n", cut=False)


def test_a_long_log_is_cut_between_letters(at: datetime) -> None:
    found = read_excerpt(stored(at, ("я" * 100_001).encode()))
    assert found.cut
    assert set(found.text) == {"я"}
    found = read_excerpt(stored(at, b"line\n" * 1000))
    assert (found.cut, found.text.count("\n") + 1) == (True, MOST_LINES)


def test_what_a_terminal_would_obey_is_not_shown(at: datetime) -> None:
    text = read_excerpt(stored(at, "\x1b[31mred\x1b[0m \u202egpj.exe\ttab".encode())).text
    assert text == "\ufffd[31mred\ufffd[0m \ufffdgpj.exe\ttab"


def test_pictures_archives_and_secrets_have_no_lines(at: datetime) -> None:
    log, drawing = stored(at, b"abc"), stored(at, picture(), "screen.png")
    assert (has_excerpt(log), has_excerpt(drawing)) == (True, False)
    assert has_excerpt(stored(at, b"\0\0\1text", "cut.log"))
    assert not has_excerpt(stored(at, b"\0\0\1\2", "dump.bin"))
    log.secret = "private_key"
    assert not has_excerpt(log)


def test_a_file_that_is_gone_is_refused(at: datetime) -> None:
    log = stored(at, b"abc")
    storage.remove([log.storage_key])
    with pytest.raises(NotFound):
        read_excerpt(log)
