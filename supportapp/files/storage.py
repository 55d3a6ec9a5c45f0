"""Where the bytes lie: any file system that fsspec speaks, a local folder by default.

Bytes are written under ``incoming/`` and moved when complete, so that no key ever names half a file. Keys are random
and say nothing about the file.
"""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO, cast

import fsspec
from sqlalchemy import event
from sqlalchemy.orm import Session

from supportapp.extensions import settings

log = logging.getLogger(__name__)

CHUNK = 256 * 1024


class StorageError(Exception):
    """The storage did not take or give the bytes; its own complaint is the cause."""


def new_key() -> str:
    """A fresh random key in two levels of folders, which keeps every folder small."""
    name = secrets.token_hex(20)
    return f"{name[:2]}/{name[2:4]}/{name}"


def write(key: str, source: BinaryIO) -> None:
    """Store everything that is left in ``source`` under ``key``: all of it, or StorageError and nothing."""
    draft = f"incoming/{secrets.token_hex(20)}"
    try:
        fs, root = _file_system()
        for path in (f"{root}/{draft}", f"{root}/{key}"):
            fs.makedirs(path.rpartition("/")[0], exist_ok=True)
        with fs.open(f"{root}/{draft}", "wb") as target:
            for chunk in iter(lambda: source.read(CHUNK), b""):
                target.write(chunk)
            _sync(target)
        fs.mv(f"{root}/{draft}", f"{root}/{key}")
        _sync_folder(fs, f"{root}/{key}".rpartition("/")[0])
    except Exception as error:  # every driver has exceptions of its own
        remove([draft])
        raise StorageError(key) from error


def open_key(key: str) -> BinaryIO:
    """The bytes under ``key``, from the start; FileNotFoundError when there are none."""
    try:
        fs, root = _file_system()
        return cast(BinaryIO, fs.open(f"{root}/{key}", "rb"))
    except FileNotFoundError:
        raise
    except Exception as error:
        raise StorageError(key) from error


def remove(keys: Iterable[str]) -> None:
    """Remove what is there. A key that cannot be removed is logged and left to the sweep."""
    for key in keys:
        try:
            fs, root = _file_system()
            fs.rm_file(f"{root}/{key}")
        except FileNotFoundError:
            pass
        except Exception:
            log.warning("stored bytes could not be removed: %s", key, exc_info=True)


def remove_after_commit(session: Session, keys: Iterable[str]) -> None:
    """Remove ``keys`` once the transaction that gave up their rows is committed; never when it is rolled back."""
    session.info.setdefault("file_keys_to_remove", []).extend(keys)
    if not event.contains(session, "after_commit", _remove_now):
        event.listen(session, "after_commit", _remove_now)
        event.listen(session, "after_rollback", _forget)


def keys() -> Iterator[str]:
    """Every key in the storage, unfinished ones under ``incoming/`` included."""
    fs, root = _file_system()
    if fs.exists(root):
        for path in fs.find(root):
            yield str(path).removeprefix(fs._strip_protocol(root)).strip("/")


def is_older(key: str, age: timedelta) -> bool:
    """Whether the storage took ``key`` longer ago than ``age``, by the storage's own clock."""
    fs, root = _file_system()
    try:
        modified = cast(datetime, fs.modified(f"{root}/{key}"))
    except FileNotFoundError:
        return False
    return datetime.now(UTC) - (modified if modified.tzinfo else modified.replace(tzinfo=UTC)) > age


def _file_system() -> tuple[Any, str]:
    fs, root = fsspec.core.url_to_fs(settings.files_url)
    return fs, str(root).rstrip("/")


def _sync(target: Any) -> None:
    target.flush()
    if hasattr(target, "fileno"):
        try:
            descriptor = target.fileno()
        except OSError:  # not a local file
            return
        os.fsync(descriptor)


def _sync_folder(fs: Any, folder: str) -> None:
    """Make the name last, too: after a power cut the bytes would be there under a name that nobody knows."""
    if "file" not in fs.protocol:
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_now(session: Session) -> None:
    if not session.in_nested_transaction():
        remove(session.info.pop("file_keys_to_remove", []))


def _forget(session: Session) -> None:
    session.info.pop("file_keys_to_remove", None)
