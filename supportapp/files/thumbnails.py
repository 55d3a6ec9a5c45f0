"""Small pictures of pictures: decoded and encoded anew, so that nothing of the upload but its look is shown."""

from __future__ import annotations

import io
import logging
from typing import BinaryIO

from PIL import Image, ImageOps

log = logging.getLogger(__name__)

SIDE = 480
MAX_PIXELS = 40_000_000  # decoded, that is 160 MB of memory
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")
CONTENT_TYPE = "image/webp"


def is_image(source: BinaryIO) -> bool:
    """Whether the bytes hold together as a picture. A huge one counts as a picture: it is not decoded to find out."""
    source.seek(0)
    try:
        with Image.open(source, formats=FORMATS) as image:
            image.verify()
    except Image.DecompressionBombError:
        return True
    except Exception:  # Pillow's readers raise whatever the damage leads them to
        return False
    return True


def make_thumbnail(source: BinaryIO) -> bytes | None:
    """A WebP of at most SIDE pixels without any metadata; None when the picture is too big or damaged."""
    source.seek(0)
    try:
        with Image.open(source, formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                return None
            image.draft("RGB", (SIDE * 2, SIDE * 2))
            upright = ImageOps.exif_transpose(image)
            small = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
            small.thumbnail((SIDE, SIDE))
            return _encoded(small)
    except Exception:
        log.info("no thumbnail could be made", exc_info=True)
        return None


def _encoded(image: Image.Image) -> bytes:
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    target = io.BytesIO()
    bare.save(target, "WEBP", quality=80)
    return target.getvalue()
