"""Somebody gets access to the ALPR system, or does not: endorsed, trained, verified, decided in person, signed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from workflow_app import clock
from workflow_app.access import Actor
from workflow_app.db import unit_of_work
from workflow_app.errors import Conflict, Invalid, NotAllowed
from workflow_app.people import by_email
from workflow_app.play import Play, unvisited
from workflow_app.registers import alpr_access, courses, training
from workflow_app.registers.alpr_access import AccessState

ASKED = {
    "employee_number": "4711",
    "user_id": "dreyes",
    "alpr_role": "search",
    "duty": "Auto theft investigations",
    "need": "To find vehicles reported stolen.",
}
OWN = {"employee_number": "4712"}
ENDORSED = {"endorsed": True, "statement": "She works on auto theft."}
VERIFIED = {"verified": True, "checked": "Employee card, in person."}
PROVISIONED = {"vendor_user_id": "dreyes", "second_factor": True, "least": True}
SIGNED = {"mine_alone": True, "listed_purposes": True, "verify_first": True, "consequences": True}


@pytest.fixture(autouse=True)
def led(play: Play) -> None:
    """Dana Reyes is led by Joon Kim, and trained."""
    with clock.stopped_at(play.now), unit_of_work():
        officer, supervisor = by_email("officer@riverton.example"), by_email("supervisor@riverton.example")
        officer.supervisor_id, officer.unit, officer.employee_number = supervisor.id, "Patrol East", "4711"
    train(play, play.officer)


def train(play: Play, someone: Actor) -> None:
    """Somebody is trained for most of a year."""
    with clock.stopped_at(play.now), unit_of_work():
        ends = play.now + timedelta(days=300)
        training.sign_off(someone.person_id or 0, course=1, expires_at=ends, case_number="TS-2026-000000", now=play.now)


def ask(play: Play, by: Actor | None = None, **other: Any) -> Play:
    """Somebody asks for access for Dana Reyes."""
    answers = {"person": str(play.officer.person_id), **ASKED, **other}
    return play.start("account_approval", by=by or play.officer, **answers)


def until_decided(play: Play) -> Play:
    """Endorsed and verified: the chief executive's turn."""
    return ask(play).at("endorse", by=play.supervisor, **ENDORSED).at("verify", by=play.administrator, **VERIFIED)


def state(play: Play) -> AccessState | None:
    return alpr_access.state_of(play.officer.person_id or 0)


def change(**values: Any) -> None:
    """Something changes about Dana Reyes."""
    with unit_of_work():
        officer = by_email("officer@riverton.example")
        for name, value in values.items():
            setattr(officer, name, value)


def test_from_the_request_to_active_access(play: Play) -> None:
    until_decided(play)
    assert state(play) is AccessState.REQUESTED
    shown = play.shown("decide")
    assert (shown["For"], shown["Unit"], shown["Endorsement"]) == ("Dana Reyes", "Patrol East", ENDORSED["statement"])
    play.at("decide", by=play.chief, approved=True)
    play.at("provision", by=play.administrator, **PROVISIONED)
    assert play.open_steps() == ["sign_rules"]
    assert state(play) is AccessState.REQUESTED, "not active before the rules are signed"
    play.at("sign_rules", by=play.officer, **SIGNED)
    assert play.ended_at == "active"
    access = alpr_access.of(play.officer.person_id or 0)
    assert access is not None
    assert (access.state, access.vendor_user_id) == (AccessState.ACTIVE, "dreyes")
    assert access.until is not None
    assert (access.until - play.now).days in (364, 365)
    assert "active" in play.sent_to("officer@riverton.example")
    assert "active" in play.sent_to("supervisor@riverton.example")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("user_id", "patrol2", "“patrol” names nobody"),
        ("user_id", "Crime.Reduction.Unit", "“crime” names nobody"),
        ("user_id", "guest", "“guest” names nobody"),
        ("user_id", "nightshift2", "“night” names nobody"),
        ("user_id", "patrol_east", "“patrol” names nobody"),
        ("user_id", "12345", "names nobody"),
        ("user_id", "two words", "An id is one word"),
        ("person", "999", "somebody who works here"),
        ("person", ["1", "2"], "Not a valid string"),
        ("employee_number", "0815", "not the employee number of Dana Reyes"),
    ],
)
def test_a_request_is_for_one_named_person(play: Play, field: str, value: Any, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        ask(play, **{field: value})
    assert words in str(refused.value.fields[field])
    assert state(play) is None


def test_one_request_at_a_time_and_none_for_who_has_access(play: Play) -> None:
    ask(play)
    with pytest.raises(Invalid, match="correct the fields"):
        ask(play, by=play.supervisor)
    with pytest.raises(Conflict, match="being asked for already"), unit_of_work():
        alpr_access.request(play.officer.person_id or 0, case_number="AA-2026-009999", now=play.now)


@pytest.mark.parametrize(("ready", "where"), [(True, "verify"), (False, "")])
def test_a_request_waits_in_the_training_of_who_is_not_trained(play: Play, ready: bool, where: str) -> None:
    supervisor = str(play.supervisor.person_id)
    play.start("account_approval", by=play.supervisor, **ASKED | {"person": supervisor, "user_id": "jkim"} | OWN)
    assert play.task("endorse").role == "deputy_chief", "nobody endorses their own need"
    play.at("endorse", by=play.deputy, **ENDORSED)
    course = play.child("train")
    assert course.open_steps() == ["test"]
    assert "decide" not in play.sent_to("chief@riverton.example")
    questions = enumerate(courses.shipped().questions, 1)
    right = [f"{number}:{question['right']}" for number, question in questions]
    if ready:
        course.at("test", by=play.supervisor, read=True, answers=right)
        course.at("sign", by=play.supervisor, sanctions=True, reporting=True)
        assert play.open_steps() == [where]
        return
    for _try in range(2):
        course.at("test", by=play.supervisor, read=True, answers=[f"{answer[:2]}1" for answer in right])
    course.at("instruct", by=play.trainer, held_on="Today", ready=False, remarks="Not yet.")
    assert play.ended_at == "not_trained"


def test_a_number_belongs_to_one_employee(play: Play) -> None:
    supervisor = str(play.supervisor.person_id)
    with pytest.raises(Invalid) as refused:
        play.start("account_approval", by=play.supervisor, **ASKED | {"person": supervisor, "user_id": "jkim"})
    assert refused.value.fields == {"employee_number": ["This is the employee number of somebody else."]}


def test_only_the_own_supervisor_endorses(play: Play) -> None:
    ask(play)
    with pytest.raises(NotAllowed, match="waits for somebody else"):
        play.at("endorse", by=play.chief, **ENDORSED)
    play.at("endorse", by=play.supervisor, endorsed=False, statement="Not needed for patrol.")
    assert play.ended_at == "not_endorsed"
    assert state(play) is AccessState.ENDED
    assert "refused" in play.sent_to("officer@riverton.example")


def test_a_late_endorsement_is_known_above(play: Play) -> None:
    ask(play).wait(business_days=2)
    assert "endorse_late" in play.sent_to("deputy@riverton.example")
    play.at("endorse", by=play.supervisor, **ENDORSED)
    assert play.open_steps() == ["verify"]


def test_a_person_who_cannot_be_verified_gets_no_access(play: Play) -> None:
    ask(play).at("endorse", by=play.supervisor, **ENDORSED)
    with pytest.raises(Invalid):
        play.at("verify", by=play.administrator, verified=False, checked="The card")
    play.at("verify", by=play.administrator, verified=False, checked="The card", reasons="Another number is on it.")
    assert play.ended_at == "not_verified"


def test_the_chief_refuses_with_reasons(play: Play) -> None:
    until_decided(play)
    with pytest.raises(Invalid):
        play.at("decide", by=play.chief, approved=False)
    play.at("decide", by=play.chief, approved=False, reasons="The need is not shown.")
    assert (play.ended_at, state(play)) == ("refused", AccessState.ENDED)
    ask(play)
    assert state(play) is AccessState.REQUESTED, "it may be asked for again"


def test_silence_approves_nothing(play: Play) -> None:
    until_decided(play).wait(business_days=6)
    assert "decision_late" in play.sent_to("deputy@riverton.example")
    play.wait(days=60)
    assert play.open_steps() == ["decide"]
    assert state(play) is AccessState.REQUESTED


def test_nobody_decides_on_their_own_request_or_person(play: Play) -> None:
    chief = str(play.chief.person_id)
    train(play, play.chief)
    play.start("account_approval", by=play.chief, **ASKED | {"person": chief, "user_id": "malvarez"} | OWN)
    play.at("endorse", by=play.supervisor, **ENDORSED)
    play.at("verify", by=play.administrator, **VERIFIED)
    assert play.task("decide").role == "deputy_chief"
    with pytest.raises(NotAllowed):
        play.at("decide", by=play.chief, approved=True)
    play.at("decide", by=play.deputy, approved=False, reasons="The chief searches nothing.")


def test_an_approval_goes_stale_when_the_person_moves_before_it_is_set_up(play: Play) -> None:
    until_decided(play).at("decide", by=play.chief, approved=True)
    change(unit="Records")
    play.at("provision", by=play.administrator, **PROVISIONED)
    assert play.open_steps() == ["decide"]
    assert play.shown("decide")["Why again"] == "Since you decided, this has changed: unit."
    play.at("decide", by=play.chief, approved=True).at("provision", by=play.administrator, **PROVISIONED)
    assert play.open_steps() == ["sign_rules"]


def test_rules_that_are_not_signed_leave_the_access_inactive(play: Play) -> None:
    until_decided(play).at("decide", by=play.chief, approved=True).at("provision", by=play.administrator, **PROVISIONED)
    play.wait(business_days=6)
    assert "unsigned" in play.sent_to("supervisor@riverton.example")
    assert state(play) is AccessState.REQUESTED
    with pytest.raises(NotAllowed):
        play.at("sign_rules", by=play.administrator, **SIGNED)
    with pytest.raises(Invalid):
        play.at("sign_rules", by=play.officer, **SIGNED | {"mine_alone": False})
    play.at("sign_rules", by=play.officer, **SIGNED)
    assert state(play) is AccessState.ACTIVE


def set_up(play: Play) -> Play:
    """Approved, and set up in the vendor's system: only the signature is missing."""
    return until_decided(play).at("decide", by=play.chief, approved=True).at(
        "provision", by=play.administrator, **PROVISIONED
    )  # fmt: skip


def test_whose_training_runs_out_before_the_signature_trains_first(play: Play) -> None:
    set_up(play).wait(days=301)
    with pytest.raises(Conflict, match="training has run out"):
        play.at("sign_rules", by=play.officer, **SIGNED)
    assert (play.open_steps(), state(play)) == (["sign_rules"], AccessState.REQUESTED)
    train(play, play.officer)
    with unit_of_work():
        courses.publish(courses.shipped().content, by=None, renews=True, now=play.now)
    with pytest.raises(Conflict, match="new version"):
        play.at("sign_rules", by=play.officer, **SIGNED)
    with unit_of_work():
        training.acknowledge(play.officer.person_id or 0, course=2, case_number="TS-2026-000001", now=play.now)
    play.at("sign_rules", by=play.officer, **SIGNED)
    assert state(play) is AccessState.ACTIVE


@pytest.mark.parametrize("when", ["before it is set up", "before the rules are signed"])
@pytest.mark.parametrize("stop", [alpr_access.suspend, alpr_access.end])
def test_what_another_case_has_stopped_meanwhile_does_not_become_active(play: Play, stop: Any, when: str) -> None:
    story = until_decided(play).at("decide", by=play.chief, approved=True)
    if when == "before the rules are signed":
        story.at("provision", by=play.administrator, **PROVISIONED)
    with unit_of_work():
        stop(play.officer.person_id, reason="It had to end at once.", case_number="VR-2026-000001", now=play.now)
    before = state(play)
    if when == "before it is set up":
        story.at("provision", by=play.administrator, **PROVISIONED)
    else:
        story.at("sign_rules", by=play.officer, **SIGNED)
    assert (play.ended_at, state(play)) == ("overtaken", before)
    assert "refused" in play.sent_to("officer@riverton.example")


def test_an_id_that_is_somebody_elses_is_refused_before_anybody_signs(play: Play) -> None:
    others, known = play.supervisor.person_id or 0, dict[str, Any](case_number="AA-2026-000777", now=play.now)
    with unit_of_work():
        alpr_access.request(others, **known)
        alpr_access.set_up(others, vendor_user_id="DReyes", **known)
    with pytest.raises(Invalid) as refused:
        ask(play)
    assert refused.value.fields == {"user_id": [alpr_access.TAKEN]}
    ask(play, user_id="d.reyes").at("endorse", by=play.supervisor, **ENDORSED)
    play.at("verify", by=play.administrator, **VERIFIED).at("decide", by=play.chief, approved=True)
    with pytest.raises(Invalid) as refused:
        play.at("provision", by=play.administrator, **PROVISIONED)
    assert refused.value.fields == {"vendor_user_id": [alpr_access.TAKEN]}
    assert play.open_steps() == ["provision"]


def test_what_is_suspended_is_not_asked_for_anew(play: Play) -> None:
    set_up(play).at("sign_rules", by=play.officer, **SIGNED)
    with unit_of_work():
        alpr_access.suspend(play.officer.person_id or 0, reason="Under review.", case_number="VR-1", now=play.now)
    with pytest.raises(Conflict, match="is suspended"):
        ask(play)
    assert state(play) is AccessState.SUSPENDED


def test_the_stories_pass_every_element_of_the_model(play: Play) -> None:
    assert unvisited(play.app, "account_approval") == set()
