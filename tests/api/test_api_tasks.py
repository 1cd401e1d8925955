"""Finding, taking and completing work by program."""

from typing import Any

import pytest
from flask import Flask
from programs import Program, let_no_program_decide, problem, program_of


@pytest.fixture
def triage(officer: Program, administrator: Program) -> Any:
    """The task of a new error review, as the administrator sees it."""
    task_id = officer.open("error_review").json["tasks"][0]["id"]
    return administrator.get(f"/tasks/{task_id}").json


def test_a_task_shows_its_form_and_who_may_do_it(triage: Any, administrator: Program) -> None:
    assert (triage["step"], triage["role"], triage["status"]) == ("triage", "programme_administrator", "open")
    assert triage["candidates"] == [{"name": "Priya Nair", "email": "administrator@riverton.example"}]
    assert triage["assignee"] is None
    assert triage["priority"] == "normal"
    assert triage["due_at"].endswith("+00:00")
    assert triage["form"]["required"] == ["route"]
    assert triage["answers"] == {}
    assert administrator.get(triage["url"].removeprefix("/api/v1")).json == triage


def test_the_etag_saves_reading_a_task_again(triage: Any, administrator: Program) -> None:
    path = f"/tasks/{triage['id']}"
    assert administrator.get(path).headers["ETag"] == triage["etag"]
    again = administrator.get(path, **{"If-None-Match": triage["etag"]})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", triage["etag"])
    administrator.post(f"{path}/claim")
    assert administrator.get(path, **{"If-None-Match": triage["etag"]}).status_code == 200


def test_completing_moves_the_case_on(triage: Any, administrator: Program) -> None:
    done = administrator.complete(triage, {"route": "test"})
    assert done.status_code == 200
    assert done.json["number"] == triage["case"]
    assert [task["step"] for task in done.json["tasks"]] == ["test_read"]


def test_completing_needs_the_version_that_was_seen(triage: Any, administrator: Program) -> None:
    path = f"/tasks/{triage['id']}"
    problem(administrator.post(f"{path}/complete", {"answers": {"route": "test"}}), 428)
    administrator.post(f"{path}/claim")
    problem(administrator.complete(triage, {"route": "test"}), 412)
    problem(administrator.complete(triage, {"route": "test"}, **{"If-Match": f"W/{triage['etag']}"}), 412)
    fresh = administrator.get(path).json
    either = f'"something else", {fresh["etag"]}'
    assert administrator.complete(fresh, {"route": "test"}, **{"If-Match": either}).status_code == 200


def test_the_second_hears_who_was_first_and_when(triage: Any, administrator: Program) -> None:
    administrator.complete(triage, {"route": "test"})
    late = problem(administrator.complete(triage, {"route": "test"}), 409)
    assert late["detail"].startswith("Priya Nair completed this on ")
    assert administrator.get(f"/tasks/{triage['id']}").json["status"] == "done"


def test_wrong_answers_are_named_and_change_nothing(triage: Any, administrator: Program) -> None:
    wrong = problem(administrator.complete(triage, {"route": "somewhere", "extra": 1}), 422)
    assert set(wrong["errors"]) == {"route", "extra"}
    assert administrator.get(f"/tasks/{triage['id']}").json == triage


def test_sent_twice_under_one_key_it_is_done_once(triage: Any, administrator: Program) -> None:
    key = {"Idempotency-Key": "a-retry"}
    first = administrator.complete(triage, {"route": "test"}, **key)
    again = administrator.complete(triage, {"route": "test"}, **key)
    without_version = administrator.post(f"/tasks/{triage['id']}/complete", {"answers": {"route": "test"}}, **key)
    assert (again.status_code, again.json) == (200, first.json)
    assert without_version.json == first.json
    problem(administrator.complete(triage, {"route": "duplicate"}, **key), 422)


def test_a_refused_request_leaves_its_key_free(officer: Program) -> None:
    key = {"Idempotency-Key": "one-try"}
    problem(officer.open("four_desks", {"subject": ""}, **key), 422)
    first = officer.open(**key)
    again = officer.open(**key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json == first.json
    assert again.headers["Location"] == first.headers["Location"]


def test_a_key_has_a_sensible_length(officer: Program) -> None:
    for key in ("", "x" * 201):
        problem(officer.open(**{"Idempotency-Key": key}), 422)


def test_keys_of_two_people_do_not_meet(officer: Program, supervisor: Program) -> None:
    key = {"Idempotency-Key": "1"}
    assert officer.open(**key).json["number"] != supervisor.open(**key).json["number"]


def test_a_task_is_taken_and_given_back(officer: Program, supervisor: Program) -> None:
    task = officer.open().json["tasks"][0]
    path = f"/tasks/{task['id']}"
    taken = officer.post(f"{path}/claim")
    assert taken.json["assignee"] == {"name": "Dana Reyes", "email": "officer@riverton.example"}
    assert taken.headers["ETag"] != task["etag"]
    assert problem(supervisor.post(f"{path}/claim"), 409)["detail"].startswith("Dana Reyes")
    problem(supervisor.post(f"{path}/release"), 403)
    assert officer.post(f"{path}/release").json["assignee"] is None
    assert supervisor.post(f"{path}/claim").status_code == 200


def test_a_task_is_given_to_somebody_else_with_a_reason(officer: Program, chief: Program) -> None:
    path = f"/tasks/{officer.open().json['tasks'][0]['id']}"
    given = chief.post(f"{path}/reassign", {"to": "Supervisor@riverton.example", "reason": "Dana is on leave."})
    assert given.json["assignee"]["name"] == "Joon Kim"
    assert "to" in problem(chief.post(f"{path}/reassign", {"to": "no@body.example", "reason": "x"}), 422)["errors"]
    assert (
        "to"
        in problem(chief.post(f"{path}/reassign", {"to": "reviewer@riverton.example", "reason": "x"}), 422)["errors"]
    )
    assert set(problem(chief.post(f"{path}/reassign", {}), 422)["errors"]) == {"to", "reason"}
    problem(officer.post(f"{path}/reassign", {"to": "officer@riverton.example", "reason": "Mine"}), 403)


def test_the_list_of_tasks_is_read_page_by_page_and_narrowed(officer: Program, administrator: Program) -> None:
    ids = {task["id"] for _ in range(14) for task in officer.open().json["tasks"]}
    first = officer.get("/tasks").json
    rest = officer.get(f"/tasks?page={first['next']}").json
    assert (len(first["items"]), rest["next"]) == (50, None)
    assert {task["id"] for task in first["items"] + rest["items"]} == ids
    assert {task["id"] for task in officer.get("/tasks?mine=1").json["items"]} <= ids
    assert officer.get("/tasks?overdue=1").json["items"] == []
    assert officer.get("/tasks?process=error_review").json["items"] == []
    problem(officer.get("/tasks?page=elsewhere"), 422)
    assert administrator.get("/tasks?mine=1&process=error_review").json["items"] == []


def test_what_somebody_else_has_taken_is_not_mine(officer: Program, supervisor: Program) -> None:
    task = officer.open().json["tasks"][0]
    officer.post(f"/tasks/{task['id']}/claim")
    assert task["id"] in {one["id"] for one in officer.get("/tasks?mine=1").json["items"]}
    assert task["id"] not in {one["id"] for one in supervisor.get("/tasks?mine=1").json["items"]}
    assert task["id"] in {one["id"] for one in supervisor.get("/tasks").json["items"]}


def _to_decide(app: Flask) -> tuple[Program, Any]:
    """The decision of an error review that has been tested."""
    officer, administrator = program_of(app, "officer"), program_of(app, "administrator")
    task = officer.open("error_review").json["tasks"][0]
    tested = administrator.complete(task, {"route": "duplicate", "duplicate_of": "ER-2026-000001"}).json
    return administrator, tested["tasks"][0]


def test_a_program_does_not_decide_for_a_person_unless_the_agency_allows_it(app: Flask) -> None:
    administrator, task = _to_decide(app)
    assert set(problem(administrator.complete(task, {}), 422)["errors"])
    let_no_program_decide(app)
    refused = problem(administrator.complete(task, {}), 403)
    assert refused["detail"] == "This is a personal decision. A program cannot take it for you."
