"""A mail that Outlook saved (MS-OXMSG): its files, and those of the mails within it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from supportapp.mailbox.reading import limits
from supportapp.mailbox.reading.compound import Compound, Entry
from supportapp.mailbox.reading.contents import Attachment
from supportapp.mailbox.reading.file_names import file_name

_FILE = "__attach_version1.0_"
_LONGEST_NAME = 1_000
_DATA = "__substg1.0_37010102"
_NAMES = {"__substg1.0_3707001F": "utf-16-le", "__substg1.0_3704001F": "utf-16-le", "__substg1.0_3707001E": "cp1251"}


def files_of(data: bytes) -> Iterator[Attachment]:
    """The files, together no more than the whole: two may claim the same bytes. Nothing for other files."""
    saved, left = Compound(data), len(data)
    storages = (entry for entry in saved.entries if entry.is_storage and entry.name.startswith(_FILE))
    for number, storage in enumerate(islice(storages, limits.FILES_WITHIN), 1):
        streams = saved.streams_in(storage)
        if _DATA not in streams:
            continue
        left -= streams[_DATA].size
        if left < 0:
            return
        yield Attachment(file_name(_name(saved, streams), "", number), "", saved.data(streams[_DATA]))


def _name(saved: Compound, streams: dict[str, Entry]) -> str:
    for name, coding in _NAMES.items():
        if name in streams and streams[name].size <= _LONGEST_NAME:
            return saved.data(streams[name]).decode(coding, "replace")
    return ""
