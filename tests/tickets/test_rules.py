"""The law of a ticket's life, as sentences."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from supportapp.tickets import rules
from supportapp.tickets.rules import CloseReason, Status, Turn

CLOSED_AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("status", [Status.AWAITING_INFO, Status.SOLUTION_PROPOSED])
def test_a_customers_reply_ends_the_waiting_for_him(status: Status) -> None:
    assert rules.after_customer_reply(status) is Status.IN_PROGRESS


@pytest.mark.parametrize("status", [Status.NEW, Status.IN_PROGRESS])
def test_a_customers_reply_changes_no_other_status(status: Status) -> None:
    assert rules.after_customer_reply(status) is status


def test_a_plain_staff_reply_starts_a_new_ticket() -> None:
    assert rules.after_staff_reply(Status.NEW) is Status.IN_PROGRESS


@pytest.mark.parametrize("status", [Status.IN_PROGRESS, Status.AWAITING_INFO, Status.SOLUTION_PROPOSED])
def test_a_plain_staff_reply_changes_no_other_status(status: Status) -> None:
    assert rules.after_staff_reply(status) is status


def test_every_status_says_whose_turn_it_is() -> None:
    assert {status: rules.turn(status) for status in Status} == {
        Status.NEW: Turn.SUPPORT,
        Status.IN_PROGRESS: Turn.SUPPORT,
        Status.AWAITING_INFO: Turn.CUSTOMER,
        Status.SOLUTION_PROPOSED: Turn.CUSTOMER,
        Status.CLOSED: Turn.NOBODY,
    }


def test_an_automatically_closed_ticket_can_be_reopened_after_years() -> None:
    at = CLOSED_AT + timedelta(days=3650)
    assert rules.can_reopen(Status.CLOSED, CloseReason.NO_REACTION, CLOSED_AT, at, 14)


@pytest.mark.parametrize("reason", [CloseReason.SOLVED, CloseReason.WITHDRAWN, CloseReason.BY_STAFF])
def test_any_other_closing_can_be_undone_for_fourteen_days(reason: CloseReason) -> None:
    last = CLOSED_AT + timedelta(days=14)
    assert rules.can_reopen(Status.CLOSED, reason, CLOSED_AT, last, 14)
    assert not rules.can_reopen(Status.CLOSED, reason, CLOSED_AT, last + timedelta(microseconds=1), 14)


def test_a_merged_ticket_cannot_be_reopened() -> None:
    assert not rules.can_reopen(Status.CLOSED, CloseReason.MERGED, CLOSED_AT, CLOSED_AT, 14)


@pytest.mark.parametrize("status", sorted(rules.OPEN))
def test_an_open_ticket_cannot_be_reopened(status: Status) -> None:
    assert not rules.can_reopen(status, None, None, CLOSED_AT, 14)
