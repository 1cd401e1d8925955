"""Deadlines over the days on which clocks change, and timers that fire long after their moment."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

from tests.cases.house import House
from workflow_app.cases.models import Task


def test_a_deadline_ends_at_closing_time_on_either_side_of_the_change_to_winter_time(house: House) -> None:
    house.now = datetime(2026, 10, 28, 16, 0, tzinfo=UTC)  # Wednesday, 09:00 PDT; clocks go back on 1 November
    case_id = house.open("clockwork")
    assert due(house, case_id) == datetime(2026, 11, 5, 1, 0, tzinfo=UTC)  # Wednesday 17:00 PST
    assert house.timer(case_id, "nudge").due_at == datetime(2026, 11, 3, 1, 0, tzinfo=UTC)


def test_a_deadline_ends_at_closing_time_on_either_side_of_the_change_to_summer_time(house: House) -> None:
    house.now = datetime(2027, 3, 11, 17, 0, tzinfo=UTC)  # Thursday, 09:00 PST; clocks go forward on 14 March
    case_id = house.open("clockwork")
    assert due(house, case_id) == datetime(2027, 3, 19, 0, 0, tzinfo=UTC)  # Thursday 17:00 PDT
    assert house.timer(case_id, "nudge").due_at == datetime(2027, 3, 17, 0, 0, tzinfo=UTC)


def test_a_timer_that_fires_late_counts_from_its_own_moment_and_says_that_it_was_late(house: House) -> None:
    case_id = house.open("clockwork")
    nudge = house.timer(case_id, "nudge")
    house.settle(days=9)
    [late] = [event for event in house.timeline(case_id) if event.kind == "timer.late"]
    assert late.summary.startswith("Late by 4 days")
    assert late.at == house.now > nudge.due_at
    assert house.task(case_id, "act")


def test_two_timers_that_were_slept_through_fire_in_their_order(house: House) -> None:
    case_id = house.open("clockwork")
    house.settle(days=30)
    passed = [event.step for event in house.timeline(case_id) if event.kind == "step.passed"]
    assert passed == ["nudge", "tell", "late"]
    assert house.case(case_id).outcome == "expired"


def due(house: House, case_id: int) -> datetime:
    """When the case's task is due."""
    found: datetime = house.one(sa.select(Task.due_at).where(Task.case_id == case_id))
    return found
