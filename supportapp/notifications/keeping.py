"""Writing down what becomes of a mail, whoever fails at it: a listener of ours, or the database for a moment."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from supportapp.extensions import db

# Each try: whether listeners are told, after how many seconds. One that has failed three times is told no more: it may
# have lost against a person acting at the same second, or be broken. What follows is for a database that comes back.
TRIES = ((True, 0.0), (True, 0.0), (True, 0.2), (False, 0.0), (False, 1.0), (False, 3.0))

Kept = TypeVar("Kept")

logger = logging.getLogger(__name__)


def keep(act: Callable[[bool], Kept], mail_id: int) -> Kept:
    """``act``, which is given whether to tell listeners, and its commit. Raises what the last of its tries raised."""
    for following, (aloud, pause) in zip((*TRIES[1:], None), TRIES, strict=True):
        time.sleep(pause)
        try:
            result = act(aloud)
            db.session.commit()
        except Exception:
            db.session.rollback()
            if following is None:
                raise
            level = logging.INFO if following[0] else logging.ERROR
            logger.log(level, "writing down mail %s failed, it is tried again", mail_id, exc_info=True)
        else:
            return result
    raise AssertionError("there is a last try")
