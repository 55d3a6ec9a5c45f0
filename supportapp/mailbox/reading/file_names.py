"""Names for the files of a mail: never empty, never a path, never longer than a file system takes."""

from __future__ import annotations

import mimetypes
import re

from supportapp.mailbox.reading import limits
from supportapp.mailbox.reading.encoded_words import tidy

_FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
_USUAL = {
    "message/delivery-status": "delivery-report.txt",
    "message/global-delivery-status": "delivery-report.txt",
    "message/disposition-notification": "read-receipt.txt",
    "message/feedback-report": "complaint.txt",
    "text/rfc822-headers": "returned-headers.txt",
    "message/global-headers": "returned-headers.txt",
}
_EXTENSIONS = {
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
    "message/rfc822": ".eml",
    "application/pkcs7-mime": ".p7m",
    "application/x-pkcs7-mime": ".p7m",
    "application/pkcs7-signature": ".p7s",
    "application/x-pkcs7-signature": ".p7s",
    "application/pgp-encrypted": ".txt",
    "image/jpeg": ".jpg",
    "image/png": ".png",
}


def file_name(written: str, content_type: str, number: int) -> str:
    """A safe name: the one that was ``written``, without any folder, or one made of the type and the number."""
    name = tidy(written.replace("\\", "/").rpartition("/")[2])
    name = _FORBIDDEN.sub("_", name).strip(" .")
    if not name.strip("_") and content_type in _USUAL:
        return _USUAL[content_type]
    if not name.strip("_"):
        kind = content_type.partition("/")[0]
        name = f"{kind if kind in ('image', 'audio', 'video', 'text') else 'attachment'}-{number}"
        return name + extension_of(content_type)
    return shortened(name)


def extension_of(content_type: str) -> str:
    return _EXTENSIONS.get(content_type) or mimetypes.guess_extension(content_type) or ".bin"


def shortened(name: str) -> str:
    """At most so many characters, the extension kept."""
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > 12:
        return name[: limits.NAME_CHARACTERS]
    return f"{stem[: limits.NAME_CHARACTERS - len(extension) - 1]}.{extension}"
