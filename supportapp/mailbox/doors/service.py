"""``flask mail receive``: every configured door in one process, until it is told to end."""

from __future__ import annotations

import asyncio
import logging
import signal
from threading import Event, Thread

from config import Settings
from supportapp.extensions import db
from supportapp.mailbox.doors.imap import Box, keep_looking
from supportapp.mailbox.doors.listening import GRACE_SECONDS, Context, Doors

logger = logging.getLogger(__name__)


def receive(settings: Settings, in_context: Context) -> int:
    """Returns the exit status: 0 when it was told to end, 1 when a door cannot be opened."""
    try:
        asyncio.run(_receive(settings, in_context))
    except OSError as error:
        logger.error("a door cannot be opened: %s", error)
        return 1
    return 0


async def _receive(settings: Settings, in_context: Context) -> None:
    told, stop = asyncio.Event(), Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    doors = Doors(settings, in_context)
    await doors.open()
    poller = Thread(target=_poll, args=(settings, in_context, stop), daemon=True)
    if settings.IMAP_HOST:
        poller.start()
    logger.info("receiving mail")
    await told.wait()
    logger.info("closing")
    stop.set()
    await doors.close()
    if settings.IMAP_HOST:  # one that hangs on its server is left: what it has not marked is offered again
        await loop.run_in_executor(None, poller.join, GRACE_SECONDS)


def _poll(settings: Settings, in_context: Context, stop: Event) -> None:
    box = Box(settings)
    with in_context():
        try:
            keep_looking(box, stop, pause=settings.IMAP_SECONDS)
        finally:
            db.session.remove()
