"""How days are counted: every case of the rule that stands at the top of workflow_app/agency/calendar.py."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from workflow_app.agency.calendar import BusinessCalendar, UnknownHolidays
from workflow_app.agency.spans import parse

CLOSES = time(17)
WORKED = frozenset({"Susan B. Anthony Day", "Diwali"})


def calendar(zone: str, country: str = "US", subdivision: str | None = None, closes: time = CLOSES) -> BusinessCalendar:
    return BusinessCalendar(ZoneInfo(zone), country, subdivision, closes, worked=WORKED)


PACIFIC = calendar("America/Los_Angeles", "US", "CA")
EASTERN = calendar("America/New_York", "US", "FL")
PHOENIX = calendar("America/Phoenix", "US", "AZ")
DUBLIN = calendar("Europe/Dublin", "IE")


def at(calendar: BusinessCalendar, wall: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(wall).replace(tzinfo=calendar.zone, fold=fold)


@pytest.mark.parametrize(
    ("place", "act", "span", "due"),
    [
        # an ordinary week, at and around closing time (13 Jan 2027 is a Wednesday)
        (PACIFIC, "2027-01-13 09:00", "1 business day", "2027-01-14 17:00"),
        (PACIFIC, "2027-01-13 16:59", "1 business day", "2027-01-14 17:00"),
        (PACIFIC, "2027-01-13 17:00", "1 business day", "2027-01-14 17:00"),
        (PACIFIC, "2027-01-13 17:00:01", "1 business day", "2027-01-15 17:00"),
        (PACIFIC, "2027-01-13 17:01", "1 business day", "2027-01-15 17:00"),
        (PACIFIC, "2027-01-14 00:00", "1 business day", "2027-01-15 17:00"),
        # a weekend, followed by Martin Luther King Jr. Day on Monday 18 January
        (PACIFIC, "2027-01-15 16:59", "1 business day", "2027-01-19 17:00"),
        (PACIFIC, "2027-01-15 17:01", "1 business day", "2027-01-20 17:00"),
        (PACIFIC, "2027-01-16 12:00", "1 business day", "2027-01-20 17:00"),
        (PACIFIC, "2027-01-18 12:00", "1 business day", "2027-01-20 17:00"),
        # Thanksgiving 2026: in California the Friday is a holiday as well
        (PACIFIC, "2026-11-25 10:00", "1 business day", "2026-11-30 17:00"),
        (PACIFIC, "2026-11-25 17:01", "1 business day", "2026-12-01 17:00"),
        (PACIFIC, "2026-11-26 10:00", "1 business day", "2026-12-01 17:00"),
        (PACIFIC, "2026-11-23 14:06", "2 business days", "2026-11-25 17:00"),
        (PACIFIC, "2026-11-23 14:06", "10 business days", "2026-12-09 17:00"),
        # in Arizona it is not
        (PHOENIX, "2026-11-25 10:00", "1 business day", "2026-11-27 17:00"),
        # Christmas 2027 and New Year 2028 are Saturdays, observed on the Fridays
        (PACIFIC, "2027-12-23 10:00", "1 business day", "2027-12-27 17:00"),
        (PACIFIC, "2027-12-30 10:00", "1 business day", "2028-01-03 17:00"),
        (PACIFIC, "2027-12-23 17:01", "5 business days", "2028-01-04 17:00"),
        # 4 July 2027 is a Sunday, observed on the Monday
        (EASTERN, "2027-07-02 10:00", "1 business day", "2027-07-06 17:00"),
        # ends of months and the leap day of 2028
        (PACIFIC, "2028-02-28 10:00", "1 business day", "2028-02-29 17:00"),
        (PACIFIC, "2028-02-28 10:00", "2 business days", "2028-03-01 17:00"),
        (PACIFIC, "2028-01-30 10:00", "30 days", "2028-02-29 17:00"),
        (PACIFIC, "2027-01-30 10:00", "30 days", "2027-03-01 17:00"),
        # a public holiday on which the agency works: Susan B. Anthony Day 2028 is a Tuesday
        (PACIFIC, "2028-02-14 10:00", "1 business day", "2028-02-15 17:00"),
        # calendar days end at closing time, business day or not
        (PACIFIC, "2026-11-24 10:00", "2 days", "2026-11-26 17:00"),
        (PACIFIC, "2026-11-24 23:00", "1 day", "2026-11-25 17:00"),
        (PACIFIC, "2026-11-28 00:00", "1 day", "2026-11-29 17:00"),
        # days across the clock changes of 14 March and 1 November 2027 keep their closing time
        (PACIFIC, "2027-03-12 10:00", "1 business day", "2027-03-15 17:00"),
        (PACIFIC, "2027-10-29 10:00", "1 business day", "2027-11-01 17:00"),
        (PACIFIC, "2027-11-05 17:00", "1 business day", "2027-11-08 17:00"),
        (PHOENIX, "2027-03-12 10:00", "1 business day", "2027-03-15 17:00"),
        (DUBLIN, "2027-03-25 10:00", "1 business day", "2027-03-26 17:00"),
        (DUBLIN, "2027-03-26 10:00", "1 business day", "2027-03-30 17:00"),  # Easter Monday, clocks go on
        (DUBLIN, "2027-10-29 10:00", "1 business day", "2027-11-01 17:00"),  # clocks go back
        # hours and minutes run round the clock, over nights of 23 and 25 hours
        (PACIFIC, "2026-11-26 16:30", "4 hours", "2026-11-26 20:30"),
        (PACIFIC, "2027-03-13 23:00", "4 hours", "2027-03-14 04:00"),
        (PACIFIC, "2027-11-06 23:00", "4 hours", "2027-11-07 02:00"),
        (PACIFIC, "2027-11-06 17:00", "24 hours", "2027-11-07 16:00"),
        (PHOENIX, "2027-03-13 23:00", "4 hours", "2027-03-14 03:00"),
        (DUBLIN, "2027-03-27 23:30", "4 hours", "2027-03-28 04:30"),
        (DUBLIN, "2027-10-30 23:30", "4 hours", "2027-10-31 02:30"),
        (PACIFIC, "2027-11-07 00:45", "30 minutes", "2027-11-07 01:15"),
    ],
)
def test_a_span_ends_where_the_policy_reader_expects(place: BusinessCalendar, act: str, span: str, due: str) -> None:
    assert place.shift(at(place, act), parse(span)) == at(place, due).astimezone(UTC)


@pytest.mark.parametrize(
    ("due", "span", "before"),
    [
        ("2027-01-15 17:00", "1 business day", "2027-01-14 17:00"),
        ("2027-01-15 10:00", "1 business day", "2027-01-13 17:00"),
        ("2027-01-19 17:00", "1 business day", "2027-01-15 17:00"),
        ("2026-11-30 17:00", "2 business days", "2026-11-24 17:00"),
        ("2027-01-17 12:00", "1 business day", "2027-01-14 17:00"),
        ("2027-03-15 17:00", "1 business day", "2027-03-12 17:00"),
        ("2028-03-01 17:00", "1 day", "2028-02-29 17:00"),
        ("2027-03-14 04:00", "4 hours", "2027-03-13 23:00"),
    ],
)
def test_counting_back_is_the_mirror_image(due: str, span: str, before: str) -> None:
    assert PACIFIC.shift(at(PACIFIC, due), parse(span), back=True) == at(PACIFIC, before).astimezone(UTC)


def test_zero_business_days_end_at_the_closing_time_that_comes_first() -> None:
    assert PACIFIC.add_business_days(at(PACIFIC, "2026-11-25 10:00"), 0) == at(PACIFIC, "2026-11-25 17:00")
    assert PACIFIC.add_business_days(at(PACIFIC, "2026-11-25 17:30"), 0) == at(PACIFIC, "2026-11-30 17:00")


def test_the_date_of_an_act_is_the_agencys_not_the_servers() -> None:
    # 00:30 UTC on Tuesday is still Monday afternoon in Los Angeles.
    assert PACIFIC.add_business_days(datetime(2026, 11, 24, 0, 30, tzinfo=UTC), 1) == at(PACIFIC, "2026-11-24 17:00")


def test_a_due_moment_is_in_utc_and_follows_the_clock_change() -> None:
    before, after = (PACIFIC.closing(day) for day in (date(2027, 3, 12), date(2027, 3, 15)))
    assert (before.tzinfo, before.hour, before.day) == (UTC, 1, 13)
    assert (after.tzinfo, after.hour, after.day) == (UTC, 0, 16)


def test_a_closing_time_that_the_clock_skips_falls_an_hour_later_by_the_wall() -> None:
    night = calendar("America/Los_Angeles", "US", "CA", closes=time(2, 30))
    assert night.closing(date(2027, 3, 14)).astimezone(night.zone).time() == time(3, 30)


def test_a_closing_time_that_the_clock_repeats_is_the_second_of_the_two() -> None:
    night = calendar("America/Los_Angeles", "US", "CA", closes=time(1, 30))
    assert night.closing(date(2027, 11, 7)) == at(night, "2027-11-07 01:30", fold=1).astimezone(UTC)


def test_an_act_in_the_repeated_hour_is_counted_by_the_hour_it_happened_in() -> None:
    first, second = (at(PACIFIC, "2027-11-07 01:30", fold=fold) for fold in (0, 1))
    gap = PACIFIC.shift(second, parse("4 hours")) - PACIFIC.shift(first, parse("4 hours"))
    assert gap.total_seconds() == 3600


def test_a_calendar_says_why_the_agency_is_closed() -> None:
    closed = BusinessCalendar(ZoneInfo("America/Los_Angeles"), "US", "CA", CLOSES, frozenset({date(2026, 12, 24)}))
    assert closed.holiday(date(2026, 12, 24)) == "Closed by the agency"
    assert closed.holiday(date(2026, 12, 25)) == "Christmas Day"
    assert closed.holiday(date(2026, 12, 23)) is None
    assert not closed.is_business_day(date(2026, 12, 24))
    assert not closed.is_business_day(date(2026, 12, 26))


def test_a_holiday_shared_with_one_the_agency_works_on_is_still_a_holiday() -> None:
    assert PACIFIC.holiday(date(2027, 2, 15)) == "Presidents' Day"  # and Susan B. Anthony Day


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2027-01-15 10:00", "2027-01-15 10:00", 0),
        ("2027-01-15 10:00", "2027-01-15 17:00", 0),
        ("2027-01-15 10:00", "2027-01-15 17:01", 1),
        ("2027-01-15 10:00", "2027-01-19 11:00", 1),
        ("2026-11-24 10:00", "2026-12-01 09:00", 3),
        ("2026-12-01 09:00", "2026-11-24 10:00", -3),
    ],
)
def test_business_days_between_two_moments(start: str, end: str, days: int) -> None:
    assert PACIFIC.business_days_between(at(PACIFIC, start), at(PACIFIC, end)) == days


def test_holidays_are_known_until_2100() -> None:
    assert not PACIFIC.is_business_day(date(2100, 11, 25))


def test_an_unknown_place_has_no_holidays_to_go_by() -> None:
    nowhere = calendar("America/Los_Angeles", "US", "Riverton")
    with pytest.raises(UnknownHolidays, match="No public holidays are known for US, Riverton"):
        nowhere.is_business_day(date(2026, 11, 24))


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="has no zone"):
        PACIFIC.add_business_days(datetime(2026, 11, 24, 10), 1)  # noqa: DTZ001 - the point of the test
