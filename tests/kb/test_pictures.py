"""The pictures of articles follow the text, and none that a version shows is ever lost."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from PIL import Image

from supportapp import clock
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.files.jobs import sweep_drafts
from supportapp.files.models import StoredFile
from supportapp.files.operations import open_file, store_upload
from supportapp.kb import operations, pictures
from supportapp.kb.public import find_image
from tests.factories import make_staff
from tests.kb.samples import make_article

pytestmark = pytest.mark.usefixtures("session")


def drawing(kind: str = "PNG", size: tuple[int, int] = (30, 20), **options: Any) -> io.BytesIO:
    target = io.BytesIO()
    Image.new("RGB", size, "navy").save(target, kind, **options)
    target.seek(0)
    return target


def stored(at: datetime) -> StoredFile:
    received = operations.receive_picture(drawing(), "окно.png")
    return operations.store_picture(received, by=make_staff("Editor"), at=at)


def shows(*files: StoredFile) -> str:
    return "Смотрите:\n\n" + "\n\n".join(f"![окно]({pictures.ADDRESS}{one.public_id})" for one in files)


def test_a_picture_is_encoded_anew_without_what_it_carried() -> None:
    exif = Image.Exif()
    exif[0x010E] = "сервер 10.0.0.7"
    upload = operations.receive_picture(drawing("JPEG", exif=exif), "IMG.JPG")
    assert (upload.name, upload.content_type) == ("IMG.webp", "image/webp")
    with open_file(StoredFile(storage_key=upload.storage_key)) as stream, Image.open(stream) as image:
        assert (image.format, image.size, dict(image.getexif())) == ("WEBP", (30, 20), {})


def test_a_large_picture_is_made_smaller_and_a_screenshot_keeps_its_pixels() -> None:
    content, _name = pictures.clean(drawing(size=(4000, 1000)), "a.png")
    with Image.open(content) as image:
        assert image.size == (2000, 500)
        assert image.convert("RGB").getpixel((7, 7)) == (0, 0, 128)


def test_a_picture_of_too_many_pixels_is_refused_undecoded() -> None:
    with pytest.raises(Refused, match="no_picture"):
        pictures.clean(drawing("GIF", size=(9000, 9000)), "bomb.gif")


def test_an_article_has_the_pictures_that_its_text_shows(at: datetime) -> None:
    one, two = stored(at), stored(at)
    article = make_article(body=shows(one, two, one) + f"\n\n`{pictures.ADDRESS}{two.public_id}`")
    assert set(article.images) == {one, two}
    operations.save_article(article, title="Токен", body=shows(two), by=None, at=at)
    assert article.images == [two]
    assert one.attached_at == at


def test_an_older_version_can_be_restored_with_its_picture(at: datetime) -> None:
    one = stored(at)
    article = make_article(body=shows(one))
    operations.save_article(article, title="Токен", body="Без картинки", by=None, at=at)
    with clock.frozen(at + timedelta(days=30)):
        assert sweep_drafts() == 0
    assert find_image(one.public_id, for_staff=False) is None
    operations.restore(article.versions[-1], by=None, at=at)
    assert article.images == [one]
    assert find_image(one.public_id, for_staff=False) == one


def test_a_picture_that_was_never_saved_is_swept_after_a_day(at: datetime) -> None:
    one = stored(at)
    assert find_image(one.public_id, for_staff=True) == one
    db.session.commit()
    with clock.frozen(at + timedelta(days=2)):
        assert sweep_drafts() == 1


def test_no_other_file_is_shown_by_writing_its_address(at: datetime) -> None:
    secret = store_upload(drawing(), "паспорт.png", owner=make_staff("Engineer"), draft="a" * 32, at=at)
    article = make_article(body=shows(secret))
    assert article.images == []
    assert find_image(secret.public_id, for_staff=False) is None


def test_an_import_brings_its_pictures_along(at: datetime) -> None:
    brought = store_upload(drawing(), "a.png", owner=make_staff("Editor"), draft="x" * 32, at=at)
    other = store_upload(drawing(), "b.png", owner=make_staff("Editor"), draft="y" * 32, at=at)
    article = make_article(body=shows(brought), images=[brought, other])
    assert article.images == [brought]
    operations.save_article(article, title="Токен", body="Пусто", by=None, at=at)
    operations.restore(article.versions[-1], by=None, at=at)
    assert article.images == [brought]
