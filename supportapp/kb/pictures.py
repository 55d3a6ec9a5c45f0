"""Pictures fit for articles: a known address, a mark on the row, and bytes of our own making."""

from __future__ import annotations

import io
from pathlib import PurePosixPath
from typing import BinaryIO

from PIL import Image, ImageOps

from supportapp.errors import Refused
from supportapp.files.rules import clean_name
from supportapp.files.thumbnails import FORMATS, MAX_PIXELS
from supportapp.i18n import N_

ADDRESS = "/kb/images/"
MARK = "kb-"  # begins StoredFile.draft of every picture of an article, unsaved or saved
MAX_BYTES = 10 * 1024 * 1024
MAX_SIDE = 2000
CONTENT_TYPE = "image/webp"


def clean(stream: BinaryIO, filename: str) -> tuple[BinaryIO, str]:
    """The picture decoded and encoded anew (WebP, at most MAX_SIDE pixels, no metadata), with its new name.

    Drawings and screenshots keep every pixel, photographs are compressed. Refused: empty_file, file_too_large,
    no_picture.
    """
    name = clean_name(filename)
    content = stream.read(MAX_BYTES + 1)
    if not content:
        raise Refused("empty_file", N_("The file %(name)s is empty (0 bytes)."), field="picture", name=name)
    if len(content) > MAX_BYTES:
        sentence = N_("The file %(name)s is larger than %(limit)s MB.")
        raise Refused("file_too_large", sentence, field="picture", name=name, limit=MAX_BYTES // 1024 // 1024)
    encoded = _encoded(content)
    if encoded is None:
        sentence = N_("%(name)s is no picture that can be shown here (PNG, JPEG, GIF, WebP), or it is damaged.")
        raise Refused("no_picture", sentence, field="picture", name=name)
    return io.BytesIO(encoded), f"{PurePosixPath(name).stem or 'picture'}.webp"


def _encoded(content: bytes) -> bytes | None:
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                return None
            lossless = image.format != "JPEG"
            upright = ImageOps.exif_transpose(image)
            picture = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    except Exception:  # Pillow's readers raise whatever the damage leads them to
        return None
    picture.thumbnail((MAX_SIDE, MAX_SIDE))
    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)
    return _webp(bare, lossless=lossless)


def _webp(picture: Image.Image, *, lossless: bool) -> bytes:
    target = io.BytesIO()
    picture.save(target, "WEBP", quality=85, lossless=lossless, method=2)
    if lossless and target.tell() > 1024 * 1024:  # a photograph in a PNG
        return _webp(picture, lossless=False)
    return target.getvalue()
