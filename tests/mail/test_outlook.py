"""Mails that Outlook saved: their files are found, and no bytes hold anybody up."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportapp.mailbox.reading import Attachment, files_within, limits
from tests.guard.outlook import file, saved_by_outlook, tree_of
from tests.guard.samples import PKCS12, saved_mail

LONG = bytes(range(256)) * 40  # of 4096 bytes and more: not among the small ones
SAVED = saved_by_outlook(file("ключ.pfx", PKCS12), file("a.log", LONG), file("b.log", b"10:00"))


def within(data: bytes, name: str = "письмо.msg") -> dict[str, bytes]:
    return {one.name: one.data for one in files_within(Attachment(name, "", data))}


def test_the_files_of_a_saved_mail_are_found_with_their_names() -> None:
    assert within(SAVED) == {"ключ.pfx": PKCS12, "a.log": LONG, "b.log": b"10:00"}


def test_a_mail_within_it_is_looked_into_whichever_way_it_is_attached() -> None:
    inner = tree_of(file("ключ.pfx", PKCS12))
    assert within(saved_by_outlook({"__substg1.0_3701000D": inner})) == {"ключ.pfx": PKCS12}
    assert PKCS12 in within(saved_by_outlook(file("внутри.eml", saved_mail("ключ.pfx", PKCS12)))).values()
    assert PKCS12 in within(saved_mail("внутри.msg", SAVED), "снаружи.eml").values()


def test_a_file_without_a_name_is_called_by_its_number() -> None:
    assert within(saved_by_outlook({"__substg1.0_37010102": PKCS12})) == {"attachment-1.bin": PKCS12}


@pytest.mark.parametrize(
    "data", [b"", b"text", SAVED[:8], SAVED[:600], SAVED[:8] + bytes(504), SAVED[:8] + b"\xff" * 2000]
)
def test_what_is_no_such_mail_has_no_files(data: bytes) -> None:
    assert within(data) == {}


@pytest.mark.parametrize("more", [197, 198, 199, 200])
def test_a_list_of_sectors_that_begins_at_the_end_of_the_file_ends_there(more: int) -> None:
    broken = bytearray(SAVED[:512] + bytes(512 * 199))
    struct.pack_into("<I", broken, 68, more)
    assert within(bytes(broken)) == {}


@given(st.lists(st.tuples(st.integers(8, len(SAVED) - 4), st.integers(0, 2**32 - 1)), max_size=20))
def test_no_damage_makes_it_raise_or_yield_more_than_there_is(damages: list[tuple[int, int]]) -> None:
    broken = bytearray(SAVED)
    for place, value in damages:
        struct.pack_into("<I", broken, place, value)
    found = within(bytes(broken))
    assert sum(map(len, found.values())) <= len(SAVED)


def test_files_that_claim_the_same_bytes_are_together_no_more_than_the_whole() -> None:
    bomb = bytearray(saved_by_outlook(*[file(f"{number}.log", LONG) for number in range(50)]))
    place, name = 0, "__substg1.0_37010102".encode("utf-16-le")
    while (place := bomb.find(name, place + 1)) >= 0:
        struct.pack_into("<II", bomb, place + 116, 8, len(bomb))
    assert sum(map(len, within(bytes(bomb)).values())) <= len(bomb)


def test_of_very_many_files_only_so_many_are_looked_at() -> None:
    saved = saved_by_outlook(*[file(f"{number}.log", b"x") for number in range(limits.FILES_WITHIN + 50)])
    assert len(within(saved)) == limits.FILES_WITHIN
