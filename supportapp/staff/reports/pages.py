"""The reports' pages: a period, the one before beside it, pictures and tables."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from supportapp import clock
from supportapp.extensions import settings
from supportapp.reports.dry_run import LOOK_BACK, Change, Outcome, references, simulate
from supportapp.reports.rules import Days, preset
from supportapp.staff.filters import read_day
from supportapp.staff.frame import StaffScreen
from supportapp.staff.reports.contents import DIMENSIONS, REPORTS, load_of
from supportapp.staff.reports.shown import Report
from supportapp.tickets.waiting import IN_FORCE, Terms
from supportapp.worktime.rules import local_date

PERIODS = {
    "week": _l("7 days"),
    "30days": _l("30 days"),
    "month": _l("last month"),
    "90days": _l("90 days"),
    "year": _l("a year"),
}
USUAL = "30days"
LONGEST = 366 * 10
MOST_TICKETS = 50
CHANGES: dict[Change, Any] = {
    Change.EARLIER: _l("closed earlier than they were"),
    Change.LATER: _l("closed later than they were"),
    Change.NOT: _l("not closed: the customer came back in time, or would have time still"),
    Change.INSTEAD: _l("closed before somebody acted on them"),
}


class ReportsPage(StaffScreen):
    """Every number leads to the tickets behind it."""

    route_base = "/staff/reports"
    default_view = "first"

    @expose("/")
    @has_access
    @permission_name("read")
    def first(self) -> ResponseReturnValue:
        return self._page("inflow", REPORTS["inflow"][1])

    @expose("/<name>")
    @has_access
    @permission_name("read")
    def show(self, name: str) -> ResponseReturnValue:
        if name not in REPORTS:
            abort(404)
        return self._page(name, REPORTS[name][1])

    @expose("/load")
    @has_access
    @permission_name("read")
    def load(self) -> ResponseReturnValue:
        by = request.args.get("by", "assignee")
        if by not in DIMENSIONS:
            abort(400)
        return self._page("load", lambda days, _at: load_of(by, days), by=by)

    @expose("/dry-run")
    @has_access
    @permission_name("read")
    def dry_run(self) -> ResponseReturnValue:
        """What other terms of the automatic closing would have done; nothing is changed by it."""
        at, asked = clock.now(), "reaction" in request.args
        terms, problem = asked_terms() if asked else (IN_FORCE, "")
        outcomes = simulate(terms, at=at) if asked and not problem else []
        changed = {change: [one for one in outcomes if one.change is change] for change in CHANGES}
        listed: dict[Change, list[Outcome]] = {change: found[-MOST_TICKETS:][::-1] for change, found in changed.items()}
        return self.render_template(
            "staff/reports/dry_run.html",
            **tabs_of("dry-run"),
            terms=terms,
            in_force=IN_FORCE,
            problem=problem,
            asked=asked and not problem,
            rounds=len(outcomes),
            closed=sum(one.round.closed for one in outcomes),
            changes=CHANGES,
            changed=changed,
            listed=listed,
            tickets=references([one for found in listed.values() for one in found]),
            since=at - LOOK_BACK,
        )

    def _page(self, name: str, make: Callable[[Days, datetime], Report], **more: Any) -> str:
        at = clock.now()
        days, chosen = asked_days(local_date(at, settings.timezone))
        own = {"period": chosen} if chosen else {"from": days.first.isoformat(), "to": days.last.isoformat()}
        return self.render_template(
            "staff/reports/report.html",
            **tabs_of(name, **own),
            report=make(days, at),
            days=days,
            periods=PERIODS,
            chosen=chosen,
            dimensions=DIMENSIONS,
            own=own,
            here={key: value for key, value in more.items() if value},
            **more,
        )


def tabs_of(name: str, **own: Any) -> dict[str, Any]:
    """The tabs of all reports, ``name`` being the open one; ``own`` is the period that goes along."""
    tabs = [(key, words, url_for("ReportsPage.show", name=key, **own)) for key, (words, _make) in REPORTS.items()]
    tabs.insert(4, ("load", _("Load"), url_for("ReportsPage.load", **own)))
    tabs.append(("dry-run", _("Dry run"), url_for("ReportsPage.dry_run")))
    return {"tabs": tabs, "tab": name}


def asked_days(today: date) -> tuple[Days, str]:
    """The period of the address and the preset's name, if it is one; two days name a period whichever comes first. 400
    for days that make no sense."""
    first, last = request.args.get("from", ""), request.args.get("to", "")
    if not (first or last):
        name = request.args.get("period", USUAL)
        days = preset(name, today)
        return (days, name) if days is not None else abort(400)
    begin, end = read_day(first), read_day(last) or today
    if begin is None or (last and read_day(last) is None) or abs(end - begin).days > LONGEST:
        abort(400)
    begin, end = sorted((begin, end))
    if begin.year <= 1950 or end.year >= 2200:
        abort(400)
    return Days(begin, end), ""


def asked_terms() -> tuple[Terms, str]:
    """The terms of the address; a sentence when they cannot be."""
    numbers = []
    for name in ("reaction", "extension", "warning"):
        text = request.args.get(name, "")
        if not (text.isascii() and text.isdecimal() and len(text) <= 2):
            return IN_FORCE, str(_("Days are whole numbers from 1 to 60."))
        numbers.append(int(text))
    if not all(1 <= number <= 60 for number in numbers):
        return IN_FORCE, str(_("Days are whole numbers from 1 to 60."))
    terms = Terms(*numbers)
    if terms.warning_days >= terms.reaction_days:
        return terms, str(_("The warning must go out within the days in which the customer may answer."))
    return terms, ""
