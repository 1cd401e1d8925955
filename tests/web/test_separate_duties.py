"""Whoever reported a case does not decide it, by whatever road; and somebody hears when nobody else may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from pages import REPORT, Reader, fields_of

from workflow_app import clock
from workflow_app.access import Via
from workflow_app.audit import timeline
from workflow_app.cases import commands, lent
from workflow_app.cases.models import Incident, Task
from workflow_app.db import session, unit_of_work
from workflow_app.errors import DomainError, Invalid, NotAllowed
from workflow_app.kit import Part
from workflow_app.people import PersonRole, actor_for, by_email, lending_out
from workflow_app.play import Play
from workflow_app.registers import training
from workflow_app.registers.vendors import Vendor
from workflow_app.web.once import fresh_key

ASKED = {
    "employee_number": "4711", "user_id": "dreyes", "alpr_role": "search", "duty": "Auto theft investigations",
    "need": "To find vehicles reported stolen.",
}  # fmt: skip
DECIDED = {"outcome": "unfounded", "reasons": "It was read correctly."}


def reported_by_the_administrator(play: Play) -> Task:
    """A case of severity S4, which the administrator would decide."""
    play.start("error_review", by=play.administrator, **REPORT | {"live": False})
    play.at("triage", by=play.administrator, route="not_alpr")
    return play.task("decide")


def test_the_stand_in_decides(play: Play) -> None:
    task = reported_by_the_administrator(play)
    assert (task.role, task.barred) == ("deputy_chief", Part.REPORTER)
    assert not session().scalars(sa.select(Incident)).all()


def test_no_road_leads_the_reporter_to_the_decision(play: Play) -> None:
    me = play.administrator
    with unit_of_work():
        both = by_email("administrator@riverton.example")
        both.roles.append(PersonRole(name="deputy_chief"))
    task = reported_by_the_administrator(play).id
    program = actor_for(by_email("administrator@riverton.example"), Via.TOKEN)
    roads: list[tuple[Callable[[], object], type[DomainError]]] = [
        (partial(commands.complete_task, play.administrator, task, DECIDED), NotAllowed),
        (partial(commands.complete_task, program, task, DECIDED), NotAllowed),
        (partial(commands.claim_task, play.administrator, task), NotAllowed),
        (partial(commands.save_draft, play.administrator, task, DECIDED), NotAllowed),
        (partial(commands.reassign_task, play.chief, task, to_person=me.person_id or 0, reason="Busy."), Invalid),
        (partial(commands.reassign_task, me, task, to_person=me.person_id or 0, reason="Busy."), Invalid),
    ]
    for road, refusal in roads:
        with pytest.raises(refusal), clock.stopped_at(play.now), unit_of_work():
            road()


@pytest.mark.parametrize("road", ["a second office", "a delegation", "a substitution"])
def test_nobody_approves_their_own_access_by_any_road_and_that_they_tried_is_on_record(play: Play, road: str) -> None:
    me, chief = play.officer, play.chief
    in_force = {"since": play.now, "until": play.now + timedelta(days=7)}
    with clock.stopped_at(play.now), unit_of_work():
        if road == "a second office":
            session().add(PersonRole(person_id=me.person_id, name="chief_executive"))
        elif road == "a delegation":
            lent.delegate(chief, me.person_id or 0, ["account_approval.decide"], **in_force)
        else:
            lending_out.name_substitute(chief, chief.person_id or 0, me.person_id or 0, **in_force)
        ends = play.now + timedelta(days=300)
        training.sign_off(me.person_id or 0, course=1, expires_at=ends, case_number="TS-2026-000000", now=play.now)
        officer = by_email("officer@riverton.example")
        officer.supervisor_id, officer.unit, officer.employee_number = play.supervisor.person_id, "Patrol East", "4711"
    play.start("account_approval", by=me, person=str(me.person_id), **ASKED)
    play.at("endorse", by=play.supervisor, endorsed=True, statement="She works on auto theft.")
    play.at("verify", by=play.administrator, verified=True, checked="Employee card, in person.")
    desk, task = Reader(play, "officer"), play.task("decide")
    guard = fields_of(desk.look("/"), "/sign-out")
    with clock.stopped_at(play.now):
        form = guard | {"idempotency_key": fresh_key(), "version": str(task.version), "approved": "yes"}
    assert desk.open(f"/tasks/{task.id}", "POST", data=form).status_code == 403
    session().rollback()
    assert play.open_steps() == ["decide"]
    assert timeline(me.key)[-1].kind == "access.refused"
    assert timeline(me.key)[-1].data["asked"] == {"task_id": task.id}


def test_somebody_hears_of_a_decision_that_nobody_may_take(play: Play) -> None:
    with unit_of_work():
        everything = by_email("administrator@riverton.example")
        deputy = by_email("deputy@riverton.example")
        everything.roles.append(PersonRole(name="deputy_chief"))
        deputy.roles = [held for held in deputy.roles if held.name != "deputy_chief"]
    task = reported_by_the_administrator(play)
    found = session().scalars(sa.select(Incident)).one()
    assert (found.kind, found.ref) == ("vacant", task.id)
    assert found.cause.endswith("nobody who may do this holds the office of deputy chief.")
    assert "A task that nobody may do" in Reader(play, "security").look("/incidents").text


def test_what_was_typed_is_kept_when_there_is_nobody_to_write_to(play: Play) -> None:
    with unit_of_work():
        session().execute(sa.delete(Vendor))
    start = {"device": "ALPR-17", "detection_id": "NL-88213-07", "what": "One character is misread."}
    play.start("vendor_investigation", by=play.administrator, **start)
    administrator, action = Reader(play, "administrator"), f"/tasks/{play.task('send_pack').id}"
    hidden = fields_of(administrator.look(f"/cases/{play.case.number}"), action)
    answer = administrator.open(action, "POST", data=hidden | {"questions": "Why that font?", "checked": "yes"})
    assert answer.status_code == 409
    assert "Why that font?" in answer.text
    assert "Please enter the vendor and its contact in the vendor register." in answer.text
