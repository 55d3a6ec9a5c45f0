"""Files that people attach."""

from __future__ import annotations

import io

from PIL import Image
from playwright.sync_api import FilePayload

PASTE = """([base64, name, kind]) => {
    const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], name, { type: kind }));
    return data;
}"""


def picture(side: int = 96) -> bytes:
    """A PNG of a gradient."""
    image = Image.linear_gradient("L").resize((side, side)).convert("RGB")
    target = io.BytesIO()
    image.save(target, "PNG")
    return target.getvalue()


LOG: FilePayload = {"name": "журнал.txt", "mimeType": "text/plain", "buffer": "строка журнала\n".encode() * 40}
PICTURE: FilePayload = {"name": "окно.png", "mimeType": "image/png", "buffer": picture()}
DISGUISED: FilePayload = {
    "name": "картинка.png",
    "mimeType": "image/png",
    "buffer": b"<!doctype html><script>alert(1)</script>",
}
