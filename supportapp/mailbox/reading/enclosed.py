"""What is attached to a mail that is itself attached, as deep as people forward."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from supportapp.mailbox.reading import limits, outlook
from supportapp.mailbox.reading.contents import Attachment
from supportapp.mailbox.reading.mail import read_mail

MAIL_END, OUTLOOK_END = ".eml", ".msg"


def files_within(attachment: Attachment) -> Iterator[Attachment]:
    """The files of an attached mail and of the mails attached to it, to a bounded depth and number; nothing for other
    files. The outer ones come first."""
    level, seen = [attachment], 0
    for _depth in range(limits.MAIL_DEPTH):
        level = [file for outer in level for file in _files_of(outer)]
        level = level[: limits.FILES_WITHIN - seen]
        seen += len(level)
        yield from level


def files_in_mail(name: str, stream: BinaryIO) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of the files within the mail that a file of this name is; nothing for other files."""
    if name.lower().endswith((MAIL_END, OUTLOOK_END)):
        stream.seek(0)
        yield from ((file.name, file.data) for file in files_within(Attachment(name, "", stream.read())))


def _files_of(outer: Attachment) -> Iterable[Attachment]:
    if outer.content_type == "message/rfc822" or outer.name.lower().endswith(MAIL_END):
        return read_mail(outer.data).attachments
    return outlook.files_of(outer.data) if outer.name.lower().endswith(OUTLOOK_END) else ()
