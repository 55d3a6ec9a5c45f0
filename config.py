"""The settings: environment in, one frozen object out. A missing or weak secret stops the start, except in the demo.

Every variable is described in the README, "Configuration". Times are hours, days or seconds as the name says.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path
from typing import Any, get_type_hints
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parent


class ConfigError(RuntimeError):
    """The environment does not make a working configuration; the message says which variable and why."""


@dataclass(frozen=True)
class Settings:
    """One attribute per environment variable of the same name."""

    SECRET_KEY: str = ""
    DEMO: bool = False
    DATABASE_URL: str = f"sqlite:///{ROOT / 'var' / 'portal.db'}"
    REDIS_URL: str = "redis://localhost:6379/0"
    PUBLIC_BASE_URL: str = "http://localhost:8000"
    TRUSTED_HOSTS: str = ""
    TRUSTED_PROXIES: int = 0
    VAR_DIR: str = str(ROOT / "var")
    FILES_URL: str = ""
    INDEX_DIR: str = str(ROOT / "search_index")
    SEMANTIC_SEARCH: bool = True  # when its package is installed

    SUPPORT_NAME: str = "Портал технической поддержки"
    SUPPORT_NAME_EN: str = "Technical support portal"
    SUPPORT_TIMEZONE: str = "Europe/Moscow"
    REOPEN_DAYS: int = 14
    EMAIL_CHANGE_KEEPS_HISTORY: bool = False
    TICKET_PREFIX: str = "TP"

    SMTP_HOST: str = "localhost"
    SMTP_PORT: int = 25
    SMTP_USER: str = ""
    SMTP_PASSWORD: str = ""
    SMTP_SECURITY: str = "none"  # none, starttls, tls
    SMTP_TIMEOUT: int = 20
    MAIL_FROM: str = "support@localhost"
    MAIL_GATHER_SECONDS: int = 60  # acts on one ticket within them become one mail; 0: each its own, at once
    MAIL_PER_MINUTE: int = 600  # mails handed to the server; 0: no limit
    MAIL_PER_RECIPIENT: int = 30  # mails to one address in a minute; 0: no limit

    MAIL_REPLIES: bool = False  # mails are handed to "flask mail ingest"; set by itself where a door below is open
    MAIL_TAG: str = "+"  # what stands between MAIL_FROM's local part and the key of a ticket; empty: no keyed addresses
    MAIL_TRUSTED_AUTHSERV: str = ""  # whose Authentication-Results are believed (RFC 8601)
    MAX_MAIL_BYTES: int = 50 * 1024 * 1024
    MAIL_KEEP_DAYS: int = 90  # the originals of mails that became no entry; 0: for ever
    IMAP_HOST: str = ""
    IMAP_PORT: int = 993
    IMAP_USER: str = ""
    IMAP_PASSWORD: str = ""
    IMAP_SECURITY: str = "tls"  # none, starttls, tls
    IMAP_FOLDER: str = "INBOX"
    IMAP_SECONDS: int = 30  # between two looks
    LMTP_LISTEN: str = ""  # host:port, or unix:/path
    SMTP_LISTEN: str = ""  # host:port, or unix:/path

    MAX_FILES_PER_MESSAGE: int = 10
    MAX_FILE_BYTES: int = 20 * 1024 * 1024
    MAX_REQUEST_BYTES: int = 208 * 1024 * 1024  # a full message: ten files, and its text

    SWEEP_SECONDS: int = 60
    UNDO_SECONDS: int = 10  # how long what staff send can be taken back; 0: it leaves at once

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read and check the settings; raises ConfigError naming the variable that is wrong."""
        hints = get_type_hints(cls)
        values = {f.name: _parse(f.name, environ[f.name], hints[f.name]) for f in fields(cls) if f.name in environ}
        settings = cls(**values)
        settings._check()
        return settings

    @property
    def timezone(self) -> ZoneInfo:
        """The zone in which working days and support hours are counted."""
        return ZoneInfo(self.SUPPORT_TIMEZONE)

    def support_name(self, language: str) -> str:
        """The portal's name on pages and mails in ``language``."""
        return self.SUPPORT_NAME_EN if language == "en" else self.SUPPORT_NAME

    @property
    def secure(self) -> bool:
        """Whether people reach the portal by https, so that cookies may insist on it."""
        return self.PUBLIC_BASE_URL.startswith("https://")

    @property
    def reads_mail(self) -> bool:
        """Whether people may answer a mail, because something reads the answers."""
        return self.MAIL_REPLIES or bool(self.IMAP_HOST or self.LMTP_LISTEN or self.SMTP_LISTEN)

    @property
    def files_url(self) -> str:
        """Where attachments live: an fsspec URL, a local folder when none is set."""
        return self.FILES_URL or f"file://{Path(self.VAR_DIR).absolute() / 'files'}"

    def _check(self) -> None:
        if self.DEMO and not self.SECRET_KEY:
            object.__setattr__(self, "SECRET_KEY", "demo-only-secret-key-not-for-the-real-world")
        if len(self.SECRET_KEY) < 32 or len(set(self.SECRET_KEY)) < 8:
            raise ConfigError("SECRET_KEY must be a random text of at least 32 characters (openssl rand -hex 32)")
        if not self.DEMO and "demo-only" in self.SECRET_KEY:
            raise ConfigError("SECRET_KEY is the one of the demo")
        base = urlsplit(self.PUBLIC_BASE_URL)
        if base.scheme not in ("http", "https") or not base.hostname:
            raise ConfigError("PUBLIC_BASE_URL must be an http(s) address such as https://support.example.com")
        if not self.DEMO and not self.secure and base.hostname not in ("localhost", "127.0.0.1"):
            raise ConfigError("PUBLIC_BASE_URL must be https outside the demo: passwords travel over it")
        object.__setattr__(self, "PUBLIC_BASE_URL", self.PUBLIC_BASE_URL.rstrip("/"))  # paths are put behind it
        if self.SMTP_SECURITY not in ("none", "starttls", "tls"):
            raise ConfigError("SMTP_SECURITY must be none, starttls or tls")
        local, _, domain = self.MAIL_FROM.rpartition("@")
        if not local or not domain or any(c.isspace() or c in "<>" for c in self.MAIL_FROM):
            raise ConfigError("MAIL_FROM must be a bare address such as support@example.com; the name is SUPPORT_NAME")
        if not re.fullmatch("[A-Z0-9]{1,10}", self.TICKET_PREFIX):
            raise ConfigError("TICKET_PREFIX must be one to ten capital Latin letters and digits")
        try:
            ZoneInfo(self.SUPPORT_TIMEZONE)
        except (KeyError, ValueError, OSError) as error:
            raise ConfigError(f"SUPPORT_TIMEZONE {self.SUPPORT_TIMEZONE!r} is not a known time zone") from error
        if not 0 <= self.UNDO_SECONDS <= 60:
            raise ConfigError("UNDO_SECONDS must be 0 to 60")
        if self.IMAP_SECURITY not in ("none", "starttls", "tls"):
            raise ConfigError("IMAP_SECURITY must be none, starttls or tls")
        if self.IMAP_HOST and not (self.IMAP_USER and self.IMAP_PASSWORD):
            raise ConfigError("IMAP_USER and IMAP_PASSWORD are needed where IMAP_HOST is set")
        if len(self.MAIL_TAG) > 1 or self.MAIL_TAG.isalnum() or self.MAIL_TAG in tuple('@.<>"\\,;:()[] '):
            raise ConfigError("MAIL_TAG must be one sign such as + or -, or empty")
        for name in ("LMTP_LISTEN", "SMTP_LISTEN"):
            _check_listen(name, getattr(self, name))
        if not 0 <= self.MAIL_GATHER_SECONDS <= 600 or min(self.MAIL_PER_MINUTE, self.MAIL_PER_RECIPIENT) < 0:
            raise ConfigError(
                "MAIL_GATHER_SECONDS must be 0 to 600, MAIL_PER_MINUTE and MAIL_PER_RECIPIENT not negative"
            )
        if self.MAX_MAIL_BYTES < 64 * 1024 or self.IMAP_SECONDS < 1:
            raise ConfigError("MAX_MAIL_BYTES must be at least 65536, IMAP_SECONDS positive")
        if self.MAIL_KEEP_DAYS < 0:
            raise ConfigError("MAIL_KEEP_DAYS must not be negative")
        if self.REOPEN_DAYS < 0 or min(self.MAX_FILES_PER_MESSAGE, self.SWEEP_SECONDS, self.SMTP_TIMEOUT) < 1:
            raise ConfigError("REOPEN_DAYS, MAX_FILES_PER_MESSAGE, SWEEP_SECONDS and SMTP_TIMEOUT must be positive")

    def flask(self) -> dict[str, Any]:
        """The same settings as Flask and its extensions spell them."""
        host = urlsplit(self.PUBLIC_BASE_URL).hostname or "localhost"
        further = [name.strip() for name in self.TRUSTED_HOSTS.split(",") if name.strip()]
        hosts = [host, "localhost", "127.0.0.1", *further]  # health is asked for on the machine itself
        return {
            "SECRET_KEY": self.SECRET_KEY,
            "SQLALCHEMY_DATABASE_URI": _database_url(self.DATABASE_URL),
            "SQLALCHEMY_ENGINE_OPTIONS": {"pool_pre_ping": not self.DATABASE_URL.startswith("sqlite")},
            "TRUSTED_HOSTS": hosts,
            "MAX_CONTENT_LENGTH": self.MAX_REQUEST_BYTES,
            "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
            "SESSION_COOKIE_NAME": "__Host-session" if self.secure else "session",
            "SESSION_COOKIE_SECURE": self.secure,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
            "SESSION_REFRESH_EACH_REQUEST": False,  # they end 12 hours after the sign-in, whatever is opened meanwhile
            "WTF_CSRF_TIME_LIMIT": None,  # bound to the session: a long text must not die of an old token
            "BABEL_DEFAULT_LOCALE": "ru",
            "BABEL_DEFAULT_TIMEZONE": self.SUPPORT_TIMEZONE,
            "BABEL_TRANSLATION_DIRECTORIES": "translations;portal/translations;staff/translations",
            "LANGUAGES": {"ru": {"flag": "ru", "name": "Русский"}, "en": {"flag": "gb", "name": "English"}},
            "BOOTSTRAP_SERVE_LOCAL": True,
            "RATELIMIT_STORAGE_URI": _counters_url(self.REDIS_URL),
            "RATELIMIT_STORAGE_OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
            "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
            "RATELIMIT_HEADERS_ENABLED": False,
            "RATELIMIT_ENABLED": True,
            "APP_NAME": self.SUPPORT_NAME,
            "FAB_CREATE_DB": False,
            "FAB_UPDATE_PERMS": False,
            "FAB_ADD_SECURITY_API": False,
            "FAB_API_SWAGGER_UI": False,
            "FAB_ADD_SECURITY_VIEWS": True,
            "FAB_ADD_SECURITY_PERMISSION_VIEW": False,
            "FAB_ADD_SECURITY_VIEW_MENU_VIEW": False,
            "FAB_ADD_SECURITY_PERMISSION_VIEWS_VIEW": False,
            "FAB_SAFE_REDIRECT_HOSTS": hosts,
            "AUTH_TYPE": 1,
            "AUTH_USER_REGISTRATION": False,
            "AUTH_RATE_LIMITED": True,
            "AUTH_RATE_LIMIT": "10 per 5 minutes",
        }


def _check_listen(name: str, where: str) -> None:
    """``host:port`` or ``unix:/path``, or nothing."""
    if not where or (where.startswith("unix:/") and len(where) > len("unix:/")):
        return
    host, _, port = where.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ConfigError(f"{name} must be host:port or unix:/path, not {where!r}")


def _database_url(url: str) -> str:
    """Plain postgres URLs mean psycopg 3 here."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _counters_url(redis_url: str) -> str:
    """Redis as the rate limits spell it; they count in memory where there is none."""
    if redis_url.startswith("unix://"):
        return "redis+" + redis_url
    return redis_url if redis_url.startswith("redis") else "memory://"


def _parse(name: str, text: str, kind: Any) -> Any:
    if kind is bool:
        if text.lower() not in ("0", "1", "true", "false", "yes", "no", ""):
            raise ConfigError(f"{name} must be 1 or 0")
        return text.lower() in ("1", "true", "yes")
    if kind is int:
        try:
            return int(text)
        except ValueError as error:
            raise ConfigError(f"{name} must be a whole number, not {text!r}") from error
    return text
