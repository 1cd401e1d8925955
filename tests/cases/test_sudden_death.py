"""A process is killed before or after the commit of a step: the state is old or new, and once more adds nothing."""

from __future__ import annotations

import subprocess
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from notifications import OutboxMessage
from tests.cases.house import House
from tests.forks import KILLED
from workflow_app.audit import Event
from workflow_app.cases.models import Answers, Chore, Fanout, Heartbeat, Task, Timer
from workflow_app.db import session
from workflow_app.errors import Conflict

EVERYTHING = (Answers, Chore, Event, Fanout, OutboxMessage, Task, Timer)


def test_an_answer_is_stored_whole_or_not_at_all(house: House) -> None:
    case_id = house.open("letters", by="administrator")
    task = house.task(case_id, "choose")
    before = picture(house, case_id)

    assert house.elsewhere("complete", "administrator", task, "many=3", dies="before:1") == KILLED
    assert picture(house, case_id) == before

    assert house.elsewhere("complete", "administrator", task, "many=3", dies="after:1") == KILLED
    after = picture(house, case_id)
    assert after["task"] == ["done"]
    assert (after["chore"], after["fanout"], after["answers"]) == (1, 1, 2)

    with pytest.raises(Conflict, match="Priya Nair completed this"):
        house.complete("administrator", task, many=3)
    assert picture(house, case_id) == after
    house.check_record()


def test_a_timer_fires_whole_or_not_at_all(house: House) -> None:
    case_id = house.open("clockwork")
    nudge = house.timer(case_id, "nudge")
    house.now = nudge.due_at + timedelta(minutes=1)
    before = picture(house, case_id)

    assert house.elsewhere("fire", nudge.id, dies="before:2") == KILLED
    assert picture(house, case_id) == before

    assert house.elsewhere("fire", nudge.id, dies="after:2") == KILLED
    after = picture(house, case_id)
    assert after["outbox_message"] == before["outbox_message"] + 1
    assert after["timer"] == before["timer"] - 1

    assert house.elsewhere("fire", nudge.id) == 0
    assert picture(house, case_id) == after
    assert [event.step for event in house.timeline(case_id)].count("tell") == 1


def test_two_processes_write_two_hundred_times_each_and_neither_is_turned_away(house: House) -> None:
    house.do(lambda: session().add(Heartbeat(name="count", at=house.now)))
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    writers = [house.start_elsewhere("transact", "200", **pipes) for _ in range(2)]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    assert start_both(writers) == ["", ""]
    assert [writer.returncode for writer in writers] == [0, 0]
    assert house.one(sa.select(Heartbeat.at)) - house.now == timedelta(seconds=400)


def test_who_writes_without_a_pause_lets_others_in_between(house: House) -> None:
    house.do(lambda: session().add(Heartbeat(name="count", at=house.now)))
    busy = house.start_elsewhere("transact", "100000", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert busy.stdin is not None
    busy.stdin.write("go\n")
    busy.stdin.flush()
    try:
        while house.one(sa.select(Heartbeat.at)) == house.now:
            assert busy.poll() is None
        for number in range(20):
            house.do(lambda: session().add(Heartbeat(name=f"page {number}", at=house.now)))  # noqa: B023
        assert busy.poll() is None
    finally:
        busy.kill()
        busy.communicate()
    assert house.count(Heartbeat) == 21


def start_both(writers: list[subprocess.Popen[str]]) -> list[str]:
    """Tell each to begin, then wait for both; returns what they complained of."""
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    return [writer.communicate(timeout=120)[1] for writer in writers]


def picture(house: House, case_id: int) -> dict[str, Any]:
    """All that a step may change."""
    case = house.case(case_id)
    counts: dict[str, Any] = {table.__tablename__: house.count(table) for table in EVERYTHING}
    return counts | {
        "case": (case.state, case.revision, case.status, case.outcome, case.audit_seq, case.audit_head, case.due_at),
        "task": house.all(sa.select(Task.status).where(Task.case_id == case_id)),
    }
