"""The same report from a page that was opened anew is the same report, but only as long as its case runs."""

from __future__ import annotations

from pages import REPORT, Reader, fields_of
from werkzeug.test import TestResponse

from workflow_app.cases.models import CaseStatus
from workflow_app.db import unit_of_work
from workflow_app.play import Play

PATH = "/report/error_review"


def reported(officer: Reader, **other: str) -> TestResponse:
    """The report, from a page that was opened for it."""
    hidden = fields_of(officer.look(PATH), PATH)
    return officer.open(PATH, "POST", data=hidden | REPORT | other)


def test_what_was_asked_for_again_after_it_has_ended_is_asked_for_anew(play: Play) -> None:
    officer = Reader(play, "officer")
    first = reported(officer)
    assert reported(officer).location == first.location
    with unit_of_work():
        play.latest("error_review").case.status = CaseStatus.CANCELLED
    second = reported(officer)
    assert second.location != first.location
    assert reported(officer).location == second.location


def test_what_was_refused_is_refused_again_and_taken_once_it_is_right(play: Play) -> None:
    officer = Reader(play, "officer")
    assert [reported(officer, happened_at="2027-01-01T10:00").status_code for _ in range(2)] == [422, 422]
    assert reported(officer).status_code == 303
