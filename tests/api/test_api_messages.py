"""Messages with a reporter by program: asked, answered by receipt code, read; and never who the reporter is."""

from __future__ import annotations

import pytest
from flask import Flask
from programs import RECEIPT, Program, program_of, told

from workflow_app import clock
from workflow_app.cases import reporting
from workflow_app.cases.report_table import Way
from workflow_app.db import unit_of_work
from workflow_app.play import MONDAY

FORM = f"1794243600-{'b' * 24}"


def replied(app: Flask, text: str, way: Way = Way.CONFIDENTIAL) -> None:
    """The reporter writes by their code."""
    with app.app_context(), clock.stopped_at(MONDAY), reporting.by_the_hour():
        report = reporting.find(reporting.code_of(reporting.sender(RECEIPT, way), RECEIPT))
        assert report is not None
        with unit_of_work():
            reporting.reply(report, FORM, {"text": text, "attachments": []})


@pytest.fixture
def investigator(app: Flask) -> Program:
    return program_of(app, "investigator")


@pytest.mark.parametrize("way", list(Way))
def test_a_program_asks_and_reads_what_the_reporter_answers_and_not_who_it_is(
    app: Flask, investigator: Program, way: Way
) -> None:
    number = told(app, way)
    assert investigator.get(f"/cases/{number}").json["reporter"] == {"way": way, "may_write": True, "unread": 0}
    asked = investigator.post(f"/cases/{number}/messages", {"text": "Where did you see it?"})
    assert asked.status_code == 201
    assert {name: asked.json[name] for name in ("seq", "from_reporter", "by", "text", "files")} == {
        "seq": 1, "from_reporter": False, "by": "Ivo Brandt", "text": "Where did you see it?", "files": [],
    }  # fmt: skip
    replied(app, "In the briefing room.", way)
    assert investigator.get(f"/cases/{number}").json["reporter"]["unread"] == 1
    listed = investigator.get(f"/cases/{number}/messages").json
    assert [(each["from_reporter"], each["by"], each["read"]) for each in listed["items"]] == [
        (False, "Ivo Brandt", False), (True, "", False),
    ]  # fmt: skip
    assert listed["next"] is None
    read = investigator.post(f"/cases/{number}/messages/read", None).json
    assert read["items"][1]["read"]
    assert investigator.get(f"/cases/{number}").json["reporter"]["unread"] == 0
    seen = "".join(investigator.get(path).text for path in (f"/cases/{number}", f"/cases/{number}/messages"))
    assert "kestrel@home.example" not in seen
    assert "Robin Kestrel" not in seen


def test_the_same_question_sent_again_under_its_key_is_asked_once(app: Flask, investigator: Program) -> None:
    number = told(app)
    twice = [
        investigator.post(f"/cases/{number}/messages", {"text": "Where?"}, **{"Idempotency-Key": "q-1"})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in twice] == [201, 201]
    assert len(investigator.get(f"/cases/{number}/messages").json["items"]) == 1


@pytest.mark.parametrize("text", ["", "   ", "x" * 20_001, None])
def test_a_message_without_words_or_with_too_many_is_refused_beside_its_field(
    app: Flask, investigator: Program, text: str | None
) -> None:
    number = told(app)
    refused = investigator.post(f"/cases/{number}/messages", {"text": text})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["text"])
    assert investigator.get(f"/cases/{number}/messages").json["items"] == []


def test_who_may_not_write_to_reporters_may_not_read_their_messages(app: Flask, investigator: Program) -> None:
    number = told(app)
    replied(app, "In the briefing room.")
    for part, status in (("chief", 403), ("officer", 404), ("trainer", 404)):
        program = program_of(app, part)
        assert program.get(f"/cases/{number}/messages").status_code == status, part
        assert program.post(f"/cases/{number}/messages", {"text": "Who?"}).status_code == status, part
        assert program.post(f"/cases/{number}/messages/read", None).status_code == status, part
    assert program_of(app, "chief").get(f"/cases/{number}").json["reporter"]["unread"] == 0
    hidden = program_of(app, "administrator")
    assert hidden.get(f"/cases/{number}/messages").status_code == 200


def test_messages_about_those_above_are_not_there_for_them(app: Flask) -> None:
    number = told(app, above=True)
    for part in ("chief", "administrator"):
        assert program_of(app, part).get(f"/cases/{number}/messages").status_code == 404
    assert program_of(app, "reviewer").get(f"/cases/{number}/messages").status_code == 200


def test_a_case_without_a_receipt_code_has_no_messages(officer: Program, administrator: Program) -> None:
    number = officer.open().json["number"]
    assert administrator.get(f"/cases/{number}").json["reporter"] is None
    assert administrator.get(f"/cases/{number}/messages").status_code == 404
