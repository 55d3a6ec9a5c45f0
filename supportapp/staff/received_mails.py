"""Mails that came in, and the quarantine: what nobody's ticket took waits here for somebody to decide."""

from __future__ import annotations

import logging
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.models.filters import BaseFilter
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from werkzeug.exceptions import abort

from supportapp import clock
from supportapp.accounts.queries import find_customer_by_email
from supportapp.audit.rules import Act
from supportapp.errors import NotFound, Refused
from supportapp.extensions import db
from supportapp.files.storage import StorageError
from supportapp.i18n import N_
from supportapp.mailbox import enclosures, originals, quarantine
from supportapp.mailbox.enclosures import Enclosed
from supportapp.mailbox.models import ReceivedMail
from supportapp.mailbox.reading import IncomingMail, read_mail
from supportapp.mailbox.rules import UNDECIDED, MailState, Reason
from supportapp.staff import labels
from supportapp.staff.frame import show_size
from supportapp.staff.interface import StaffInterface
from supportapp.staff.model_view import StaffModelView
from supportapp.staff.roles import ACT, READ
from supportapp.staff.security import may, signed_in_staff
from supportapp.tickets.models import Ticket
from supportapp.tickets.queries import get_ticket_for_staff

SHOWN_TEXT = 200_000
UNAVAILABLE = N_("The storage does not answer now. Try again later; the mail is safe.")

log = logging.getLogger(__name__)


class QuarantinedFilter(BaseFilter):
    """Only what waits for a decision."""

    name = "quarantined"
    arg_name = "quarantined"

    def apply(self, query: Any, value: Any) -> Any:
        return query.filter(ReceivedMail.state == MailState.QUARANTINED)


def reason_words(value: str | None) -> str:
    """Why a mail is where it is, in words."""
    return labels.label(Reason(value)) if value in set(Reason) else value or "—"


def ticket_link(ticket: Ticket | None) -> str:
    """Its reference, for who may open it a link."""
    if ticket is None or not may(READ, "TicketPage"):
        return ticket.reference if ticket else "—"
    return Markup('<a href="{}">{}</a>').format(
        url_for("TicketPage.show", reference=ticket.reference), ticket.reference
    )


def _interface() -> StaffInterface:
    interface = StaffInterface(ReceivedMail)
    interface.value_choices = {"reason": labels.choices(Reason)}
    return interface


class ReceivedMailView(StaffModelView):
    """Every mail with what became of it. Nothing of it is trusted: its text is shown as text, its file downloaded."""

    datamodel = _interface()
    route_base = "/staff/mails"
    include_route_methods = {"list", "show", "original", "note", "open", "again", "discard"}
    list_title = _l("Received mail")
    nothing = _l("No mail has come in yet.")
    show_template = "staff/received_mail.html"
    label_columns = {
        "subject": _l("Subject"),
        "sender": _l("Sender"),
        "state": _l("State"),
        "reason": _l("Why"),
        "received_at": _l("Received"),
        "ticket": _l("Ticket"),
        "door": _l("Way"),
        "size": _l("Size"),
        "envelope_sender": _l("Sender by the envelope"),
        "envelope_recipients": _l("Recipients by the envelope"),
        "read_at": _l("Read"),
        "attempts": _l("Attempts"),
        "last_error": _l("Last error"),
        "decided_by": _l("Decided by"),
        "decided_at": _l("Decided"),
    }
    list_columns = ["subject", "sender", "state", "reason", "received_at", "ticket"]
    show_columns = list(label_columns)
    search_columns = ["sender", "subject", "state", "reason", "received_at"]
    order_columns = ["sender", "received_at"]
    base_order = ("id", "desc")
    formatters_columns: dict[str, Any] = {
        "reason": reason_words,
        "subject": lambda value: value or _("(no subject)"),
        "ticket": ticket_link,
        "size": show_size,
    }
    add_columns = edit_columns = ["subject"]

    def show_context(self, item: Any) -> dict[str, Any]:
        mail, trouble = _readable(item)
        text = mail.whole_text if mail else ""
        return {
            "mail": mail,
            "trouble": trouble,
            "text": text[:SHOWN_TEXT],
            "is_cut": len(text) > SHOWN_TEXT,
            "may_decide": item.state in UNDECIDED and item.storage_key and may(ACT, "ReceivedMailView"),
        }

    @expose("/<pk>/original")
    @has_access
    @permission_name("read")
    def original(self, pk: str) -> ResponseReturnValue:
        """The mail as a file, to be opened in a mail program."""
        item = self.datamodel.get(pk) or abort(404)
        try:
            raw = originals.open_original(item)
        except StorageError:
            flash(_(UNAVAILABLE), "danger")
            return redirect(self.show_url(item), 303)
        answer = Response(raw, mimetype="application/octet-stream")
        answer.headers["Content-Disposition"] = f'attachment; filename="mail-{item.id}.eml"'
        answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Cache-Control"] = "private, no-store"
        return answer

    @expose("/<pk>/note", methods=["POST"])
    @has_access
    @permission_name("act")
    def note(self, pk: str) -> ResponseReturnValue:
        """Put it on a ticket as an internal note."""
        by, at = signed_in_staff(), clock.now()

        def perform(row: ReceivedMail, mail: IncomingMail, enclosed: Enclosed) -> None:
            quarantine.add_as_note(row, mail, enclosed, _chosen_ticket(), by=by, at=at)

        return self._decide(pk, perform, Act.NOTED_ON_TICKET, _("The mail is a note of the ticket now."))

    @expose("/<pk>/ticket", methods=["POST"])
    @has_access
    @permission_name("act")
    def open(self, pk: str) -> ResponseReturnValue:
        """Open a ticket for a customer who is chosen by address."""
        by, at = signed_in_staff(), clock.now()

        def perform(row: ReceivedMail, mail: IncomingMail, enclosed: Enclosed) -> None:
            customer = find_customer_by_email(request.form.get("customer", ""))
            if customer is None:
                raise Refused("no_such_customer", N_("There is no open account with this address."))
            quarantine.open_for(row, mail, enclosed, customer, by=by, at=at)

        return self._decide(pk, perform, Act.OPENED_TICKET, _("The ticket is submitted and the customer is told."))

    @expose("/<pk>/reading", methods=["POST"])
    @has_access
    @permission_name("act")
    def again(self, pk: str) -> ResponseReturnValue:
        """Have it read once more: the account is there now, or the sender is who he says."""
        by, at = signed_in_staff(), clock.now()
        done = _("The mail is read again: in a few seconds you see here what became of it.")
        return self.act(pk, lambda row: quarantine.read_again(row, by=by, at=at), Act.READ_AGAIN, done)

    @expose("/<pk>/removal", methods=["POST"])
    @has_access
    @permission_name("act")
    def discard(self, pk: str) -> ResponseReturnValue:
        by, at = signed_in_staff(), clock.now()
        back = url_for("QuarantineView.list")
        done = _("Discarded. The mail stays in the list of received mail.")
        return self.act(pk, lambda row: quarantine.discard(row, by=by, at=at), Act.DISCARDED, done, back)

    def _decide(self, pk: str, perform: Any, name: str, done: str) -> ResponseReturnValue:
        """Files are checked before anything is locked; then the act as any other."""
        item = self.datamodel.get(pk) or abort(404)
        try:
            raw = originals.open_original(item)
            db.session.rollback()
            mail = read_mail(raw)
            enclosed = enclosures.take(mail)
        except (StorageError, Refused, NotFound):
            db.session.rollback()
            flash(_(UNAVAILABLE), "danger")
            return redirect(url_for(f"{self.endpoint}.show", pk=pk), 303)
        return self.act(pk, lambda row: perform(row, mail, enclosed), name, done)


class QuarantineView(StaffModelView):
    """The same list, of what waits for somebody."""

    datamodel = _interface()
    route_base = "/staff/quarantine"
    include_route_methods = {"list", "show"}
    list_title = _l("Quarantine")
    nothing = _l("No mail waits for you. What may not enter a ticket by itself stands here until somebody decides.")
    label_columns = ReceivedMailView.label_columns
    list_columns = ["subject", "sender", "reason", "received_at", "ticket"]
    show_columns = ["subject"]
    search_columns = ["sender", "subject", "reason", "received_at"]
    order_columns = ["sender", "received_at"]
    base_order = ("id", "desc")
    base_filters = [["state", QuarantinedFilter, lambda: None]]
    formatters_columns = ReceivedMailView.formatters_columns
    add_columns = edit_columns = ["subject"]

    @expose("/show/<pk>")
    @has_access
    def show(self, pk: str) -> ResponseReturnValue:
        item = self.datamodel.get(pk) or abort(404)
        return redirect(url_for("ReceivedMailView.show", pk=item.id), 303)


def _readable(item: ReceivedMail) -> tuple[IncomingMail | None, str]:
    """What the mail says, or why that cannot be shown."""
    if item.storage_key is None:
        return None, str(
            _("The original of this mail was removed: mails that are part of no ticket are not kept for ever.")
        )
    try:
        return read_mail(originals.open_original(item)), ""
    except NotFound:
        return None, str(_("The bytes of this mail are lost."))
    except StorageError:
        return None, str(_(UNAVAILABLE))
    except Exception:
        log.exception("mail %s cannot be shown", item.id)
        return None, str(_("The mail cannot be read by the portal. Download it and open it in a mail program."))


def _chosen_ticket() -> Ticket:
    try:
        return get_ticket_for_staff(signed_in_staff(), request.form.get("ticket", "").strip())
    except NotFound:
        raise Refused("no_such_ticket", N_("There is no ticket with this reference.")) from None
