"""The whole mail behind an entry: what was quoted in it, too. Only text; access is in the look-up."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from supportapp.files.storage import StorageError
from supportapp.mailbox import originals
from supportapp.mailbox.queries import get_mail_for
from supportapp.mailbox.reading import read_mail
from supportapp.portal import blueprint
from supportapp.portal.session import customer_required, the_customer

SHOWN_TEXT = 200_000


@blueprint.get("/tickets/<reference>/messages/<int:message_id>/original")
@customer_required
def whole_mail(reference: str, message_id: int) -> ResponseReturnValue:
    """The customer's own mail as it came; 404 for everybody else's."""
    row = get_mail_for(the_customer(), reference, message_id)
    try:
        mail = read_mail(originals.open_original(row))
    except StorageError:
        heading, words = _("The mail cannot be opened now"), _("The storage does not answer. Try again later.")
        return render_template("error.html", code=503, heading=heading, sentence=words), 503
    return render_template(
        "portal/tickets/original.html",
        ticket=row.ticket,
        message_id=message_id,
        mail=mail,
        text=mail.whole_text[:SHOWN_TEXT],
    )
