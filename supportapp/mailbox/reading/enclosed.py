"""What is attached to a mail that is itself attached, as deep as people forward."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from supportapp.mailbox.reading import limits
from supportapp.mailbox.reading.contents import Attachment
from supportapp.mailbox.reading.mail import read_mail


def files_within(attachment: Attachment) -> Iterator[Attachment]:
    """The files of an attached mail and of the mails attached to it, to a bounded depth and number; nothing for other
    files. The outer ones come first."""
    level, seen = [attachment], 0
    for _depth in range(limits.MAIL_DEPTH):
        level = [file for mail in level if is_mail(mail) for file in read_mail(mail.data).attachments]
        level = level[: limits.FILES_WITHIN - seen]
        seen += len(level)
        yield from level


def files_in_mail(name: str, stream: BinaryIO) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of the files within the mail that a file of this name is; nothing for other files."""
    if is_mail(Attachment(name, "", b"")):
        stream.seek(0)
        yield from ((file.name, file.data) for file in files_within(Attachment(name, "", stream.read())))


def is_mail(attachment: Attachment) -> bool:
    """Whether it is a mail, by its type or its name."""
    return attachment.content_type == "message/rfc822" or attachment.name.lower().endswith(".eml")
