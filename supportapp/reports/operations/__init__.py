"""What can be done with exports."""

from supportapp.reports.operations.making import (
    cancel,
    claim,
    expire_old,
    fail,
    finish,
    progress,
    request_export,
    revive_stale,
)
from supportapp.reports.operations.saving import begin_due, delete_saved, save_export, take_over, unsubscribe

__all__ = [
    "begin_due",
    "cancel",
    "claim",
    "delete_saved",
    "expire_old",
    "fail",
    "finish",
    "progress",
    "request_export",
    "revive_stale",
    "save_export",
    "take_over",
    "unsubscribe",
]
