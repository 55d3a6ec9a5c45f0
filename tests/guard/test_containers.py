"""Which files hold a private key: by name, by content, inside an archive, in a text."""

from __future__ import annotations

import io
import time

import pytest

from supportapp.guard.containers import found_in_file
from supportapp.guard.findings import Secret
from tests.guard import samples
from tests.guard.samples import archive, pem


def kinds(name: str, data: bytes) -> list[Secret]:
    return [one.kind for one in found_in_file(name, io.BytesIO(data))]


@pytest.mark.parametrize(
    "name", ["key.pfx", "Сертификат.P12", "store.jks", "id_rsa", "primary.key", "MASKS.KEY", "a.ppk"]
)
def test_a_container_is_told_by_its_name(name: str) -> None:
    assert kinds(name, b"\x01\x02\x03\x00\x05") == [Secret.KEY_CONTAINER]


def test_a_container_is_told_by_its_content_whatever_its_name() -> None:
    assert kinds("report.bin", samples.PKCS12) == [Secret.KEY_CONTAINER]
    assert kinds("report.bin", b"\xfe\xed\xfe\xed\0\0\0\2") == [Secret.KEY_CONTAINER]


def test_a_bare_private_key_is_told_by_its_content() -> None:
    for key in (samples.PKCS8_KEY, samples.EC_KEY, samples.RSA_KEY):
        assert kinds("a.bin", key) == [Secret.PRIVATE_KEY]
    assert kinds("a.txt", pem("PRIVATE KEY", samples.PKCS8_KEY)) == [Secret.PRIVATE_KEY]
    assert kinds("a.key", pem("RSA PRIVATE KEY", samples.RSA_KEY)) == [Secret.PRIVATE_KEY]
    openssh = pem("OPENSSH PRIVATE KEY", samples.PKCS8_KEY)
    assert kinds("notes", openssh) == [Secret.PRIVATE_KEY]
    assert kinds("notes.txt", openssh.decode().encode("utf-16")) == [Secret.PRIVATE_KEY]


def test_certificates_requests_and_public_keys_are_fine() -> None:
    plain = {
        "CERTIFICATE": samples.CERTIFICATE,
        "CERTIFICATE REQUEST": samples.REQUEST,
        "PUBLIC KEY": samples.PUBLIC_KEY,
    }
    for label, data in plain.items():
        assert kinds("a.cer", data) == kinds("a.crt", pem(label, data)) == kinds("a.pem", pem(label, data)) == []
    assert kinds("id_ed25519.pub", b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKX anna@example.com") == []
    assert kinds("licence.key", b"serial of nothing") == []


@pytest.mark.parametrize(
    "inside", ["anna.000/header.key", "keys\\anna.000\\primary.key", "a/b/my.pfx", "ssl/server.key", "home/.ssh/id_rsa"]
)
def test_an_archive_tells_by_its_names_and_is_not_unpacked(inside: str) -> None:
    [found] = found_in_file("logs.zip", io.BytesIO(archive("readme.txt", inside, "log/a.log")))
    assert found.kind is Secret.KEY_CONTAINER
    assert found.where.replace("\\", "/") == inside.replace("\\", "/")


def test_an_archive_of_logs_and_a_document_are_fine() -> None:
    assert kinds("logs.zip", archive("a.log", "certs/root.cer", "public.key", "slides.key", "word/document.xml")) == []


def test_a_log_with_a_password_or_a_licence_key_is_told_with_its_masked_place() -> None:
    [found] = found_in_file("csp.log", io.BytesIO("10:00 пин-код 12345678 введён".encode("cp1251")))
    assert (found.kind, "12345678" in found.where) == (Secret.PIN, False)
    assert kinds("csp.log", b"serial 4040E-G0037-EK8R3-C6K4U-HCXQG") == [Secret.LICENCE_KEY]
    assert kinds("csp.log", b"10:00 password required, error 0x80090010\n" * 1000) == []


def test_a_crowded_archive_and_a_long_log_cost_little() -> None:
    began = time.process_time()
    crowded = archive(*(f"folder/file-{n}.log" for n in range(30_000)))
    built = time.process_time()
    assert kinds("a.zip", crowded) == []
    line = b"2026-11-20 12:00:01 INFO container opened, user ivanov pin=**** code 0x80090010\n"
    assert kinds("a.log", line * 100_000) == []
    assert time.process_time() - built < 2
    assert built - began < 30


@pytest.mark.parametrize(
    "data", [b"", b"PK", b"PK\x01\x02", b"PK\x03\x04" + b"PK\x01\x02" * 9, b"0\x82", b"\xff\xfe\x00"]
)
def test_damaged_files_are_no_trouble(data: bytes) -> None:
    assert kinds("a.zip", data) == []
