"""The official calendar, read from the facts next to this file and without a line of the code under test."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

FACTS = Path(__file__).with_name("official_calendar.csv")


@dataclass(frozen=True)
class OfficialYear:
    year: int
    total: int
    off: frozenset[date]
    worked_weekends: frozenset[date]
    short: frozenset[date]

    def is_working(self, day: date) -> bool:
        return day in self.worked_weekends or (day.weekday() < 5 and day not in self.off)

    def days(self) -> list[date]:
        first = date(self.year, 1, 1)
        return [first + timedelta(days=n) for n in range((date(self.year + 1, 1, 1) - first).days)]


def read_years() -> list[OfficialYear]:
    lines = FACTS.read_text(encoding="utf-8").splitlines()
    return [_read(line) for line in lines if not line.startswith("#")]


def _read(line: str) -> OfficialYear:
    year, total, *groups = line.split(";")
    off, weekends, short = (frozenset(date.fromisoformat(f"{year}-{day}") for day in group.split()) for group in groups)
    return OfficialYear(int(year), int(total), off, weekends, short)
