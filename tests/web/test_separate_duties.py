"""Whoever reported a case does not decide it, by whatever road; and somebody hears when nobody else may."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
import sqlalchemy as sa
from pages import REPORT, Reader, fields_of

from workflow_app import clock
from workflow_app.access import Via
from workflow_app.cases import commands
from workflow_app.cases.models import Incident, Task
from workflow_app.db import session, unit_of_work
from workflow_app.errors import DomainError, Invalid, NotAllowed
from workflow_app.kit import Part
from workflow_app.people import PersonRole, actor_for, by_email
from workflow_app.play import Play
from workflow_app.registers.vendors import Vendor

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
