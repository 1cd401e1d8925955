"""Moments as pages say them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from workflow_app.agency.words import Style, in_words, local

PACIFIC = ZoneInfo("America/Los_Angeles")


def at(wall: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(wall).replace(tzinfo=PACIFIC, fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("due", "now", "words"),
    [
        ("2026-11-25 17:00", "2026-11-25 09:00", "due today 17:00"),
        ("2026-11-25 17:00", "2026-11-25 17:00", "due today 17:00"),
        ("2026-11-25 17:00", "2026-11-24 23:59", "due tomorrow 17:00"),
        ("2026-11-27 17:00", "2026-11-23 14:06", "due Fri 27 Nov"),
        ("2026-12-31 17:00", "2026-11-23 14:06", "due Thu 31 Dec"),
        ("2027-01-08 17:00", "2026-11-23 14:06", "due 8 Jan 2027"),
        ("2027-01-01 17:00", "2026-12-31 14:06", "due tomorrow 17:00"),
        ("2026-11-25 17:00", "2026-11-25 17:00:10", "overdue by 1 minute"),
        ("2026-11-25 17:00", "2026-11-25 17:59", "overdue by 59 minutes"),
        ("2026-11-25 17:00", "2026-11-25 18:00", "overdue by 1 hour"),
        ("2026-11-25 17:00", "2026-11-26 16:59", "overdue by 23 hours"),
        ("2026-11-25 17:00", "2026-11-26 17:00", "overdue by 1 day"),
        ("2026-11-25 17:00", "2026-11-27 09:00", "overdue by 2 days"),
        ("2027-11-07 00:10", "2027-11-07 23:30", "overdue by 1 day"),  # a day of 25 hours
        ("2027-03-13 17:00", "2027-03-14 17:00", "overdue by 23 hours"),  # a day of 23 hours
    ],
)
def test_a_due_moment_in_words(due: str, now: str, words: str) -> None:
    assert in_words(at(due), at(now), PACIFIC) == words


def test_today_is_the_agencys_day() -> None:
    # 01:00 UTC on Thursday is 17:00 on Wednesday in Los Angeles.
    due, now = datetime(2026, 11, 26, 1, tzinfo=UTC), datetime(2026, 11, 25, 20, tzinfo=UTC)
    assert in_words(due, now, PACIFIC) == "due today 17:00"


@pytest.mark.parametrize(
    ("style", "words"),
    [
        ("moment", "9 Nov 2026, 14:12 PST"),
        ("date", "9 Nov 2026"),
        ("last day", "9 Nov 2026"),
        ("day", "Mon 9 Nov"),
        ("time", "14:12"),
    ],
)
def test_a_moment_is_shown_on_the_agencys_clock(style: Style, words: str) -> None:
    assert local(at("2026-11-09 14:12"), PACIFIC, style) == words


def test_what_ends_at_midnight_is_valid_to_the_day_before() -> None:
    assert local(at("2026-11-09 00:00"), PACIFIC, "last day") == "8 Nov 2026"


def test_the_repeated_hour_is_told_apart_by_its_zone() -> None:
    first, second = (local(at("2027-11-07 01:30", fold), PACIFIC) for fold in (0, 1))
    assert (first, second) == ("7 Nov 2027, 01:30 PDT", "7 Nov 2027, 01:30 PST")


def test_a_zone_without_letters_is_shown_by_its_offset() -> None:
    assert local(at("2026-11-09 14:12"), ZoneInfo("America/Sao_Paulo")) == "9 Nov 2026, 19:12 UTC-03"


def test_a_naive_moment_has_no_words() -> None:
    with pytest.raises(ValueError, match="has no zone"):
        local(datetime(2026, 11, 9, 14, 12), PACIFIC)  # noqa: DTZ001 - the point of the test
