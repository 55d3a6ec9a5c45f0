"""``flask kb export``: a folder that reads well anywhere, and that comes back as it was."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image

from supportapp.extensions import db
from supportapp.files import storage
from supportapp.files.operations import open_file
from supportapp.kb.models import Article, Topic
from supportapp.kb.operations import keep_for_staff, publish, save_article
from supportapp.kb.operations.pictures import receive_picture, store_picture
from tests.factories import make_product, make_staff
from tests.kb.exchanges import article, contents, png, run, write
from tests.kb.samples import AT


@pytest.fixture
def app(own_app: Flask) -> Iterator[Flask]:
    with own_app.app_context():
        yield own_app
        db.session.rollback()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "exported"


def picture(content: bytes, name: str) -> str:
    stored = store_picture(receive_picture(io.BytesIO(content), name), by=make_staff(), at=AT)
    return f"/kb/images/{stored.public_id}"


def photograph() -> bytes:
    target = io.BytesIO()
    Image.effect_noise((300, 200), 80).convert("RGB").save(target, "JPEG")
    return target.getvalue()


def fill() -> None:
    """A knowledge base with one of everything."""
    root = Topic(name_ru="Windows: «всё»", name_en="Windows", position=7)
    twin = Topic(name_ru="Окна", name_en="Windows", position=7)
    below = Topic(name_ru="Активация", name_en="Activation", position=2, parent=root)
    db.session.add_all([root, twin, below])
    text = "\r\n\r\n---\r\n\r\n[Дальше](/kb/english#s-1), [нет](/kb/none), [x](nowhere.md)"
    body = f"![Вид]({picture(png(), 'вид.png')}){text}"
    original = save_article(
        None,
        title='0x80090016: "ключ" — 12:30',
        body=body,
        slug="original",
        phrases="0x80090016\r\n\r\nda: net\nno",
        topic=below,
        products=[make_product(name="Продукт: б"), make_product(name="А")],
        review_on=date(2027, 1, 2),
        source="https://example.org/?a#b",
        licence="CC BY 4.0",
        attribution="Кто-то; изменения: всё",
        by=make_staff(),
        at=AT,
    )
    english = save_article(
        None,
        title="no",
        body=f"![Photo]({picture(photograph(), 'photo.jpg')}) [back](/kb/original)",
        slug="english",
        language="en",
        topic=twin,
        translation_of=original,
        by=None,
        at=datetime(2026, 11, 21, 1, 2, 3, 456789, tzinfo=UTC),
    )
    save_article(None, title="Черновик", body="`---`\n\n    code", slug="draft", by=None, at=AT)
    staff_only = save_article(None, title="Для своих", body="Тайна", slug="staff", by=None, at=AT)
    publish(original, by=None, at=AT)
    publish(english, by=None, at=AT)
    keep_for_staff(staff_only, by=None, at=AT)
    db.session.commit()


def start_anew() -> None:
    db.session.remove()
    db.drop_all()
    db.create_all()


def test_what_was_exported_comes_back_and_goes_out_as_the_same_bytes(app: Flask, folder: Path, tmp_path: Path) -> None:
    fill()
    assert run(app, "export", folder).exit_code == 0
    start_anew()
    result = run(app, "import", folder, "--create-products")
    assert "4 new, 0 changed, 0 unchanged; 3 topics." in result.output, result.output
    run(app, "export", tmp_path / "again")
    assert contents(folder) == contents(tmp_path / "again")
    assert len(contents(folder)) == 4 + 2 + 2
    with open_file(article("english").images[0]) as stream:
        assert Image.open(stream).size == (300, 200)


def test_an_import_of_the_export_into_the_same_base_finds_nothing_changed(app: Flask, folder: Path) -> None:
    fill()
    run(app, "export", folder)
    assert "0 new, 0 changed, 4 unchanged; 0 topics." in run(app, "import", folder).output


def test_a_file_reads_well_in_any_viewer(app: Flask, folder: Path) -> None:
    fill()
    run(app, "export", folder)
    image = next(path for path in contents(folder) if path.startswith("images/"))
    text = (folder / "ru" / "original.md").read_text()
    assert text.startswith(
        "---\ntitle: '0x80090016: \"ключ\" — 12:30'\nslug: original\nlanguage: ru\nstate: published\n"
    )
    assert "topic: windows/activation\nproducts:\n- А\n- 'Продукт: б'\nphrases:\n- '0x80090016'\n" in text
    assert "review-on: 2027-01-02\n" in text
    assert "[Дальше](../en/english.md#s-1), [нет](/kb/none), [x](nowhere.md)" in text
    assert "![Вид](../images/" in text
    assert (folder / "ru" / "../" / image).is_file()
    assert "translation-of: original\n" in (folder / "en" / "english.md").read_text()
    assert "- key: windows-2\n  ru: Окна\n  en: Windows\n  position: 7\n" in (folder / "topics.yaml").read_text()


def test_public_only_tells_nothing_of_the_rest(app: Flask, folder: Path) -> None:
    fill()
    db.session.add(Topic(name_ru="Тайный раздел", name_en="Secret", position=9))
    keep_for_staff(article("original"), by=None, at=AT)
    db.session.commit()
    run(app, "export", folder, "--public-only")
    assert [path for path in contents(folder) if path.endswith(".md")] == ["en/english.md"]
    everything = b"".join(contents(folder).values())
    for secret in ("Тайн", "Черновик", "translation-of", "Активация"):
        assert secret.encode() not in everything
    assert "Окна".encode() in everything


def test_public_only_takes_away_what_an_earlier_export_told_of_the_rest(app: Flask, folder: Path) -> None:
    fill()
    run(app, "export", folder)
    write(folder, "ru/mine.md")
    keep_for_staff(article("original"), by=None, at=AT)
    db.session.commit()
    result = run(app, "export", folder, "--force", "--public-only")
    assert "1 articles, 1 pictures; 2 files written, 4 files of an earlier export removed." in result.output
    assert [path for path in contents(folder) if path.endswith(".md")] == ["en/english.md", "ru/mine.md"]
    assert len([path for path in contents(folder) if path.startswith("images/")]) == 1
    assert "draft" not in (folder / ".exported").read_text()


def test_a_picture_that_only_the_folder_has_is_not_pruned(app: Flask, folder: Path) -> None:
    fill()
    run(app, "export", folder)
    storage.remove([article("original").images[0].storage_key])
    run(app, "export", folder, "--force", "--public-only", "--prune")
    assert len([path for path in contents(folder) if path.startswith("images/")]) == 2


def test_a_folder_with_something_in_it_is_refused_unless_forced(app: Flask, folder: Path) -> None:
    fill()
    folder.mkdir()
    (folder / "mine.txt").write_text("моё")
    result = run(app, "export", folder)
    assert (result.exit_code, "is not empty; use --force" in result.output) == (1, True)
    assert list(contents(folder)) == ["mine.txt"]
    assert run(app, "export", folder, "--force").exit_code == 0
    assert (folder / "mine.txt").read_text() == "моё"


def test_files_that_are_the_same_are_not_touched(app: Flask, folder: Path) -> None:
    fill()
    run(app, "export", folder)
    before = (folder / "ru" / "draft.md").stat().st_mtime_ns
    save_article(article("staff"), title="Для своих", body="Другая тайна", by=None, at=AT)
    db.session.commit()
    assert "4 articles, 2 pictures; 1 files written." in run(app, "export", folder, "--force").output
    assert (folder / "ru" / "draft.md").stat().st_mtime_ns == before


def test_only_prune_removes_what_an_earlier_export_wrote_and_nothing_else(app: Flask, folder: Path) -> None:
    fill()
    run(app, "export", folder)
    write(folder, "ru/mine.md")
    (folder / ".exported").open("a").write("ru/../../outside.md\nru/mine.txt\n/etc/passwd\n")
    db.session.delete(article("english"))
    db.session.commit()
    run(app, "export", folder, "--force")
    assert (folder / "en" / "english.md").exists()
    assert "2 files of an earlier export removed." in run(app, "export", folder, "--force", "--prune").output
    assert [path for path in contents(folder) if path.endswith(".md")] == [
        "ru/draft.md",
        "ru/mine.md",
        "ru/original.md",
        "ru/staff.md",
    ]


def test_an_export_does_not_write_through_a_symbolic_link(app: Flask, folder: Path, tmp_path: Path) -> None:
    fill()
    folder.mkdir()
    (tmp_path / "elsewhere").mkdir()
    (folder / "ru").symlink_to(tmp_path / "elsewhere")
    result = run(app, "export", folder, "--force")
    assert (result.exit_code, "symbolic link ru" in result.output) == (1, True)
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_lost_picture_is_remarked_on_and_the_rest_is_written(app: Flask, folder: Path, tmp_path: Path) -> None:
    fill()
    storage.remove([article("original").images[0].storage_key])
    result = run(app, "export", folder)
    assert result.exit_code == 0
    assert "Remark: original: shows the picture 'вид.webp', which the storage does not give." in result.output
    assert "](/kb/images/" in (folder / "ru" / "original.md").read_text()


def test_an_empty_knowledge_base_is_an_empty_export(app: Flask, folder: Path) -> None:
    assert "0 articles, 0 pictures" in run(app, "export", folder).output
    assert db.session.query(Article).count() == 0
