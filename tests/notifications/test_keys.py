"""Keys in Message-IDs and addresses: they find their way back, and nobody can make one up."""

from __future__ import annotations

import pytest

from supportapp.notifications import keys

pytestmark = pytest.mark.usefixtures("session")


def test_a_message_id_says_what_the_mail_is_about() -> None:
    assert keys.read_mail_ids([f"Re: {keys.new_mail_id('ticket:12')}"]) == ["ticket:12"]


def test_a_message_id_survives_a_server_that_changes_the_case() -> None:
    assert keys.read_mail_ids([keys.new_mail_id("ticket:12").upper()]) == ["ticket:12"]


def test_no_two_message_ids_are_the_same() -> None:
    assert keys.new_mail_id("ticket:12") != keys.new_mail_id("ticket:12")


def test_the_root_of_a_conversation_is_always_the_same() -> None:
    assert keys.root_mail_id("ticket:12") == keys.root_mail_id("ticket:12")
    assert keys.read_mail_ids([keys.root_mail_id("ticket:12")]) == ["ticket:12"]


def test_a_message_id_with_another_number_is_not_genuine() -> None:
    forged = keys.new_mail_id("ticket:12").replace("ticket.12.", "ticket.13.")
    assert keys.read_mail_ids([forged]) == []
    assert keys.genuine_mail_ids([forged]) == []


def test_a_mail_about_nothing_has_a_plain_message_id() -> None:
    plain = keys.new_mail_id()
    assert plain.endswith("@localhost>")
    assert keys.read_mail_ids([plain]) == []


def test_several_ids_of_one_ticket_are_one_ticket() -> None:
    headers = [f"{keys.new_mail_id('ticket:1')} {keys.new_mail_id('ticket:2')}", keys.new_mail_id("ticket:1")]
    assert keys.read_mail_ids(headers) == ["ticket:1", "ticket:2"]


def test_an_address_brings_the_answer_back() -> None:
    address = keys.tagged_address("ticket:12")
    assert address.startswith("support+ticket-12-")
    assert keys.read_tagged_address(address) == "ticket:12"
    assert keys.read_tagged_address(address.upper()) == "ticket:12"


@pytest.mark.parametrize(
    "address",
    [
        "support@localhost",
        "support+ticket-12@localhost",
        "support+ticket-12-aaaaaaaaaaaaaaaa@localhost",
        "x@localhost",
        "",
    ],
)
def test_an_address_that_we_did_not_make_leads_nowhere(address: str) -> None:
    assert keys.read_tagged_address(address) is None


def test_a_key_of_another_ticket_leads_nowhere() -> None:
    assert keys.read_tagged_address(keys.tagged_address("ticket:12").replace("-12-", "-13-")) is None


def test_a_key_at_another_host_leads_nowhere() -> None:
    assert (
        keys.read_tagged_address(keys.tagged_address("ticket:12").replace("@localhost", "@elsewhere.example")) is None
    )


def test_our_own_addresses_are_known() -> None:
    assert keys.is_our_address("Support@localhost")
    assert keys.is_our_address(keys.tagged_address("ticket:12"))
    assert not keys.is_our_address("person@localhost")
