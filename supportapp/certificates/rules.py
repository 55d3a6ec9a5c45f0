"""Entitlement rules: pure functions, the moment is an argument."""

from __future__ import annotations

import enum


class CertificateKind(enum.StrEnum):
    """A certificate has one seat; a contract as many as its holder bought."""

    CERTIFICATE = "certificate"
    CONTRACT = "contract"
