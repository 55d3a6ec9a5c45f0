"""The dry run of the assignment rules: as they are, or with one that is not saved yet."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from sqlalchemy import select

from supportapp import clock
from supportapp.accounts.models import StaffUser
from supportapp.extensions import db, settings
from supportapp.reports.assignment_dry_run import Judged, Line, Result, references, saved_rules, simulate
from supportapp.reports.dry_run import LOOK_BACK
from supportapp.reports.rules import Days
from supportapp.staff.assignment import AssignmentRuleForm
from supportapp.staff.frame import StaffScreen
from supportapp.staff.interface import readable_id
from supportapp.staff.reports.pages import MOST_TICKETS, tabs_of
from supportapp.staff.reports.shown import Number, counted, whole
from supportapp.tickets.assigning.models import AssignmentRule
from supportapp.tickets.assigning.rules import Rule
from supportapp.tickets.models import Ticket
from supportapp.worktime.rules import local_date

SAVED, TRIAL = "saved", "trial"


class AssignmentDryRunPage(StaffScreen):
    """Nothing is changed by it."""

    route_base = "/staff/reports"
    default_view = "show"
    class_permission_name = "ReportsPage"

    @expose("/assignment")
    @has_access
    @permission_name("read")
    def show(self) -> ResponseReturnValue:
        """The rules of the address judged over the last 90 days; without a question only the form."""
        judge, days = request.args.get("judge", ""), last_days()
        form, changed = _form(judge), _changed_rule()
        trial = _trial(form, changed) if judge == TRIAL and form.validate() else None
        result = None
        if judge == SAVED or trial is not None:
            judging = saved_rules(trial)
            judging = [rule for rule in judging if rule is not trial] if trial and not form.active.data else judging
            result = simulate(judging, days)
        return self.render_template(
            "staff/reports/assignment.html",
            **tabs_of("dry-run"),
            form=form,
            changed=changed,
            trial=trial,
            judged_saved=judge == SAVED,
            days=days,
            **(_shown(result, days) if result is not None else {"result": None}),
        )


def last_days() -> Days:
    """The last 90 local days, today included."""
    today = local_date(clock.now(), settings.timezone)
    return Days(today - LOOK_BACK + timedelta(days=1), today)


def _form(judge: str) -> AssignmentRuleForm:
    """The rule of the address; one to begin with when there is none."""
    args = request.args if judge == TRIAL else None
    form = AssignmentRuleForm(formdata=args, meta={"csrf": False})
    form.offer_choices()
    if args is None:
        form.place.data = form.place.data or 1
    return form


def _changed_rule() -> AssignmentRule | None:
    """The saved rule of which the form is another state; None for a new one."""
    key = readable_id(request.args.get("rule", ""))
    return db.session.get(AssignmentRule, key) if key else None


def _trial(form: AssignmentRuleForm, changed: AssignmentRule | None) -> Rule:
    return Rule(
        form.place.data or 1,
        readable_id(form.product.data or ""),
        readable_id(form.level.data or ""),
        frozenset(int(key) for key in form.engineers.data or []),
        changed.id if changed is not None else 0,
    )


def _shown(result: Result, days: Days) -> dict[str, Any]:
    listed = result.differing[-MOST_TICKETS:][::-1]
    lines = result.lines()
    people = {key for one in listed for key in (one.real, one.would)} | {line.person for line in lines}
    rows = db.session.scalars(select(StaffUser).where(StaffUser.id.in_({key for key in people if key is not None})))
    return {
        "result": result,
        "listed": listed,
        "tickets": references(listed),
        "names": {row.id: row.display_name for row in rows} | {None: _("nobody")},
        "lines": [(line, _numbers(line, days)) for line in lines],
        "came": counted(len(result.judged), f"created:{days}"),
        "unruled": _sample(result.unruled),
        "unmanned": _sample(result.unmanned),
    }


def _numbers(line: Line, days: Days) -> list[Number]:
    peaks = [whole(peak) if line.person is not None else "—" for peak in (line.real_peak, line.would_peak)]
    real = counted(line.real, f"created:{days}", f"assignee:{line.person}")
    return [real, Number(whole(line.would)), *map(Number, peaks)]


def _sample(judged: list[Judged]) -> list[Ticket]:
    """The last of them, to be linked."""
    last = judged[-MOST_TICKETS:][::-1]
    found = references(last)
    return [found[one.ticket_id] for one in last if one.ticket_id in found]
