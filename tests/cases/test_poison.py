"""Work that fails each time: it is tried five times, then waits for a person, and never stops the others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.cases.house import House
from tests.cases.specimens import faults
from workflow_app import clock
from workflow_app.access import SYSTEM
from workflow_app.cases import commands, due, incidents, retrying
from workflow_app.cases.models import Answers, Case, CaseStatus, Chore, Incident, Timer
from workflow_app.db import session
from workflow_app.errors import NotAllowed, NotFound, Stuck
from workflow_app.people import by_email, issue_token

OVERDUE = timedelta(days=7)


@pytest.fixture
def mended() -> Iterator[None]:
    """From now on nothing fails."""
    yield
    faults.mended = False


def test_a_person_whose_step_fails_is_told_and_nothing_is_stored(house: House) -> None:
    case_id = house.open("fragile", fault="raise")
    before = house.case(case_id)
    with pytest.raises(Stuck) as stuck:
        house.complete("officer", house.task(case_id, "go"), word="now")
    assert (
        stuck.value.sentence
        == "The case could not move on. Nothing was changed; somebody has been called to look at it."
    )
    assert stuck.value.cause == "Unexpected error in the handler of work: RuntimeError."
    after = house.case(case_id)
    assert (after.state, after.revision, after.audit_seq) == (before.state, before.revision, before.audit_seq)
    assert house.count(Answers, Answers.task_id.is_not(None)) == 0
    house.check_record()


def test_a_timer_that_fails_five_times_becomes_an_incident_while_others_run_on(house: House, mended: None) -> None:
    poison = house.open("fragile", fault="raise")
    well = house.open("fragile", fault="none")
    house.settle(days=7)
    assert house.task(well, "finish")
    for _ in range(10):
        house.settle(minutes=2)
    incident = house.one(sa.select(Incident))
    assert (incident.kind, incident.case_id, incident.closed_at) == ("timer", poison, None)
    assert incident.cause == "Unexpected error in the handler of work: RuntimeError."
    waiting = house.timer(poison, "overdue")
    assert (waiting.attempts, waiting.wake_at) == (incidents.ATTEMPTS, due.NEVER)
    assert house.task(poison, "go")

    faults.mended = True
    house.do(lambda: retrying.retry(SYSTEM, incident.id))
    house.settle()
    assert house.task(poison, "finish")
    assert house.one(sa.select(Incident.closed_at)) is not None
    late = next(event for event in house.timeline(poison) if event.kind == "timer.late")
    assert late.summary.startswith("Late by ")


def test_a_timer_that_takes_the_process_with_it_becomes_an_incident_and_harms_nobody_behind_it(house: House) -> None:
    poison = house.open("fragile", fault="kill")
    house.now += timedelta(minutes=1)
    behind = [house.open("fragile", fault="none") for _ in range(3)]
    house.now += OVERDUE
    deaths = 0
    while house.elsewhere("sweep"):
        deaths += 1
        house.now += timedelta(seconds=31)
        assert deaths <= 3 * incidents.ATTEMPTS
    house.settle(minutes=2)
    incident = house.one(sa.select(Incident))
    assert (incident.case_id, incident.cause) == (poison, "It stopped the worker each time it was tried.")
    for case_id in behind:
        assert house.task(case_id, "finish")
    assert house.task(poison, "go")
    assert deaths == incidents.ATTEMPTS


def test_a_child_that_cannot_be_opened_becomes_an_incident_keeps_nobody_waiting_and_is_opened_once_mended(
    house: House, mended: None
) -> None:
    case_id = house.open("letters", by="administrator")
    house.complete("administrator", house.task(case_id, "choose"), many=4, unwritable=3)
    for _ in range(10):
        house.settle(minutes=2)
    assert [child.item for child in house.children(case_id)] == ["1", "2", "4"]
    incident = house.one(sa.select(Incident))
    assert (incident.kind, incident.cause) == ("chore", "Unexpected error in the handler of prepare: RuntimeError.")
    assert house.one(sa.select(Chore.wake_at)) == due.NEVER

    faults.mended = True
    house.do(lambda: retrying.retry(SYSTEM, incident.id))
    house.settle()
    assert [child.item for child in house.children(case_id)] == ["1", "2", "4", "3"]


def test_an_incident_is_tried_again_once(house: House) -> None:
    house.do(lambda: incidents.report("case", "7", "It is stuck.", case_id=None, now=house.now))
    house.do(lambda: incidents.report("case", "7", "It is still stuck.", case_id=None, now=house.now))
    incident = house.one(sa.select(Incident))
    assert (incident.attempts, incident.cause) == (2, "It is still stuck.")
    house.do(lambda: retrying.retry(SYSTEM, incident.id))
    with pytest.raises(NotFound):
        house.do(lambda: retrying.retry(SYSTEM, incident.id))


def test_a_case_whose_state_another_program_wrote_is_parked_and_never_overwritten(house: House) -> None:
    case_id = house.open("clockwork")
    task = house.task(case_id, "act")
    for strange in (
        b'{"format":99,"top":null,"subs":[]}',
        b"\x80\x04",
        house.case(case_id).state.replace(b'"format":1', b'"format":2'),
    ):
        house.do(lambda strange=strange: _overwrite(case_id, strange))
        with pytest.raises(Stuck) as stuck:
            house.complete("administrator", task, done="all")
        assert stuck.value.cause.startswith("the stored state ")
        assert house.case(case_id).state == strange
        assert house.case(case_id).status == CaseStatus.OPEN
    house.now = house.timer(case_id, "nudge").due_at
    for _ in range(10):
        house.settle(minutes=2)
    assert "the stored state" in house.one(sa.select(Incident.cause))
    assert house.case(case_id).state == strange
    assert house.count(Timer, Timer.kind == "engine") == 2


def test_what_waits_for_a_worker_has_not_been_tried(house: House) -> None:
    case_id = house.open("fragile", fault="none")
    bells: list[str] = []
    house.hear(lambda _job, reference: bool(bells.append(reference)) or True)
    house.now += OVERDUE
    for _ in range(10):
        house.sweep(seconds=31)
    assert house.timer(case_id, "overdue").attempts == 0
    assert len(bells) >= 10
    house.hear(lambda _job, _reference: False)
    house.settle(seconds=31)
    assert house.task(case_id, "finish")
    assert house.count(Incident) == 0


def _overwrite(case_id: int, state: bytes) -> None:
    session().execute(sa.update(Case).where(Case.id == case_id).values(state=state))


def test_a_failing_step_is_not_tried_for_a_person_who_may_not_do_it(house: House) -> None:
    case_id = house.open("fragile", fault="raise")
    reviewer = house.actor("reviewer")
    task = house.task(case_id, "go")
    with pytest.raises(NotAllowed):
        house.do(lambda: commands.complete_task(reviewer, task, {}) and None)


def test_a_step_that_fails_for_a_program_leaves_an_incident_and_nothing_else(house: House) -> None:
    case_id = house.open("fragile", fault="raise")
    task = house.task(case_id, "go")
    token = house.do(lambda: issue_token(by_email("officer@riverton.example"), name="test", now=house.now))
    with clock.stopped_at(house.now):
        client, bearer = house.app.test_client(), {"Authorization": f"Bearer {token}"}
        seen = client.get(f"/api/v1/tasks/{task}", headers=bearer).headers["ETag"]
        answer = client.post(
            f"/api/v1/tasks/{task}/complete", json={"answers": {"word": "now"}}, headers=bearer | {"If-Match": seen}
        )
    assert answer.status_code == 503
    assert answer.json["title"].startswith("The case could not move on. Nothing was changed")
    assert "ABC123" not in answer.text
    incident = house.one(sa.select(Incident))
    assert (incident.kind, incident.case_id) == ("case", case_id)
    assert incident.cause == "Unexpected error in the handler of work: RuntimeError."
    assert house.task(case_id, "go") == task
