"""The settings: what is missing or weak stops the start, with a sentence that names the variable."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from config import ConfigError, Settings

SECRET = "d41c9a7be2f05386d41c9a7be2f05386"
GOOD = {"SECRET_KEY": SECRET, "PUBLIC_BASE_URL": "https://support.example.com"}
ROOT = Path(__file__).parents[1]


def settings(**changes: str) -> Settings:
    return Settings.from_environment({**GOOD, **changes})


def test_a_whole_environment_makes_settings() -> None:
    assert settings(REOPEN_DAYS="7", EMAIL_CHANGE_KEEPS_HISTORY="1").REOPEN_DAYS == 7
    assert settings(EMAIL_CHANGE_KEEPS_HISTORY="yes").EMAIL_CHANGE_KEEPS_HISTORY is True
    assert settings().EMAIL_CHANGE_KEEPS_HISTORY is False


@pytest.mark.parametrize(
    ("changes", "variable"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"SECRET_KEY": "a" * 64}, "SECRET_KEY"),
        ({"SECRET_KEY": "demo-only-secret-key-not-for-the-real-world"}, "SECRET_KEY"),
        ({"PUBLIC_BASE_URL": "http://support.example.com"}, "PUBLIC_BASE_URL"),
        ({"PUBLIC_BASE_URL": "support.example.com"}, "PUBLIC_BASE_URL"),
        ({"SUPPORT_TIMEZONE": "Mars/Olympus"}, "SUPPORT_TIMEZONE"),
        ({"SMTP_SECURITY": "ssl"}, "SMTP_SECURITY"),
        ({"SMTP_PORT": "smtp"}, "SMTP_PORT"),
        ({"DEMO": "maybe"}, "DEMO"),
        ({"REOPEN_DAYS": "-1"}, "REOPEN_DAYS"),
        ({"SMTP_TIMEOUT": "0"}, "SMTP_TIMEOUT"),
        ({"MAIL_KEEP_DAYS": "-1"}, "MAIL_KEEP_DAYS"),
        ({"MAIL_FROM": "Support <support@example.com>"}, "MAIL_FROM"),
        ({"MAIL_FROM": "support"}, "MAIL_FROM"),
        ({"TICKET_PREFIX": "tp"}, "TICKET_PREFIX"),
        ({"TICKET_PREFIX": "A/B"}, "TICKET_PREFIX"),
        ({"TICKET_PREFIX": ""}, "TICKET_PREFIX"),
    ],
)
def test_a_wrong_variable_stops_the_start_and_is_named(changes: dict[str, str], variable: str) -> None:
    with pytest.raises(ConfigError, match=variable):
        settings(**changes)


def test_the_address_of_the_portal_is_kept_without_a_slash_at_its_end() -> None:
    assert settings(PUBLIC_BASE_URL="https://support.example.com/").PUBLIC_BASE_URL == "https://support.example.com"


def test_the_demo_needs_no_secret_and_no_https() -> None:
    assert Settings.from_environment({"DEMO": "1"}).DEMO


def test_cookies_insist_on_https_wherever_people_use_it() -> None:
    assert settings().flask()["SESSION_COOKIE_SECURE"] is True
    assert settings().flask()["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert Settings.from_environment({"DEMO": "1"}).flask()["SESSION_COOKIE_SECURE"] is False


def test_only_the_named_hosts_are_answered() -> None:
    assert "support.example.com" in settings().flask()["TRUSTED_HOSTS"]
    hosts = settings(TRUSTED_HOSTS="a.example, b.example").flask()["TRUSTED_HOSTS"]
    assert {"support.example.com", "a.example", "b.example"} <= set(hosts)


def test_a_plain_postgres_address_means_psycopg_3() -> None:
    url = settings(DATABASE_URL="postgresql://u:p@db/portal").flask()["SQLALCHEMY_DATABASE_URI"]
    assert url == "postgresql+psycopg://u:p@db/portal"


@pytest.mark.parametrize("readme", ["README.md", "README.ru.md"])
def test_every_setting_stands_in_the_readme(readme: str) -> None:
    text = (ROOT / readme).read_text()
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    named = set(re.findall(r"`([A-Z_]{3,})`", " ".join(row.split("|")[1] for row in rows)))
    assert {setting.name for setting in fields(Settings)} - named == set()
