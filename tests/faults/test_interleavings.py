"""Two who meet in one case, in every order their statements can have: one effect, one loser who hears why."""

from __future__ import annotations

from collections.abc import Iterator
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


@pytest.fixture
def world(moments: Moments) -> World:
    """The world in which two meet."""
    return moments.world


def meetings(moments: Moments, one: Deed, other: Deed, *, swapped: bool = False) -> Iterator[Met]:
    """Every way in which the two can meet; every promise holds when all is over."""
    for met in every_meeting(moments, *((other, one) if swapped else (one, other))):
        yield met
        moments.world.settle(seconds=61)
        assert moments.world.violations() == []


BOTH_WAYS = pytest.mark.parametrize("swapped", [False, True], ids=["first", "second"])


def test_the_last_two_children_end_and_the_parent_goes_on_once(moments: Moments, world: World) -> None:
    children = posted(world, 2)
    parent = world.case(children[0]).parent_id or 0
    for _met in meetings(moments, *(partial(answer_the_letter, world, child) for child in children)):
        world.settle()
        _went_on_once(world, parent)


@BOTH_WAYS
def test_a_child_ends_while_its_parent_is_being_woken(moments: Moments, world: World, swapped: bool) -> None:
    ended, other = posted(world, 2)
    parent = world.case(ended).parent_id or 0
    answer_the_letter(world, ended)
    wake, answer = partial(jobs.do_chore, world.chore(parent, "wake")), partial(answer_the_letter, world, other)
    for _met in meetings(moments, wake, answer, swapped=swapped):
        world.settle()
        _went_on_once(world, parent)


@BOTH_WAYS
def test_a_task_is_completed_or_its_time_is_over(moments: Moments, world: World, swapped: bool) -> None:
    case_id = world.open("clockwork")
    world.settle()
    task, late = world.task(case_id, "act"), world.timer(case_id, "late")
    world.now = late.due_at
    complete = partial(_complete, world, "administrator", task, {"done": "all"})
    for met in meetings(moments, complete, partial(jobs.fire_timer, late.id), swapped=swapped):
        completed = met.second if swapped else met.first
        done = world.count(Answers, Answers.case_id == case_id, Answers.task_id.is_not(None))
        world.settle(seconds=31)
        ended = world.case(case_id).outcome
        assert (ended, done) == (("closed", 1) if completed == "done" else ("expired", 0))
        assert completed == "done" or isinstance(completed, Conflict)


def test_of_two_who_decide_one_is_told_who_was_first(moments: Moments, world: World) -> None:
    task = world.task(world.open("long_way"), "walk")
    world.settle()
    walks = (partial(_complete, world, part, task, {"further": False}) for part in ("officer", "supervisor"))
    for met in meetings(moments, *walks):
        loser, winner = (met.second, "Dana Reyes") if met.first == "done" else (met.first, "Joon Kim")
        assert isinstance(loser, Conflict)
        assert loser.sentence.startswith(f"{winner} completed this on ")


@BOTH_WAYS
def test_a_task_is_taken_while_it_is_given_to_somebody_else(moments: Moments, world: World, swapped: bool) -> None:
    records = world.actor("records").person_id or 0
    task = world.task(world.open("four_hands"), "north")
    world.settle()
    give = partial(_give, world, task, {"to_person": records, "reason": "She knows the place."})
    for met in meetings(moments, partial(_claim, world, "officer", task), give, swapped=swapped):
        claimed, given = (met.second, met.first) if swapped else (met.first, met.second)
        assert given == "done"
        assert claimed == "done" or (isinstance(claimed, Conflict) and "Ruth Okafor is" in claimed.sentence)
        assert world.one(sa.select(Task.assignee_id).where(Task.id == task)) == records


@BOTH_WAYS
def test_a_link_acts_or_is_sent_again(moments: Moments, world: World, swapped: bool) -> None:
    (child,) = posted(world, 1)
    link = world.link(child)
    act, send_again = partial(_act, links.token_of(link, KEY)), partial(_send_again, world, link.id)
    for met in meetings(moments, act, send_again, swapped=swapped):
        acted, sent = (met.second, met.first) if swapped else (met.first, met.second)
        link = world.link(child)
        answered = world.count(Answers, Answers.task_id == link.task_id)
        assert answered == (acted == "done")
        assert (link.generation, isinstance(sent, Conflict)) == ((1, True) if acted == "done" else (2, False))


@BOTH_WAYS
def test_a_child_is_answered_or_called_off_with_its_parent(moments: Moments, world: World, swapped: bool) -> None:
    (child_id,) = posted(world, 1)
    parent = world.case(child_id).parent_id or 0
    world.now = world.timer(parent, "too_late").due_at
    with world.inside():
        jobs.fire_timer(world.timer(parent, "too_late").id)
    call_off = partial(jobs.do_chore, world.chore(parent, "cancel"))
    for met in meetings(moments, partial(_answer_late, world, child_id), call_off, swapped=swapped):
        answered = met.second if swapped else met.first
        world.settle(seconds=31)
        child = world.case(child_id)
        assert child.status == (CaseStatus.CLOSED if answered == "done" else CaseStatus.CANCELLED)
        assert answered == "done" or isinstance(answered, Conflict | NotAllowed)
        assert world.case(parent).outcome == "given_up"


@BOTH_WAYS
def test_what_the_provider_reports_meets_its_answer(moments: Moments, world: World, swapped: bool) -> None:
    letters(world, 1)
    message = world.one(sa.select(sa.func.max(OutboxMessage.id)))
    for _met in meetings(moments, jobs.sweep, event_of(world, message, "delivered"), swapped=swapped):
        world.settle()
        assert world.one(sa.select(OutboxMessage.state).where(OutboxMessage.id == message)) == State.DELIVERED
        assert [line.partition(" ")[0] for line in world.ledger.accepted()].count(str(message)) <= 1


def test_two_tickers_do_everything_once(moments: Moments, world: World) -> None:
    case_id = world.open("clockwork")
    world.now = world.timer(case_id, "nudge").due_at
    for _met in meetings(moments, jobs.sweep, jobs.sweep):
        world.settle(seconds=31)
        assert [event.step for event in world.timeline(case_id)].count("tell") == 1
        assert world.count(Timer, Timer.case_id == case_id, Timer.step == "nudge") == 0
        accepted = [line.partition(" ")[0] for line in world.ledger.accepted()]
        assert len(accepted) == len(set(accepted)) == world.count(OutboxMessage, OutboxMessage.state == State.ACCEPTED)


def posted(world: World, many: int) -> list[int]:
    """Child cases whose letters have left, so that they do not leave anew after each meeting."""
    children = letters(world, many)
    world.settle()
    return children


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
