"""The outbox: what became of every mail."""

from __future__ import annotations

import re
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.models.filters import BaseFilter
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from supportapp import clock
from supportapp.extensions import db
from supportapp.notifications import operations
from supportapp.notifications.models import Notification
from supportapp.notifications.queries import NOT_DELIVERED
from supportapp.staff.gate import safe_next
from supportapp.staff.interface import StaffInterface
from supportapp.staff.model_view import StaffModelView
from supportapp.staff.roles import WRITE
from supportapp.staff.security import may, signed_in_staff
from supportapp.tickets.models import Ticket


class TroubleFilter(BaseFilter):
    """With ``troubled`` in the address only mails that did not arrive."""

    name = "troubled"
    arg_name = "troubled"

    def apply(self, query: Any, value: Any) -> Any:
        return query.filter(Notification.state.in_(NOT_DELIVERED)) if value() else query


class OutboxView(StaffModelView):
    """Read only. The text is not shown: mails carry links that sign people in or set passwords."""

    datamodel = StaffInterface(Notification)
    route_base = "/staff/outbox"
    include_route_methods = {"list", "show", "resend"}
    list_title = _l("Outbox")
    show_template = "staff/notification.html"
    label_columns = {
        "subject": _l("Subject"),
        "recipient": _l("Recipient"),
        "state": _l("State"),
        "attempts": _l("Attempts"),
        "created_at": _l("Created"),
        "sent_at": _l("Sent"),
        "next_attempt_at": _l("Next attempt"),
        "last_error": _l("Last error"),
        "kind": _l("Kind"),
    }
    list_columns = ["subject", "recipient", "state", "attempts", "created_at", "sent_at", "last_error"]
    show_columns = list(label_columns)
    search_columns = ["recipient", "subject", "state", "kind", "created_at"]
    order_columns = ["recipient", "state", "created_at", "sent_at"]
    base_order = ("id", "desc")
    base_filters = [
        ["state", TroubleFilter, lambda: request.endpoint == "OutboxView.list" and "troubled" in request.args]
    ]
    add_columns = edit_columns = ["subject"]

    def show_context(self, item: Any) -> dict[str, Any]:
        about = re.fullmatch(r"ticket:([0-9]{1,18})", item.about)
        return {
            "ticket": db.session.get(Ticket, int(about[1])) if about else None,
            "may_resend": item.state in NOT_DELIVERED and may(WRITE, "OutboxView"),
        }

    @expose("/<pk>/resending", methods=["POST"])
    @has_access
    @permission_name("write")
    def resend(self, pk: str) -> ResponseReturnValue:
        by, at = signed_in_staff(), clock.now()
        back = safe_next(request.form.get("back")) if request.form.get("back") else url_for("OutboxView.show", pk=pk)
        done = _("The mail is queued again.")
        return self.act(pk, lambda mail: operations.resend(mail, by=by, at=at), "resent", done, back)
