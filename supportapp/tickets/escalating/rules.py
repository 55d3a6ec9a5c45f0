"""What was promised, and how far it has come: pure rules."""

from __future__ import annotations

import enum
from datetime import datetime


class Promise(enum.StrEnum):
    """What the support level promises a moment for."""

    FIRST = "first"
    RESOLUTION = "resolution"


class Stage(enum.StrEnum):
    """How it stands with a promise; each is told once."""

    NEAR = "near"
    MISSED = "missed"


def stage_of(due: datetime | None, *, at: datetime, near: datetime) -> Stage | None:
    """How it stands at ``at`` with a promise for ``due``: near when it lies not after ``near``. What was missed is not
    near any more, so after a downtime only that is told."""
    if due is None or due > near:
        return None
    return Stage.MISSED if due <= at else Stage.NEAR
