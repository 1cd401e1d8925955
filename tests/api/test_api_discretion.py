"""What the API keeps to itself, and what it points out."""

from flask import Flask
from programs import REPORT, Program, program_of


def test_who_reported_a_case_is_not_told_to_everybody_who_works_on_it(
    app: Flask, officer: Program, supervisor: Program, administrator: Program
) -> None:
    number = officer.open().json["number"]
    seen = {
        who: program.get(f"/cases/{number}/events").json["items"][0]["actor"]
        for who, program in (("officer", officer), ("supervisor", supervisor), ("administrator", administrator))
    }
    assert seen == {"officer": "Dana Reyes", "supervisor": "Reporter", "administrator": "Dana Reyes"}
    assert "Dana Reyes" not in supervisor.get(f"/cases/{number}/events").text


def test_the_reporter_does_not_learn_the_numbers_of_cases_that_are_not_theirs(
    app: Flask, officer: Program, administrator: Program
) -> None:
    number = officer.open("error_review").json["number"]
    other = administrator.open("vendor_investigation", INVESTIGATION).json["number"]
    assert officer.get(f"/cases/{other}").status_code == 404
    assert officer.get(f"/cases/{other}/events").status_code == 404
    assert officer.get(f"/cases/{other}/diagram.svg").status_code == 404
    assert [case["number"] for case in officer.get("/cases").json["items"]] == [number]


def test_text_that_looks_like_a_plate_is_taken_with_a_warning_that_repeats_none(app: Flask, officer: Program) -> None:
    opened = officer.open("error_review", REPORT | {"what_happened": "It read 7ABC123.", "read_plate": "7XYZ987"})
    assert opened.status_code == 201
    assert opened.json["warnings"] == ["what_happened looks as if it held a plate. Text is kept as it is."]
    assert "7ABC123" not in opened.text
    administrator = program_of(app, "administrator")
    task = administrator.get("/tasks?mine=true").json["items"][0]
    done = administrator.complete(task, {"route": "test", "remarks": "Compare 7ABC123."})
    assert done.json["warnings"] == ["remarks looks as if it held a plate. Text is kept as it is."]


INVESTIGATION = {"device": "ALPR-17", "detection_id": "NL-88213-07", "what": "One character is misread."}
