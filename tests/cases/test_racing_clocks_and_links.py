"""Timers, links and answers that meet on one task."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from notifications import OutboxMessage
from tests.cases.house import House
from workflow_app.cases import commands, links, timers
from workflow_app.cases.advance import lock_case
from workflow_app.cases.models import Answers, Link, Timer
from workflow_app.db import session
from workflow_app.errors import Conflict, NotFound
from workflow_app.kit import Recipient

SIGNED = {"signed": "Kim Doe"}


def test_a_task_is_either_completed_or_taken_away_by_its_timer(house: House) -> None:
    administrator = house.actor("administrator")
    start = house.now
    for _ in range(15):
        house.now = start
        case_id = house.open("clockwork")
        task, late = house.task(case_id, "act"), house.timer(case_id, "late")
        house.now = late.due_at + timedelta(seconds=1)
        completed, fired = house.together(
            partial(_complete, administrator, task, {"done": "all of it"}), partial(timers.fire, late.id)
        )
        assert fired == house.now
        case, answers = house.case(case_id), house.count(Answers, Answers.task_id == task)
        if completed == "done":
            assert (case.outcome, answers) == ("closed", 1)
        else:
            assert isinstance(completed, Conflict)
            assert completed.sentence == "This task is no longer needed: the case has moved on."
            assert (case.outcome, answers) == ("expired", 0)
        assert house.count(Timer, Timer.case_id == case_id) == 0
    house.check_record()


def test_a_timer_that_several_workers_fire_at_once_has_one_effect(house: House) -> None:
    case_id = house.open("clockwork")
    nudge = house.timer(case_id, "nudge")
    house.now = nudge.due_at + timedelta(seconds=1)
    assert house.together(*[partial(timers.fire, nudge.id)] * 6) == [house.now] * 6
    assert [event.step for event in house.timeline(case_id)].count("tell") == 1
    assert house.case(case_id).outcome is None
    house.task(case_id, "act")


def test_a_timer_before_its_moment_does_nothing(house: House) -> None:
    case_id = house.open("clockwork")
    before = house.case(case_id)
    house.do(lambda: timers.fire(house.timer(case_id, "nudge").id))
    assert house.case(case_id).state == before.state


def test_a_link_is_used_once_however_often_it_is_pressed(house: House) -> None:
    child = letter(house)
    link = house.link(child)
    outcomes = house.together(*[partial(_act, link.id, link.task_id)] * 6)
    assert outcomes.count("done") == 1
    assert {type(outcome) for outcome in outcomes if outcome != "done"} == {Conflict}
    assert house.count(Answers, Answers.case_id == child, Answers.task_id.is_not(None)) == 1
    assert house.link(child).receipt


def test_a_link_that_is_being_revoked_either_acted_before_or_does_not_act(house: House) -> None:
    for child in letters(house, 10):
        link = house.link(child)
        acted, _revoked = house.together(
            partial(_act, link.id, link.task_id), partial(_change, child, lambda link: _revoke(link, house))
        )
        after, answers = house.link(child), house.count(Answers, Answers.task_id == link.task_id)
        if acted == "done":
            assert (answers, after.used_at is not None) == (1, True)
        else:
            assert isinstance(acted, Conflict)
            assert (answers, after.used_at) == (0, None)
    house.check_record()


def test_a_revoked_or_expired_link_completes_nothing(house: House) -> None:
    revoked, expired = letters(house, 2)
    house.do(lambda: _change(revoked, lambda link: _revoke(link, house)))
    with pytest.raises(Conflict, match="This link is no longer valid"):
        house.do(lambda: _act(house.link(revoked).id, house.link(revoked).task_id))
    house.now = house.link(expired).expires_at
    with pytest.raises(Conflict, match="This link is no longer valid"):
        house.do(lambda: _act(house.link(expired).id, house.link(expired).task_id))
    assert {house.case(child).outcome for child in (revoked, expired)} == {None}


def test_a_link_that_is_issued_again_ends_every_token_before_it(house: House) -> None:
    child = letter(house)
    first = links.token_of(house.link(child), "key")
    corrected = Recipient(name="Lee Roe", email="lee@partner.example", organisation="Agency 1")
    expires = house.now + timedelta(days=3)
    house.do(
        lambda: _change(child, lambda link: links.re_issue(link, recipient=corrected, about="", expires_at=expires))
    )
    second = links.token_of(house.link(child), "key")
    with house.inside():
        assert links.resolve(first, "key") is None
        found = links.resolve(second, "key")
        assert found is not None
        assert links.holder(found).label == "Lee Roe, Agency 1"
        assert links.resolve(second, "another key") is None


def test_somebody_with_the_longest_of_names_can_act_as_well(house: House) -> None:
    child = letter(house)
    longest = Recipient(name="N" * 200, email="long@partner.example", organisation="O" * 200)
    expires = house.now + timedelta(days=3)
    house.do(lambda: _change(child, lambda link: links.re_issue(link, recipient=longest, about="", expires_at=expires)))
    link = house.link(child)
    assert house.do(lambda: _act(link.id, link.task_id)) == "done"


def test_a_link_opens_no_task_but_its_own(house: House) -> None:
    one, other = letters(house, 2)
    with pytest.raises(NotFound):
        house.do(lambda: _act(house.link(one).id, house.link(other).task_id))


def test_reminders_that_came_due_while_nobody_looked_are_one(house: House) -> None:
    case_id = house.open("clockwork")
    rungs = house.count(Timer, Timer.case_id == case_id, Timer.kind == "reminder")
    due = house.all(sa.select(Timer.due_at).where(Timer.kind == "reminder").order_by(Timer.due_at))
    assert rungs == 6
    house.now = due[3] + timedelta(minutes=1)
    house.settle()
    assert reminders(house) == ["Priya Nair"]
    assert house.count(Timer, Timer.case_id == case_id, Timer.kind == "reminder") == 2


def test_whoever_has_taken_a_task_is_reminded_of_it_alone(house: House) -> None:
    case_id = house.open("four_hands")
    supervisor = house.actor("supervisor")
    house.do(lambda: commands.claim_task(supervisor, house.task(case_id, "north")) and None)
    first = house.one(sa.select(sa.func.min(Timer.due_at)).where(Timer.kind == "reminder", Timer.step == "north"))
    house.now = first + timedelta(minutes=1)
    house.settle()
    named = [(message.to_name, {task["name"] for task in message.params["tasks"]}) for message in reminded(house)]
    assert [name for name, tasks in named if "Look north" in tasks] == ["Joon Kim"]
    assert len([name for name, tasks in named if "Look east" in tasks]) > 5


def test_nobody_is_reminded_of_what_is_done(house: House) -> None:
    case_id = house.open("clockwork")
    house.complete("administrator", house.task(case_id, "act"), done="all of it")
    house.settle(days=40)
    assert reminders(house) == []
    assert house.count(Timer) == 0


def letters(house: House, many: int) -> list[int]:
    """Open child cases of one parent, each waiting for its outsider."""
    case_id = house.open("letters", by="administrator")
    house.complete("administrator", house.task(case_id, "choose"), many=many)
    house.settle()
    return [child.id for child in house.children(case_id)]


def letter(house: House) -> int:
    return letters(house, 1)[0]


def reminded(house: House) -> list[Any]:
    return house.all(sa.select(OutboxMessage).where(OutboxMessage.category == "reminder").order_by(OutboxMessage.id))


def reminders(house: House) -> list[str]:
    return [message.to_name for message in reminded(house)]


def _complete(actor: Any, task_id: str, answers: dict[str, Any]) -> str:
    commands.complete_task(actor, task_id, answers)
    return "done"


def _act(link_id: str, task_id: str) -> str:
    holder = links.holder(session().get_one(Link, link_id))
    commands.complete_task(holder, task_id, SIGNED)
    return "done"


def _change(case_id: int, change: Any) -> None:
    lock_case(case_id)
    change(session().scalars(sa.select(Link).where(Link.case_id == case_id)).one())


def _revoke(link: Link, house: House) -> None:
    if link.used_at is None:
        link.revoked_at = house.now
