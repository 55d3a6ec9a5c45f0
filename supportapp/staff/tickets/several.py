"""One act on several tickets: each is looked up again for this person and is a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import flash
from flask_babel import gettext as _
from flask_babel import ngettext

from supportapp.errors import NotFound, Refused
from supportapp.extensions import db
from supportapp.staff.forms import sentence
from supportapp.staff.interface import readable_id
from supportapp.staff.security import signed_in_staff
from supportapp.tickets import queries
from supportapp.tickets.models import Ticket

Act = Callable[[Ticket, int | None], object]
TOLD = 10  # refusals told in full: the answers of a hundred rows do not fit into a cookie


def seen_versions(posted: Sequence[str]) -> dict[str, int | None]:
    """Which version of each ticket the page had shown: pairs ``TP-000001:7``."""
    pairs = (text.partition(":") for text in posted)
    return {reference: readable_id(version) for reference, _colon, version in pairs}


def act_on_each(references: Sequence[str], act: Act, seen: dict[str, int | None]) -> None:
    """Do it where it can be done, and tell of each ticket whether it was done or why not."""
    if not references:
        flash(_("No ticket was chosen."), "warning")
    done, refused = [], []
    for reference in dict.fromkeys(references):
        try:
            act(queries.get_ticket_for_staff(signed_in_staff(), reference), seen.get(reference))
            db.session.commit()
            done.append(reference)
        except Refused as refusal:
            db.session.rollback()
            refused.append((reference, f"{reference}: {sentence(refusal)}"))
        except NotFound:
            db.session.rollback()
            shown = reference[: queries.REFERENCE_LENGTH]
            refused.append((shown, _("%(reference)s: there is no such ticket.", reference=shown)))
    _tell(done, refused)


def _tell(done: list[str], refused: list[tuple[str, str]]) -> None:
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
