"""The application as a whole: health, and headers on every page."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

from flask.testing import FlaskClient

from config import Settings

ROOT = Path(__file__).parents[1]


def test_healthz_answers_without_asking_anything_else(client: FlaskClient) -> None:
    assert client.get("/healthz").text == "ok\n"


def test_readyz_says_that_the_portal_works_without_redis(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert "database: ok" in answer.text
    assert "redis: unreachable" in answer.text


def test_every_page_forbids_framing_and_foreign_scripts(client: FlaskClient) -> None:
    policy = client.get("/healthz").headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "object-src 'none'" in policy
    assert "script-src 'self' 'nonce-" in policy


def test_commits_inside_a_test_are_undone_afterwards(session: object) -> None:
    from supportapp.accounts.models import Customer
    from supportapp.extensions import db
    from tests.factories import make_customer

    assert db.session.query(Customer).count() == 0
    make_customer()
    db.session.commit()
    assert db.session.query(Customer).count() == 1


def test_the_next_test_starts_empty(session: object) -> None:
    from supportapp.accounts.models import Customer
    from supportapp.extensions import db

    assert db.session.query(Customer).count() == 0


def test_a_stranger_cannot_send_much(client: FlaskClient) -> None:
    letter = {"email": "a@example.com", "password": "x", "files": (io.BytesIO(b"x" * 3_000_000), "a.log")}
    assert client.post("/sign-in", data=letter).status_code == 413


def test_ten_files_of_the_greatest_size_fit_into_one_form() -> None:
    settings = Settings()
    assert settings.MAX_REQUEST_BYTES > settings.MAX_FILES_PER_MESSAGE * settings.MAX_FILE_BYTES


def test_a_web_process_does_not_look_through_itself_for_garbage(tmp_path: Path) -> None:
    environment = {"DEMO": "1", "VAR_DIR": str(tmp_path), "PATH": os.environ["PATH"]}
    code = "import gc, wsgi; print(gc.get_freeze_count())"
    told = subprocess.run([sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, check=True)
    assert int(told.stdout) > 50_000
