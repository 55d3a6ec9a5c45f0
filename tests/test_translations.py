"""Every sentence that people can meet has its Russian words, with the same placeholders."""

from __future__ import annotations

import pytest

from tests import catalogues

ALL = list(catalogues.ROOMS)


@pytest.mark.parametrize("name", ALL)
def test_every_sentence_has_its_russian_words(name: str) -> None:
    catalogue = catalogues.read(name)
    missing = [
        f"{path.relative_to(catalogues.PACKAGE)}: {msgid}"
        for path in catalogues.sources(name)
        for msgid in catalogues.msgids(path)
        if not _words(catalogue, msgid)
    ]
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("name", ALL)
def test_russian_words_keep_the_placeholders(name: str) -> None:
    wrong = [f"{message.id}: {error}" for message, errors in catalogues.read(name).check() for error in errors]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", ALL)
def test_no_sentence_is_translated_twice(name: str) -> None:
    lines = catalogues.path_of(name).read_text(encoding="utf-8").splitlines()
    ids = [line for line in lines if line.startswith("msgid ") and line != 'msgid ""']
    twice = sorted({line for line in ids if ids.count(line) > 1})
    assert not twice, "\n".join(twice)


def _words(catalogue: object, msgid: str | tuple[str, ...]) -> bool:
    message = catalogue.get(msgid if isinstance(msgid, str) else msgid[0])  # type: ignore[attr-defined]
    if message is None or message.fuzzy:
        return False
    forms = message.string if isinstance(message.string, tuple | list) else [message.string]
    return all(forms)
