"""What the API refuses, and how it says so: always a problem, never a failure of ours."""

from datetime import timedelta
from typing import Any

from flask import Flask
from programs import REPORT, V1, Program, problem

from workflow_app import clock
from workflow_app.cases.incidents import open_incidents
from workflow_app.db import moment, session, unit_of_work
from workflow_app.errors import Stuck
from workflow_app.people import ApiToken, by_email, issue_token
from workflow_app.web.problems import call_somebody


def test_without_a_token_nothing_is_told(nobody: Program) -> None:
    for path in ["/cases", "/tasks", "/processes", "/agencies", "/cases/ER-2026-000001"]:
        refused = nobody.get(path)
        problem(refused, 401)
        assert refused.headers["WWW-Authenticate"].startswith("Bearer")


def test_only_a_token_of_ours_opens_the_door(nobody: Program) -> None:
    for header in ["Bearer", "Bearer wrong", "Basic dXNlcjpwYXNz", "bearer \xe9\xe9", "Token abc", ""]:
        problem(nobody.get("/cases", Authorization=header), 401)


def test_a_token_ends_with_its_day_with_its_revocation_and_with_its_person(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        short = issue_token(by_email("officer@riverton.example"), name="short", now=moment(), life=timedelta(days=1))
    program = Program(app, short)
    assert program.get("/cases").status_code == 200
    with clock.stopped_at(clock.now() + timedelta(days=2)):
        problem(program.get("/cases"), 401)
    with app.app_context(), unit_of_work():
        by_email("officer@riverton.example").active = False
    problem(program.get("/cases"), 401)
    with app.app_context(), unit_of_work():
        by_email("officer@riverton.example").active = True
        session().query(ApiToken).one().revoked_at = moment()
    problem(program.get("/cases"), 401)


def test_a_session_does_not_open_the_api(app: Flask) -> None:
    with app.app_context():
        someone = by_email("officer@riverton.example").fs_uniquifier
    with app.test_client() as browser:
        with browser.session_transaction() as signed_in:
            signed_in["_user_id"] = signed_in["user_id"] = someone
            signed_in["_fresh"] = True
        problem(browser.get(f"{V1}/cases"), 401)


BODIES = [
    (b"", "application/json", 400),
    (b"{", "application/json", 400),
    (b"[]", "application/json", 400),
    (b"null", "application/json", 400),
    (b'"text"', "application/json", 400),
    (b"\xff\xfe", "application/json", 400),
    (b'{"process": NaN, "answers": {}}', "application/json", 400),
    (b'{"answers": ' + b"9" * 5000 + b"}", "application/json", 400),
    (b"[" * 100_000, "application/json", 400),
    (b'{"a":' * 30 + b"1" + b"}" * 30, "application/json", 400),
    (b" " * (2 * 1024 * 1024 + 1), "application/json", 413),
    (b"process=four_desks", "application/x-www-form-urlencoded", 415),
    (b"{}", "text/plain", 415),
    (b"{}", "", 415),
    (b"{}", "application/json", 422),
    (b'{"process": 1, "answers": []}', "application/json", 422),
    (b'{"process": "four_desks", "answers": {}, "more": 1}', "application/json", 422),
]


def test_a_body_that_cannot_be_used_is_refused(officer: Program) -> None:
    for content, kind, status in BODIES:
        problem(officer.send("/cases", content, kind), status)


ODD = ["a\x00b", "\ud800", "\u202e", None, 1, 1.5, True, [], {}, ["a"], {"a": "\x00"}, "9" * 100_000, 1e308, -(10**30)]


def test_no_value_of_any_field_is_our_failure(officer: Program) -> None:
    for name in [*REPORT, "read_plate", "attachments", "evidence_sha256"]:
        for value in ODD:
            answer = officer.open("error_review", REPORT | {name: value})
            assert answer.status_code == 201 or problem(answer, 422), name


def test_no_name_of_a_field_is_our_failure(officer: Program) -> None:
    for name in ["\x00", "\ud800", "__proto__", ""]:
        problem(officer.open("error_review", REPORT | {name: "x"}), 422)


NOWHERE = [
    "/nowhere", "/cases/ER-2026-999999", "/cases/%00", "/cases/%ED%A0%80", "/tasks/%00", "/tasks/" + "x" * 500,
    "/processes/%00", "/processes/..%2F..", "/cases/%00/events", "/tasks/1'%20or%201=1",
]  # fmt: skip


def test_an_address_of_nothing_is_not_found(officer: Program) -> None:
    for path in NOWHERE:
        problem(officer.get(path), 404)


def test_a_query_with_what_cannot_be_stored_is_refused(officer: Program) -> None:
    for query in ["cases?q=%00", "cases?process=%00", "tasks?process=%00", "tasks?page=%00"]:
        problem(officer.get(f"/{query}"), 422)


def test_a_method_that_does_not_exist_is_refused(officer: Program) -> None:
    problem(officer.post("/cases/ER-2026-000001"), 405)


def test_no_form_of_if_match_is_our_failure(officer: Program) -> None:
    task: Any = officer.open().json["tasks"][0]
    for tag in ["x", '"', "W/", ",,,", '"a", "b"', "*"]:
        answer = officer.complete(task, {"seen": "a zero"}, **{"If-Match": tag})
        assert answer.status_code == 200 or problem(answer, 428 if answer.status_code == 428 else 412), tag


def test_a_case_that_could_not_even_be_opened_still_calls_somebody(app: Flask) -> None:
    with app.app_context():
        call_somebody(Stuck(4711, "Unexpected error in a handler: KeyError."))
        (incident,) = open_incidents()
        assert (incident.case_id, incident.ref) == (None, "4711")
