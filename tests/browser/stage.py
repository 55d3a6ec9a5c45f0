"""The portal on real parts, as a browser meets it: gunicorn, Redis, worker, scheduler, an SMTP server, a clock."""

from __future__ import annotations

import os
import re
import sys
import time
import urllib.error
import urllib.request
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

from supportapp import clock
from supportapp.demo.seed import seed
from supportapp.demo.shift import parse_shift
from supportapp.extensions import db
from supportapp.kb.search import suggest
from supportapp.staff.permissions import sync_roles
from supportapp.worktime.queries import current_calendar
from tests.services import Portal, Process, RedisServer, SmtpServer, eventually, free_port

MOSCOW = ZoneInfo("Europe/Moscow")
LINK = re.compile(r"https?://[^\s<>\"]+")


class Stage(Portal):
    """An installation with the demo's content and all its processes; the clock of this process stays the real one."""

    def __init__(self, folder: Path, database_url: str, redis: RedisServer, smtp: SmtpServer) -> None:
        super().__init__(folder, database_url, redis.url, smtp.port)
        clock.use_offset_file(None)
        self.smtp = smtp
        self._port = free_port()
        self.environment["SWEEP_SECONDS"] = "2"  # every job is a process, and Chromium wants its share
        self.url = self.environment["PUBLIC_BASE_URL"] = f"http://localhost:{self._port}"
        with self.app.app_context():
            sync_roles()
            seed(at=clock.now())
            db.session.commit()

    def start(self) -> None:
        """All processes at once; returns when each is ready."""
        web = self.start_web()
        worker, scheduler = self.start_worker(wait=False), self.start_scheduler(wait=False)
        eventually(lambda: self._answers(web), "the web server did not start")
        eventually(lambda: self._says(worker, "the worker listens to"), "the worker did not start")
        eventually(lambda: self._says(scheduler, "Registering birth"), "the scheduler did not start")

    def start_web(self) -> Process:
        """gunicorn as in the demo."""
        doors = ["--bind", f"127.0.0.1:{self._port}", "--worker-class", "gthread", "--threads", "8"]
        command = [sys.executable, "-m", "gunicorn", *doors, "--no-control-socket", "--access-logfile", "-", "wsgi:app"]
        self.web = Process(command, self.folder / "web.log", {**os.environ, **self.environment})
        self._processes.append(self.web)
        return self.web

    def wait_for_index(self) -> None:
        """The worker has built the search index from the demo's articles."""

        def finds() -> bool:
            with self.app.app_context():
                return bool(suggest("Ошибка 0x80090016", "", product_id=None, language="ru"))

        eventually(finds, "the search index was not built")

    def move_working_days(self, number: int) -> None:
        """Move the clock of all processes, to ten in the morning at the earliest: warnings wait for nine."""
        with self.app.app_context():
            at = self.now()
            shift = parse_shift(f"{number} working days", at=at, calendar=current_calendar(), tz=MOSCOW)
        moment = (at + shift).astimezone(MOSCOW)
        self._set_clock(moment.replace(hour=max(moment.hour, 10)))

    def now(self) -> datetime:
        """What the processes hold the time to be."""
        file = self.folder / "demo-clock"
        shift = float(file.read_text()) if file.exists() else 0.0
        return datetime.fromtimestamp(time.time() + shift, MOSCOW)

    def mail(self, recipient: str, words: str) -> EmailMessage:
        """The newest mail to ``recipient`` whose subject contains the words; waits for it."""

        def found() -> EmailMessage | None:
            mails = [mail for mail in self.smtp.to(recipient) if words in str(mail["Subject"])]
            return mails[-1] if mails else None

        mail = eventually(found, f"no mail “{words}” to {recipient}")
        assert isinstance(mail, EmailMessage)
        return mail

    def _set_clock(self, moment: datetime) -> None:
        draft = self.folder / "demo-clock.draft"
        draft.write_text(str(moment.timestamp() - time.time()))
        draft.replace(self.folder / "demo-clock")

    def _answers(self, web: Process) -> bool:
        assert web.is_running, web.log.read_text()
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False


def link_in(mail: EmailMessage, label: str) -> str:
    """The address behind a label in the text of a mail."""
    body = mail.get_body(("plain",))
    assert body is not None
    text = str(body.get_content())
    place = text.find(label)
    assert place >= 0, f"no “{label}” in:\n{text}"
    found = LINK.search(text, place)
    assert found is not None, text
    return found.group()
