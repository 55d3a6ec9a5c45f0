"""Days on which the ``holidays`` library (0.109) differs from the official production calendar, with their sources.

The presidential non-working days of 2020 and 2021 ("нерабочие дни с сохранением заработной платы") were neither
weekends nor holidays in law. The official calendar lists them as days off, most offices were closed, and a customer
could not be expected to answer: they do not count as working days here. No shortened day goes before them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple


class Decree(NamedTuple):
    """The days ``first``..``last``, both included, are off; ``source`` says by whose word."""

    first: date
    last: date
    source: str

    def days(self) -> Iterator[date]:
        for n in range((self.last - self.first).days + 1):
            yield self.first + timedelta(days=n)


DAYS_OFF = (
    Decree(date(2014, 3, 10), date(2014, 3, 10), "ТК РФ, ст. 112, ч. 2: 8 марта 2014 г. — суббота"),
    Decree(date(2020, 3, 30), date(2020, 4, 3), "Указ Президента РФ от 25.03.2020 № 206"),
    Decree(date(2020, 4, 4), date(2020, 4, 30), "Указ Президента РФ от 02.04.2020 № 239"),
    Decree(date(2020, 5, 6), date(2020, 5, 8), "Указ Президента РФ от 28.04.2020 № 294"),
    Decree(date(2020, 6, 24), date(2020, 6, 24), "Указ Президента РФ от 29.05.2020 № 345"),
    Decree(date(2020, 7, 1), date(2020, 7, 1), "Указ Президента РФ от 01.06.2020 № 354"),
    Decree(date(2021, 5, 4), date(2021, 5, 7), "Указ Президента РФ от 23.04.2021 № 242"),
    Decree(date(2021, 10, 30), date(2021, 11, 7), "Указ Президента РФ от 20.10.2021 № 595"),
)

SHORT_DAYS = {
    # The day off of Monday 24 February 2014 went to Monday 3 November, the eve of a holiday; the day that is worked
    # instead of an eve is as short as the eve. The library names Sunday the 23rd as the day it was taken from.
    date(2014, 2, 24): "Постановление Правительства РФ от 28.05.2013 № 444",
}
