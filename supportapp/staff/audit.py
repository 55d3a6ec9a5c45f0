"""The audit trail: what staff did, to be searched and never changed.

What is done on a ticket stands in the ticket's own timeline, which is as final: it is not written twice, and searched
on a page of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from werkzeug.routing import BuildError

from supportapp.audit.models import AuditEntry
from supportapp.audit.queries import LONGEST_WORDS, Wanted, kinds, people, trail
from supportapp.audit.rules import Act, Actor
from supportapp.staff.audit_values import changes_of
from supportapp.staff.audit_words import ACTORS, ACTS, KINDS
from supportapp.staff.filters import start_of_day
from supportapp.staff.frame import StaffScreen
from supportapp.staff.interface import readable_id
from supportapp.staff.labels import label
from supportapp.staff.tickets.facts import timeline_details
from supportapp.tickets.queries import REFERENCE_LENGTH
from supportapp.tickets.rules import EventKind
from supportapp.tickets.trail import WantedActs, staff_acts

# Where the page of an object is; a kind without a page of its own is only named.
PAGES = {
    "Product": "ProductView.edit",
    "SupportLevel": "SupportLevelView.edit",
    "AssignmentRule": "AssignmentRuleView.edit",
    "CannedReply": "CannedReplyView.show",
    "CalendarCorrection": "CalendarView.edit",
    "SynonymGroup": "SynonymView.edit",
    "Topic": "TopicView.edit",
    "Article": "ArticleView.show",
    "RegulationVersion": "RegulationView.show",
    "Certificate": "CertificateView.show",
    "Customer": "CustomerView.show",
    "Notification": "OutboxView.show",
    "StaffAbsence": "AbsenceView.edit",
    "ReceivedMail": "ReceivedMailView.show",
    "StaffUser": "StaffUserView.show",
}
TICKET_FILTERS = ("person", "act", "q", "since", "until")
NEVER_STAFF = frozenset(
    {
        *(EventKind.RECEIVED, EventKind.WARNED, EventKind.EXTENDED, EventKind.SOLUTION_ACCEPTED, EventKind.WITHDRAWN),
        *(EventKind.CLOSED_AUTOMATICALLY, EventKind.REOPENED, EventKind.CERTIFICATE_CHOSEN, EventKind.THANKED),
        *(EventKind.AUTO_REPLIED, EventKind.MAIL_BOUNCED),
    }
)
FILTERS = ("person", "act", "kind", "key", "q", "since", "until")


class AuditPage(StaffScreen):
    """Read only: there is no address that changes or deletes an entry."""

    route_base = "/staff/audit"
    default_view = "show"

    @expose("/")
    @has_access
    @permission_name("read")
    def show(self) -> ResponseReturnValue:
        wanted = _wanted(request.args)
        page = trail(wanted)
        chosen = {name: request.args[name] for name in FILTERS if request.args.get(name)}
        older = f"?{urlencode({**chosen, 'before': page.older})}" if page.older else None
        return self.render_template(
            "staff/audit.html",
            entries=page.entries,
            chosen=chosen,
            older=older,
            newest=f"?{urlencode(chosen)}" if wanted.before else None,
            people=[*_people(), *((actor.value, ACTORS[actor]) for actor in Actor)],
            acts=[(act.value, ACTS[act]) for act in Act],
            kinds=[(kind, KINDS.get(kind, kind)) for kind in kinds()],
            sentence=sentence,
            address_of=address_of,
            changes_of=changes_of,
            who=who,
        )

    @expose("/tickets")
    @has_access
    @permission_name("read")
    def acts(self) -> ResponseReturnValue:
        """The acts on all tickets."""
        wanted = _wanted_acts(request.args)
        entries, older = staff_acts(wanted)
        chosen = {name: request.args[name] for name in TICKET_FILTERS if request.args.get(name)}
        return self.render_template(
            "staff/audit_tickets.html",
            entries=entries,
            chosen=chosen,
            older=f"?{urlencode({**chosen, 'before': older})}" if older else None,
            newest=f"?{urlencode(chosen)}" if wanted.before else None,
            people=_people(),
            acts=[(kind.value, label(kind)) for kind in EventKind if kind not in NEVER_STAFF],
            label=label,
            details=timeline_details,
        )


def _people() -> list[tuple[int, str]]:
    return [(person.id, person.display_name) for person in people()]


def _wanted_acts(args: Mapping[str, str]) -> WantedActs:
    """What the address asks for; 400 when it cannot be read."""
    kind, person, since, until = (args.get(name, "") for name in ("act", "person", "since", "until"))
    if (kind and kind not in set(EventKind)) or (person and readable_id(person) is None):
        abort(400)
    reference = args.get("q", "")[:REFERENCE_LENGTH]
    return WantedActs(
        staff_id=readable_id(person) if person else None,
        kind=EventKind(kind) if kind else None,
        reference="" if "\0" in reference else reference,
        since=start_of_day(since) if since else None,
        until=start_of_day(until, plus=1) if until else None,
        before=readable_id(args["before"]) if args.get("before") else None,
    )


def _wanted(args: Mapping[str, str]) -> Wanted:
    """What the address asks for; 400 when it cannot be read."""
    person, key = args.get("person", ""), args.get("key", "")
    staff_id = readable_id(person) if person and person not in set(Actor) else None
    if (person and staff_id is None and person not in set(Actor)) or len(key) > 40:
        abort(400)
    before = readable_id(args["before"]) if args.get("before") else None
    since, until = args.get("since", ""), args.get("until", "")
    return Wanted(
        staff_id=staff_id,
        actor=person if staff_id is None else "",
        act=args.get("act", "")[:40],
        kind=args.get("kind", "")[:60],
        key=key,
        words=args.get("q", "")[:LONGEST_WORDS],
        since=start_of_day(since) if since else None,
        until=start_of_day(until, plus=1) if until else None,
        before=before,
    )


def who(entry: AuditEntry) -> str:
    """The person by the present name, or who acts when nobody is signed in."""
    if entry.staff is not None:
        return entry.staff.display_name
    return str(ACTORS[Actor(entry.actor)]) if entry.actor in set(Actor) else entry.actor


def sentence(entry: AuditEntry) -> str:
    """What was done to what: «Изменено: продукт»."""
    act = str(ACTS[Act(entry.act)]) if entry.act in set(Act) else entry.act
    kind = str(KINDS.get(entry.object_kind, entry.object_kind))
    return f"{act}: {kind}" if kind and entry.act not in (Act.SIGNED_IN, Act.SIGN_IN_FAILED, Act.LOCKED_OUT) else act


def address_of(entry: AuditEntry) -> str | None:
    """The page of the object; None when there is none (any more)."""
    page = PAGES.get(entry.object_kind)
    if page is None or not entry.object_id or entry.act == Act.DELETED:
        return None
    try:
        return url_for(page, pk=entry.object_id)
    except BuildError:
        return None
