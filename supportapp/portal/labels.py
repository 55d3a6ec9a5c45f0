"""What states are called on the customers' pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from supportapp.certificates.rules import CertificateKind
from supportapp.tickets.rules import CloseReason, MessageKind, Satisfied, Status, Turn

STATUSES: Mapping[str, Any] = {
    Status.NEW: _l("New"),
    Status.IN_PROGRESS: _l("In progress"),
    Status.AWAITING_INFO: _l("We need your answer"),
    Status.SOLUTION_PROPOSED: _l("Solution proposed"),
    Status.CLOSED: _l("Closed"),
}

CLOSE_REASONS: Mapping[str, Any] = {
    CloseReason.SOLVED: _l("solved"),
    CloseReason.NO_REACTION: _l("closed automatically: there was no answer"),
    CloseReason.WITHDRAWN: _l("withdrawn by you"),
    CloseReason.BY_STAFF: _l("closed by the support service"),
    CloseReason.MERGED: _l("merged with another ticket"),
}

TURNS: Mapping[str, Any] = {
    Turn.SUPPORT: _l("Our turn"),
    Turn.CUSTOMER: _l("Your turn"),
    Turn.NOBODY: _l("Finished"),
}

MESSAGE_KINDS: Mapping[str, Any] = {
    MessageKind.QUESTION: _l("Question"),
    MessageKind.REPLY: _l("Reply"),
    MessageKind.INFO_REQUEST: _l("Request for information"),
    MessageKind.SOLUTION: _l("Proposed solution"),
}

CERTIFICATE_KINDS: Mapping[str, Any] = {
    CertificateKind.CERTIFICATE: _l("Support certificate"),
    CertificateKind.CONTRACT: _l("Support contract"),
}

CERTIFICATE_STATES: Mapping[str, Any] = {
    "not_yet_valid": _l("Not valid yet"),
    "valid": _l("Valid"),
    "expired": _l("Expired"),
    "revoked": _l("Revoked"),
}


SATISFIED: Mapping[str, Any] = {
    Satisfied.YES: _l("Yes"),
    Satisfied.PARTLY: _l("So-so"),
    Satisfied.NO: _l("No"),
}


def label(value: Any, words: Mapping[str, Any]) -> str:
    """The words for ``value``; an unknown one is shown as it is."""
    return str(words.get(value, value))
