"""One act on several tickets: each is looked up again for this person and is a transaction of its own."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from flask import flash, session
from flask_babel import gettext as _
from flask_babel import ngettext

from supportapp.accounts.models import StaffUser
from supportapp.errors import NotFound, Refused
from supportapp.extensions import db, settings
from supportapp.staff.forms import sentence
from supportapp.staff.interface import readable_id
from supportapp.staff.security import signed_in_staff
from supportapp.tickets import queries
from supportapp.tickets.desk import holding
from supportapp.tickets.desk.acts import SentAct
from supportapp.tickets.desk.canned import canned_text
from supportapp.tickets.desk.rules import HeldKind
from supportapp.tickets.models import CannedReply, Ticket

Act = Callable[[Ticket, int | None], object]  # False: it waits, and can be taken back
SEVERAL = "several"
TOLD = 10  # refusals told in full: the answers of a hundred rows do not fit into a cookie


def answer_each(canned: CannedReply, *, by: StaffUser, at: datetime) -> Act:
    """The prepared answer, filled for each ticket and in its customer's language. It waits like any other message."""

    def answer(ticket: Ticket, seen: int | None, token: str) -> SentAct:
        return SentAct(ticket, HeldKind.REPLY, canned_text(canned, ticket, by=by, at=at), by, token, seen, take=True)

    return _sent(answer, at=at)


def close_each(note: str, *, by: StaffUser, at: datetime) -> Act:
    """Close each for the same reason; it waits as an answer does."""
    return _sent(lambda ticket, seen, token: SentAct(ticket, HeldKind.CLOSING, note, by, token, seen), at=at)


def merge_each(target: Callable[[], Ticket], *, by: StaffUser, at: datetime) -> Act:
    """Merge each into ``target``, which is looked up every time; it waits as an answer does."""
    return _sent(
        lambda ticket, seen, token: SentAct(ticket, HeldKind.MERGING, "", by, token, seen, target=target()), at=at
    )


def waits(at: datetime) -> bool:
    """Whether something that this person sent to several tickets a moment ago can still be taken back."""
    _token, until = session.get(SEVERAL) or ("", 0)
    return bool(at.timestamp() < until)


def take_all_back(*, by: StaffUser, at: datetime) -> None:
    """Take back what this person sent to several tickets, and tell of it; the first ticket keeps a closing's reason."""
    token, _until = session.pop(SEVERAL, None) or ("", 0)
    stopped, keeper = holding.take_all_back(token, by=by, at=at) if token else (0, None)
    db.session.commit()
    if not stopped:
        flash(_("It has left already and cannot be taken back."), "warning")
        return
    words = ngettext(
        "Taken back: %(num)s ticket stays as it was.", "Taken back: %(num)s tickets stay as they were.", stopped
    )
    if keeper is not None:
        words += " " + _("The reason you wrote is kept on the page of %(reference)s.", reference=keeper.reference)
    flash(words, "success")


def _sent(act: Callable[[Ticket, int | None, str], SentAct], *, at: datetime) -> Act:
    """All under one token, so that they can be taken back as a whole."""
    token = f"{SEVERAL}{uuid.uuid4().hex}"

    def send(ticket: Ticket, seen: int | None) -> bool:
        has_happened = holding.send(act(ticket, seen, token), at=at)
        if not has_happened:
            session[SEVERAL] = [token, (at + timedelta(seconds=settings.UNDO_SECONDS)).timestamp()]
        return has_happened

    return send


def seen_versions(posted: Sequence[str]) -> dict[str, int | None]:
    """Which version of each ticket the page had shown: pairs ``TP-000001:7``."""
    pairs = (text.partition(":") for text in posted)
    return {reference: readable_id(version) for reference, _colon, version in pairs}


def act_on_each(references: Sequence[str], act: Act, seen: dict[str, int | None]) -> None:
    """Do it where it can be done, and tell of each ticket whether it was done, waits or was refused, and why."""
    if not references:
        flash(_("No ticket was chosen."), "warning")
    done: list[str] = []
    waiting: list[str] = []
    refused: list[tuple[str, str]] = []
    for reference in dict.fromkeys(references):
        try:
            has_happened = act(queries.get_ticket_for_staff(signed_in_staff(), reference), seen.get(reference))
            db.session.commit()
            (waiting if has_happened is False else done).append(reference)
        except Refused as refusal:
            db.session.rollback()
            refused.append((reference, f"{reference}: {sentence(refusal)}"))
        except NotFound:
            db.session.rollback()
            shown = reference[: queries.REFERENCE_LENGTH]
            refused.append((shown, _("%(reference)s: there is no such ticket.", reference=shown)))
    _tell(done, waiting, refused)


def _tell(done: list[str], waiting: list[str], refused: list[tuple[str, str]]) -> None:
    for _reference, words in refused[:TOLD]:
        flash(words, "danger")
    if more := [reference for reference, _words in refused[TOLD:]]:
        flash(
            ngettext(
                "%(num)s more was refused: %(references)s",
                "%(num)s more were refused: %(references)s",
                len(more),
                references=", ".join(more),
            ),
            "danger",
        )
    if done:
        flash(_("Done: %(references)s", references=", ".join(done)), "success")
    if waiting:
        flash(_("Leaves in a moment: %(references)s", references=", ".join(waiting)), "success")
