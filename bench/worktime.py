"""What working time costs: ``python -m bench.worktime`` prints microseconds per operation next to a floor.

The floor is one ``date + timedelta``, measured in the same run. The best of several rounds counts.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from timeit import Timer
from zoneinfo import ZoneInfo

from supportapp.worktime.official import official_calendar
from supportapp.worktime.rules import SupportHours, add_working_time, deadline, working_time_between

MOSCOW = ZoneInfo("Europe/Moscow")
FRIDAY = date(2026, 11, 20)
NEW_YEAR = date(2025, 12, 30)
RECEIVED = datetime(2026, 11, 20, 11, tzinfo=UTC)
HOURS = SupportHours(time(9), time(18))


def operations() -> dict[str, Callable[[], object]]:
    """Name -> what is measured; the first is the floor."""
    calendar, day, three_days, eight_hours = official_calendar(), timedelta(days=1), timedelta(3), timedelta(hours=8)
    return {
        "floor: date + timedelta": lambda: FRIDAY + day,
        "is_working": lambda: calendar.is_working(FRIDAY),
        "3 working days from a Friday": lambda: calendar.next_working_day(FRIDAY, 3),
        "3 working days over New Year": lambda: calendar.next_working_day(NEW_YEAR, 3),
        "the same, with counted and skipped": lambda: calendar.working_days_after(FRIDAY, 3),
        "deadline of 3 working days": lambda: deadline(RECEIVED, 3, calendar, MOSCOW),
        "add 8 working hours": lambda: add_working_time(RECEIVED, eight_hours, HOURS, calendar, MOSCOW),
        "working time of 3 days": lambda: working_time_between(
            RECEIVED, RECEIVED + three_days, HOURS, calendar, MOSCOW
        ),
    }


def microseconds(operation: Callable[[], object], number: int = 20_000, rounds: int = 7) -> float:
    """The best time of one call."""
    return min(Timer(operation).repeat(rounds, number)) / number * 1e6


def main() -> None:
    floor = 0.0
    for name, operation in operations().items():
        cost = microseconds(operation)
        floor = floor or cost
        print(f"{name:<38}{cost:9.3f} us{cost / floor:8.1f} x floor")


if __name__ == "__main__":
    main()
