"""People who act on the same case at the same instant."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from tests.cases.house import House
from tests.cases.specimens.four_hands import SIDES
from workflow_app.access import Actor
from workflow_app.cases import commands
from workflow_app.cases.models import Answers, CaseStatus, Draft, Task
from workflow_app.db import moment
from workflow_app.errors import Conflict, Invalid, NotAllowed
from workflow_app.registers import alpr_access

FOUR = ("officer", "supervisor", "administrator", "records")


def test_four_people_complete_four_tasks_of_one_case_at_once(house: House) -> None:
    people = [house.actor(part) for part in FOUR]
    for _ in range(25):
        case_id = house.open("four_hands")
        tasks = [house.task(case_id, side) for side in SIDES]
        outcomes = house.together(
            *(
                partial(_complete, person, task, {"seen": person.label})
                for person, task in zip(people, tasks, strict=True)
            )
        )
        assert outcomes == ["done"] * 4
        case = house.case(case_id)
        assert (case.status, case.outcome) == (CaseStatus.CLOSED, "closed")
        assert house.count(Answers, Answers.case_id == case_id, Answers.task_id.is_not(None)) == 4
    house.check_record()


def test_of_two_who_complete_the_same_task_one_is_told_who_was_first_and_when(house: House) -> None:
    officer, supervisor = house.actor("officer"), house.actor("supervisor")
    for _ in range(50):
        case_id = house.open("long_way")
        task = house.task(case_id, "walk")
        answers = {"further": False}
        outcomes = house.together(*(partial(_complete, person, task, answers) for person in (officer, supervisor)))
        assert outcomes.count("done") == 1
        loser = next(outcome for outcome in outcomes if outcome != "done")
        winner = officer if outcomes[0] == "done" else supervisor
        assert isinstance(loser, Conflict)
        assert loser.sentence.startswith(f"{winner.label} completed this on ")
        assert "09:00" in loser.sentence
        stored = house.one(sa.select(Answers).where(Answers.task_id == task))
        assert stored.by_label == winner.label
    house.check_record()


def test_of_two_people_who_are_given_one_vendors_id_at_once_one_has_it(house: House) -> None:
    people = [house.actor(part).person_id or 0 for part in ("officer", "supervisor")]
    for number in range(10):
        known: dict[str, Any] = {"case_number": f"AA-2026-00000{number}"}
        house.do(partial(_ask_anew, people, known))
        give = (partial(_set_up, each, f"lortiz{number}", known) for each in people)
        [refused] = [outcome for outcome in house.together(*give) if outcome != "done"]
        assert isinstance(refused, Invalid)
        assert refused.fields == {"vendor_user_id": [alpr_access.TAKEN]}


def _ask_anew(people: list[int], known: dict[str, Any]) -> None:
    for each in people:
        alpr_access.end(each, reason="Again.", now=moment(), **known)
        alpr_access.request(each, now=moment(), **known)


def _set_up(person_id: int, vendor_user_id: str, known: dict[str, Any]) -> str:
    alpr_access.set_up(person_id, vendor_user_id=vendor_user_id, now=moment(), **known)
    return "done"


def test_of_two_who_take_the_same_task_one_has_it(house: House) -> None:
    officer, supervisor = house.actor("officer"), house.actor("supervisor")
    case_id = house.open("four_hands")
    for side in SIDES:
        task = house.task(case_id, side)
        outcomes = house.together(*(partial(_claim, person, task) for person in (officer, supervisor)))
        winner = officer if outcomes[0] == "done" else supervisor
        loser = next(outcome for outcome in outcomes if outcome != "done")
        assert isinstance(loser, Conflict)
        assert loser.sentence == f"{winner.label} is already working on this."
        assert house.one(sa.select(Task.assignee_id).where(Task.id == task)) == winner.person_id
    assert [event.kind for event in house.timeline(case_id)].count("task.claimed") == 4


def test_who_has_not_taken_a_task_that_somebody_has_cannot_complete_it(house: House) -> None:
    officer, supervisor = house.actor("officer"), house.actor("supervisor")
    task = house.task(house.open("four_hands"), "north")
    house.do(lambda: _claim(officer, task))
    with pytest.raises(NotAllowed, match="Somebody else is working on this task"):
        house.complete("supervisor", task, seen="a heron")
    assert supervisor.person_id != officer.person_id


def test_a_draft_that_arrives_with_the_answer_leaves_nothing_behind(house: House) -> None:
    officer, supervisor = house.actor("officer"), house.actor("supervisor")
    for _ in range(10):
        case_id = house.open("four_hands")
        task = house.task(case_id, "north")
        saved, completed = house.together(
            partial(_draft, supervisor, task, {"seen": "a her"}),
            partial(_complete, officer, task, {"seen": "a heron"}),
        )
        assert completed == "done"
        assert saved == "done" or isinstance(saved, Conflict)
        assert house.count(Draft, Draft.task_id == task) == 0


def test_the_same_task_two_hundred_times(house: House) -> None:
    case_id = house.open("long_way")
    sizes = []
    for n in range(200):
        house.complete("officer", house.task(case_id, "walk"), further=n < 199)
        sizes.append(len(house.case(case_id).state))
    case = house.case(case_id)
    assert (case.status, case.outcome, case.revision) == (CaseStatus.CLOSED, "arrived", 201)
    assert house.count(Answers, Answers.case_id == case_id, Answers.task_id.is_not(None)) == 200
    assert len([event for event in house.timeline(case_id) if event.kind == "task.completed"]) == 200
    assert sizes[198] < 400 * 200, "a step may not keep more than a few hundred bytes"


def _complete(actor: Actor, task_id: str, answers: dict[str, Any]) -> str:
    commands.complete_task(actor, task_id, answers)
    return "done"


def _claim(actor: Actor, task_id: str) -> str:
    commands.claim_task(actor, task_id)
    return "done"


def _draft(actor: Actor, task_id: str, answers: dict[str, Any]) -> str:
    commands.save_draft(actor, task_id, answers)
    return "done"
