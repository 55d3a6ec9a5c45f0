"""Taking, attaching, opening and giving up files, on a real folder."""

from __future__ import annotations

import io
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image

from config import Settings
from supportapp.errors import NotFound, Refused
from supportapp.extensions import db
from supportapp.files import operations, queries
from supportapp.files.models import StoredFile
from tests.conftest import make_settings
from tests.factories import make_customer, make_staff
from tests.files import samples


@pytest.fixture(autouse=True)
def folder(app: Flask, session: object, tmp_path: Path) -> Iterator[Path]:
    """An empty storage folder of this test."""
    with using(app, FILES_URL=f"file://{tmp_path}/files", MAX_FILES_PER_MESSAGE=3, MAX_FILE_BYTES=1_000_000):
        yield tmp_path / "files"


@contextmanager
def using(app: Flask, **changes: Any) -> Iterator[None]:
    before: Settings = app.extensions["settings"]
    app.extensions["settings"] = make_settings(Path(before.VAR_DIR), **changes)
    try:
        yield
    finally:
        app.extensions["settings"] = before


def stored_paths(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def upload(content: bytes = b"text", name: str = "log.txt", **changes: Any) -> StoredFile:
    owner = changes.pop("owner", None) or make_customer()
    at = changes.pop("at", datetime.fromisoformat("2026-11-20T11:00:00+00:00"))
    return operations.store_upload(io.BytesIO(content), name, owner=owner, draft=changes.pop("draft", "form"), at=at)


def refusal(content: bytes, name: str, **changes: Any) -> Refused:
    with pytest.raises(Refused) as refused:
        upload(content, name, **changes)
    assert refused.value.field == "files"
    assert "%(" not in refused.value.text("en")
    return refused.value


def test_an_upload_keeps_bytes_size_and_digest_under_a_random_key(folder: Path) -> None:
    stored = upload("журнал".encode(), "../журнал.log")
    with operations.open_file(stored) as opened:
        assert opened.read() == "журнал".encode()
    assert (stored.name, stored.size, stored.content_type) == ("журнал.log", 12, "text/plain")
    assert len(stored.sha256) == 64
    assert [path.relative_to(folder).as_posix() for path in stored_paths(folder)] == [stored.storage_key]
    assert "log" not in stored.storage_key


def test_a_picture_gets_a_small_one_without_the_place_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x010E] = "секретное место"
    stored = upload(samples.picture("JPEG", (2000, 1000), exif=exif.tobytes()), "photo.jpg")
    assert stored.is_image
    with operations.open_thumbnail(stored) as opened:
        small = Image.open(io.BytesIO(opened.read()))
    assert small.format == "WEBP"
    assert small.size == (480, 240)
    assert not small.getexif()


def test_a_picture_that_would_fill_the_memory_is_kept_without_a_small_one() -> None:
    stored = upload(samples.png_bomb(), "plan.png")
    assert not stored.is_image
    with pytest.raises(NotFound):
        operations.open_thumbnail(stored)


def test_a_picture_that_is_damaged_inside_is_kept_without_a_small_one() -> None:
    content = samples.picture("JPEG", (300, 300))
    assert not upload(content[: len(content) // 3], "photo.jpg").is_image


def test_an_empty_file_is_refused() -> None:
    assert refusal(b"", "log.txt").reason == "empty_file"


def test_a_file_over_the_limit_is_refused_while_it_is_read(folder: Path) -> None:
    class Endless(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            return b"x" * size

    with pytest.raises(Refused, match="file_too_large"):
        operations.store_upload(
            Endless(), "big.log", owner=make_customer(), draft="form", at=datetime.fromisoformat("2026-11-20T11:00Z")
        )  # type: ignore[arg-type]
    assert stored_paths(folder) == []


def test_a_file_of_exactly_the_limit_is_taken() -> None:
    assert upload(b"x" * 1_000_000).size == 1_000_000


@pytest.mark.parametrize("content", [samples.HTML, samples.SVG, samples.PDF, b"\x89PNG\r\n\x1a\nnot really"])
def test_a_png_that_is_not_one_is_refused(content: bytes, folder: Path) -> None:
    assert refusal(content, "screen.png").reason == "disguised_file"
    assert stored_paths(folder) == []


def test_a_program_is_refused_whatever_it_is_called() -> None:
    assert refusal(samples.PE, "journal.log").reason == "executable_file"
    assert refusal(b"echo", "fix.bat").reason == "executable_file"


def test_a_page_is_kept_as_bytes_that_no_browser_runs() -> None:
    assert upload(samples.HTML, "page.html").content_type == "application/octet-stream"


def test_the_form_takes_no_more_files_than_a_message_may_have() -> None:
    owner = make_customer()
    for _ in range(3):
        upload(owner=owner)
    assert refusal(b"x", "log.txt", owner=owner).reason == "too_many_files"
    assert upload(owner=owner, draft="another form").draft == "another form"


def test_nobody_fills_the_storage_with_forms_that_are_never_sent() -> None:
    owner = make_customer()
    for number in range(15):
        upload(owner=owner, draft=f"form{number}")
    assert refusal(b"x", "log.txt", owner=owner, draft="one more").reason == "too_many_drafts"


@pytest.mark.parametrize("draft", ["", "x" * 65, "a\0b"])
def test_a_damaged_form_key_is_refused(draft: str) -> None:
    assert refusal(b"x", "log.txt", draft=draft).reason == "wrong_draft"


def test_a_draft_belongs_to_its_uploader_alone() -> None:
    anna, boris, engineer = make_customer(), make_customer(), make_staff()
    stored = upload(owner=anna)
    assert queries.files_for_draft(anna, "form") == [stored]
    assert queries.files_for_draft(boris, "form") == []
    assert queries.files_for_draft(engineer, "form") == []
    with pytest.raises(NotFound):
        operations.remove_draft_file(stored.public_id, boris)


def test_staff_and_customers_with_the_same_number_do_not_share_drafts() -> None:
    customer = make_customer()
    engineer = make_staff(id=customer.id + 1000)
    other = make_customer(id=engineer.id)
    stored = upload(owner=engineer)
    assert queries.files_for_draft(other, "form") == []
    assert queries.files_for_draft(engineer, "form") == [stored]


def test_a_removed_draft_file_is_gone_after_the_commit(folder: Path) -> None:
    owner = make_customer()
    stored = upload(samples.picture(), "screen.png", owner=owner)
    assert len(stored_paths(folder)) == 2
    operations.remove_draft_file(stored.public_id, owner)
    assert len(stored_paths(folder)) == 2
    db.session.commit()
    assert stored_paths(folder) == []
    assert queries.files_for_draft(owner, "form") == []


def test_a_removal_that_is_rolled_back_keeps_the_bytes(folder: Path) -> None:
    owner = make_customer()
    stored = upload(owner=owner)
    db.session.commit()
    operations.remove_draft_file(stored.public_id, owner)
    db.session.rollback()
    db.session.commit()
    assert len(stored_paths(folder)) == 1
    assert len(queries.files_for_draft(owner, "form")) == 1


def test_an_attached_file_is_no_draft_any_more(at: datetime) -> None:
    owner = make_customer()
    stored = upload(owner=owner)
    operations.attach([stored], at=at)
    assert stored.attached_at == at
    assert queries.files_for_draft(owner, "form") == []
    with pytest.raises(NotFound):
        operations.remove_draft_file(stored.public_id, owner)


def test_a_file_is_attached_once(at: datetime) -> None:
    stored = upload()
    operations.attach([stored], at=at)
    with pytest.raises(Refused, match="file_gone"):
        operations.attach([stored], at=at)


def test_more_files_than_allowed_are_not_attached(at: datetime) -> None:
    files = [upload() for _ in range(4)]
    with pytest.raises(Refused, match="too_many_files"):
        operations.attach(files, at=at)


@pytest.mark.parametrize("public_id", ["", "no such", "a\0b", "../../etc/passwd", "ё", "0" * 5000])
def test_a_strange_public_id_is_simply_missing(public_id: str) -> None:
    with pytest.raises(NotFound):
        queries.get_file(public_id)


def test_a_storage_that_cannot_be_written_is_told_and_leaves_no_row(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("not a folder")
    with using(app, FILES_URL=f"file://{tmp_path}/a file/files"):
        refused = refusal(b"text", "log.txt")
    assert refused.reason == "storage_unavailable"
    assert "log.txt" in refused.text("en")
    assert db.session.query(StoredFile).count() == 0


def test_a_disk_that_fills_up_in_mid_file_leaves_no_half_file_and_no_row(folder: Path) -> None:
    owner = make_customer()
    db.session.commit()
    _, hard = limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))  # the kernel itself refuses the rest of the file
    try:
        refused = refusal(b"x" * 600_000, "log.txt", owner=owner)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert refused.reason == "storage_unavailable"
    assert stored_paths(folder) == []
    assert db.session.query(StoredFile).count() == 0
    assert upload(b"x" * 600_000, owner=owner).size == 600_000


def test_lost_bytes_are_missing_and_a_broken_storage_says_so(app: Flask, folder: Path, tmp_path: Path) -> None:
    stored = upload()
    (folder / stored.storage_key).unlink()
    with pytest.raises(NotFound):
        operations.open_file(stored)
    with using(app, FILES_URL="nosuchscheme://bucket"), pytest.raises(Refused, match="storage_unavailable"):
        operations.open_file(stored)


def test_the_same_works_on_a_storage_that_is_no_folder(app: Flask) -> None:
    with using(app, FILES_URL="memory://portal-files"):
        stored = upload(b"text")
        with operations.open_file(stored) as opened:
            assert opened.read() == b"text"
