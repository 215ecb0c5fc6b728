"""Deadlines: whole days of UTC, and business days by the holidays of a country."""

from datetime import UTC, date, datetime

import pytest

from services.contracts.types import milliseconds, timestamp
from services.enforcer.calendar import business_days_after, days_after, is_business_day, last_day, last_moment


def at(text: str) -> int:
    """Return a time in milliseconds."""
    return milliseconds(datetime.fromisoformat(text).replace(tzinfo=UTC))


HOLIDAYS_2026 = [
    "2026-01-01",  # New Year's Day
    "2026-01-19",  # Martin Luther King Jr.
    "2026-02-16",  # Washington's Birthday
    "2026-05-25",  # Memorial Day
    "2026-06-19",  # Juneteenth
    "2026-07-03",  # Independence Day, which is a Saturday, observed
    "2026-09-07",  # Labor Day
    "2026-10-12",  # Columbus Day
    "2026-11-11",  # Veterans Day
    "2026-11-26",  # Thanksgiving
    "2026-12-25",  # Christmas Day
]


def test_the_federal_holidays_of_a_year_are_no_business_days() -> None:
    """5 U.S.C. 6103, for 2026: of 261 weekdays 250 are left."""
    days = [date.fromordinal(day) for day in range(date(2026, 1, 1).toordinal(), date(2027, 1, 1).toordinal())]
    off = [day.isoformat() for day in days if day.weekday() < 5 and not is_business_day(day, "US")]
    assert off == HOLIDAYS_2026
    assert sum(is_business_day(day, "US") for day in days) == 250


OTHER_DAYS = [
    ("2021-12-31", "US", False),  # New Year's Day of 2022 is a Saturday, observed the day before, in another year
    ("2026-04-03", "US", True),  # Good Friday
    ("2026-04-03", "DE", False),
    ("2026-10-03", "DE", False),  # a Saturday anyway
    ("2026-05-01", "DE", False),
    ("2026-05-01", "US", True),
    ("2026-07-03", "DE", True),
    ("2026-11-28", "US", False),  # a Saturday
    ("2026-11-29", "US", False),  # a Sunday
    ("2026-11-30", "US", True),
]


@pytest.mark.parametrize(("day", "country", "expected"), OTHER_DAYS)
def test_a_country_has_holidays_of_its_own(day: str, country: str, expected: bool) -> None:
    """And a holiday can be observed in the year before."""
    assert is_business_day(date.fromisoformat(day), country) is expected


BUSINESS = [
    ("2026-11-25T16:41:38", 10, "US", "2026-12-11T00:00"),  # over Thanksgiving
    ("2026-11-25T00:00:00", 10, "US", "2026-12-11T00:00"),
    ("2026-11-25T23:59:59", 10, "US", "2026-12-11T00:00"),
    ("2026-11-25T16:41:38", 10, "DE", "2026-12-10T00:00"),
    ("2026-12-18T12:00:00", 10, "US", "2027-01-06T00:00"),  # over Christmas and New Year
    ("2026-12-18T12:00:00", 10, "DE", "2027-01-06T00:00"),  # Saint Stephen's Day is a Saturday
    ("2026-03-30T12:00:00", 10, "US", "2026-04-14T00:00"),
    ("2026-03-30T12:00:00", 10, "DE", "2026-04-16T00:00"),  # over Easter
    ("2026-11-27T12:00:00", 1, "US", "2026-12-01T00:00"),  # a Friday
    ("2026-11-28T12:00:00", 1, "US", "2026-12-01T00:00"),  # a Saturday
    ("2026-11-29T12:00:00", 1, "US", "2026-12-01T00:00"),  # a Sunday
    ("2024-02-28T12:00:00", 1, "US", "2024-03-01T00:00"),  # a leap day
]


@pytest.mark.parametrize(("now", "days", "country", "expected"), BUSINESS)
def test_business_days_are_counted_to_the_end_of_the_last(now: str, days: int, country: str, expected: str) -> None:
    """The day of receipt does not count, whatever its hour, and the last one counts whole."""
    assert timestamp(business_days_after(at(now), days, country)) == timestamp(at(expected))


@pytest.mark.parametrize("country", ["US", "DE", "JP", "IN"])
def test_the_upload_is_back_between_the_10th_and_the_14th_business_day(country: str) -> None:
    """17 U.S.C. 512(g)(2)(C): not less than 10, nor more than 14, on every day of three years."""
    for number in range(3 * 365):
        now = at("2025-01-01T13:00") + number * 24 * 3600 * 1000
        back = business_days_after(now, 10, country)
        assert back == business_days_after(now, 10, country)
        assert business_days_after(now, 9, country) < back <= business_days_after(now, 14, country) - 24 * 3600 * 1000


PLAIN_DAYS = [
    ("2026-11-25T16:41:38", 30, "2026-12-26T00:00"),
    ("2026-11-25T00:00:00", 1, "2026-11-27T00:00"),
    ("2026-11-25T23:59:59", 1, "2026-11-27T00:00"),
    ("2024-01-30T12:00:00", 30, "2024-03-01T00:00"),
]


@pytest.mark.parametrize(("now", "days", "expected"), PLAIN_DAYS)
def test_days_are_counted_to_the_end_of_the_last(now: str, days: int, expected: str) -> None:
    """All of them, Sundays too."""
    assert timestamp(days_after(at(now), days)) == timestamp(at(expected))


def test_a_deadline_is_told_as_the_day_at_whose_end_it_is() -> None:
    """In UTC, and said so; as a time it is the last that is not too late."""
    until = days_after(at("2026-11-25T16:41:38"), 30)
    assert last_day(until) == "the end of 25 December 2026 (UTC)"
    assert last_moment(until) == datetime(2026, 12, 25, 23, 59, 59, 999_000, tzinfo=UTC)
