"""Publishing: once, whole, and never without the approval of the very text, whoever acts, races or dies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from notifications import OutboxMessage
from processes.breach_notification.test_breach_notification import (
    NOTICE,
    ON,
    REPORT,
    SCOPE,
    YES,
    drafted,
    numbers,
    public,
    scoped,
)
from processes.breach_notification.test_delays_and_scopes import letter
from tests.faults.conftest import furnished, moments, quick_path
from tests.faults.world import Moments, World
from tests.forks import KILLED
from workflow_app import clock
from workflow_app.cases import commands
from workflow_app.db import session, unit_of_work
from workflow_app.errors import Conflict, Invalid, NotAllowed
from workflow_app.people import by_email, issue_token
from workflow_app.play import Play
from workflow_app.registers import breaches, notices
from workflow_app.registers.notices import Kind, NoticeVersion

__all__ = ["furnished", "moments", "numbers", "quick_path"]


def before_approval(world: World) -> int:
    """A case whose notice waits for the chief."""
    case_id = world.open("breach_notification", "security", **REPORT)
    for part, step, answers in (("security", "scope", SCOPE), ("records", "draft", NOTICE), ("counsel", "review", ON)):
        world.complete(part, world.task(case_id, step), **answers)
    return case_id


def doing(world: World, part: str, task: str, answers: dict[str, Any]) -> Callable[[], str]:
    """Complete a task, in a transaction of its own; somebody else may have been first."""
    actor = world.actor(part)

    def do() -> str:
        try:
            with unit_of_work():
                commands.complete_task(actor, task, answers)
        except (Conflict, Invalid) as refused:
            return type(refused).__name__
        return "done"

    return do


def test_whatever_dies_while_it_is_published_it_is_public_once_or_not_at_all(moments: Moments) -> None:
    world = moments.world
    case_id = before_approval(world)
    approve = doing(world, "chief", world.task(case_id, "approve"), YES)
    world.settle()
    moments.keep()
    instants = moments.counted(approve)
    assert list(instants.values()) == ["before commit", "after commit"]
    for number, instant in instants.items():
        world.close()
        moments.bring_back()
        assert moments.killed(approve, number) == KILLED
        assert world.violations() == []
        stored = world.all(sa.select(NoticeVersion.version))
        assert stored == ([] if instant == "before commit" else [1]), instant
        assert bool(open_steps(world, case_id) & {"approve"}) is (stored == [])
        world.close()
        assert moments.apart(approve) == ("done" if stored == [] else "Conflict")
        world.settle()
        assert world.all(sa.select(NoticeVersion.version)) == [1]
        with world.inside():
            assert [each.version for each in notices.latest()] == [1]
        told = [line for line in world.ledger.accepted() if line.endswith("board@riverton.example")]
        assert len(told) == 1
        world.check_record()


def test_of_two_approvals_at_once_one_publishes(moments: Moments) -> None:
    world = moments.world
    case_id = before_approval(world)
    approve = doing(world, "chief", world.task(case_id, "approve"), YES)
    assert sorted(world.workers(approve, approve)) == ["Conflict", "done"]
    assert world.count(NoticeVersion) == 1
    update = doing(world, "records", world.task(case_id, "update"), {"what": "news", "text": "Nothing new."})
    assert sorted(world.workers(update, update)) == ["Conflict", "done"]
    approve = doing(world, "chief", world.task(case_id, "approve_update"), YES)
    assert sorted(world.workers(approve, approve)) == ["Conflict", "done"]
    assert world.count(NoticeVersion) == 2


def test_a_letter_that_meets_the_approval_comes_before_it_or_after_it(moments: Moments) -> None:
    world = moments.world
    for _ in range(4):
        case_id = before_approval(world)
        approve = doing(world, "chief", world.task(case_id, "approve"), YES)
        delay = doing(world, "counsel", world.task(case_id, "delay_letter"), letter("2026-11-30"))
        approved, entered = world.workers(approve, delay)
        assert entered == "done"
        mine = NoticeVersion.number == world.case(case_id).number
        assert world.count(NoticeVersion, mine) == (1 if approved == "done" else 0)
        assert approved in ("done", "Invalid")
    world.check_record()


def open_steps(world: World, case_id: int) -> set[str]:
    from workflow_app.cases.models import Task, TaskStatus

    return set(world.all(sa.select(Task.step).where(Task.case_id == case_id, Task.status == TaskStatus.OPEN)))


def test_no_program_publishes(play: Play) -> None:
    drafted(scoped(play))
    task, client = play.task("approve"), play.app.test_client()
    for part, status in (("records", 403), ("counsel", 403), ("board", 404), ("deputy", 403), ("officer", 404)):
        with clock.stopped_at(play.now):
            with unit_of_work():
                token = issue_token(by_email(f"{part}@riverton.example"), name="test", now=play.now)
            answer = client.post(
                f"/api/v1/tasks/{task.id}/complete", json={"answers": YES},
                headers={"Authorization": f"Bearer {token}", "If-Match": f'"{task.id[:8]}-1"'},
            )  # fmt: skip
            assert answer.status_code == status, (part, answer.text)
            written = client.post("/notices", json=NOTICE, headers={"Authorization": f"Bearer {token}"})
            assert written.status_code == 405
    assert session().scalar(sa.select(sa.func.count()).select_from(NoticeVersion)) == 0


def test_no_road_leads_to_the_public_past_the_approval(play: Play) -> None:
    scoped(play).at("draft", by=play.records, **NOTICE)
    with pytest.raises(AssertionError, match="approve is not open"):
        play.at("approve", by=play.chief, **YES)
    play.at("review", by=play.counsel, **ON)
    for nobody in (play.counsel, play.records, play.deputy):
        with pytest.raises(NotAllowed):
            play.at("approve", by=nobody, **YES)
    number, text, chief = play.case.number, {"what_happened": "Made up."}, play.chief.person_id or 0
    with pytest.raises(Conflict):
        notices.publish(number, Kind.NOTICE, text, approved_sha256="0" * 64, approved_by=chief, now=play.now)
    sha256 = notices.digest(text)
    row = {
        "number": number, "kind": "notice", "version": 1, "content": text, "sha256": sha256, "approved_sha256": sha256,
        "approved_by": chief, "approved_at": play.now, "published_at": play.now,
    }  # fmt: skip
    before = ("approved_at", play.now.replace(year=2027))
    for wrong in (("approved_by", None), ("approved_at", None), ("approved_sha256", "1" * 64), before):
        with pytest.raises(sa.exc.IntegrityError), unit_of_work():
            session().execute(sa.insert(NoticeVersion).values({**row, wrong[0]: wrong[1]}))
    with unit_of_work():
        session().execute(sa.insert(NoticeVersion).values(row))
    assert list(notices.latest()) == [], "the database has a row, but the case holds no such approval"


def test_the_regulators_copy_is_a_statutory_message_and_a_decision_leaves_no_notice(
    play: Play, numbers: Callable[..., None]
) -> None:
    numbers({"breach.regulator_email": "notices@ag.example"})
    public(play)
    query = sa.select(OutboxMessage.statutory, OutboxMessage.category)
    assert session().execute(query.where(OutboxMessage.to_address == "notices@ag.example")).all() == [(True, "notice")]
    scoped(play, harm="unlikely")
    nobody = {"told": "nobody", "reasons": "It was destroyed."}
    play.at("advise_no_harm", by=play.counsel, **nobody).at("decide_no_harm", by=play.chief, **nobody)
    assert session().scalar(sa.select(sa.func.count()).select_from(NoticeVersion)) == 1
    assert breaches.no_harm(play.case.number) is not None
