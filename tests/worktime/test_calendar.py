"""The calendar itself: corrections, unknown years, counting."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportapp.worktime.calendar import WorkCalendar
from supportapp.worktime.official import official_calendar

FRIDAY = date(2026, 11, 20)
days = st.dates(date(2005, 1, 1), date(2040, 12, 31))
corrections = st.dictionaries(days, st.booleans(), max_size=30)


def test_a_correction_of_staff_wins_over_the_official_calendar() -> None:
    calendar = official_calendar().corrected({date(2026, 11, 23): False, date(2026, 11, 22): True})
    assert not calendar.is_working(date(2026, 11, 23))
    assert calendar.is_working(date(2026, 11, 22))
    assert calendar.next_working_day(FRIDAY, 2) == date(2026, 11, 24)


def test_a_correction_of_staff_wins_over_a_shipped_decree() -> None:
    assert official_calendar().corrected({date(2020, 4, 1): True}).is_working(date(2020, 4, 1))


def test_corrections_leave_the_calendar_they_were_made_from_alone() -> None:
    official_calendar().corrected({FRIDAY: False})
    assert official_calendar().is_working(FRIDAY)


def test_a_calendar_does_not_follow_later_changes_of_what_it_was_made_of() -> None:
    given_corrections = {FRIDAY: False}
    calendar = official_calendar().corrected(given_corrections)
    given_corrections[FRIDAY] = True
    assert not calendar.is_working(FRIDAY)


def test_a_short_day_that_staff_declare_off_is_no_longer_short() -> None:
    eve = date(2026, 11, 3)
    assert official_calendar().is_short(eve)
    assert not official_calendar().corrected({eve: False}).is_short(eve)


def test_counted_and_skipped_days_are_told_apart() -> None:
    counted, skipped = official_calendar().working_days_after(FRIDAY, 3)
    assert counted == [date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 25)]
    assert skipped == [date(2026, 11, 21), date(2026, 11, 22)]


def test_the_new_year_holidays_are_skipped_whole() -> None:
    counted, skipped = official_calendar().working_days_after(date(2025, 12, 30), 1)
    assert counted == [date(2026, 1, 12)]
    assert skipped == [date(2025, 12, 31), *(date(2026, 1, n) for n in range(1, 12))]


def test_a_worked_saturday_is_counted_and_the_day_it_was_swapped_for_is_skipped() -> None:
    counted, skipped = official_calendar().working_days_after(date(2027, 2, 19), 2)
    assert counted == [date(2027, 2, 20), date(2027, 2, 24)]
    assert skipped == [date(2027, 2, 21), date(2027, 2, 22), date(2027, 2, 23)]


def test_a_year_without_a_decree_is_not_known() -> None:
    assert official_calendar().knows(2027)
    assert not official_calendar().knows(2028)
    assert not official_calendar().knows(2012)


def test_corrections_do_not_make_a_year_known() -> None:
    assert not official_calendar().corrected({date(2028, 1, 10): False}).knows(2028)


@pytest.mark.parametrize("day", [(1, 1), (1, 7), (1, 8), (2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)])
def test_an_unknown_year_has_the_holidays_of_the_labour_code(day: tuple[int, int]) -> None:
    for year in (2028, 2029, 2030, 9998):
        assert not official_calendar().is_working(date(year, *day))


def test_in_an_unknown_year_a_holiday_on_a_weekend_frees_the_next_working_day() -> None:
    saturday, monday = date(2028, 11, 4), date(2028, 11, 6)
    assert saturday.weekday() == 5
    assert not official_calendar().is_working(monday)
    assert official_calendar().is_working(date(2028, 11, 7))


def test_a_correction_counts_in_an_unknown_year_too() -> None:
    assert not official_calendar().corrected({date(2028, 11, 7): False}).is_working(date(2028, 11, 7))


def test_an_empty_calendar_falls_back_on_the_labour_code() -> None:
    calendar = WorkCalendar(known={})
    assert not calendar.is_working(date(2026, 1, 1))
    assert calendar.is_working(date(2026, 1, 9))  # the decree that moved a day off here is not known to it


def test_a_moment_is_refused_where_a_date_is_wanted() -> None:
    with pytest.raises(TypeError, match="a date is wanted"):
        official_calendar().is_working(datetime(2026, 11, 20, tzinfo=UTC))


@pytest.mark.parametrize("n", [0, -1])
def test_less_than_one_working_day_cannot_be_counted(n: int) -> None:
    with pytest.raises(ValueError, match="at least one working day"):
        official_calendar().next_working_day(FRIDAY, n)
    with pytest.raises(ValueError, match="at least one working day"):
        official_calendar().working_days_after(FRIDAY, n)


@given(corrections=corrections)
def test_every_correction_holds_and_no_other_day_changes(corrections: dict[date, bool]) -> None:
    calendar = official_calendar().corrected(corrections)
    assert {day: calendar.is_working(day) for day in corrections} == corrections
    around = {date.fromordinal(day.toordinal() + n) for day in corrections for n in (-2, -1, 1, 2)} - corrections.keys()
    assert all(calendar.is_working(day) == official_calendar().is_working(day) for day in around)


@given(start=days, n=st.integers(1, 40), corrections=corrections)
def test_exactly_n_working_days_are_counted_and_no_day_is_left_out(
    start: date, n: int, corrections: dict[date, bool]
) -> None:
    calendar = official_calendar().corrected(corrections)
    counted, skipped = calendar.working_days_after(start, n)
    assert len(counted) == n
    assert all(calendar.is_working(day) for day in counted)
    assert not any(calendar.is_working(day) for day in skipped)
    passed = [date.fromordinal(start.toordinal() + 1 + i) for i in range((counted[-1] - start).days)]
    assert sorted(counted + skipped) == passed


@given(start=days, n=st.integers(1, 40))
def test_the_nth_working_day_is_the_last_of_the_counted(start: date, n: int) -> None:
    assert official_calendar().next_working_day(start, n) == official_calendar().working_days_after(start, n)[0][-1]


@given(start=days, n=st.integers(1, 20), m=st.integers(1, 20))
def test_counting_in_two_steps_leads_to_the_same_day(start: date, n: int, m: int) -> None:
    calendar = official_calendar()
    assert calendar.next_working_day(calendar.next_working_day(start, n), m) == calendar.next_working_day(start, n + m)
