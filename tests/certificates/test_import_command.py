"""``flask import-certificates``: what it prints, and that it commits everything or nothing."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import pytest
from click.testing import CliRunner, Result

from supportapp import database
from supportapp.certificates.models import Certificate
from supportapp.certificates.register import Register, read_register
from supportapp.commands import certificates
from supportapp.commands.certificates import import_certificates
from supportapp.extensions import db
from tests.factories import make_level, make_product

pytestmark = pytest.mark.usefixtures("session")
HEADER = "kind,number,code,level,products,holder,valid from,valid to\n"
GOOD = "certificate,C-{n},CODE-{n},Extended,VPN,ACME,2026-01-01,2026-12-31\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    make_level(name_ru="Расширенный", name_en="Extended")
    make_product(name="VPN")
    file = tmp_path / "register.csv"
    file.write_text(HEADER + "".join(GOOD.format(n=n) for n in range(1200)))
    return file


def run(*arguments: str) -> Result:
    return CliRunner().invoke(import_certificates, arguments)


def count() -> int:
    db.session.rollback()
    return db.session.query(Certificate).count()


def test_a_clean_file_is_shown_and_imported(file: Path) -> None:
    db.session.commit()
    result = run(str(file))
    assert result.exit_code == 0, result.output
    assert "2: certificate C-0, ACME, 2026-01-01..2026-12-31, 1 x Extended: VPN" in result.output
    assert "1200 certificates were imported." in result.output
    assert count() == 1200


def test_a_dry_run_writes_nothing(file: Path) -> None:
    db.session.commit()
    result = run(str(file), "--dry-run")
    assert result.exit_code == 0
    assert "1200 rows can be imported." in result.output
    assert count() == 0


def test_every_bad_row_is_printed_and_nothing_is_imported(file: Path) -> None:
    db.session.commit()
    file.write_text(HEADER + GOOD.format(n=1) + GOOD.format(n=2).replace("VPN", "Toaster") + GOOD.format(n=1))
    result = run(str(file))
    assert result.exit_code == 1
    assert "Line 3, column “Products”: There is no product “Toaster”." in result.output
    assert "Line 4, column “Number”: The same number stands in line 2 already." in result.output
    assert "2 rows are wrong; nothing was imported." in result.output
    assert count() == 0


def test_a_file_that_is_no_register_ends_with_its_sentence(file: Path) -> None:
    file.write_bytes(b"PK\x03\x04")
    result = run(str(file), "--language", "en")
    assert result.exit_code == 1
    assert "Error: The file is damaged" in result.output


def test_reading_a_long_file_keeps_nobody_from_writing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    db.session.commit()
    only_reads: list[bool] = []

    def watched(stream: BinaryIO, filename: str) -> Register:
        only_reads.append(database._read_only.get())
        return read_register(stream, filename)

    monkeypatch.setattr(certificates, "read_register", watched)
    assert run(str(file)).exit_code == 0
    assert only_reads == [True]
    assert count() == 1200
