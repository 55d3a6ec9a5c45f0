"""What the worker does with the outbox."""

from __future__ import annotations

import logging
import random
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import closing
from functools import partial
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from supportapp import clock
from supportapp.extensions import db
from supportapp.jobs.queue import Bell, hear, ring
from supportapp.notifications import queries
from supportapp.notifications.delivering import Claim, claim, settle
from supportapp.notifications.operations import DELIVER, ENOUGH
from supportapp.notifications.pace import Pace, Verdict, is_first_to_continue
from supportapp.notifications.smtp import Line, Outcome

BATCH = 200
BATCH_SECONDS = 40
TROUBLES = 3  # mails in a row that got nowhere: then it is not the recipients, but our own server or database
CONTINUE_SECONDS = 5
SWEEP = "supportapp.notifications.jobs.sweep_outbox"
# Each try: whether listeners are told, and how many seconds to wait after it when the database was at fault. A listener
# that has failed three times is told no more: it may have lost against a person at the same second, or be broken.
TRIES = ((True, 0.0), (True, 0.2), (True, 0.0), (False, 1.0), (False, 3.0), (False, 0.0))

Kept = TypeVar("Kept")

logger = logging.getLogger(__name__)


def deliver(notification_id: int) -> None:
    """Send one mail if it is due and nobody else is at it, and then what else was rung for."""
    hear(DELIVER)
    with closing(Line()) as line:
        turn = Turn(line)
        turn.send([notification_id])
        turn.send_due(heard=True)


def sweep_outbox() -> None:
    """Send whatever was not rung for, is due again, or was left by a sender that died. Two at once do no harm."""
    with closing(Line()) as line:
        Turn(line).send_due()


class Turn:
    """One worker's turn at the outbox: mail after mail over one connection, until nothing is due, the server is away,
    this minute's mails are sent, or its time is up."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._pace = Pace(at=clock.now())
        self._ends = time.monotonic() + BATCH_SECONDS
        self._troubles = 0
        self._over = False

    def send_due(self, *, heard: bool = False) -> None:
        """Everything that is due, the longest waiting first; with ``heard`` also what a bell has just rung for."""
        seen: set[int] = set()
        while not self._over:
            due = [key for key in queries.due_mails(clock.now(), BATCH, heard=heard) if key not in seen]
            db.session.rollback()  # nothing is locked while mails are sent
            if not due:
                return
            seen.update(due)
            if len(due) == BATCH:
                ring([Bell(DELIVER, (due[-1],), "mail", enough=ENOUGH)])  # a colleague may help
            self.send(due)

    def send(self, notification_ids: Iterable[int]) -> None:
        """These, as far as the turn lasts."""
        waiting = deque(notification_ids)
        while waiting and not self._over:
            if time.monotonic() > self._ends:
                self._over = True
                _continue_later()
            elif not self._send(waiting.popleft()) and waiting:
                waiting.rotate(-random.randrange(len(waiting)))  # noqa: S311 - a colleague is at work here

    def _send(self, notification_id: int) -> bool:
        """Says whether it was ours to send, or to put off. A mail that cannot even be taken holds up no other."""
        try:
            verdict, taken = _keep(partial(self._take, notification_id), notification_id)
        except Exception as error:
            logger.exception("mail %s could not be taken", notification_id)
            self._count(trouble=isinstance(error, DBAPIError))
            return True
        if verdict is Verdict.FULL:
            self._over = True
            _continue_later()
        if taken is None:
            return verdict is not Verdict.GO
        outcome = self._line.send(taken.message)
        self._settle(taken, outcome)
        self._pace.learn(taken.recipient, outcome, at=clock.now())
        self._over = self._over or outcome.server_away
        self._count(trouble=outcome.got_nowhere)
        return True

    def _take(self, notification_id: int, announce: bool) -> tuple[Verdict, Claim | None]:
        verdict = self._pace.ask(notification_id, at=clock.now())
        if verdict is not Verdict.GO:
            return verdict, None
        return verdict, claim(notification_id, at=clock.now(), announce=announce)

    def _settle(self, taken: Claim, outcome: Outcome) -> None:
        """What cannot be written down leaves its claim to run out; nothing more is sent then that could come twice."""
        try:
            _keep(lambda announce: settle(taken, outcome, at=clock.now(), announce=announce), taken.notification_id)
        except Exception:
            logger.exception("what became of mail %s could not be written down", taken.notification_id)
            self._over = True

    def _count(self, *, trouble: bool) -> None:
        self._troubles = self._troubles + 1 if trouble else 0
        self._over = self._over or self._troubles >= TROUBLES


def _continue_later() -> None:
    """What is left stays due; one bell is enough for all of it, and the sweep comes anyway."""
    if is_first_to_continue(CONTINUE_SECONDS):
        ring([Bell(SWEEP, (), "mail", CONTINUE_SECONDS)])


def _keep(act: Callable[[bool], Kept], mail_id: int) -> Kept:
    """``act``, which is given whether to tell listeners, and its commit. Raises what the last of its tries raised."""
    for following, (aloud, pause) in zip((*TRIES[1:], None), TRIES, strict=True):
        try:
            result = act(aloud)
            db.session.commit()
        except Exception as error:
            db.session.rollback()
            if following is None:
                raise
            time.sleep(pause if isinstance(error, DBAPIError) else 0)
            level = logging.INFO if following[0] else logging.ERROR
            logger.log(level, "writing down mail %s failed, it is tried again", mail_id, exc_info=True)
        else:
            return result
    raise AssertionError("there is a last try")
