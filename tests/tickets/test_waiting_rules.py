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


def closing(received: datetime, *, extended: bool = False, warned: datetime | None = None) -> datetime:
    return closing_moment(received, extended=extended, warned_at=warned, calendar=CALENDAR, tz=MSK)


def warning(received: datetime, *, extended: bool = False) -> datetime:
    return warning_moment(received, extended=extended, calendar=CALENDAR, tz=MSK)


def test_received_on_friday_afternoon_it_closes_on_thursday_at_midnight() -> None:
    assert closing(FRIDAY) == datetime(2026, 11, 26, 0, 0, tzinfo=MSK)


def test_the_warning_goes_out_on_the_morning_of_the_working_day_before_the_last() -> None:
    assert warning(FRIDAY) == datetime(2026, 11, 24, 9, 0, tzinfo=MSK)


def test_three_more_working_days_are_added_to_the_same_count() -> None:
    assert closing(FRIDAY, extended=True) == datetime(2026, 12, 1, 0, 0, tzinfo=MSK)
    assert warning(FRIDAY, extended=True) == datetime(2026, 11, 27, 9, 0, tzinfo=MSK)


def test_a_warning_received_late_leaves_one_full_working_day_after_it() -> None:
    late = datetime(2026, 12, 4, 17, 0, tzinfo=MSK)  # the job was down for a week; a Friday
    assert closing(FRIDAY, warned=late) == datetime(2026, 12, 8, 0, 0, tzinfo=MSK)


def test_a_warning_in_time_moves_nothing() -> None:
    assert closing(FRIDAY, warned=warning(FRIDAY)) == closing(FRIDAY)


def test_the_counted_and_the_skipped_days_are_named() -> None:
    deadline = count_days(FRIDAY, extended=False, warned_at=None, calendar=CALENDAR, tz=MSK)
    assert deadline.counted == [date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 25)]
    assert deadline.skipped == [date(2026, 11, 21), date(2026, 11, 22)]
    assert deadline.last_day == date(2026, 11, 25)


def test_over_new_year_the_holidays_are_skipped() -> None:
    deadline = count_days(
        datetime(2025, 12, 29, 10, 0, tzinfo=MSK), extended=False, warned_at=None, calendar=CALENDAR, tz=MSK
    )
    assert deadline.counted == [date(2025, 12, 30), date(2026, 1, 12), date(2026, 1, 13)]
    assert len(deadline.skipped) == 12


@given(received=moments, extended=st.booleans())
def test_between_warning_and_closing_lies_at_least_one_full_working_day(received: datetime, extended: bool) -> None:
    warned, closed = warning(received, extended=extended), closing(received, extended=extended)
    day = warned.astimezone(MSK).date() + timedelta(days=1)
    full_days = []
    while day < closed.astimezone(MSK).date():
        full_days.append(day)
        day += timedelta(days=1)
    assert sum(CALENDAR.is_working(day) for day in full_days) == 1


@given(received=moments, late=st.timedeltas(timedelta(), timedelta(days=60)), extended=st.booleans())
def test_however_late_the_warning_comes_a_full_working_day_follows_it(
    received: datetime, late: timedelta, extended: bool
) -> None:
    warned = warning(received, extended=extended) + late
    closed = closing(received, extended=extended, warned=warned)
    first = CALENDAR.next_working_day(warned.astimezone(MSK).date())
    assert closed >= datetime.combine(first + timedelta(days=1), datetime.min.time(), MSK)
    assert closed >= closing(received, extended=extended)


@given(received=moments, extended=st.booleans(), late=st.none() | st.timedeltas(timedelta(), timedelta(days=30)))
def test_the_days_shown_are_the_days_that_count(received: datetime, extended: bool, late: timedelta | None) -> None:
    warned = None if late is None else received + late
    deadline = count_days(received, extended=extended, warned_at=warned, calendar=CALENDAR, tz=MSK)
    assert len(deadline.counted) >= (6 if extended else 3)
    assert all(CALENDAR.is_working(day) for day in deadline.counted)
    assert not any(CALENDAR.is_working(day) for day in deadline.skipped)
    assert deadline.closes_at.astimezone(MSK).date() == deadline.last_day + timedelta(days=1)
