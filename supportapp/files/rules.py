"""What may be attached: names made harmless, kinds told by content. Standard library only."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

HEAD_BYTES = 8192
MAX_NAME = 150
MAX_EXTENSION = 16

SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"{\\rtf", "application/rtf"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"\x1f\x8b", "application/gzip"),
    (b"\x7fELF", "application/x-executable"),
    (b"\xcf\xfa\xed\xfe", "application/x-executable"),
    (b"\xca\xfe\xba\xbe", "application/x-executable"),
    (b"#!/", "application/x-executable"),
    (b"#! /", "application/x-executable"),
)
MARKUP = re.compile(
    rb"(?:<!--.*?-->|<\?xml.*?\?>|\s)*<(?:!doctype\s+(?:html|svg)|html|head|body|script|svg|iframe)\b", re.I | re.S
)
IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/tiff"})
EXECUTABLE = "application/x-executable"
HTML = "text/html"

_ZIP = frozenset({"application/zip"})
_OFFICE = frozenset({"application/zip", "application/x-ole-storage"})  # a password turns a zip into OLE
_OLD_OFFICE = frozenset({"application/x-ole-storage", "application/rtf", "text/plain"})
_TEXT = frozenset({"text/plain", "application/octet-stream"})  # logs are cut in mid-character, or hold zeros
EXPECTED = {
    "png": frozenset({"image/png"}),
    "jpg": frozenset({"image/jpeg"}),
    "jpeg": frozenset({"image/jpeg"}),
    "gif": frozenset({"image/gif"}),
    "webp": frozenset({"image/webp"}),
    "bmp": frozenset({"image/bmp"}),
    "tif": frozenset({"image/tiff"}),
    "tiff": frozenset({"image/tiff"}),
    "pdf": frozenset({"application/pdf"}),
    "zip": _ZIP,
    **dict.fromkeys(("docx", "xlsx", "pptx"), _OFFICE),
    **dict.fromkeys(("odt", "ods", "odp"), _ZIP),
    **dict.fromkeys(("doc", "xls", "ppt"), _OLD_OFFICE),
    "7z": frozenset({"application/x-7z-compressed"}),
    "rar": frozenset({"application/vnd.rar"}),
    **dict.fromkeys(("gz", "tgz"), frozenset({"application/gzip"})),
    "rtf": frozenset({"application/rtf"}),
    **dict.fromkeys(("txt", "log", "csv", "md", "ini", "conf", "cfg", "json", "yml", "yaml"), _TEXT),
}
# fmt: off
PROGRAMS = frozenset((
    "exe", "dll", "com", "scr", "pif", "cpl", "msi", "msp", "bat", "cmd", "ps1", "psm1", "vbs", "vbe", "js", "jse",
    "wsf", "wsh", "hta", "lnk", "jar", "reg", "sh", "apk",
))
# fmt: on


def clean_name(name: str) -> str:
    """``name`` fit to show and to save under: no folders, no invisible or reversing characters, not too long."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    visible = (c for c in name if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
    name = re.sub(r"\s+", " ", re.sub(r'[<>:"|?*]', "_", "".join(visible))).strip(" .")
    suffix = PurePosixPath(name).suffix if len(PurePosixPath(name).suffix) <= MAX_EXTENSION else ""
    return name[: MAX_NAME - len(suffix)].removesuffix(suffix).rstrip(" .") + suffix if name else "file"


def extension(name: str) -> str:
    """The lower-case extension without its dot, or an empty text."""
    return PurePosixPath(name).suffix.lstrip(".").lower()


def kind_of(head: bytes) -> str:
    """The content type that the first bytes (HEAD_BYTES) speak of, whatever the name says."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[:2] == b"BM" and len(head) >= 26 and head[6:10] == b"\0\0\0\0":
        return "image/bmp"
    if head[:2] == b"MZ" and b"\0" in head[:64]:
        return EXECUTABLE
    for signature, kind in SIGNATURES:
        if head.startswith(signature):
            return kind
    if MARKUP.match(head.removeprefix(b"\xef\xbb\xbf")):
        return HTML
    return "text/plain" if _is_text(head) else "application/octet-stream"


def has_lines(name: str, kind: str) -> bool:
    """Whether people can read it as text: by its content, or by its name where a log holds some zeros."""
    return kind.startswith("text/") or (kind == "application/octet-stream" and EXPECTED.get(extension(name)) is _TEXT)


def is_program(name: str, kind: str) -> bool:
    """Whether the file could be run by a double click on somebody's desk."""
    return kind == EXECUTABLE or extension(name) in PROGRAMS


def is_disguised(name: str, kind: str) -> bool:
    """Whether the extension promises what the content is not. Extensions that we do not know promise nothing."""
    return kind not in EXPECTED.get(extension(name), {kind})


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return not any(byte < 32 and byte not in (7, 8, 9, 10, 12, 13, 27) for byte in head)
