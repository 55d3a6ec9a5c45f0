"""What states and periods are called."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from supportapp.reports.rules import ExportState, Period

STATES: dict[ExportState, Any] = {
    ExportState.QUEUED: _l("waits for a worker"),
    ExportState.RUNNING: _l("is being made"),
    ExportState.READY: _l("is ready"),
    ExportState.FAILED: _l("failed"),
    ExportState.CANCELLED: _l("was cancelled"),
    ExportState.EXPIRED: _l("expired, the file is gone"),
}
PERIODS: dict[Period, Any] = {
    Period.DAILY: _l("every day"),
    Period.WEEKLY: _l("every Monday"),
    Period.MONTHLY: _l("on the first of the month"),
}
REASONS: dict[str, Any] = {
    "no_space": _l("There is no room left on the server's disk. Nothing was kept; tell the administrator."),
    "worker_died": _l("The program that makes it ended several times. Nothing was kept."),
    "failed": _l("An error happened; it stands in the server's log. Nothing was kept."),
}
