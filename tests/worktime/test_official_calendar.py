"""Every day of 2013-2027 against the official production calendar."""

from __future__ import annotations

from datetime import date

import holidays
import pytest

from supportapp.worktime import decrees
from supportapp.worktime.official import official_calendar
from tests.worktime.official import OfficialYear, read_years

YEARS = read_years()
every_year = pytest.mark.parametrize("official", YEARS, ids=lambda official: str(official.year))


@every_year
def test_every_day_is_worked_or_off_as_the_official_calendar_says(official: OfficialYear) -> None:
    calendar = official_calendar()
    assert [d for d in official.days() if calendar.is_working(d) != official.is_working(d)] == []


@every_year
def test_every_year_has_the_official_number_of_working_days(official: OfficialYear) -> None:
    assert sum(official_calendar().is_working(day) for day in official.days()) == official.total


@every_year
def test_every_shortened_day_is_the_official_one(official: OfficialYear) -> None:
    assert {day for day in official.days() if official_calendar().is_short(day)} == official.short


def test_the_calendar_knows_exactly_the_years_that_were_compared_with_the_official_one() -> None:
    """A new release of the library that knows one more year fails here until its facts are added and compared."""
    assert [year for year in range(1990, 2101) if official_calendar().knows(year)] == [o.year for o in YEARS]


def test_every_shipped_decree_still_corrects_the_library() -> None:
    library = holidays.country_holidays("RU", years=range(2013, 2028))
    for decree in decrees.DAYS_OFF:
        assert any(library.is_working_day(day) for day in decree.days()), f"{decree.source} is no longer needed"


def test_nothing_but_the_shipped_decrees_differs_from_the_library() -> None:
    library = holidays.country_holidays("RU", years=range(2013, 2028))
    shipped = {day for decree in decrees.DAYS_OFF for day in decree.days()}
    days = [day for official in YEARS for day in official.days()]
    different = {day for day in days if official_calendar().is_working(day) != library.is_working_day(day)}
    assert different == {day for day in shipped if library.is_working_day(day)}


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2024, 11, 2), True),  # a Saturday that was worked
        (date(2024, 4, 30), False),  # and the Tuesday that was free for it
        (date(2020, 4, 15), False),  # non-working by decree of the President
        (date(2021, 11, 3), False),
        (date(2021, 11, 8), True),
        (date(2026, 1, 9), False),
        (date(2026, 1, 12), True),
        (date(2027, 2, 20), True),
    ],
)
def test_days_that_are_often_taken_wrong(day: date, working: bool) -> None:
    assert official_calendar().is_working(day) is working
