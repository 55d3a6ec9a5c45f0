"""When an unanswered ticket is warned about and closed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from supportapp.tickets.waiting import closing_moment, count_days, warning_moment
from supportapp.worktime.official import official_calendar

MSK = ZoneInfo("Europe/Moscow")
CALENDAR = official_calendar()
FRIDAY = datetime(2026, 11, 20, 14, 0, tzinfo=MSK)
moments = st.datetimes(datetime(2014, 1, 1), datetime(2026, 11, 1)).map(lambda d: d.replace(tzinfo=UTC))  # noqa: DTZ001
delays = st.none() | st.timedeltas(timedelta(), timedelta(days=30))


def closing(received: datetime, *, extended: datetime | None = None, warned: datetime | None = None) -> datetime:
    return closing_moment(received, extended_at=extended, warned_at=warned, calendar=CALENDAR, tz=MSK)


def warning(received: datetime, *, extended: datetime | None = None) -> datetime:
    return warning_moment(received, extended_at=extended, calendar=CALENDAR, tz=MSK)


def test_received_on_friday_afternoon_it_closes_on_thursday_at_midnight() -> None:
    assert closing(FRIDAY) == datetime(2026, 11, 26, 0, 0, tzinfo=MSK)


def test_the_warning_goes_out_on_the_morning_of_the_working_day_before_the_last() -> None:
    assert warning(FRIDAY) == datetime(2026, 11, 24, 9, 0, tzinfo=MSK)


def test_three_more_working_days_are_added_to_the_same_count() -> None:
    for asked in (FRIDAY, datetime(2026, 11, 25, 23, 59, tzinfo=MSK)):  # at once, or in the last minute
        assert closing(FRIDAY, extended=asked) == datetime(2026, 12, 1, 0, 0, tzinfo=MSK)
        assert warning(FRIDAY, extended=asked) == datetime(2026, 11, 27, 9, 0, tzinfo=MSK)


def test_more_time_that_is_asked_for_late_is_three_whole_working_days_too() -> None:
    late = datetime(2026, 12, 7, 12, 0, tzinfo=MSK)  # the job was down, and the warning came on this Monday
    assert closing(FRIDAY, extended=late) == datetime(2026, 12, 11, 0, 0, tzinfo=MSK)
    assert warning(FRIDAY, extended=late) == datetime(2026, 12, 9, 9, 0, tzinfo=MSK)


def test_a_warning_received_late_leaves_one_full_working_day_after_it() -> None:
    late = datetime(2026, 12, 4, 17, 0, tzinfo=MSK)  # the job was down for a week; a Friday
    assert closing(FRIDAY, warned=late) == datetime(2026, 12, 8, 0, 0, tzinfo=MSK)


def test_a_warning_in_time_moves_nothing() -> None:
    assert closing(FRIDAY, warned=warning(FRIDAY)) == closing(FRIDAY)


def test_the_counted_and_the_skipped_days_are_named() -> None:
    deadline = count_days(FRIDAY, extended_at=None, warned_at=None, calendar=CALENDAR, tz=MSK)
    assert deadline.counted == [date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 25)]
    assert deadline.skipped == [date(2026, 11, 21), date(2026, 11, 22)]
    assert deadline.last_day == date(2026, 11, 25)


def test_over_new_year_the_holidays_are_skipped() -> None:
    deadline = count_days(
        datetime(2025, 12, 29, 10, 0, tzinfo=MSK), extended_at=None, warned_at=None, calendar=CALENDAR, tz=MSK
    )
    assert deadline.counted == [date(2025, 12, 30), date(2026, 1, 12), date(2026, 1, 13)]
    assert len(deadline.skipped) == 12


@given(received=moments, after=delays)
def test_between_warning_and_closing_lies_at_least_one_full_working_day(
    received: datetime, after: timedelta | None
) -> None:
    extended = None if after is None else received + after
    warned, closed = warning(received, extended=extended), closing(received, extended=extended)
    day = warned.astimezone(MSK).date() + timedelta(days=1)
    full_days = []
    while day < closed.astimezone(MSK).date():
        full_days.append(day)
        day += timedelta(days=1)
    assert sum(CALENDAR.is_working(day) for day in full_days) == 1


@given(received=moments, late=st.timedeltas(timedelta(), timedelta(days=60)), after=delays)
def test_however_late_the_warning_comes_a_full_working_day_follows_it(
    received: datetime, late: timedelta, after: timedelta | None
) -> None:
    extended = None if after is None else received + after
    warned = warning(received, extended=extended) + late
    closed = closing(received, extended=extended, warned=warned)
    first = CALENDAR.next_working_day(warned.astimezone(MSK).date())
    assert closed >= datetime.combine(first + timedelta(days=1), datetime.min.time(), MSK)
    assert closed >= closing(received, extended=extended)


@given(received=moments, after=delays)
def test_more_time_is_never_less_than_three_working_days_from_the_asking_on(
    received: datetime, after: timedelta | None
) -> None:
    asked = received + (after or timedelta())
    closed = closing(received, extended=asked).astimezone(MSK).date()
    assert closed > CALENDAR.next_working_day(asked.astimezone(MSK).date(), 3)
    assert closed > CALENDAR.next_working_day(closing(received).astimezone(MSK).date() - timedelta(days=1), 3)


@given(received=moments, after=delays, late=delays)
def test_the_days_shown_are_the_days_that_count(
    received: datetime, after: timedelta | None, late: timedelta | None
) -> None:
    warned = None if late is None else received + late
    extended = None if after is None else received + after
    deadline = count_days(received, extended_at=extended, warned_at=warned, calendar=CALENDAR, tz=MSK)
    assert len(deadline.counted) >= (6 if extended else 3)
    assert all(CALENDAR.is_working(day) for day in deadline.counted)
    assert not any(CALENDAR.is_working(day) for day in deadline.skipped)
    assert deadline.closes_at.astimezone(MSK).date() == deadline.last_day + timedelta(days=1)
