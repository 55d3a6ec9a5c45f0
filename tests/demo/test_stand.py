"""Which doors the demo opens, and what it says when it cannot."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from demo import ports
from demo.leftovers import end_leftovers, holder
from demo.screen import CUSTOMERS, PASSWORD, STAFF, screen
from demo.stand import CannotStart, Stand
from demo.supervision import programs, write_configuration

ROOT = Path(__file__).parents[2]


def eventually(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that another program listens on."""
    with socket.socket() as other:
        other.bind((ports.HOST, 0))
        other.listen()
        yield int(other.getsockname()[1])


def test_a_port_that_was_asked_for_and_is_taken_is_named(taken: int) -> None:
    with pytest.raises(CannotStart, match=f"Port {taken} is taken by another program.*make run PORT="):
        Stand.from_environment({"PORT": str(taken)})


@pytest.mark.parametrize("port", ["0", "65536", "eighty", "-1", "8000 "])
def test_what_is_not_a_port_is_named(port: str) -> None:
    with pytest.raises(CannotStart, match="MAIL_PORT"):
        Stand.from_environment({"MAIL_PORT": port})


def test_two_doors_cannot_share_a_port() -> None:
    port = str(ports.any_free())
    with pytest.raises(CannotStart, match="SMTP_PORT"):
        Stand.from_environment({"PORT": port, "SMTP_PORT": port})


def test_the_next_free_port_is_taken_when_none_was_asked_for(taken: int) -> None:
    found = ports.first_free(taken, avoid={taken + 1})
    assert found > taken + 1 or found < taken
    assert ports.is_free(found)


def test_a_redis_that_was_given_and_does_not_answer_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="REDIS_URL is set, but that Redis does not answer"):
        Stand.from_environment({"REDIS_URL": f"unix://{tmp_path}/nobody.sock"})


def test_a_redis_that_was_given_is_used_and_none_is_started(tmp_path: Path) -> None:
    stand = Stand(tmp_path, 8000, 8025, 1025, "redis://redis.example:6379/3", {})
    assert stand.settings()["REDIS_URL"] == "redis://redis.example:6379/3"
    assert [program.name for program in programs(stand)] == [
        "mail", "web", "worker", "scheduler", "receiver",
    ]  # fmt: skip


def test_mail_goes_to_the_catcher_whatever_the_environment_says(tmp_path: Path) -> None:
    outside = {"SMTP_HOST": "smtp.example.com", "SMTP_PORT": "587", "SMTP_SECURITY": "starttls", "SMTP_USER": "me"}
    stand = Stand(tmp_path, 8000, 8025, 1025, "", outside)
    settings = stand.settings()
    assert (settings["SMTP_HOST"], settings["SMTP_PORT"], settings["SMTP_SECURITY"]) == (ports.HOST, "1025", "none")
    assert settings["SMTP_USER"] == ""
    assert settings["LMTP_LISTEN"] == f"unix:{stand.sockets / 'mail.sock'}"
    assert settings["IMAP_HOST"] == ""


def test_a_folder_too_deep_for_sockets_gets_a_private_one_elsewhere(tmp_path: Path) -> None:
    stand = Stand(tmp_path / ("deep" * 30), 8000, 8025, 1025, "", {})
    stand.prepare_folders()
    assert len(os.fsencode(stand.redis_socket)) < 100
    assert stand.sockets.stat().st_mode & 0o777 == 0o700
    stand.remove_sockets()
    assert not stand.sockets.exists()
    assert stand.run.exists()


def test_a_folder_with_blanks_and_percent_signs_is_written_so_that_supervisord_reads_it(tmp_path: Path) -> None:
    from supervisor.options import ServerOptions

    stand = Stand(tmp_path / "моя папка 100%", 8000, 8025, 1025, "", {})
    stand.prepare_folders()
    options = ServerOptions()
    options.realize(["-c", str(write_configuration(stand)), "-n"])
    found = {process.name: process for group in options.process_group_configs for process in group.process_configs}
    assert set(found) == {"redis", "mail", "web", "worker", "scheduler", "receiver"}
    assert "моя папка 100%/mail" in found["mail"].command
    assert found["mail"].stdout_logfile == str(stand.log / "mail.log")
    stand.remove_sockets()


def test_what_a_killed_run_left_behind_is_ended(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    command = [sys.executable, "-m", "demo.child", "worker", "--", "sleep", "60"]
    environment = {**os.environ, "VAR_DIR": str(tmp_path)}
    left = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    file = tmp_path / "run" / "worker.pid"
    eventually(lambda: holder(file) == left.pid)
    assert end_leftovers(tmp_path / "run") == 1
    assert left.wait(timeout=10) != 0
    assert holder(file) is None
    assert end_leftovers(tmp_path / "run") == 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent was killed")
def test_a_process_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    parent = "import subprocess, sys; subprocess.run([sys.executable, '-m', 'demo.child', 'web', '--', 'sleep', '60'])"
    killed = subprocess.Popen([sys.executable, "-c", parent], cwd=ROOT, env={**os.environ, "VAR_DIR": str(tmp_path)})
    file = tmp_path / "run" / "web.pid"
    eventually(lambda: holder(file))
    killed.kill()
    killed.wait()
    eventually(lambda: holder(file) is None)


def test_the_screen_names_the_people_that_the_demo_content_has() -> None:
    from supportapp.demo import seed

    assert seed.PASSWORD == PASSWORD
    assert tuple(username for username, *_ in seed.STAFF) == STAFF
    assert [email for email, *_ in seed.CUSTOMERS] == list(CUSTOMERS)


def test_the_screen_fits_a_terminal(tmp_path: Path) -> None:
    lines = screen(Stand(tmp_path, 8000, 8025, 1025, "", {}), 12.3).splitlines()
    assert len(lines) <= 36
    assert max(len(line) for line in lines[:-4]) <= 100
