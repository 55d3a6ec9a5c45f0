"""Reading the files: one JSON object a line, never the whole of a file at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

NAMES = ("departments", "agents", "customers", "tickets", "messages")
Row = dict[str, Any]


class DatasetError(Exception):
    """A file is missing or a line of it cannot be used; the text says which."""


def check_folder(folder: Path) -> None:
    """Raise DatasetError unless every file is there."""
    missing = [f"{name}.jsonl" for name in NAMES if not (folder / f"{name}.jsonl").is_file()]
    if missing:
        raise DatasetError(f"{folder} has no {', '.join(missing)}")


def rows(folder: Path, name: str) -> Iterator[Row]:
    """The objects of one file in order."""
    with (folder / f"{name}.jsonl").open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                row = json.loads(line)
            except ValueError as error:
                raise DatasetError(f"{name}.jsonl, line {number}: {error}") from error
            if not isinstance(row, dict):
                raise DatasetError(f"{name}.jsonl, line {number}: not an object")
            yield row


def tickets_with_messages(folder: Path) -> Iterator[tuple[Row, list[Row]]]:
    """Each ticket with its messages: both files go by the tickets' ids, so they are read side by side."""
    conversations = groupby(rows(folder, "messages"), key=lambda row: int(row["ticket_id"]))
    key, messages = next(conversations, (0, iter(())))
    for ticket in rows(folder, "tickets"):
        while 0 < key < ticket["id"]:
            key, messages = next(conversations, (0, iter(())))
        if key != ticket["id"]:
            raise DatasetError(f"messages.jsonl: ticket {ticket['id']} has no messages, or they are out of order")
        yield ticket, list(messages)


def moment(text: str) -> datetime:
    """A moment as the files write it."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise DatasetError(f"a moment without a time zone: {text}")
    return found
