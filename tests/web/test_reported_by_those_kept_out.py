"""Whoever reports what they have a part in themselves is told that it has arrived, and sees no more of it."""

from __future__ import annotations

import pytest
from access_stage import Looker
from pages import Reader

from workflow_app.cases.models import Case
from workflow_app.db import session
from workflow_app.play import Play
from workflow_app.web.report import ARRIVED

TOLD = {"violation_class": "V16", "what_happened": "A favour.", "harm": "none", "happened_at": "2026-11-08T21:40"}
WHO = pytest.mark.parametrize(("part", "whom"), [("administrator", "chief"), ("officer", "officer")])


@WHO
def test_on_the_page_it_is_no_error(play: Play, part: str, whom: str) -> None:
    reader = Reader(play, part)
    person = str(getattr(play, whom).person_id)
    page = reader.press(reader.look("/report/violation_review"), "/report/violation_review", **TOLD, person=person)
    assert page.status_code == 200
    assert ARRIVED in " ".join(page.text.split())
    number = session().query(Case.number).filter_by(process_id="violation_review").scalar()
    assert number not in page.text
    assert reader.look(f"/cases/{number}", 404)


@WHO
def test_for_a_program_it_is_made_and_shows_nothing(play: Play, part: str, whom: str) -> None:
    person = str(getattr(play, whom).person_id)
    looker = Looker(play, part)
    made = looker.ask("/api/v1/cases", "POST", process="violation_review", answers=TOLD | {"person": person})
    assert made.status_code == 201
    assert (made.json["status"], made.json["severity"], made.json["tasks"]) == ("open", None, [])
    assert looker.ask(f"/api/v1/cases/{made.json['number']}", "GET").status_code == 404
