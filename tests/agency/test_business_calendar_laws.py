"""What holds for every act, agency and number of days."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_app.agency.calendar import BusinessCalendar
from workflow_app.agency.spans import Span, Unit, describe, parse

PLACES = [
    ("America/Los_Angeles", "US", "CA"),
    ("America/New_York", "US", "FL"),
    ("America/Phoenix", "US", "AZ"),
    ("Europe/Dublin", "IE", None),
    ("Australia/Lord_Howe", "AU", "NSW"),
]
# 01:30 and 02:30 are repeated or skipped by the clock changes of these places.
CLOSINGS = [time(17), time(1, 30), time(2, 30), time(23, 59)]

calendars = st.builds(
    lambda place, closes: BusinessCalendar(ZoneInfo(place[0]), place[1], place[2], closes),
    st.sampled_from(PLACES),
    st.sampled_from(CLOSINGS),
)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2032, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
spans = st.builds(lambda n, unit: Span(amount=n, unit=unit), st.integers(1, 40), st.sampled_from(Unit))
days = st.integers(0, 40)
some = settings(max_examples=60, deadline=None)


@some
@given(calendars, moments, days)
def test_a_due_moment_is_never_before_the_act_and_always_closing_time_of_a_business_day(
    calendar: BusinessCalendar, act: datetime, n: int
) -> None:
    due = calendar.add_business_days(act, n)
    day = calendar.local_date(due)
    assert due >= act
    assert calendar.is_business_day(day)
    assert due == calendar.closing(day)


@some
@given(calendars, moments, moments, days)
def test_a_later_act_is_never_due_earlier(calendar: BusinessCalendar, one: datetime, other: datetime, n: int) -> None:
    first, second = sorted([one, other])
    assert calendar.add_business_days(first, n) <= calendar.add_business_days(second, n)


@some
@given(calendars, moments, st.integers(-20, 20))
def test_one_more_business_day_is_always_later(calendar: BusinessCalendar, act: datetime, n: int) -> None:
    assert calendar.add_business_days(act, n) < calendar.add_business_days(act, n + 1)


@some
@given(calendars, moments, days)
def test_days_counted_on_are_days_counted_back(calendar: BusinessCalendar, act: datetime, n: int) -> None:
    due = calendar.add_business_days(act, n)
    assert calendar.add_business_days(due, -n) == calendar.add_business_days(act, 0)


@some
@given(calendars, moments, st.timedeltas(timedelta(), timedelta(days=60)))
def test_the_days_between_are_the_days_a_deadline_would_have_needed(
    calendar: BusinessCalendar, start: datetime, took: timedelta
) -> None:
    end = start + took
    n = calendar.business_days_between(start, end)
    assert end <= calendar.add_business_days(start, n)
    assert n == 0 or end > calendar.add_business_days(start, n - 1)


@some
@given(calendars, moments, spans)
def test_every_span_ends_after_it_began_and_began_before_it_ended(
    calendar: BusinessCalendar, moment: datetime, span: Span
) -> None:
    assert calendar.shift(moment, span, back=True) < moment < calendar.shift(moment, span)


@given(spans)
def test_a_span_reads_as_it_is_written(span: Span) -> None:
    assert parse(describe(span)) == span


@some
@given(calendars, st.dates(date(2024, 1, 1), date(2032, 12, 31)))
def test_closing_time_falls_on_the_day_it_closes(calendar: BusinessCalendar, day: date) -> None:
    assert calendar.local_date(calendar.closing(day)) == day
