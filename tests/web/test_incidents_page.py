"""What the machine could not do is listed, explained and tried again, each by itself."""

import re
from pathlib import Path

import pytest
from outsider_stage import count, vendor_is_asked
from pages import Reader, sound
from staff_stage import Desk

from notifications import OutboxMessage, State
from workflow_app.cases import incidents
from workflow_app.cases.models import Incident, Timer
from workflow_app.db import session, unit_of_work
from workflow_app.play import Play

ROOT = Path(__file__).parents[2]


@pytest.fixture
def failing(play: Play) -> Play:
    """A timer that gave up, an e-mail to somebody who has left, and a step that got stuck."""
    vendor_is_asked(play)
    with unit_of_work():
        timer = session().query(Timer).filter_by(kind="engine").first()
        assert timer
        timer.attempts = incidents.ATTEMPTS
        incidents.report("timer", timer.id, "The calendar <b>has</b> no such day.", case_id=play.case.id, now=play.now)
        message = session().query(OutboxMessage).first()
        assert message
        message.state = State.BOUNCED
        incidents.report("message", str(message.id), "An e-mail bounced.", case_id=None, now=play.now)
        incidents.report("case", "4711", "No way on.", case_id=None, now=play.now)
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
    assert count(Incident, closed_at=None, tried_at=None) == 2
    assert "Being tried again" in answer.text
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
    ):
        assert words in answer
    assert count(Incident, closed_at=None) == 1
    assert (
        "Incident 1: It is being tried again already."
        in desk.fill(desk.open("/incidents"), "/incidents", {"one": "1"}).text
    )


def test_without_a_tick_nothing_is_tried_and_the_page_says_so(failing: Play) -> None:
    desk = Desk(failing, "administrator")
    assert "Please tick" in desk.fill(desk.open("/incidents"), "/incidents", {}).text
    assert count(Incident, closed_at=None) == 3


def test_the_list_is_read_by_kind_and_page_by_page(failing: Play) -> None:
    with unit_of_work():
        for n in range(230):
            incidents.report("silence", str(n), f"Nothing was heard of {n:03}.", case_id=None, now=failing.now)
    reader = Reader(failing, "administrator")
    page, seen = reader.look("/incidents?kind=silence"), []
    assert "230" in page.text
    while True:
        seen += re.findall(r"heard of ([0-9]{3})", page.text)
        following = re.search(r'rel="next" href="([^"]+)"', page.text)
        if not following:
            break
        page = reader.look(following[1].replace("&amp;", "&"))
    assert seen == [f"{n:03}" for n in range(230)]
    assert "No way on." not in page.text
    assert "Nothing of this kind has failed" in reader.look("/incidents?kind=parked").text


def test_those_who_may_act_see_how_many_wait_wherever_they_are(failing: Play) -> None:
    bar = '3<span class="unseen"> waiting'
    assert bar in Reader(failing, "administrator").look("/").text
    assert bar not in Reader(failing, "officer").look("/").text


def test_a_case_says_what_has_failed_in_it_and_the_cause_to_those_who_look_after_it(failing: Play) -> None:
    path = f"/cases/{failing.case.number}"
    able = Reader(failing, "administrator").look(path).text
    assert "A deadline or reminder: The calendar &lt;b&gt;has" in able
    assert f'href="/incidents?case={failing.case.number}"' in able
    other = Reader(failing, "chief").look(path).text
    assert "A deadline or reminder." in other
    assert "calendar" not in other
    assert "The programme administrator has been called." in other


def test_every_kind_that_is_reported_anywhere_has_its_words_and_its_entry_in_the_runbook() -> None:
    sources = [path.read_text() for path in (ROOT / "workflow_app").rglob("*.py")]
    reported = {kind for text in sources for kind in re.findall(r'incidents\.report\(\s*"(\w+)"', text)}
    assert {"message", "vacant", "silence"} <= reported <= incidents.KINDS.keys()
    runbook = (ROOT / "docs" / "operations.md").read_text()
    assert [kind for kind in incidents.KINDS if f"| `{kind}` |" not in runbook] == []
