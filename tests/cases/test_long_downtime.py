"""Nobody worked for a month: reminders of one task are one, escalations fire once in their order and say they are late.

And what the clocks of machines do meanwhile: on PostgreSQL the database's alone decides.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine

from tests.cases.house import House
from workflow_app import clock, jobs
from workflow_app.cases.models import CaseStatus, Incident, Task, TaskStatus, Timer
from workflow_app.db import moment, session, unit_of_work

MONTH = 30


def kinds(house: House, case_id: int, *wanted: str) -> list[str]:
    return [f"{event.kind} {event.step}" for event in house.timeline(case_id) if event.kind in wanted]


def test_a_month_late_reminders_are_one_and_escalations_fire_once_in_the_order_in_which_they_were_due(
    house: House,
) -> None:
    cases = [house.open("clockwork") for _ in range(4)]
    house.settle(days=MONTH)
    for case_id in cases:
        assert kinds(house, case_id, "timer.late", "step.passed", "task.reminded") == [
            "task.reminded act", "timer.late nudge", "step.passed nudge", "step.passed tell",
            "timer.late late", "step.passed late",
        ]  # fmt: skip
        late = [event for event in house.timeline(case_id) if event.kind == "timer.late"]
        assert [event.summary.partition(":")[0] for event in late] == ["Late by 25 days", "Late by 14 days"]
        assert {event.at for event in late} == {house.now}
        assert (house.case(case_id).status, house.case(case_id).outcome) == (CaseStatus.CLOSED, "expired")
    house.settle(days=1)
    assert house.count(Timer) == 0
    reminded = [mail for mail in house.postbox.mails if "inbox" in mail.html]
    assert reminded == [], "the process had taken the tasks away again before the e-mail went"


def test_a_month_late_an_outsider_is_reminded_once(house: House) -> None:
    case_id = house.open("letters", by="administrator")
    house.complete("administrator", house.task(case_id, "choose"), many=2)
    house.settle()
    before = len(house.postbox.mails)
    house.settle(days=MONTH)
    assert sorted(mail.to_address for mail in house.postbox.mails[before:]) == [
        "clerk1@partner.example", "clerk2@partner.example",
    ]  # fmt: skip
    house.settle(days=1)
    assert len(house.postbox.mails) == before + 2
    for child in house.children(case_id):
        assert kinds(house, child.id, "task.reminded") == ["task.reminded confirm"]


def test_a_task_that_opens_late_is_reminded_of_once_at_once(house: House) -> None:
    case_id = house.open("fragile", fault="none")
    house.settle(days=MONTH)
    assert kinds(house, case_id, "timer.late", "task.reminded")[-2:] == [
        "timer.late overdue", "task.reminded finish",
    ]  # fmt: skip
    assert house.count(Timer, Timer.kind == "reminder") == 0
    task = house.task(case_id, "finish")
    assert task
    house.settle(days=2)
    assert kinds(house, case_id, "task.reminded").count("task.reminded finish") == 1


def test_a_poison_timer_does_not_keep_the_reminders_of_its_case_or_of_others(house: House) -> None:
    poison, well = house.open("fragile", fault="raise"), house.open("clockwork")
    for _ in range(12):
        house.settle(days=1)
    assert house.one(sa.select(Incident.kind)) == "timer"
    assert kinds(house, poison, "task.reminded")
    assert house.case(well).status == CaseStatus.OPEN
    assert house.count(Task, Task.status == TaskStatus.OPEN) >= 2


@pytest.mark.parametrize("off", [timedelta(days=1), timedelta(days=-1)])
def test_a_worker_whose_clock_is_a_day_off_fires_what_the_databases_clock_says(house: House, off: timedelta) -> None:
    if not house.is_postgresql:
        pytest.skip("SQLITE HAS NO CLOCK: its one machine's clock decides")
    house.now = datetime.now(UTC)
    soon, past = house.open("clockwork"), house.open("clockwork")
    with house.app.app_context(), unit_of_work():
        for case_id, at in ((soon, house.now + timedelta(hours=2)), (past, house.now - timedelta(minutes=1))):
            rungs = sa.update(Timer).where(Timer.case_id == case_id, Timer.rung == 0, Timer.kind == "reminder")
            session().execute(rungs.values(due_at=at, wake_at=at))
    with time_machine.travel(house.now + off, tick=True), house.app.app_context():
        assert abs(clock.now() - house.now - off) < timedelta(minutes=10)
        assert abs(moment() - house.now) < timedelta(minutes=10)
        session().rollback()
        while jobs.sweep():
            pass
    assert kinds(house, soon, "task.reminded") == []
    [told] = [event for event in house.timeline(past) if event.kind == "task.reminded"]
    assert abs(told.at - house.now) < timedelta(minutes=10)


def test_a_clock_that_is_set_back_fires_nothing_twice_and_goes_on_when_the_time_comes_again(house: House) -> None:
    case_id = house.open("clockwork")
    nudge = house.timer(case_id, "nudge").due_at
    house.now = nudge + timedelta(minutes=1)
    house.settle()
    house.now = nudge - timedelta(days=1)
    for _ in range(3):
        house.settle(hours=12)
    house.settle(days=14)
    assert kinds(house, case_id, "step.passed") == ["step.passed nudge", "step.passed tell", "step.passed late"]
    house.check_record()
