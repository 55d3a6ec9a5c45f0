"""Keys that find their way back: what a mail is about, in its Message-ID and in the address to answer to.

Both carry a keyed hash (HMAC-SHA256, 80 bits, RFC 2104), so nobody can make one up, and both survive servers that
change the case of letters. ``about`` is what the outbox calls it: "ticket:12".
"""

from __future__ import annotations

import hmac
import re
import secrets
from base64 import b32encode
from collections.abc import Iterable
from hashlib import sha256

import idna

from supportapp.extensions import settings

KEY_LENGTH = 16
_ABOUT = re.compile(r"[a-z]{1,20}:[0-9]{1,18}")
_MAIL_ID = re.compile(r"<([a-z]{1,20})\.([0-9]{1,18})\.([0-9a-f]{16})\.([a-z2-7]{16})@[^<>\s]+>", re.I)
_TAG = re.compile(r"([a-z]{1,20})-([0-9]{1,18})-([a-z2-7]{16})", re.I)


def new_mail_id(about: str = "") -> str:
    """A fresh Message-ID (RFC 5322, 3.6.4) that says what the mail is about, where it is about anything."""
    nonce = secrets.token_hex(8)
    if not _ABOUT.fullmatch(about):
        return f"<{nonce}{secrets.token_hex(8)}@{_domain()}>"
    kind, _, key = about.partition(":")
    return f"<{kind}.{key}.{nonce}.{_hash('id', about, nonce)}@{_domain()}>"


def root_mail_id(about: str) -> str:
    """The Message-ID, the same for ever, of the mail that never was: mail programs gather a conversation under it."""
    kind, _, key = about.partition(":")
    nonce = "0" * 16
    return f"<{kind}.{key}.{nonce}.{_hash('id', about, nonce)}@{_domain()}>"


def read_mail_ids(headers: Iterable[str]) -> list[str]:
    """What the genuine Message-IDs of ours in ``headers`` are about, each once, in order."""
    found = [_read(match) for header in headers for match in _MAIL_ID.finditer(header)]
    return list(dict.fromkeys(about for about in found if about))


def genuine_mail_ids(headers: Iterable[str]) -> list[str]:
    """The Message-IDs themselves, as we wrote them, each once, in order."""
    found = [match[0].lower() for header in headers for match in _MAIL_ID.finditer(header) if _read(match)]
    return list(dict.fromkeys(found))


def tagged_address(about: str) -> str:
    """The address that brings an answer to where it belongs; MAIL_FROM itself where there are no keyed addresses."""
    local, _, domain = settings.MAIL_FROM.rpartition("@")
    kind, _, key = about.partition(":")
    tagged = f"{local}{settings.MAIL_TAG}{kind}-{key}-{_hash('address', about)}"
    if not settings.MAIL_TAG or len(tagged) > 64:  # RFC 5321, 4.5.3.1.1
        return settings.MAIL_FROM
    return f"{tagged}@{domain}"


def read_tagged_address(address: str) -> str | None:
    """What a genuine tagged address of ours is about; None for every other one."""
    local, _, domain = address.strip().rpartition("@")
    ours, _, our_domain = settings.MAIL_FROM.rpartition("@")
    prefix = f"{ours}{settings.MAIL_TAG}".lower()
    if not settings.MAIL_TAG or domain.lower() != our_domain.lower() or not local.lower().startswith(prefix):
        return None
    match = _TAG.fullmatch(local[len(prefix) :].lower())
    if match is None:
        return None
    about = f"{match[1]}:{match[2]}"
    return about if hmac.compare_digest(match[3], _hash("address", about)) else None


def is_our_address(address: str) -> bool:
    """Whether it is MAIL_FROM, with or without a tag: a mail from it comes from a machine of ours or pretends to."""
    local, _, domain = address.strip().lower().rpartition("@")
    ours, _, our_domain = settings.MAIL_FROM.lower().rpartition("@")
    tagged = bool(settings.MAIL_TAG) and local.startswith(f"{ours}{settings.MAIL_TAG}")
    return domain == our_domain and (local == ours or tagged)


def _read(match: re.Match[str]) -> str | None:
    about, nonce = f"{match[1].lower()}:{match[2]}", match[3].lower()
    return about if hmac.compare_digest(match[4].lower(), _hash("id", about, nonce)) else None


def _hash(*parts: str) -> str:
    key = sha256(f"mail-keys:{settings.SECRET_KEY}".encode()).digest()
    digest = hmac.new(key, ":".join(parts).encode(), sha256).digest()
    return b32encode(digest[:10]).decode("ascii").lower()


def _domain() -> str:
    domain = settings.MAIL_FROM.rpartition("@")[2] or "localhost"
    return domain if domain.isascii() else idna.encode(domain, uts46=True).decode("ascii")
