"""What exports and reports of a large help desk cost: part of ``python -m bench.desk``, on its database.

Prints time and peak memory of the process that makes each file, and p50/p95 of each report at the client, beside
``bench.bare``.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

from bench.pages import PASSWORD, ROOT, Client, measure, report, serving

FORMS = (("csv",), ("xlsx",), ("csv", "--conversation"), ("xlsx", "--conversation"))
REPORTS = (
    ("inflow", "inflow"), ("response and solution", "speed"), ("targets", "targets"),
    ("automatic closings", "closings"), ("load: engineers", "load?by=assignee"),
    ("load: products", "load?by=product"),
    ("load: certificates", "load?by=certificate"), ("load: organisations", "load?by=organisation"),
    ("satisfaction", "satisfaction"), ("without a ticket", "knowledge"),
)  # fmt: skip
DRY_RUN = ("dry run", "dry-run?reaction=5&extension=3&warning=1")


def make_files(environment: dict[str, str], owner: str) -> None:
    """Every kind of file, each in a process of its own, so that its peak is its own."""
    print(
        f"\n{'export of all tickets':<34}{'seconds':>9}{'cpu':>9}{'rows':>9}{'MB file':>9}{'MB peak':>9}{'MB idle':>9}"
    )
    sys.stdout.flush()
    for form in FORMS:
        command = [sys.executable, "-m", "bench.export", owner, *form]
        subprocess.run(command, cwd=ROOT, env=environment, check=True)


def make_one(owner: str, form: str, conversation: bool) -> None:
    """Make one file as a worker would, and print what it took."""
    from sqlalchemy import select

    from supportapp import create_app
    from supportapp.accounts.models import StaffUser
    from supportapp.extensions import db
    from supportapp.reports.models import Export
    from supportapp.reports.operations import request_export
    from supportapp.reports.rules import ExportForm
    from supportapp.staff.reports.jobs import make_export

    with create_app().app_context():
        by = db.session.scalars(select(StaffUser).where(StaffUser.username == owner)).one()
        export = request_export(
            "scope=all",
            form=ExportForm(form),
            conversation=conversation,
            language="ru",
            by=by,
            at=datetime.now(UTC),
        )
        db.session.commit()
        number, idle = export.id, _peak()
        start, busy = time.perf_counter(), time.process_time()
        make_export(number)
        took, busy = time.perf_counter() - start, time.process_time() - busy
        done = db.session.get_one(Export, number)
        assert done.file is not None, (done.state, done.reason)
        name = f"{form}{' with conversation' if conversation else ''}"
        print(
            f"{name:<34}{took:>9.1f}{busy:>9.1f}{done.rows_done:>9}"
            f"{done.file.size / 2**20:>9.1f}{_peak():>9.0f}{idle:>9.0f}"
        )


def ask_reports(desk: Client, floor: Client, rounds: int) -> None:
    """Every report over 90 days and over two years."""
    today = datetime.now(UTC).date()
    spans = (("90 days", "period=90days"), ("2 years", f"from={today - timedelta(days=730)}&to={today}"))
    print(f"\n{'report (ms)':<34}{'p50':>9}{'p95':>9}{'floor':>9}{'ratio':>9}")
    for title, path in REPORTS:
        for words, period in spans:
            _ask(desk, floor, f"{title}, {words}", path, period, rounds)
    _ask(desk, floor, *DRY_RUN, spans[0][1], rounds)


def ask_reports_of(environment: dict[str, str], owner: str, rounds: int) -> None:
    """The same, of a portal that is started for it."""
    with serving("bench.unlimited:app", environment) as port, serving("bench.bare:app", environment) as bare_port:
        desk = Client(port)
        desk.submit("/staff/sign-in/", username=owner, password=PASSWORD)
        ask_reports(desk, Client(bare_port), rounds)


def _ask(desk: Client, floor: Client, title: str, path: str, period: str, rounds: int) -> None:
    address = f"/staff/reports/{path}{'&' if '?' in path else '?'}{period}"
    report(title, *measure(desk, floor, "GET", address, rounds))


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("owner")
    parser.add_argument("form", choices=("csv", "xlsx"))
    parser.add_argument("--conversation", action="store_true")
    asked = parser.parse_args()
    make_one(asked.owner, asked.form, asked.conversation)
