"""The clock: one for the product, one that the demo may move."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from supportapp import clock
from supportapp.demo.shift import parse_shift
from supportapp.worktime.official import official_calendar
from tests.conftest import make_settings

MSK = ZoneInfo("Europe/Moscow")

FRIDAY = datetime(2026, 11, 20, 14, 30, tzinfo=MSK)


@pytest.fixture
def movable(tmp_path: Path) -> Iterator[None]:
    clock.use_offset_file(tmp_path / "demo-clock")
    yield
    clock.use_offset_file(None)


def shift(words: str) -> timedelta:
    return parse_shift(words, at=FRIDAY, calendar=official_calendar(), tz=MSK)


def test_nobody_moves_the_clock_outside_the_demo() -> None:
    with pytest.raises(RuntimeError):
        clock.set_offset(timedelta(hours=1))


@pytest.mark.usefixtures("movable")
def test_a_moved_clock_is_moved_for_all_but_the_sign_ins() -> None:
    clock.set_offset(timedelta(days=3))
    assert clock.now() - datetime.now(UTC) > timedelta(days=2, hours=23)
    assert abs(clock.unshifted() - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.usefixtures("movable")
def test_an_unreadable_shift_is_none(tmp_path: Path) -> None:
    (tmp_path / "demo-clock").write_text("soon")
    assert clock.offset() == timedelta()


def test_a_frozen_clock_needs_a_time_zone() -> None:
    with pytest.raises(ValueError, match="aware"), clock.frozen(datetime(2026, 1, 1)):  # noqa: DTZ001
        pass


@pytest.mark.parametrize(
    ("words", "moved"),
    [
        ("1 working day", timedelta(days=3)),
        ("3 working days", timedelta(days=5)),
        ("0 working days", timedelta()),
        ("5 hours", timedelta(hours=5)),
        ("1 week", timedelta(days=7)),
    ],
)
def test_the_shift_is_said_in_words(words: str, moved: timedelta) -> None:
    assert shift(words) == moved


@pytest.mark.parametrize("words", ["", "soon", "-3 hours", "3 fortnights", "9999 weeks", "1e9 hours", "٣ years"])
def test_a_shift_that_makes_no_sense_is_a_sentence(words: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        shift(words)


def test_the_demos_commands_are_refused_on_a_real_portal(tmp_path: Path) -> None:
    from supportapp import create_app

    runner = create_app(make_settings(tmp_path)).test_cli_runner()
    for command in (["demo", "clock", "3", "hours"], ["demo", "seed"]):
        answer = runner.invoke(args=command)
        assert answer.exit_code == 1
        assert "only in the demo" in answer.output
