"""Ladders as people write them, and the laws of their moments over holidays, weekends and clock changes."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_app.agency.deadlines import due
from workflow_app.agency.entries import Number, UnverifiedNumber
from workflow_app.agency.ladders import MOST, NotARung, climb, parse_ladder
from workflow_app.agency.profile import ProfileError, load

RIVERTON = load("default")
CALENDAR = RIVERTON.calendar
moments = st.datetimes(datetime(2024, 1, 1), datetime(2032, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
counts = st.integers(1, 12)
rungs = st.one_of(
    st.integers(1, 99).map("{}%".format),
    st.just("at due"),
    st.builds(
        "{} {} {}".format,
        counts,
        st.sampled_from(["minutes", "hours", "days", "business days"]),
        st.sampled_from(["before", "after", "after opening"]),
    ),
)
ladders = st.lists(rungs, min_size=1, max_size=8, unique=True)
names = st.sampled_from(sorted(RIVERTON.deadlines()))


@settings(max_examples=60, deadline=None)
@given(ladders, names, moments, st.booleans())
def test_each_moment_is_used_once_in_order_and_none_lies_before_the_opening(
    texts: list[str], name: str, opened: datetime, urgent: bool
) -> None:
    end = due(RIVERTON, name, opened, urgent=urgent)
    climbed = climb(CALENDAR, parse_ladder(texts), opened, end)
    at = [rung.at for rung in climbed]
    assert at == sorted(set(at))
    assert all(moment > opened for moment in at)
    for rung in climbed:
        assert texts[rung.index] == rung.label
        if rung.label.endswith(" before") or rung.label.endswith("%"):
            assert rung.at <= end + timedelta(seconds=30)
        elif rung.label.endswith(" after"):
            assert rung.at > end


@settings(max_examples=60, deadline=None)
@given(ladders, ladders, names, moments)
def test_a_rung_falls_on_the_same_moment_whatever_stands_beside_it(
    some: list[str], more: list[str], name: str, opened: datetime
) -> None:
    end = due(RIVERTON, name, opened)
    alone = {rung.at for rung in climb(CALENDAR, parse_ladder(some), opened, end)}
    both = {rung.at for rung in climb(CALENDAR, parse_ladder(dict.fromkeys(some + more)), opened, end)}
    assert alone <= both


@settings(max_examples=60, deadline=None)
@given(counts, moments)
def test_rungs_in_business_days_fall_on_business_days_at_closing_time(n: int, opened: datetime) -> None:
    end = due(RIVERTON, "error_review.decide", opened)
    texts = (f"{n} business days before", f"{n} business days after", f"{n} business days after opening")
    for rung in climb(CALENDAR, parse_ladder(texts), opened, end):
        here = rung.at.astimezone(RIVERTON.zone)
        assert here.time() == CALENDAR.closes
        assert CALENDAR.is_business_day(here.date())


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 30), names, moments)
def test_daily_is_one_rung_on_each_business_day_after_the_due_moment(n: int, name: str, opened: datetime) -> None:
    end = due(RIVERTON, name, opened)
    climbed = climb(CALENDAR, parse_ladder([f"daily x{n}"]), opened, end)
    assert [rung.at for rung in climbed] == [CALENDAR.add_business_days(end, day) for day in range(1, n + 1)]


@settings(max_examples=60, deadline=None)
@given(st.dates(date(2024, 1, 1), date(2032, 12, 31)), st.times(time(0), time(23, 59)).map(lambda at: at.replace(
    second=0, microsecond=0)))  # fmt: skip
def test_a_time_of_day_is_one_moment_of_its_day_or_the_later_of_two(day: date, at: time) -> None:
    moment = CALENDAR.moment(day, at)
    assert CALENDAR.local_date(moment) == day
    assert CALENDAR.moment(day, at) < CALENDAR.moment(day + timedelta(days=1), at)


@pytest.mark.parametrize(
    ("day", "wall", "utc"),
    [
        (date(2026, 11, 1), time(1, 30), "2026-11-01 09:30"),  # comes twice: PDT, then PST
        (date(2027, 3, 14), time(2, 30), "2027-03-14 10:30"),  # does not come at all
        (date(2027, 3, 14), time(8), "2027-03-14 15:00"),
        (date(2026, 11, 1), time(8), "2026-11-01 16:00"),
    ],
)
def test_the_nights_of_a_clock_change(day: date, wall: time, utc: str) -> None:
    assert CALENDAR.moment(day, wall) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("texts", "problem"),
    [
        (["whenever"], '"whenever" cannot be read as a reminder. Please write for example "50%"'),
        (["100%"], '"100%" cannot be read as a reminder'),
        (["3 weeks before"], '"3 weeks" is no time that can be counted'),
        (["daily x0"], '"daily x0" cannot be read as a reminder'),
        (["at due", "at due"], '"at due" stands twice.'),
        (["daily x2", "1 business day after"], '"1 business day after" stands twice.'),
        ([f"{n} hours after" for n in range(2, MOST + 3)], f"A ladder has at most {MOST} reminders."),
    ],
)
def test_what_is_no_ladder_is_named(texts: list[str], problem: str) -> None:
    with pytest.raises(NotARung) as refused:
        parse_ladder(texts)
    assert problem in str(refused.value)


def test_a_profile_may_write_daily_too(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('extends = "default"\n[ladders.standard]\nrungs = ["at due", "daily x2"]\n')
    labels = [rule.label for rule in load(own).rungs("error_review.triage")]
    assert labels == ["at due", "1 business day after", "2 business days after"]


@pytest.mark.parametrize("value", ['"8 o\'clock"', '"24:00"', "8"])
def test_a_time_for_digests_that_is_none_is_refused_when_the_profile_is_read(tmp_path: Path, value: str) -> None:
    own = tmp_path / "own.toml"
    entry = f'value = {value}\ncitation = "Ours."\nas_of = 2026-11-24\nverified = true\n'
    own.write_text(f'extends = "default"\n[numbers.reminders.digest_at]\n{entry}')
    with pytest.raises(ProfileError, match=r"numbers\.reminders\.digest_at must be a verified time of day"):
        load(own)


def test_a_time_that_nobody_has_verified_sets_no_clock() -> None:
    number = Number(name="x.y", value="08:00", citation="Somebody.", as_of=date(2026, 11, 24), verified=False)
    with pytest.raises(UnverifiedNumber):
        number.clock_time()
