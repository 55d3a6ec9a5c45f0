"""Targets in working hours: adding them and measuring them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from supportapp.worktime.official import official_calendar
from supportapp.worktime.rules import SupportHours, add_working_time, local_date, working_time_between
from tests.worktime.test_deadlines import MOSCOW, moments, moscow, zones

NINE_TO_SIX = SupportHours(time(9), time(18))
ALWAYS = SupportHours(time(0), time(0), around_the_clock=True)
HOUR = timedelta(hours=1)

amounts = st.timedeltas(timedelta(), timedelta(hours=200))
times = st.times().map(lambda t: t.replace(fold=0))


@st.composite
def some_hours(draw: st.DrawFn) -> SupportHours:
    opens, closes = sorted((draw(times), draw(times)))
    length = timedelta(hours=closes.hour - opens.hour, minutes=closes.minute - opens.minute)
    assume(length >= timedelta(minutes=5))
    return draw(st.sampled_from([SupportHours(opens, closes), SupportHours(opens, time(0)), NINE_TO_SIX]))


def add(start: datetime, hours: float, kind: SupportHours = NINE_TO_SIX) -> datetime:
    return add_working_time(start, timedelta(hours=hours), kind, official_calendar(), MOSCOW)


def between(start: datetime, end: datetime, kind: SupportHours = NINE_TO_SIX) -> timedelta:
    return working_time_between(start, end, kind, official_calendar(), MOSCOW)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        pytest.param((2026, 11, 20, 10), 4, (2026, 11, 20, 14), id="within one day"),
        pytest.param((2026, 11, 20, 14), 8, (2026, 11, 23, 13), id="over a weekend"),
        pytest.param((2026, 11, 20, 9), 9, (2026, 11, 20, 18), id="used up exactly at closing time"),
        pytest.param((2026, 11, 20, 7), 1, (2026, 11, 20, 10), id="before opening the clock stands"),
        pytest.param((2026, 11, 20, 18), 1, (2026, 11, 23, 10), id="after closing it stands too"),
        pytest.param((2026, 11, 21, 12), 1, (2026, 11, 23, 10), id="on a day off it stands all day"),
        pytest.param((2024, 11, 1, 17), 9, (2024, 11, 2, 17), id="a worked Saturday runs"),
        pytest.param((2025, 12, 30, 17), 2, (2026, 1, 12, 10), id="over the New Year holidays"),
        pytest.param((2026, 11, 3, 9), 9, (2026, 11, 3, 18), id="a shortened day has full support hours"),
        pytest.param((2026, 11, 21, 12), 0, (2026, 11, 21, 12), id="no time at all is now"),
    ],
)
def test_working_hours_run_only_while_support_is_open(
    start: tuple[int, ...], hours: float, end: tuple[int, ...]
) -> None:
    assert add(moscow(*start), hours) == moscow(*end)
    assert between(moscow(*start), moscow(*end)) == timedelta(hours=hours)


def test_nights_and_days_off_have_no_working_time() -> None:
    assert between(moscow(2026, 11, 20, 18), moscow(2026, 11, 23, 9)) == timedelta()


def test_a_whole_week_has_forty_five_hours() -> None:
    assert between(moscow(2026, 11, 16), moscow(2026, 11, 23)) == 45 * HOUR


def test_around_the_clock_every_hour_counts() -> None:
    assert add(moscow(2026, 12, 31, 23), 30, ALWAYS) == moscow(2027, 1, 2, 5)
    assert between(moscow(2026, 12, 31, 23), moscow(2027, 1, 2, 5), ALWAYS) == 30 * HOUR


def test_hours_until_midnight_end_with_the_day() -> None:
    until_midnight = SupportHours(time(12), time(0))
    assert add(moscow(2026, 11, 20, 23), 1, until_midnight) == moscow(2026, 11, 21)
    assert between(moscow(2026, 11, 20), moscow(2026, 11, 24), until_midnight) == 24 * HOUR


@pytest.mark.parametrize("closes", [time(9), time(8)])
def test_support_that_never_opens_is_refused(closes: time) -> None:
    with pytest.raises(ValueError, match="no time lies between"):
        SupportHours(time(9), closes)


def test_a_negative_amount_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        add(moscow(2026, 11, 20, 10), -1)


def test_no_time_has_gone_by_when_the_end_comes_first() -> None:
    assert between(moscow(2026, 11, 20, 15), moscow(2026, 11, 20, 10)) == timedelta()
    assert between(moscow(2026, 11, 25, 15), moscow(2026, 11, 20, 10)) == timedelta()
    assert between(moscow(2026, 11, 20, 15), moscow(2026, 11, 20, 10), ALWAYS) == timedelta()


def test_an_hour_that_the_clocks_repeat_is_counted_twice() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    start, end = datetime(2026, 10, 25, 0, tzinfo=berlin), datetime(2026, 10, 25, 6, tzinfo=berlin)  # a Sunday
    sunday_works = official_calendar().corrected({start.date(): True})
    night = SupportHours(time(1), time(5))
    assert working_time_between(start, end, ALWAYS, sunday_works, berlin) == 7 * HOUR
    assert working_time_between(start, end, night, sunday_works, berlin) == 5 * HOUR
    assert add_working_time(start, 5 * HOUR, night, sunday_works, berlin) == datetime(2026, 10, 25, 5, tzinfo=berlin)


@given(start=moments, amount=amounts, hours=some_hours(), tz=zones)
def test_measuring_what_was_added_gives_it_back(
    start: datetime, amount: timedelta, hours: SupportHours, tz: ZoneInfo
) -> None:
    end = add_working_time(start, amount, hours, official_calendar(), tz)
    assert end >= start
    assert working_time_between(start, end, hours, official_calendar(), tz) == amount


@given(start=moments, length=st.timedeltas(timedelta(), timedelta(days=30)), hours=some_hours(), tz=zones)
def test_adding_what_was_measured_never_passes_the_end(
    start: datetime, length: timedelta, hours: SupportHours, tz: ZoneInfo
) -> None:
    end, calendar = start + length, official_calendar()
    measured = working_time_between(start, end, hours, calendar, tz)
    reached = add_working_time(start, measured, hours, calendar, tz)
    assert reached <= end
    opens, closes = hours.on(local_date(end, tz), tz)
    if measured and calendar.is_working(local_date(end, tz)) and opens < end <= closes:
        assert reached == end


@given(start=moments, amount=amounts, hours=some_hours(), tz=zones)
def test_a_target_always_falls_into_support_hours(
    start: datetime, amount: timedelta, hours: SupportHours, tz: ZoneInfo
) -> None:
    assume(amount)
    target = add_working_time(start, amount, hours, official_calendar(), tz)
    day = local_date(target - timedelta(microseconds=1), tz)
    opens, closes = hours.on(day, tz)
    assert official_calendar().is_working(day)
    assert opens < target <= closes


@given(start=moments, one=amounts, other=amounts, hours=some_hours(), tz=zones)
def test_adding_in_two_steps_reaches_the_same_moment(
    start: datetime, one: timedelta, other: timedelta, hours: SupportHours, tz: ZoneInfo
) -> None:
    calendar = official_calendar()
    halfway = add_working_time(start, one, hours, calendar, tz)
    at_once = add_working_time(start, one + other, hours, calendar, tz)
    assert add_working_time(halfway, other, hours, calendar, tz) == at_once


@given(start=moments, gaps=st.tuples(amounts, amounts), hours=some_hours(), tz=zones)
def test_time_measured_in_two_parts_adds_up(
    start: datetime, gaps: tuple[timedelta, timedelta], hours: SupportHours, tz: ZoneInfo
) -> None:
    calendar, middle = official_calendar(), start + gaps[0]
    end = middle + gaps[1]
    parts = [working_time_between(a, b, hours, calendar, tz) for a, b in ((start, middle), (middle, end))]
    assert sum(parts, timedelta()) == working_time_between(start, end, hours, calendar, tz)


def test_answers_are_in_utc_whatever_the_question_was_in() -> None:
    assert add(moscow(2026, 11, 20, 10), 1).tzinfo is UTC
    assert add(moscow(2026, 11, 20, 10), 1, ALWAYS).tzinfo is UTC


@given(moments, st.timedeltas(timedelta(), timedelta(days=800)), some_hours(), zones)
def test_years_are_measured_as_their_days_are(
    start: datetime, span: timedelta, kind: SupportHours, zone: ZoneInfo
) -> None:
    calendar, end = official_calendar(), start + span
    days = (local_date(start, zone) + timedelta(days=n) for n in range(span.days + 3))
    worked = [kind.on(day, zone) for day in days if calendar.is_working(day)]
    by_day = (max(min(closes, end) - max(opens, start), timedelta()) for opens, closes in worked)
    assert working_time_between(start, end, kind, calendar, zone) == sum(by_day, timedelta())


def test_a_correction_is_measured_at_once() -> None:
    monday, friday = moscow(2026, 11, 16, 12), moscow(2026, 11, 20, 12)
    without = official_calendar().corrected({date(2026, 11, 18): False})
    assert between(monday, friday) == 36 * HOUR
    assert working_time_between(monday, friday, NINE_TO_SIX, without, MOSCOW) == 27 * HOUR
