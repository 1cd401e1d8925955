"""What the machine could not do is listed, explained and tried again, each by itself."""

import pytest
from outsider_stage import count, vendor_is_asked
from pages import sound
from staff_stage import Desk

from workflow_app.cases import incidents
from workflow_app.cases.models import Incident, Timer
from workflow_app.db import session, unit_of_work
from workflow_app.play import Play


@pytest.fixture
def failing(play: Play) -> Play:
    """A timer that gave up, a bounced e-mail without a case, and a step that got stuck."""
    vendor_is_asked(play)
    with unit_of_work():
        timer = session().query(Timer).filter_by(kind="engine").first()
        assert timer
        timer.attempts = incidents.ATTEMPTS
        incidents.report("timer", timer.id, "The calendar <b>has</b> no such day.", case_id=play.case.id, now=play.now)
        incidents.report("message", "1", "An e-mail bounced.", case_id=None, now=play.now)
        incidents.report("case", str(play.case.id), "No way on.", case_id=play.case.id, now=play.now)
    return play


@pytest.mark.parametrize(("part", "status"), [("administrator", 200), ("security", 200), ("officer", 403)])
def test_they_are_for_those_who_look_after_them(failing: Play, part: str, status: int) -> None:
    desk = Desk(failing, part)
    assert desk.open("/incidents").status_code == status
    assert desk.open("/incidents", "POST", data={"ticked": "1"}).status_code in {400, 403}
    assert count(Incident, closed_at=None) == 3


def test_each_says_what_failed_why_for_which_case_and_since_when(failing: Play) -> None:
    answer = Desk(failing, "administrator").open("/incidents")
    sound(answer)
    page = answer.text
    for words in ("A deadline or reminder", "The calendar &lt;b&gt;has", f"/cases/{failing.case.number}", "9 Nov 2026"):
        assert words in page


def test_one_is_tried_again_by_its_own_button(failing: Play) -> None:
    desk = Desk(failing, "administrator")
    answer = desk.fill(desk.open("/incidents"), "/incidents", {"ticked": ["2", "3"], "one": "1"})
    assert "Incident 1: It is tried again now." in answer.text
    assert count(Incident, closed_at=None) == 2
    assert count(Timer, attempts=incidents.ATTEMPTS) == 0
    session().rollback()
    assert "A deadline or reminder had failed. It is tried again now." in failing.timeline()


def test_the_ticked_ones_are_tried_each_with_its_own_result(failing: Play) -> None:
    desk = Desk(failing, "administrator")
    page = desk.open("/incidents")
    answer = desk.fill(page, "/incidents", {"ticked": ["1", "2", "3", "77", "x"]}).text
    for words in (
        "Incident 1: It is tried again now.",
        "Incident 2: Taken off the list. The same e-mail is not sent twice",
        "Incident 3: Taken off the list. Whoever worked on the step",
        "Incident 77: There is no open incident with this number.",
        "Nothing has failed",
    ):
        assert words in answer
    assert "There is no open incident" in desk.fill(page, "/incidents", {"ticked": "1"}).text


def test_without_a_tick_nothing_is_tried_and_the_page_says_so(failing: Play) -> None:
    desk = Desk(failing, "administrator")
    assert "Please tick" in desk.fill(desk.open("/incidents"), "/incidents", {}).text
    assert count(Incident, closed_at=None) == 3
