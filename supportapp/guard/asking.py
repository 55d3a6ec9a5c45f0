"""Whether a form has to come back because of a secret, and what its texts become. Pure rules.

The person chooses once: to have the secrets removed, or to send them as they are. The second choice travels with the
form as a digest of what was agreed to, so that a form that comes back for another reason does not ask again, and a
secret that was added meanwhile does.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from supportapp.guard.findings import Finding
from supportapp.guard.texts import found_in_text, without_secrets


class Choice(enum.StrEnum):
    """What the person's button says."""

    NONE = ""
    REMOVE = "remove"
    KEEP = "keep"


@dataclass(frozen=True)
class Judgement:
    """``texts`` to go on with; ``findings`` by field; ``asks`` whether the form must come back; what was ``agreed``."""

    texts: Mapping[str, str]
    findings: Mapping[str, list[Finding]]
    asks: bool
    agreed: str


def chosen(text: str | None) -> Choice:
    """The choice in a form's field; anything unknown is none."""
    return Choice(text) if text in set(Choice) else Choice.NONE


def judge(texts: Mapping[str, str], choice: Choice, agreed: str, language: str, *, never: frozenset[str]) -> Judgement:
    """Look at the texts of a form by field. Secrets in the fields ``never`` are removed whatever was chosen: such a
    line goes into the subject of every mail."""
    findings = {field: found for field, text in texts.items() if (found := found_in_text(text))}
    digest = _digest(texts, findings)
    if choice is Choice.REMOVE:
        cleaned = {field: without_secrets(text, language) for field, text in texts.items()}
        return Judgement(cleaned, {}, False, "")
    if not findings:
        return Judgement(texts, {}, False, agreed)
    if choice is not Choice.KEEP and agreed != digest:
        return Judgement(texts, findings, True, "")
    kept = {field: without_secrets(text, language) if field in never else text for field, text in texts.items()}
    return Judgement(kept, findings, False, _digest(kept, {field: found_in_text(text) for field, text in kept.items()}))


def _digest(texts: Mapping[str, str], findings: Mapping[str, list[Finding]]) -> str:
    secrets = sorted({texts[field][one.start : one.end] for field, found in findings.items() for one in found})
    return sha256("\0".join(secrets).encode("utf-8", "surrogatepass")).hexdigest()[:32] if secrets else ""
