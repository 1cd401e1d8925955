"""By programs of five people: from the request to active access, and what no program can do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from programs import Program, problem, program_of

from workflow_app import jobs
from workflow_app.db import moment, unit_of_work
from workflow_app.people import by_email
from workflow_app.registers import alpr_access, courses, training

ENDORSED = {"endorsed": True, "statement": "She works on auto theft."}
VERIFIED = {"verified": True, "checked": "Employee card, in person."}
PROVISIONED = {"vendor_user_id": "dreyes", "second_factor": True, "least": True}
RULES = {"mine_alone": True, "listed_purposes": True, "verify_first": True, "consequences": True}


@pytest.fixture
def people(app: Flask) -> dict[str, Program]:
    """Dana Reyes, led by Joon Kim, and everybody whom her request needs."""
    with app.app_context(), unit_of_work():
        officer = by_email("officer@riverton.example")
        officer.supervisor_id, officer.employee_number = by_email("supervisor@riverton.example").id, "4711"
    parts = ("officer", "supervisor", "administrator", "chief", "deputy")
    return {part: program_of(app, part) for part in parts}


def asked_for(app: Flask, **other: Any) -> dict[str, Any]:
    """The request for Dana Reyes."""
    with app.app_context():
        number = str(by_email("officer@riverton.example").id)
    return {
        "person": number, "employee_number": "4711", "user_id": "dreyes", "alpr_role": "search",
        "duty": "Auto theft investigations", "need": "To find vehicles reported stolen.", **other,
    }  # fmt: skip


def waiting(program: Program, step: str) -> Any:
    """The task of a step that this person finds in their list, with its form and tag."""
    listed = program.get("/tasks").json
    assert listed is not None
    found = [task for task in listed["items"] if task["step"] == step]
    assert found, f"{step} does not wait here; {[task['step'] for task in listed['items']]} do"
    answer = program.get(f"/tasks/{found[0]['id']}")
    return {**(answer.json or {}), "etag": answer.headers["ETag"]}


def acts(program: Program, step: str, answers: dict[str, Any]) -> Any:
    """Somebody completes the task of a step; the case as it stands then."""
    answer = program.complete(waiting(program, step), answers)
    assert answer.status_code == 200, answer.text
    return answer.json


def until_decided(app: Flask, people: dict[str, Program]) -> str:
    """Asked for, endorsed, trained, verified; the case's number."""
    opened = people["officer"].open("account_approval", asked_for(app))
    assert opened.status_code == 201, opened.text
    acts(people["supervisor"], "endorse", ENDORSED)
    right = [f"{number}:{each['right']}" for number, each in enumerate(courses.shipped().questions, 1)]
    with app.app_context():
        jobs.sweep()
    acts(people["officer"], "test", {"read": True, "answers": right})
    acts(people["officer"], "sign", {"sanctions": True, "reporting": True})
    with app.app_context():
        jobs.sweep()
    acts(people["administrator"], "verify", VERIFIED)
    return str((opened.json or {})["number"])


def state(app: Flask) -> str | None:
    with app.app_context():
        return alpr_access.state_of(by_email("officer@riverton.example").id)


def test_five_people_bring_a_request_to_active_access(app: Flask, people: dict[str, Program]) -> None:
    number = until_decided(app, people)
    acts(people["chief"], "decide", {"approved": True})
    acts(people["administrator"], "provision", PROVISIONED)
    assert state(app) == "requested", "the rules are not signed"
    done = acts(people["officer"], "sign_rules", RULES)
    assert (done["number"], done["status"]) == (number, "closed")
    assert state(app) == "active"


def test_several_people_in_one_request_are_refused(app: Flask, people: dict[str, Program]) -> None:
    one = asked_for(app)["person"]
    for several in ([one, "2"], f"{one},2", f"{one} 2", {"a": one}, "everybody"):
        refused = problem(people["officer"].open("account_approval", asked_for(app, person=several)), 422)
        assert "person" in refused["errors"]
    for field in ("people", "persons"):
        refused = problem(people["officer"].open("account_approval", {**asked_for(app), field: [one, "2"]}), 422)
        assert field in refused["errors"]
    problem(people["officer"].post("/cases", [{"process": "account_approval", "answers": asked_for(app)}] * 2), 400)
    assert state(app) is None


def test_ids_of_nobody_are_refused(app: Flask, people: dict[str, Program]) -> None:
    for user_id in ("patrol2", "guest", "Crime.Reduction.Unit"):
        refused = problem(people["officer"].open("account_approval", asked_for(app, user_id=user_id)), 422)
        assert "user_id" in refused["errors"]


def test_neither_who_asked_nor_anybody_but_the_chief_approves(app: Flask, people: dict[str, Program]) -> None:
    until_decided(app, people)
    seen = waiting(people["chief"], "decide")
    for part in ("officer", "supervisor", "administrator"):
        refused = people[part].complete(seen, {"approved": True})
        assert refused.status_code in (403, 404)
    assert state(app) == "requested"


def test_what_has_changed_or_is_said_without_its_tag_is_refused(app: Flask, people: dict[str, Program]) -> None:
    until_decided(app, people)
    seen = waiting(people["chief"], "decide")
    problem(people["chief"].post(f"/tasks/{seen['id']}/complete", {"answers": {"approved": True}}), 428)
    people["chief"].post(f"/tasks/{seen['id']}/claim")
    problem(people["chief"].complete(seen, {"approved": True}), 412)
    problem(people["chief"].complete(waiting(people["chief"], "decide"), {"approved": False}), 422)
    assert state(app) == "requested"
    acts(people["chief"], "decide", {"approved": False, "reasons": "The need is not shown."})
    assert state(app) == "ended"
    again = people["chief"].complete(seen, {"approved": True})
    assert again.status_code in (409, 412)
    assert state(app) == "ended"


def test_where_programs_decide_nothing_a_token_approves_nobody(strict_app: Flask) -> None:
    with strict_app.app_context(), unit_of_work():
        officer, now = by_email("officer@riverton.example"), moment()
        officer.supervisor_id, officer.employee_number = by_email("supervisor@riverton.example").id, "4711"
        ends = now + timedelta(days=300)
        training.sign_off(officer.id, course=1, expires_at=ends, case_number="TS-2026-000777", now=now)
    people = {part: program_of(strict_app, part) for part in ("officer", "supervisor", "administrator", "chief")}
    people["officer"].open("account_approval", asked_for(strict_app))
    acts(people["supervisor"], "endorse", ENDORSED)
    acts(people["administrator"], "verify", VERIFIED)
    refused = problem(people["chief"].complete(waiting(people["chief"], "decide"), {"approved": True}), 403)
    assert "personal decision" in refused["detail"] + refused["title"]
    assert state(strict_app) == "requested"
