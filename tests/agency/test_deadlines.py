"""Due moments and reminder ladders, as the shipped default profile sets them."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_app.agency.deadlines import NotASpan, Span, Unit, describe, due, ladder, parse
from workflow_app.agency.profile import UnknownDeadline, load

RIVERTON = load("default")
moments = st.datetimes(datetime(2024, 1, 1), datetime(2032, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


def at(wall: str) -> datetime:
    return datetime.fromisoformat(wall).replace(tzinfo=RIVERTON.zone)


def reminders(name: str, opened: str, due: str) -> list[tuple[int, str]]:
    rungs = ladder(RIVERTON, name, at(opened), at(due))
    return [(rung.index, f"{rung.at.astimezone(RIVERTON.zone):%m-%d %H:%M}") for rung in rungs]


def test_triage_has_two_business_days_and_four_hours_when_somebody_was_harmed() -> None:
    reported = at("2026-11-25 18:30")
    assert due(RIVERTON, "error_review.triage", reported) == at("2026-12-02 17:00")
    assert due(RIVERTON, "error_review.triage", reported, urgent=True) == at("2026-11-25 22:30")


def test_an_urgent_case_keeps_the_usual_time_where_no_shorter_one_is_set() -> None:
    opened = at("2026-11-23 09:00")
    usual, urgent = (due(RIVERTON, "error_review.test", opened, urgent=urgent) for urgent in (False, True))
    assert usual == urgent == at("2026-12-02 17:00")


def test_due_moments_are_in_utc() -> None:
    assert due(RIVERTON, "error_review.triage", at("2026-11-23 09:00")).tzinfo is UTC


def test_an_unknown_deadline_is_named() -> None:
    with pytest.raises(UnknownDeadline, match=r'default\.toml has no deadline "error_review\.nap"'):
        due(RIVERTON, "error_review.nap", at("2026-11-23 09:00"))


def test_a_decision_is_reminded_of_before_at_and_after_its_due_moment() -> None:
    assert reminders("error_review.decide", "2027-01-04 09:00", "2027-01-19 17:00") == [
        (0, "01-12 01:00"),
        (1, "01-15 17:00"),
        (2, "01-19 17:00"),
        (3, "01-20 17:00"),
        (4, "01-21 17:00"),
        (5, "01-22 17:00"),
    ]


def test_rungs_that_lie_before_the_opening_fall_away_and_the_others_keep_their_numbers() -> None:
    assert reminders("error_review.triage", "2027-01-13 10:00", "2027-01-13 14:00") == [
        (0, "01-13 12:00"),
        (2, "01-13 14:00"),
        (3, "01-14 17:00"),
        (4, "01-15 17:00"),
        (5, "01-19 17:00"),
    ]


def test_two_rungs_on_one_moment_are_one_reminder() -> None:
    # Halfway between Mon 17:00 and Wed 17:00 is one business day before.
    rungs = reminders("error_review.triage", "2027-01-11 17:00", "2027-01-13 17:00")
    assert rungs[:2] == [(0, "01-12 17:00"), (2, "01-13 17:00")]


def test_partners_are_reminded_by_business_days_since_the_notice() -> None:
    assert reminders("erroneous_data_notice.confirm", "2026-11-23 09:00", "2026-12-02 17:00") == [
        (0, "11-25 17:00"),
        (1, "12-01 17:00"),
        (2, "12-02 17:00"),
        (3, "12-04 17:00"),
    ]


def test_a_step_without_a_ladder_reminds_nobody() -> None:
    assert reminders("erroneous_data_notice.suspend", "2026-11-23 09:00", "2026-12-16 17:00") == []


def test_halfway_is_rounded_to_the_minute() -> None:
    rung = ladder(RIVERTON, "error_review.triage", at("2027-01-13 10:00:07"), at("2027-01-13 14:00:30"))[0]
    assert rung.at == at("2027-01-13 12:00")


def test_halfway_over_a_clock_change_halves_the_time_that_passes() -> None:
    # 4 hours from 23:00 end at 04:00 by the wall; half of them are gone at 01:00.
    assert reminders("error_review.triage", "2027-03-13 23:00", "2027-03-14 04:00")[0] == (0, "03-14 01:00")


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(RIVERTON.deadlines())), moments, st.booleans())
def test_every_ladder_climbs_and_starts_after_the_opening(name: str, opened: datetime, urgent: bool) -> None:
    rungs = ladder(RIVERTON, name, opened, due(RIVERTON, name, opened, urgent=urgent))
    assert all(rung.at > opened for rung in rungs)
    assert all(lower.at < upper.at for lower, upper in pairwise(rungs))
    assert len({rung.index for rung in rungs}) == len(rungs)


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("30 minutes", 30, Unit.MINUTE),
        ("4 hours", 4, Unit.HOUR),
        ("1 day", 1, Unit.DAY),
        ("30 days", 30, Unit.DAY),
        ("1 business day", 1, Unit.BUSINESS_DAY),
        ("2 business days", 2, Unit.BUSINESS_DAY),
    ],
)
def test_spans_are_written_in_words(text: str, amount: int, unit: Unit) -> None:
    assert parse(text) == Span(amount=amount, unit=unit)
    assert describe(parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", "4", "hours", "0 days", "-1 days", "2 weeks", "1.5 hours", "2  days", "99999 days"]
)
def test_anything_else_is_no_span(text: str) -> None:
    with pytest.raises(NotASpan, match=f'"{text}" is no time that can be counted'):
        parse(text)
