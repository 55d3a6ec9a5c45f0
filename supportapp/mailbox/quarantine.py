"""What staff do with a mail that entered no ticket. Nobody's words are put into a customer's mouth: such a mail becomes
an internal note, a ticket on somebody's behalf, or it is read once more as what its sender's own address makes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from supportapp.accounts.models import Customer, StaffUser
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.files import storage
from supportapp.files.models import StoredFile
from supportapp.i18n import DEFAULT_LANGUAGE, N_
from supportapp.mailbox import enclosures, originals, wording
from supportapp.mailbox.enclosures import Enclosed
from supportapp.mailbox.models import ReceivedMail
from supportapp.mailbox.reading.contents import IncomingMail
from supportapp.mailbox.receiving import read_anew
from supportapp.mailbox.rules import PARDONABLE, UNDECIDED, MailState
from supportapp.tickets import operations
from supportapp.tickets.models import Ticket


def add_as_note(
    row: ReceivedMail, mail: IncomingMail, enclosed: Enclosed, ticket: Ticket, *, by: StaffUser, at: datetime
) -> None:
    """An internal note with the text and the files: the customer sees nothing of it. What was not taken because of a
    secret does not stay in the original either. Refused("decided_already")."""
    _hold(row)
    files = _keep(row, enclosed, by=by, at=at)
    head = f"{row.sender or '—'}: {row.subject}".strip()
    body = f"{head}\n\n{wording.body_of(mail, DEFAULT_LANGUAGE, enclosed.sentences(DEFAULT_LANGUAGE), whole=True)}"
    row.entry = operations.add_note(ticket, body, by=by, at=at, files=files)
    _release(row, enclosed, ticket, by=by, at=at)


def open_for(
    row: ReceivedMail, mail: IncomingMail, enclosed: Enclosed, customer: Customer, *, by: StaffUser, at: datetime
) -> Ticket:
    """A ticket on behalf of ``customer``, who is told of it; secrets leave the original as in ``add_as_note``.
    Refused: "decided_already", or as ``submit`` does."""
    _hold(row)
    files = _keep(row, enclosed, by=by, at=at)
    ticket = operations.submit(
        customer=customer,
        subject=wording.subject_of(mail, customer.language),
        body=wording.body_of(mail, customer.language, enclosed.sentences(customer.language)),
        files=files,
        form_token=f"mail-{row.fingerprint[:50]}",
        by=by,
        at=at,
        mail_id=row.message_id if row.sender == customer.email else None,
    )
    row.entry = ticket.messages[0]
    _release(row, enclosed, ticket, by=by, at=at)
    return ticket


def read_again(row: ReceivedMail, *, by: StaffUser, at: datetime) -> None:
    """Have the mail read as if it had just come, forgiving it that it seemed forged, that nothing proved its sender or
    that it was one too many: it enters only when its sender is the customer whose ticket it names, as ever.
    Refused("decided_already")."""
    _hold(row)
    pardoned = {
        *row.details.get("pardoned", []),
        *(reason.value for reason in PARDONABLE if reason.value == row.reason),
    }
    row.details = {**row.details, "pardoned": sorted(pardoned)}
    row.decided_by, row.decided_at = by, at
    read_anew(row, at=at)


def discard(row: ReceivedMail, *, by: StaffUser, at: datetime) -> None:
    """Nobody needs it; it stays in the list of received mails. Refused("decided_already")."""
    _hold(row)
    row.state, row.decided_by, row.decided_at = MailState.DISCARDED, by, at
    db.session.flush()


def _hold(row: ReceivedMail) -> None:
    """Lock the row; of two colleagues the second is told."""
    db.session.refresh(row, with_for_update={"of": ReceivedMail})
    if row.state not in UNDECIDED:
        raise Refused("decided_already", N_("Somebody has decided about this mail already, or it is being read."))
    if row.storage_key is None:
        raise Refused(
            "original_removed", N_("The original of this mail was removed: nothing can be made of it any more.")
        )


def _keep(row: ReceivedMail, enclosed: Enclosed, *, by: StaffUser, at: datetime) -> Sequence[StoredFile]:
    return enclosures.keep(enclosed, owner=by, draft=f"mail-{row.id}", at=at)


def _release(row: ReceivedMail, enclosed: Enclosed, ticket: Ticket, *, by: StaffUser, at: datetime) -> None:
    if enclosed.secret_digests:
        _clean_original(row, enclosed.secret_digests)
    row.state, row.ticket = MailState.RELEASED, ticket
    row.decided_by, row.decided_at = by, at
    db.session.flush()


def _clean_original(row: ReceivedMail, digests: set[str]) -> None:
    try:
        old_key = originals.keep_instead(row, originals.without_files(originals.open_original(row), digests))
    except storage.StorageError as error:
        raise Refused(
            "storage_unavailable", N_("The storage does not answer now. Try again later; the mail is safe.")
        ) from error
    storage.remove_after_commit(db.session(), [old_key] if old_key else [])
