"""The examples under deploy/ name settings and commands that exist."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path

import click
import pytest
import yaml
from flask import Flask

from config import Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
EXAMPLE = (DEPLOY / ".env.example").read_text()
SETTINGS = {field.name for field in fields(Settings)}
FOR_COMPOSE = {"POSTGRES_PASSWORD", "PORT"}


def test_the_example_names_every_setting_and_no_other() -> None:
    assert set(re.findall(r"^#?([A-Z_]+)=", EXAMPLE, re.M)) == SETTINGS | FOR_COMPOSE


def test_the_example_is_a_working_configuration_once_the_secret_is_set() -> None:
    values = dict(re.findall(r"^([A-Z_]+)=(.*)$", EXAMPLE, re.M))
    settings = Settings.from_environment(values | {"SECRET_KEY": "0123456789abcdef0123456789abcdef"})
    assert settings.secure


@pytest.mark.parametrize("name", sorted(set(re.findall(r"^#([A-Z_]+)=.+$", EXAMPLE, re.M)) & SETTINGS))
def test_a_commented_setting_shows_its_default_as_a_shell_reads_it(name: str) -> None:
    (line,) = re.findall(rf"^#{name}=(.*)$", EXAMPLE, re.M)
    (shown,) = shlex.split(line)
    assert getattr(Settings.from_environment({name: shown, "SECRET_KEY": "0123456789abcdef" * 2}), name) == getattr(
        Settings(), name
    )


def commands_of_units() -> dict[str, list[str]]:
    found = {}
    for unit in (DEPLOY / "systemd").glob("*.service"):
        for command in re.findall(r"^ExecStart=.* flask --app wsgi (.+)$", unit.read_text(), re.M):
            found[unit.name] = command.split()
    return found


def commands_of_compose() -> dict[str, list[str]]:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    flask = ["flask", "--app", "wsgi"]
    return {
        name: service["command"][3:] for name, service in services.items() if service.get("command", [])[:3] == flask
    }


@pytest.mark.parametrize("commands", [commands_of_units(), commands_of_compose()], ids=["systemd", "compose"])
def test_every_process_is_started_by_a_command_that_the_portal_has(app: Flask, commands: dict[str, list[str]]) -> None:
    assert len(commands) == 5
    for name, (command, *options) in commands.items():
        known = app.cli.commands[command]
        if isinstance(known, click.Group):
            known = known.commands[options.pop(0)]
        assert isinstance(known, click.Command), name
        known.make_context(command, list(options))


def test_the_queues_of_the_workers_are_all_the_queues_and_one_writes_the_index() -> None:
    from supportapp.jobs.queue import QUEUES

    for commands in (commands_of_units(), commands_of_compose()):
        listened = [queue for command in commands.values() if command[0] == "worker" for queue in command[2].split(",")]
        assert sorted(listened) == sorted(QUEUES)


@pytest.mark.parametrize("environment", ["SECRET_KEY=short", "(", None], ids=["weak key", "broken file", "no file"])
def test_a_pipe_that_cannot_start_the_portal_never_sends_the_mail_back(tmp_path: Path, environment: str | None) -> None:
    file = tmp_path / "env"
    if environment is not None:
        file.write_text(environment)
    command = [str(DEPLOY / "ingest.sh"), "anna@example.com", "support@example.com"]
    there = {"PATH": "/usr/bin:/bin", "PORTAL_ENV": str(file)}
    answer = subprocess.run(command, input=b"Subject: x\n\n", env=there, capture_output=True, timeout=60)
    assert answer.returncode == 75, answer.stderr


@pytest.mark.parametrize("sender", ["anna@example.com", ""])
def test_a_pipe_hands_over_the_sender_and_every_recipient(tmp_path: Path, sender: str) -> None:
    shutil.copytree(DEPLOY, tmp_path / "deploy")
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    python.chmod(0o755)
    (tmp_path / "env").write_text("")
    command = [str(tmp_path / "deploy" / "ingest.sh"), sender, "support@example.com", "support+x y@example.com"]
    there = {"PATH": "/usr/bin:/bin", "PORTAL_ENV": str(tmp_path / "env")}
    said = subprocess.run(
        command, env=there, capture_output=True, text=True, timeout=60, check=True
    ).stdout.splitlines()
    assert said[said.index("ingest") + 1 :] == [
        "--sender", sender, "--recipient", "support@example.com", "--recipient", "support+x y@example.com",
    ]  # fmt: skip
