"""What is a secret in a text, and what only looks like one."""

from __future__ import annotations

import time

import pytest

from supportapp.guard.findings import Secret
from supportapp.guard.texts import found_in_text, without_secrets

PEM = "-----BEGIN PRIVATE KEY-----\n" + "MIGkAgEBBDDx0yK5vR8oXo2mQ7fC\n" * 4 + "-----END PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("text", "kind", "secret"),
    [
        ("пин 12345678", Secret.PIN, "12345678"),
        ("ПИН-код от рутокена: 12345678.", Secret.PIN, "12345678"),
        ("pin=1234", Secret.PIN, "1234"),
        ("PIN-код пользователя — 87654321", Secret.PIN, "87654321"),
        ("Пароль: Qwerty", Secret.PASSWORD, "Qwerty"),
        ("пароль от контейнера 1234567, не подходит", Secret.PASSWORD, "1234567"),
        ("Пароль на архив: «infected»", Secret.PASSWORD, "infected"),
        ("password=hunter", Secret.PASSWORD, "hunter"),
        ("Password: Hunter2", Secret.PASSWORD, "Hunter2"),
        ("api_key = sk_live_1f2e3d", Secret.PASSWORD, "sk_live_1f2e3d"),
        ("postgres://user:s3cret@db/base", Secret.PASSWORD, "s3cret"),
        ("Лицензия 4040E-G0037-EK8R3-C6K4U-HCXQG", Secret.LICENCE_KEY, "4040E-G0037-EK8R3-C6K4U-HCXQG"),
        ("№ 5050n – 40030 – 01f4m – mvl9u – xkk00", Secret.LICENCE_KEY, "5050n – 40030 – 01f4m – mvl9u – xkk00"),
        (PEM, Secret.PRIVATE_KEY, PEM),
        (PEM.replace("PRIVATE", "OPENSSH PRIVATE"), Secret.PRIVATE_KEY, PEM.replace("PRIVATE", "OPENSSH PRIVATE")),
    ],
)  # fmt: skip
def test_a_secret_is_found_where_it_stands(text: str, kind: Secret, secret: str) -> None:
    [found] = found_in_text(text)
    assert (found.kind, text[found.start : found.end]) == (kind, secret)
    assert secret not in found.shown


@pytest.mark.parametrize(
    "text",
    [
        "Забыл пароль, как восстановить?",
        "Пароль: не подходит",
        "Пароль Windows10 не подходит",
        "сменили пароль 20.11.2026",
        "пароль <введите пароль>",
        "пароль: ********",
        "password: required",
        "Password for user: Ivanov",
        "password required for 12345",
        "Ошибка: неверный пароль: 0x8009001A",
        "pass: 120, fail: 3",
        "PWD=/home/anna/logs",
        "git clone https://user:password@example.com/repo",
        "осталось попыток ввода пин: 3",
        "ПИН-код 0x63C2",
        "пин-код: см. договор",
        "пин-код: ****",
        "Код ошибки 0x80090010, сборка 5.0.12455",
        "отпечаток 3A 5F 00 11 22 33 44 55 66 77 88 99 AA BB CC DD EE FF 00 11",
        "отпечаток 3a5f00112233445566778899aabbccddeeff0011",
        "обращение TP-000123, сертификат СП-2026-000101",
        "+7 (495) 123-45-67",
        "{a1b2c3d4-e5f6-4711-8899-aabbccddeeff}",
        "введите XXXXX-XXXXX-XXXXX-XXXXX-XXXXX",
        "-----BEGIN CERTIFICATE-----\n" + "MIIDdzCCAl+gAwIBAgIEAgAAuTANBg\n" * 4 + "-----END CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----\n" + "MIIDdzCCAl+gAwIBAgIEAgAAuTANBg\n" * 4 + "-----END PUBLIC KEY-----",
        "в файле нет строки -----BEGIN PRIVATE KEY-----",
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7 anna@example.com",
    ],
)
def test_what_only_looks_like_a_secret_is_left_in_peace(text: str) -> None:
    assert found_in_text(text) == []


def test_a_removed_secret_leaves_its_name_and_nothing_else_changes() -> None:
    text = f"Здравствуйте!\nПИН-код: 12345678, пароль: Qwe123.\n{PEM}\nСпасибо"
    cleaned = without_secrets(text, "ru")
    assert cleaned == (
        "Здравствуйте!\nПИН-код: [удалено: пин-код], пароль: [удалено: пароль].\n[удалено: закрытый ключ]\nСпасибо"
    )
    assert found_in_text(cleaned) == []
    assert without_secrets(cleaned, "ru") == cleaned
    assert "[removed: PIN code]" in without_secrets("pin 12345678", "en")


def test_a_key_that_was_cut_off_is_taken_to_the_end_of_its_lines() -> None:
    cut = PEM.partition("-----END")[0]
    assert without_secrets(f"{cut}\nДальше не поместилось.", "en") == "[removed: private key]Дальше не поместилось."


def test_a_putty_key_is_a_private_key() -> None:
    text = "PuTTY-User-Key-File-2: ssh-rsa\nPrivate-Lines: 1\nAAAA\nPrivate-MAC: 0a1b2c\nвот"
    assert without_secrets(text, "en") == "[removed: private key]\nвот"


@pytest.mark.parametrize(
    "wall",
    [
        "-----BEGIN PRIVATE KEY-----\n" * 7000,
        "пароль " * 30_000,
        "pin user user user user user " * 7000,
        "A1B2C-" * 33_000,
        "a://" * 50_000,
        "PuTTY-User-Key-File-2:" * 9000,
        "Private-MAC:" * 16_000,
        "a" * 200_000,
    ],
)
def test_no_wall_of_text_holds_the_page_up(wall: str) -> None:
    began = time.process_time()
    found_in_text(wall)
    assert time.process_time() - began < 1
