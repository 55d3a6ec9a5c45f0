"""p50 and p95 of the desk on a large help desk, beside a bare Flask page: ``python -m bench.desk``.

Loads the JSONL of ``dataset.py`` with ``flask dataset load`` into an own SQLite database, into an own PostgreSQL where
its server is installed, and into the database of every ``--url``; serves each with gunicorn, asks its pages and
``bench.bare`` in turn over kept connections, and makes the exports. Machines are noisy: read the ratios to the floor of
the same round.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

from bench import cluster, export
from bench.pages import PASSWORD, ROOT, Client, measure, report, serving

GENERATOR = ROOT.parent / "shared" / "bench" / "dataset.py"
MANAGER = "bench-manager"
QUEUE = "/staff/tickets/"
# What a page is asked with; "last" is the deepest page of its list.
PAGES: tuple[tuple[str, dict[str, str]], ...] = (
    ("queue: first page", {}),
    ("queue: deepest page", {"before": "last"}),
    ("all: first page", {"scope": "all"}),
    ("all: deepest page", {"scope": "all", "before": "last"}),
    ("closed: deepest page", {"scope": "closed", "before": "last"}),
    ("unassigned", {"scope": "unassigned"}),
    ("target near or past", {"scope": "near"}),
    ("all by customer: deepest", {"scope": "all", "_oc_TicketView": "customer", "_od_TicketView": "asc",
                                  "before": "last"}),
    ("all by subject: deepest", {"scope": "all", "_oc_TicketView": "subject", "_od_TicketView": "asc",
                                 "before": "last"}),
    ("all by product: deepest", {"scope": "all", "_oc_TicketView": "product", "_od_TicketView": "asc",
                                 "before": "last"}),
    ("filter: status", {"_flt_0_status": "solution_proposed"}),
    ("filter: product, assignee", {"scope": "all", "_flt_0_product": "1", "_flt_0_assignee": "3"}),
    ("filter: product, deepest", {"scope": "all", "_flt_0_product": "1", "before": "last"}),
    ("filter: words of the subject", {"scope": "all", "_flt_0_subject": "лицензия"}),
    ("filter: organisation", {"scope": "all", "_flt_0_customer": "client017"}),
    ("filter: created in a week", {"scope": "all", "_flt_0_created_at": "2025-10-06",
                                   "_flt_1_created_at": "2025-10-12"}),
    ("search: a word in 1 %", {"_flt_0_messages": "kerberos"}),
    ("search: another in 1 %", {"_flt_0_messages": "видеокарты"}),
    ("search: a rare word", {"_flt_0_messages": "zyxel"}),
    ("search: two words", {"_flt_0_messages": "kerberos пароль"}),
    ("search: a word in most", {"_flt_0_messages": "отчёт"}),
    ("search: a word nobody wrote", {"_flt_0_messages": "абракадабра"}),
)  # fmt: skip


def environment(folder: Path, url: str) -> dict[str, str]:
    """What the portal is started with."""
    return {
        **os.environ,
        "DEMO": "1",
        "DATABASE_URL": url,
        "REDIS_URL": f"unix://{folder}/none.sock",
        "VAR_DIR": str(folder),
        "INDEX_DIR": str(folder / "index"),
        "PUBLIC_BASE_URL": "http://127.0.0.1",
    }


def flask(env: dict[str, str], *command: str, say: str = "", may_fail: bool = False) -> float:
    """Run a command of the portal; the seconds it took."""
    start = time.perf_counter()
    line = [sys.executable, "-m", "flask", "--app", "wsgi", *command]
    subprocess.run(line, cwd=ROOT, env=env, check=not may_fail, input=say, text=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def prepare(env: dict[str, str], dataset: Path, *, ready: bool) -> None:
    """Tables, the help desk and somebody who may see it; nothing of it when the database is ``ready``."""
    if not ready:
        flask(env, "init-db")
        print(f"loaded in {flask(env, 'dataset', 'load', str(dataset)):.0f} s")
        flask(env, "reindex")
    account = ("--role", "Manager", "--password-stdin")
    flask(env, "create-staff", MANAGER, *account, say=f"{PASSWORD}\n", may_fail=ready)


def keep_lists(client: Client) -> None:
    """Five lists under names, so that their counters stand on every page."""
    for number, (_title, args) in enumerate(PAGES[10:15]):
        client.submit_form(QUEUE, "/staff/filters/", name=f"bench {number}", address=urlencode(args))


class Desk(Client):
    """A browser that is signed in as a manager."""

    def submit_form(self, page: str, path: str, **values: str) -> None:
        """Send a form that stands on another page than its address."""
        _, text = self.ask("GET", page)
        token = re.search(r'name="csrf_token" value="([^"]+)"', text)
        status, _ = self.ask("POST", path, {"csrf_token": token[1] if token else "", **values})
        if status not in (302, 303):
            raise SystemExit(f"POST {path} answered {status}")

    def references(self, **args: str) -> list[str]:
        """The tickets of a page of the list."""
        return re.findall(r'name="rowid" value="([^"]+)"', self.ask("GET", f"{QUEUE}?{urlencode(args)}")[1])


def measure_pages(env: dict[str, str], rounds: int) -> None:
    """One line a page."""
    with serving("bench.unlimited:app", env) as port, serving("bench.bare:app", env) as bare_port:
        desk, floor = Desk(port), Client(bare_port)
        desk.submit("/staff/sign-in/", username=MANAGER, password=PASSWORD)
        keep_lists(desk)
        print(f"\n{'page (ms)':<34}{'p50':>9}{'p95':>9}{'floor':>9}{'ratio':>9}")
        for title, args in PAGES:
            report(title, *measure(desk, floor, "GET", f"{QUEUE}?{urlencode(args)}", rounds))
        workspaces = {"open ticket": desk.references()[0], "closed ticket": desk.references(scope="closed")[0]}
        for title, reference in workspaces.items():
            report(f"workspace: {title}", *measure(desk, floor, "GET", QUEUE + reference, rounds))


def measure_counters(env: dict[str, str], rounds: int) -> None:
    """What each counter costs when it is not remembered: the parts together, and each list of PAGES alone."""
    code = f"from bench.desk import counters_here; counters_here({rounds})"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, check=True)


def counters_here(rounds: int) -> None:
    """In a process of its own that has the environment of the database."""
    from flask import g

    from supportapp import create_app
    from supportapp.database import reading
    from supportapp.staff.people import find_by_username
    from supportapp.staff.tickets import counters
    from supportapp.staff.tickets.view import TicketView

    app = create_app()
    with app.test_request_context(QUEUE), reading():
        g._login_user = find_by_username(MANAGER)
        views = app.appbuilder.baseviews  # type: ignore[attr-defined]
        view = next(view for view in views if isinstance(view, TicketView))

        def parts() -> None:
            app.extensions.pop("ticket_counters", None)
            counters.of_scopes()

        print(f"\n{'counter, not remembered (ms)':<34}{'p50':>9}{'p95':>9}")
        line("the parts of the queue, together", parts, rounds)
        for title, args in PAGES:
            if "before" not in args:
                line(title, partial(counters.count_of, urlencode(args), view), rounds)


def line(title: str, act: Callable[[], object], rounds: int) -> None:
    """Milliseconds of one act."""
    taken = []
    for _ in range(rounds + 3):
        start = time.perf_counter()
        act()
        taken.append((time.perf_counter() - start) * 1000)
    taken = taken[3:]
    print(f"{title:<34}{statistics.median(taken):>9.1f}{statistics.quantiles(taken, n=20)[-1]:>9.1f}")


def measure_database(url: str, folder: Path, arguments: argparse.Namespace) -> None:
    """All figures of one database."""
    env = environment(folder, url)
    print(f"\n## {url.partition(':')[0]}")
    prepare(env, arguments.dataset, ready=arguments.ready)
    measure_pages(env, arguments.rounds)
    measure_counters(env, max(arguments.rounds // 4, 10))
    export.ask_reports_of(env, MANAGER, max(arguments.rounds // 5, 5))
    export.make_files(env, MANAGER)


def made_dataset(folder: Path, arguments: argparse.Namespace) -> Path:
    """The help desk as files, as of now."""
    if not arguments.generator.is_file():
        raise SystemExit(f"No {arguments.generator}: say --dataset FOLDER or --generator FILE.")
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    size = ["--customers", str(arguments.tickets // 5), "--tickets", str(arguments.tickets), "--now", now]
    subprocess.run([sys.executable, str(arguments.generator), str(folder), *size], check=True)
    return folder


def main(argv: Sequence[str] | None = None) -> None:
    """Prepare, serve, measure, print, for each database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--dataset", type=Path, help="a folder that dataset.py has written")
    parser.add_argument("--generator", type=Path, default=GENERATOR)
    parser.add_argument("--only", choices=("sqlite", "postgresql"), help="of the databases that are made here")
    parser.add_argument("--url", action="append", default=[], help="a further database, empty; may be given again")
    parser.add_argument("--ready", action="store_true", help="the databases of --url are loaded: only measure those")
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="bench-desk-") as name:
        folder = Path(name)
        if not arguments.ready:
            arguments.dataset = arguments.dataset or made_dataset(folder / "dataset", arguments)
        if not arguments.ready and arguments.only != "postgresql":
            measure_database(f"sqlite:///{folder / 'desk.db'}", folder, arguments)
        if not arguments.ready and arguments.only != "sqlite" and cluster.binaries():
            with cluster.running(folder / "pg") as url:
                measure_database(url, folder, arguments)
        for url in arguments.url:
            measure_database(url, folder, arguments)


if __name__ == "__main__":
    main()
