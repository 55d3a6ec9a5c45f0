"""One index on disk, as Whoosh keeps it: its format, and what its table of contents says.

The files are pickles: a folder is read only when it is ours and nobody else can write it.
"""

from __future__ import annotations

import os
from pathlib import Path

from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC, FileIndex

from supportapp.kb.search.segments import schema

FORMAT = 2  # an index of another format counts as missing, and is built anew
NAME = f"articles{FORMAT}x"


class BrokenIndexError(Exception):
    """There is no index in the folder, it is damaged, or it is not safe to read."""


def create(folder: Path) -> FileIndex:
    """An empty index in a folder that is not there yet."""
    folder.mkdir(mode=0o700, parents=True)
    return FileIndex.create(_storage(folder), schema(), NAME)


def open_folder(folder: Path) -> FileIndex:
    """The index in the folder; BrokenIndexError when it must not or cannot be opened."""
    try:
        state = folder.stat()
        if state.st_uid not in (os.getuid(), 0) or state.st_mode & 0o022:
            raise BrokenIndexError(f"{folder} can be written by others")
        return FileIndex(_storage(folder), schema(), NAME)
    except BrokenIndexError:
        raise
    except Exception as error:  # damaged pickles raise anything
        raise BrokenIndexError(str(folder)) from error


def contents(folder: Path) -> TOC:
    """The table of contents as of the last commit; BrokenIndexError when there is none."""
    opened = open_folder(folder)
    try:
        return TOC.read(opened.storage, NAME, schema=schema())
    except Exception as error:
        raise BrokenIndexError(str(folder)) from error


def generation(folder: Path) -> int:
    """The number of the last commit; OSError when the folder is gone."""
    written: int = TOC._latest_generation(_storage(folder), NAME)
    return written


def _storage(folder: Path) -> FileStorage:
    return FileStorage(str(folder), supports_mmap=False)  # a mapped file that is truncated kills the process
