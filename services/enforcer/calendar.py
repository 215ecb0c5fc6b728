"""Deadlines of people, counted in days of UTC: a day counts to its end, and nobody has to answer on the day they hear.

Promises: a deadline is the first moment that is too late, 00:00 UTC of the day after the last; business days are those
that are neither Saturday, Sunday nor a public holiday of the country (17 U.S.C. 512(g)(2)(C) counts business days).
"""

from datetime import UTC, date, datetime, timedelta
from functools import cache

import holidays

from services.contracts.types import milliseconds, timestamp

SATURDAY = 5
DAY = timedelta(days=1)


def days_after(now: int, days: int) -> int:
    """Return the end of the `days`-th day after today's."""
    return _end_of(timestamp(now).date() + days * DAY)


def business_days_after(now: int, days: int, country: str) -> int:
    """Return the end of the `days`-th business day after today, in a country by its ISO 3166-1 alpha-2 code."""
    day = timestamp(now).date()
    while days:
        day += DAY
        days -= is_business_day(day, country)
    return _end_of(day)


def is_business_day(day: date, country: str) -> bool:
    """Tell whether people work on a day."""
    return day.weekday() < SATURDAY and day not in _holidays(country, day.year)


def last_day(until: int) -> str:
    """Return how a deadline is told: the day at whose end it is over."""
    day = timestamp(until - 1).date()
    return f"the end of {day.day} {day:%B %Y} (UTC)"


def last_moment(until: int) -> datetime:
    """Return the last time that is not too late."""
    return timestamp(until - 1)


@cache
def _holidays(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=year))


def _end_of(day: date) -> int:
    return milliseconds(datetime(day.year, day.month, day.day, tzinfo=UTC) + DAY)
