"""Many timers that fall due together: few rings, each worth many timers; none fires twice."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from tests.cases.house import House
from tests.cases.specimens import faults
from tests.forks import KILLED
from workflow_app import jobs
from workflow_app.cases import due, incidents
from workflow_app.cases.advance import lock_case
from workflow_app.cases.models import Incident, Timer
from workflow_app.db import moment, session, unit_of_work

MANY = 30


def _open_clockworks(house: House) -> None:
    for _case in range(MANY):
        house.open("clockwork")
    assert house.count(Timer, Timer.step == "nudge") == MANY


def test_many_due_timers_ring_for_few_and_wait_in_no_queue(house: House) -> None:
    rung: list[str] = []

    def hear(job: str, _reference: str) -> bool:
        rung.append(job)
        return True

    _open_clockworks(house)
    house.hear(hear)
    house.sweep(days=7)

    assert rung.count("fire") == 1
    with house.inside():
        assert due.waiting(Timer, moment(), MANY * 9) >= MANY, "nobody holds them until somebody works on them"


def test_workers_that_hear_the_same_ring_share_the_timers(house: House) -> None:
    _open_clockworks(house)
    house.now += (house.one(sa.select(sa.func.max(Timer.due_at)).where(Timer.step == "nudge")) - house.now) * 1.001

    fired = house.workers(*[partial(jobs.fire_due, MANY)] * 3)

    assert sum(fired) >= MANY
    assert house.count(Timer, Timer.step == "nudge") == 0
    house.settle()
    to = [
        mail.to_address
        for mail in house.postbox.mails
        if "nudge" in mail.reference or mail.to_address.startswith("chief")
    ]
    assert len(to) == MANY
    house.check_record()


@pytest.mark.parametrize(
    ("dies", "fired", "tried"),
    [
        ("before:1", 0, 0), ("after:1", 0, 1), ("before:2", 0, 1), ("after:2", 1, 1), ("before:3", 1, 1),
        ("after:3", 2, 1), ("before:4", 2, 1), ("after:4", 3, 0),
    ],
)  # fmt: skip
def test_a_worker_that_dies_among_its_timers_has_tried_the_one_in_hand_and_loses_none(
    house: House, dies: str, fired: int, tried: int
) -> None:
    cases = _three_overdue(house)

    assert house.elsewhere("fire_due", "3", dies=dies) == KILLED

    waiting = house.all(sa.select(Timer).where(Timer.step == "overdue").order_by(Timer.due_at))
    assert len(waiting) == len(cases) - fired
    assert [timer.attempts for timer in waiting] == [tried, 0, 0][: len(waiting)]
    house.settle(seconds=31)
    for case_id in cases:
        assert house.task(case_id, "finish")
        assert [event.step for event in house.timeline(case_id)].count("overdue") == 1
    assert house.count(Incident) == 0


def test_a_timer_that_fails_does_not_count_against_those_behind_it(house: House, mended: None) -> None:
    cases = _three_overdue(house, "none", "raise", "none")
    first, poison, last = cases

    with house.inside():
        assert jobs.fire_due(3) == 3

    assert house.task(first, "finish")
    assert house.task(last, "finish")
    failed = house.timer(poison, "overdue")
    assert (failed.attempts, failed.wake_at) == (1, house.now + timedelta(seconds=2))
    faults.mended = True
    house.settle(seconds=2)
    assert house.task(poison, "finish")
    house.check_record()


def test_a_timer_tried_too_often_is_not_begun_in_passing(house: House) -> None:
    cases = _three_overdue(house)
    spent = house.timer(cases[1], "overdue").id
    house.do(partial(_execute, sa.update(Timer).where(Timer.id == spent).values(attempts=incidents.ATTEMPTS)))
    ids = [house.timer(case_id, "overdue").id for case_id in cases]
    begun = house.do(lambda: due.begin_first(Timer, ids[1:], house.now))
    assert begun == ids[2:]
    assert house.do(lambda: due.begin_first(Timer, [spent, "gone"], house.now)) == []


def test_beginning_a_timer_waits_for_nobody_who_works_on_its_case(house: House) -> None:
    if not house.is_postgresql:
        pytest.skip("SQLite lets one writer in at a time")
    cases = _three_overdue(house)
    busy = house.timer(cases[0], "overdue")
    with ThreadPoolExecutor(1) as pool, house.inside(), unit_of_work():
        lock_case(cases[0])
        session().execute(sa.delete(Timer).where(Timer.id == busy.id))
        pool.submit(_inside, house, partial(jobs.fire_timer, busy.id)).result(20)
        assert pool.submit(_inside, house, partial(jobs.fire_due, 3)).result(20) == 2
    assert house.task(cases[1], "finish")
    assert house.task(cases[2], "finish")


@pytest.fixture
def mended() -> Iterator[None]:
    """Once the test is over handlers fail again where they should."""
    yield
    faults.mended = False


def _three_overdue(house: House, *faults: str) -> list[int]:
    """Three cases whose timers have come due one after the other; nobody is reminded of anything."""
    cases = [house.open("fragile", fault=fault) for fault in faults or ("none", "none", "none")]
    due_at = max(house.timer(case_id, "overdue").due_at for case_id in cases)
    house.do(partial(_execute, sa.delete(Timer).where(Timer.kind == "reminder")))
    for case_id in cases:
        due_at += timedelta(minutes=1)
        mine = sa.update(Timer).where(Timer.case_id == case_id).values(due_at=due_at, wake_at=due_at)
        house.do(partial(_execute, mine))
    house.now = due_at
    return cases


def _execute(statement: sa.Executable) -> None:
    session().execute(statement)


def _inside(house: House, act: partial[int | None]) -> int | None:
    with house.inside():
        return act()
