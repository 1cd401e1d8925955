"""Changed ladders: one after the other, on record, for new tasks at once and for open ones only when asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from tests.cases.house import House
from tests.forks import KILLED
from workflow_app import audit, check, jobs
from workflow_app.agency.profile import load
from workflow_app.cases import commands, ladder_changes
from workflow_app.cases.ladders import LadderChange
from workflow_app.cases.models import Chore, Incident, Task, Timer
from workflow_app.db import session
from workflow_app.errors import Conflict, Invalid, NotAllowed, NotFound

ZONE = load("default").zone


def change(house: House, *rungs: str, version: int = 0, open_tasks: bool = False, by: str = "administrator") -> int:
    actor = house.actor(by)
    return house.do(lambda: _change(actor, rungs, version, open_tasks))


def _change(actor: Any, rungs: tuple[str, ...], version: int, open_tasks: bool) -> int:
    changed = ladder_changes.change_rungs(
        actor, "standard", rungs, reason="For a test.", version=version, open_tasks=open_tasks
    )
    return changed.version


def to_come(house: House, case_id: int) -> list[str]:
    rows = house.all(sa.select(Timer.due_at).where(Timer.case_id == case_id, Timer.kind == "reminder"))
    return [f"{at.astimezone(ZONE):%m-%d %H:%M}" for at in sorted(rows)]


def sent(house: House, case_id: int) -> int:
    return sum(event.kind == "task.reminded" for event in house.timeline(case_id))


def test_new_tasks_follow_at_once_and_open_ones_do_not(house: House) -> None:
    before = house.open("clockwork")
    stood = to_come(house, before)
    assert change(house, "at due") == 1
    after = house.open("clockwork")
    assert (to_come(house, before), to_come(house, after)) == (stood, ["11-17 17:00"])
    assert house.count(Chore) == 0
    with house.inside():
        [entry] = audit.timeline("register:ladders")
        assert entry.data["before"][0] == "50%"
        assert audit.verify(audit.stream_heads()) is None
        assert [problem for problem in check.installation(house.app) if "ladder" in str(problem)] == []


def test_open_tasks_follow_when_asked_without_a_second_reminder_and_without_a_burst(house: House) -> None:
    case_id = house.open("clockwork")
    house.now = datetime(2026, 11, 16, 18, 0, tzinfo=UTC)  # Monday, 10:00; half of the time was over on Friday
    house.settle()
    assert sent(house, case_id) == 1
    change(house, "10%", "20%", "30%", "50%", "at due", "daily x2", open_tasks=True)
    house.settle()
    assert to_come(house, case_id) == ["11-16 17:00", "11-17 17:00", "11-18 17:00", "11-19 17:00", "11-20 17:00"]
    house.settle(minutes=1)
    assert to_come(house, case_id) == ["11-17 17:00", "11-18 17:00", "11-19 17:00"]
    house.settle()
    assert sent(house, case_id) == 1
    for days in (2, 1, 1, 1):
        house.settle(days=days)
    assert sent(house, case_id) == 4
    assert house.count(Timer, Timer.kind == "reminder") == 0


def test_a_rung_that_is_due_and_not_sent_yet_still_goes(house: House) -> None:
    case_id = house.open("clockwork")
    change(house, "at due", open_tasks=True)
    house.now = datetime(2026, 11, 13, 22, 0, tzinfo=UTC)  # nobody has worked since before half of the time was over
    chore = house.one(sa.select(Chore.id))
    with house.inside():
        jobs.do_chore(chore)
    assert to_come(house, case_id) == ["11-13 13:00", "11-17 17:00"]
    house.settle()
    assert (sent(house, case_id), to_come(house, case_id)) == (1, ["11-17 17:00"])


def test_of_two_administrators_at_once_one_is_told_what_the_other_changed(house: House) -> None:
    actor = house.actor("administrator")
    answers = house.together(*[partial(_change, actor, (f"{n}0%",), 0, False) for n in range(1, 6)])
    refused = [answer for answer in answers if isinstance(answer, Conflict)]
    assert (answers.count(1), len(refused)) == (1, 4)
    for answer in refused:
        assert "Priya Nair changed this on 9 Nov 2026, 09:00 PST from 50%, 1 business day before" in answer.sentence
    assert house.count(LadderChange) == 1
    assert change(house, "at due", version=1) == 2


def test_what_makes_no_sense_is_refused_and_leaves_nothing(house: House) -> None:
    with pytest.raises(NotAllowed):
        change(house, "at due", by="chief")
    with pytest.raises(Invalid) as refused:
        change(house, "soon")
    assert refused.value.fields["rungs"][0].startswith(
        '"soon" cannot be read as a reminder. Please write for example "50%"'
    )
    with pytest.raises(Invalid):
        change(house)
    actor = house.actor("administrator")
    for name in ("specimen.nudge", "specimen.nap"):
        with pytest.raises(NotFound):
            house.do(partial(_choose, actor, name, None))
    with pytest.raises(Invalid):
        house.do(partial(_choose, actor, "specimen.task", "nowhere"))
    assert house.count(LadderChange) == house.count(Chore) == house.count(audit.Event) == 0


def test_a_deadline_without_reminders_and_back(house: House) -> None:
    actor, case_id = house.actor("administrator"), house.open("clockwork")
    stood = to_come(house, case_id)
    house.do(partial(_choose, actor, "specimen.task", None, open_tasks=True))
    house.settle(minutes=1)
    assert to_come(house, case_id) == []
    house.do(partial(_choose, actor, "specimen.task", "standard", version=1, open_tasks=True))
    house.settle(minutes=1)
    assert to_come(house, case_id) == stood


def test_a_task_that_is_taken_given_back_and_done_keeps_one_ladder(house: House) -> None:
    case_id = house.open("clockwork")
    stood, task, actor = to_come(house, case_id), house.task(case_id, "act"), house.actor("administrator")
    house.do(lambda: commands.claim_task(actor, task) and None)
    house.do(lambda: commands.release_task(actor, task) and None)
    house.do(lambda: commands.reassign_task(actor, task, to_person=actor.person_id or 0, reason="Mine.") and None)
    assert to_come(house, case_id) == stood
    house.complete("administrator", task, done="it")
    assert to_come(house, case_id) == []


def test_tasks_are_done_carried_on_and_opened_while_the_change_reaches_them(house: House) -> None:
    cases = [house.open("clockwork") for _ in range(6)]
    tasks = [house.task(case_id, "act") for case_id in cases]
    change(house, "at due", open_tasks=True)
    house.now += timedelta(minutes=1)
    chore = house.one(sa.select(Chore.id))
    done = [partial(house.complete, "administrator", task, done="it") for task in tasks[:3]]
    results = house.workers(partial(jobs.do_chore, chore), partial(jobs.do_chore, chore), *done)
    assert results == [None] * 5
    house.settle(minutes=1)
    assert [to_come(house, case_id) for case_id in cases] == [[]] * 3 + [["11-17 17:00"]] * 3
    assert house.count(Chore) == house.count(Incident) == 0
    assert house.one(sa.select(LadderChange.done_at)) is not None


def test_a_worker_may_die_on_the_way_and_each_case_is_set_anew_once(house: House) -> None:
    cases = [house.open("clockwork") for _ in range(3)]
    change(house, "at due", open_tasks=True)
    house.now += timedelta(minutes=1)
    chore = str(house.one(sa.select(Chore.id)))
    for instant in ("before:2", "after:2", "before:3", "after:3"):
        assert house.elsewhere("chore", chore, dies=instant) == KILLED
        house.now += timedelta(seconds=31)
    house.settle()
    for case_id in cases:
        assert to_come(house, case_id) == ["11-17 17:00"]
        assert [event.kind for event in house.timeline(case_id)].count("task.reladdered") == 1
    assert house.one(sa.select(LadderChange.done)) == 3


def test_one_case_that_cannot_be_set_anew_does_not_stop_those_after_it(house: House) -> None:
    cases = [house.open("clockwork") for _ in range(3)]
    stood = to_come(house, cases[1])
    beyond = datetime(9999, 12, 31, 23, tzinfo=UTC)  # no calendar counts on from there
    house.do(lambda: session().execute(sa.update(Task).where(Task.case_id == cases[1]).values(due_at=beyond)) and None)
    change(house, "2 business days after", open_tasks=True)
    house.settle(minutes=1)
    assert to_come(house, cases[0]) == to_come(house, cases[2]) == ["11-19 17:00"]
    assert to_come(house, cases[1]) == stood
    incident = house.one(sa.select(Incident))
    assert (incident.kind, incident.case_id) == ("ladder", cases[1])
    assert house.one(sa.select(LadderChange.done_at)) is not None


def test_a_step_reads_the_ladders_once_and_only_when_it_opens_a_task_with_one(house: House) -> None:
    asked: list[str] = []
    with house.inside():
        engine = house.app.extensions["sqlalchemy"].engine
    listen = partial(_note, asked)
    sa.event.listen(engine, "before_cursor_execute", listen)
    try:
        case_id = house.open("four_hands")
        assert len(asked) == 1
        house.complete("officer", house.task(case_id, "north"), seen="snow")
        assert len(asked) == 1
    finally:
        sa.event.remove(engine, "before_cursor_execute", listen)


def _note(asked: list[str], _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
    if "ladder_change" in statement:
        asked.append(statement)


def _choose(actor: Any, name: str, ladder: str | None, *, version: int = 0, open_tasks: bool = False) -> None:
    ladder_changes.choose_ladder(actor, name, ladder, reason="For a test.", version=version, open_tasks=open_tasks)


def test_a_ladder_that_this_release_cannot_read_is_named_before_it_stops_a_case(house: House) -> None:
    change(house, "at due")
    house.do(lambda: session().execute(sa.update(LadderChange).values(value=["every full moon"])) and None)
    with house.inside():
        named = [str(problem) for problem in check.installation(house.app) if "changed ladders" in str(problem)]
    assert len(named) == 1
    assert "ladders.standard" in named[0]
    assert '"every full moon" cannot be read as a reminder' in named[0]
