"""When an unanswered ticket closes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportapp.worktime.official import official_calendar
from supportapp.worktime.rules import deadline, local_date, start_of_day

MOSCOW = ZoneInfo("Europe/Moscow")
ZONES = [
    MOSCOW,
    ZoneInfo("Europe/Berlin"),
    ZoneInfo("America/New_York"),
    ZoneInfo("Africa/Cairo"),  # puts its clocks forward at midnight: that day starts at 01:00
    ZoneInfo("America/Havana"),  # puts them back from 01:00 to 00:00: midnight comes twice
    ZoneInfo("Asia/Kamchatka"),
    ZoneInfo("Pacific/Kiritimati"),
]
MICROSECOND = timedelta(microseconds=1)

zones = st.sampled_from(ZONES)
moments = st.datetimes(datetime(2013, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
counts = st.integers(1, 30)


def moscow(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=MOSCOW)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("received", "closes"),
    [
        pytest.param((2026, 11, 20, 14, 0), (2026, 11, 26), id="friday afternoon: the weekend does not count"),
        pytest.param((2026, 11, 20, 0, 0), (2026, 11, 26), id="at 00:00 the new day is the day of receipt"),
        pytest.param((2026, 11, 19, 23, 59, 59), (2026, 11, 25), id="at 23:59 it is still the old one"),
        pytest.param((2026, 11, 21, 12, 0), (2026, 11, 26), id="received on a Saturday off"),
        pytest.param((2026, 11, 22, 23, 59), (2026, 11, 26), id="received on a Sunday night"),
        pytest.param((2026, 11, 23, 0, 0), (2026, 11, 27), id="a minute later, on Monday"),
        pytest.param((2025, 12, 29, 10, 0), (2026, 1, 14), id="over the New Year holidays"),
        pytest.param((2026, 1, 5, 10, 0), (2026, 1, 15), id="received inside the New Year holidays"),
        pytest.param((2024, 11, 1, 9, 0), (2024, 11, 7), id="the worked Saturday counts, 4 November does not"),
        pytest.param((2024, 11, 2, 9, 0), (2024, 11, 8), id="received on a worked Saturday: it does not count"),
        pytest.param((2024, 4, 26, 9, 0), (2024, 5, 4), id="a worked Saturday, then 28 April to 1 May off"),
        pytest.param((2020, 3, 27, 12, 0), (2020, 5, 15), id="the non-working weeks of 2020 do not count"),
        pytest.param((2027, 2, 18, 12, 0), (2027, 2, 25), id="the moved Monday of 2027"),
    ],
)
def test_three_working_days_end_at_the_midnight_after_the_third(
    received: tuple[int, ...], closes: tuple[int, ...]
) -> None:
    assert deadline(moscow(*received), 3, official_calendar(), MOSCOW) == moscow(*closes)


def test_the_deadline_is_given_in_utc() -> None:
    closes = deadline(moscow(2026, 11, 20, 14), 3, official_calendar(), MOSCOW)
    assert closes.tzinfo is UTC
    assert closes.isoformat() == "2026-11-25T21:00:00+00:00"


def test_the_day_of_receipt_is_the_local_one() -> None:
    late_in_utc = datetime(2026, 11, 19, 22, 0, tzinfo=UTC)  # Friday 01:00 in Moscow, Thursday in New York
    new_york = ZoneInfo("America/New_York")
    assert deadline(late_in_utc, 1, official_calendar(), MOSCOW) == moscow(2026, 11, 24)
    assert deadline(late_in_utc, 1, official_calendar(), new_york) == datetime(2026, 11, 21, tzinfo=new_york)


def test_a_day_that_begins_at_one_o_clock_begins_there() -> None:
    cairo = ZoneInfo("Africa/Cairo")
    start = start_of_day(date(2026, 4, 24), cairo)
    assert start.astimezone(cairo).isoformat() == "2026-04-24T01:00:00+03:00"
    assert local_date(start - MICROSECOND, cairo) == date(2026, 4, 23)


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        deadline(datetime(2026, 11, 20, 14), 3, official_calendar(), MOSCOW)  # noqa: DTZ001


@given(received=moments, days=counts, tz=zones)
def test_a_deadline_is_the_local_midnight_after_a_working_day(received: datetime, days: int, tz: ZoneInfo) -> None:
    closes = deadline(received, days, official_calendar(), tz)
    last = local_date(closes - MICROSECOND, tz)
    assert official_calendar().is_working(last)
    assert local_date(closes, tz) == last + timedelta(days=1)


@given(received=moments, days=counts, tz=zones)
def test_a_deadline_leaves_exactly_n_whole_working_days(received: datetime, days: int, tz: ZoneInfo) -> None:
    closes = deadline(received, days, official_calendar(), tz)
    first, last = local_date(received, tz), local_date(closes - MICROSECOND, tz)
    whole = [first + timedelta(days=n) for n in range(1, (last - first).days + 1)]
    assert sum(official_calendar().is_working(day) for day in whole) == days


@given(received=moments, later=st.timedeltas(timedelta(), timedelta(days=40)), days=counts, tz=zones)
def test_a_later_receipt_never_closes_earlier(received: datetime, later: timedelta, days: int, tz: ZoneInfo) -> None:
    calendar = official_calendar()
    assert deadline(received, days, calendar, tz) <= deadline(received + later, days, calendar, tz)


@given(received=moments, days=counts, tz=zones)
def test_one_more_day_always_closes_later(received: datetime, days: int, tz: ZoneInfo) -> None:
    calendar = official_calendar()
    assert received < deadline(received, days, calendar, tz) < deadline(received, days + 1, calendar, tz)


@given(received=moments, seen_in=zones, days=counts)
def test_the_zone_a_moment_is_written_in_does_not_matter(received: datetime, seen_in: ZoneInfo, days: int) -> None:
    calendar = official_calendar()
    assert deadline(received.astimezone(seen_in), days, calendar, MOSCOW) == deadline(received, days, calendar, MOSCOW)
