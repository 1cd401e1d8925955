"""Two who meet in one case, in every order their statements can have: one effect, one loser who hears why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from notifications import OutboxMessage, State
from tests.faults.acts import answer_the_letter, event_of, letters
from tests.faults.meetings import Deed, Met, every_meeting
from tests.faults.world import Moments, World
from workflow_app import jobs
from workflow_app.cases import commands, links, relink
from workflow_app.cases.advance import lock_case
from workflow_app.cases.models import Answers, CaseStatus, Link, Task, TaskStatus, Timer
from workflow_app.db import session, unit_of_work
from workflow_app.errors import Conflict, NotAllowed

KEY = "development-only"
GONE = Conflict("This link is no longer valid.")

Two = Callable[[World], tuple[Deed, Deed]]
"""Arranges something new and returns two who want something of it."""


@pytest.fixture
def world(moments: Moments) -> Iterator[World]:
    """A world in which every promise holds when all is over."""
    yield moments.world
    moments.world.settle(seconds=61)
    assert moments.world.violations() == []


def meetings(world: World, two: Two, *, swapped: bool = False) -> Iterator[Met]:
    """Every way in which the two can meet."""
    return every_meeting(lambda: (world, *(reversed(two(world)) if swapped else two(world))))


BOTH_WAYS = pytest.mark.parametrize("swapped", [False, True], ids=["first", "second"])


def test_the_last_two_children_end_and_the_parent_goes_on_once(world: World) -> None:
    parents: list[int] = []

    def arrange(world: World) -> tuple[Deed, Deed]:
        one, other = letters(world, 2)
        parents.append(world.case(one).parent_id or 0)
        return partial(answer_the_letter, world, one), partial(answer_the_letter, world, other)

    for _met in meetings(world, arrange):
        world.settle()
        _went_on_once(world, parents[-1])


@BOTH_WAYS
def test_a_child_ends_while_its_parent_is_being_woken(world: World, swapped: bool) -> None:
    parents: list[int] = []

    def arrange(world: World) -> tuple[Deed, Deed]:
        one, other = letters(world, 2)
        parents.append(world.case(one).parent_id or 0)
        answer_the_letter(world, one)
        return partial(jobs.do_chore, world.chore(parents[-1], "wake")), partial(answer_the_letter, world, other)

    for _met in meetings(world, arrange, swapped=swapped):
        world.settle()
        _went_on_once(world, parents[-1])


@BOTH_WAYS
def test_a_task_is_completed_or_its_time_is_over(world: World, swapped: bool) -> None:
    case_ids: list[int] = []
    start = world.now

    def arrange(world: World) -> tuple[Deed, Deed]:
        world.now = start
        case_ids.append(world.open("clockwork"))
        task, late = world.task(case_ids[-1], "act"), world.timer(case_ids[-1], "late")
        world.now = late.due_at
        return partial(_complete, world, "administrator", task, {"done": "all"}), partial(jobs.fire_timer, late.id)

    for met in meetings(world, arrange, swapped=swapped):
        completed = met.second if swapped else met.first
        done = world.count(Answers, Answers.case_id == case_ids[-1], Answers.task_id.is_not(None))
        world.settle(seconds=31)
        ended = world.case(case_ids[-1]).outcome
        assert (ended, done) == (("closed", 1) if completed == "done" else ("expired", 0))
        assert completed == "done" or isinstance(completed, Conflict)


def test_of_two_who_decide_one_is_told_who_was_first(world: World) -> None:
    def arrange(world: World) -> tuple[Deed, Deed]:
        task = world.task(world.open("long_way"), "walk")
        walks = {"further": False}
        return tuple(partial(_complete, world, part, task, walks) for part in ("officer", "supervisor"))  # type: ignore[return-value]

    for met in meetings(world, arrange):
        loser, winner = (met.second, "Dana Reyes") if met.first == "done" else (met.first, "Joon Kim")
        assert isinstance(loser, Conflict)
        assert loser.sentence.startswith(f"{winner} completed this on ")


@BOTH_WAYS
def test_a_task_is_taken_while_it_is_given_to_somebody_else(world: World, swapped: bool) -> None:
    records = world.actor("records").person_id or 0
    tasks: list[str] = []

    def arrange(world: World) -> tuple[Deed, Deed]:
        tasks.append(world.task(world.open("four_hands"), "north"))
        given = {"to_person": records, "reason": "She knows the place."}
        return partial(_claim, world, "officer", tasks[-1]), partial(_give, world, tasks[-1], given)

    for met in meetings(world, arrange, swapped=swapped):
        claimed, given = (met.second, met.first) if swapped else (met.first, met.second)
        assert given == "done"
        assert claimed == "done" or (isinstance(claimed, Conflict) and "Ruth Okafor is" in claimed.sentence)
        assert world.one(sa.select(Task.assignee_id).where(Task.id == tasks[-1])) == records


@BOTH_WAYS
def test_a_link_acts_or_is_sent_again(world: World, swapped: bool) -> None:
    children: list[int] = []

    def arrange(world: World) -> tuple[Deed, Deed]:
        children.extend(letters(world, 1))
        link = world.link(children[-1])
        token = links.token_of(link, KEY)
        return partial(_act, token), partial(_send_again, world, link.id)

    for met in meetings(world, arrange, swapped=swapped):
        acted, sent = (met.second, met.first) if swapped else (met.first, met.second)
        link = world.link(children[-1])
        answered = world.count(Answers, Answers.task_id == link.task_id)
        assert answered == (acted == "done")
        assert (link.generation, isinstance(sent, Conflict)) == ((1, True) if acted == "done" else (2, False))


@BOTH_WAYS
def test_a_child_is_answered_or_called_off_with_its_parent(world: World, swapped: bool) -> None:
    children: list[int] = []
    start = world.now

    def arrange(world: World) -> tuple[Deed, Deed]:
        world.now = start
        children.extend(letters(world, 1))
        parent = world.case(children[-1]).parent_id or 0
        world.now = world.timer(parent, "too_late").due_at
        with world.inside():
            jobs.fire_timer(world.timer(parent, "too_late").id)
        off = world.chore(parent, "cancel")
        return partial(_answer_late, world, children[-1]), partial(jobs.do_chore, off)

    for met in meetings(world, arrange, swapped=swapped):
        answered = met.second if swapped else met.first
        world.settle(seconds=31)
        child = world.case(children[-1])
        assert child.status == (CaseStatus.CLOSED if answered == "done" else CaseStatus.CANCELLED)
        assert answered == "done" or isinstance(answered, Conflict | NotAllowed)
        assert world.case(child.parent_id or 0).outcome == "given_up"


@BOTH_WAYS
def test_what_the_provider_reports_meets_its_answer(world: World, swapped: bool) -> None:
    messages: list[int] = []

    def arrange(world: World) -> tuple[Deed, Deed]:
        world.settle()
        letters(world, 1)
        messages.append(world.one(sa.select(sa.func.max(OutboxMessage.id))))
        return jobs.sweep, partial(event_of(world, messages[-1], "delivered"))

    for _met in meetings(world, arrange, swapped=swapped):
        world.settle()
        state = sa.select(OutboxMessage.state).where(OutboxMessage.id == messages[-1])
        assert world.one(state) == State.DELIVERED
        assert [line.partition(" ")[0] for line in world.ledger.accepted()].count(str(messages[-1])) <= 1


def test_two_tickers_do_everything_once(world: World) -> None:
    cases: list[int] = []

    def arrange(world: World) -> tuple[Deed, Deed]:
        world.settle(seconds=61)
        cases.append(world.open("clockwork"))
        world.now = world.timer(cases[-1], "nudge").due_at
        return jobs.sweep, jobs.sweep

    for _met in meetings(world, arrange):
        world.settle(seconds=31)
        assert [event.step for event in world.timeline(cases[-1])].count("tell") == 1
        assert world.count(Timer, Timer.case_id == cases[-1], Timer.step == "nudge") == 0
    accepted = [line.partition(" ")[0] for line in world.ledger.accepted()]
    assert len(accepted) == len(set(accepted)) == world.count(OutboxMessage, OutboxMessage.state == State.ACCEPTED)


def _went_on_once(world: World, parent: int) -> None:
    assert [event.kind for event in world.timeline(parent)].count("children.ended") == 1
    world.task(parent, "wrap_up")


def _complete(world: World, part: str, task_id: str, answers: dict[str, Any]) -> str:
    actor = world.actor(part)
    with unit_of_work():
        commands.complete_task(actor, task_id, answers)
    return "done"


def _claim(world: World, part: str, task_id: str) -> str:
    actor = world.actor(part)
    with unit_of_work():
        commands.claim_task(actor, task_id)
    return "done"


def _give(world: World, task_id: str, given: dict[str, Any]) -> str:
    actor = world.actor("administrator")
    with unit_of_work():
        commands.reassign_task(actor, task_id, **given)
    return "done"


def _act(token: str) -> str:
    """What a link's page does: the token is looked at, and looked at again under the case's lock."""
    link = links.resolve(token, KEY)
    if link is None:
        raise GONE
    with unit_of_work():
        lock_case(link.case_id)
        link = links.resolve(token, KEY)
        if link is None:
            raise GONE
        commands.complete_task(links.holder(link), link.task_id, {"signed": "Kim Doe"})
    return "done"


def _send_again(world: World, link_id: str) -> str:
    actor = world.actor("administrator")
    with unit_of_work():
        relink.send_again(actor, link_id)
    return "done"


def _answer_late(world: World, child: int) -> str:
    task = session().scalars(sa.select(Task).where(Task.case_id == child)).one()
    assert task.status in {TaskStatus.OPEN, TaskStatus.WITHDRAWN}
    link = session().scalars(sa.select(Link).where(Link.case_id == child)).one()
    with unit_of_work():
        commands.complete_task(links.holder(link), link.task_id, {"signed": "Kim Doe"})
    return "done"
