"""Secrets in a file that is taken in: in itself, and in the files of a mail that was saved as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from io import BytesIO
from typing import BinaryIO

from supportapp.errors import Refused
from supportapp.guard.containers import found_in_file
from supportapp.guard.findings import NAMES, Secret
from supportapp.i18n import N_, Terms

# Name and bytes of each file that lies in the mail which the file of this name is; nothing for other files.
FilesWithin = Callable[[str, BinaryIO], Iterable[tuple[str, bytes]]]


def _nothing(_name: str, _stream: BinaryIO) -> Iterable[tuple[str, bytes]]:
    return ()


_files_within: FilesWithin = _nothing


def open_mails_with(files_within: FilesWithin) -> None:
    """Let ``files_within`` open mails, to a bounded depth and number; the application joins it in ``wiring``."""
    global _files_within
    _files_within = files_within


def secrets_in(name: str, stream: BinaryIO) -> list[Secret]:
    """The kinds of secrets that the file holds, each once. ``stream`` can be sought; it is left anywhere."""
    found = [one.kind for one in found_in_file(name, stream)]
    for inner, data in _files_within(name, stream):
        found += [one.kind for one in found_in_file(inner, BytesIO(data))]
    return list(dict.fromkeys(found))


def secret_file(name: str, found: Sequence[Secret]) -> Refused:
    """The refusal of a file in which secrets of these kinds were ``found``."""
    sentence = N_("The file %(name)s holds a secret (%(what)s) and was not kept: support never needs it.")
    return Refused("secret_file", sentence, field="files", name=name, what=Terms(NAMES[kind] for kind in found))
