"""The processes of the demo, as supervisord keeps them: what runs, in which order, and how it is brought back."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from demo import ports
from demo.redis_binary import find_redis_server
from demo.stand import ROOT, Stand

HEAD = """\
; written by make run at every start
[supervisord]
nodaemon=true
silent=true
logfile={log}/supervisord.log
logfile_maxbytes=5MB
logfile_backups=1
pidfile={run}/supervisord.running
directory={root}

[unix_http_server]
file={sockets}/supervisor.sock
chmod=0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl=unix://{sockets}/supervisor.sock
"""

# startretries: a worker ends with 1 whenever Redis is away, and has to come back however long that lasts
PROGRAM = """
[program:{name}]
command={command}
directory={root}
autorestart=true
startsecs=1
startretries=1000000
stopwaitsecs={stop_seconds}
killasgroup=true
redirect_stderr=true
stdout_logfile={program_log}
stdout_logfile_maxbytes=5MB
stdout_logfile_backups=2
"""

# a group ends as one, the portal before what it stands on
GROUP = """
[group:{name}]
programs={programs}
priority={priority}
"""


@dataclass(frozen=True)
class Program:
    """One process, either of the portal itself or of what it stands on."""

    name: str
    command: list[str]
    group: str = "portal"
    needs_redis: bool = False
    stop_seconds: int = 8


def programs(stand: Stand) -> list[Program]:
    """What runs, in the order in which it starts: Redis only when none was given."""
    python, flask = sys.executable, [sys.executable, "-m", "flask", "--app", "wsgi"]
    mail = ["--folder", str(stand.var / "mail"), "--smtp-port", str(stand.smtp_port)]
    mail += ["--receiver", str(stand.mail_socket)]
    web = ["--bind", f"{ports.HOST}:{stand.port}", "--worker-class", "gthread", "--workers", "2", "--threads", "8"]
    quiet = ["--graceful-timeout", "5", "--access-logfile", "-", "--no-control-socket"]
    embedded = [] if stand.given_redis_url else [Program("redis", redis_command(stand), "ground")]
    return [
        *embedded,
        Program("mail", [python, "-m", "demo.mailcatcher", *mail, "--page-port", str(stand.mail_port)], "ground"),
        Program("web", [python, "-m", "gunicorn", *web, *quiet, "wsgi:app"]),
        Program("worker", [*flask, "worker"], needs_redis=True),
        Program("scheduler", [*flask, "scheduler"], needs_redis=True),
        Program("receiver", [*flask, "mail", "receive"]),
    ]


def redis_command(stand: Stand) -> list[str]:
    """A Redis on a private socket that forgets nothing when it is stopped, and evicts no job."""
    doors = ["--port", "0", "--unixsocket", str(stand.redis_socket), "--unixsocketperm", "700"]
    memory = ["--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"]
    return [str(find_redis_server()), *doors, *memory, "--dir", str(stand.var / "redis")]


def write_configuration(stand: Stand) -> Path:
    """Write supervisord's configuration for this demo and return its path."""
    folders = {"root": ROOT, "run": stand.run, "log": stand.log, "sockets": stand.sockets}
    escaped = {name: _escape(str(folder)) for name, folder in folders.items()}
    parts = [HEAD.format(**escaped)]
    wanted = programs(stand)
    for program in wanted:
        wait = ["--wait-for", str(stand.redis_socket)] if program.needs_redis and not stand.given_redis_url else []
        child = [sys.executable, "-m", "demo.child", program.name, *wait, "--", *program.command]
        values = {"name": program.name, "stop_seconds": program.stop_seconds}
        program_log = _escape(_escape(str(stand.log / f"{program.name}.log")))  # the one value that is expanded twice
        command = _escape(shlex.join(child))
        parts.append(PROGRAM.format(root=escaped["root"], **values, program_log=program_log, command=command))
    for priority, group in enumerate(("ground", "portal"), start=1):
        members = ",".join(program.name for program in wanted if program.group == group)
        parts.append(GROUP.format(name=group, programs=members, priority=priority))
    file = stand.run / "supervisord.conf"
    file.write_text("".join(parts))
    return file


def _escape(text: str) -> str:
    """supervisord expands %(names)s in every value."""
    return text.replace("%", "%%")
