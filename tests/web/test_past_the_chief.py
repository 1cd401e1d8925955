"""A report about the chief executive passes them by, however it was made: no list, count or mail has a trace."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from access_stage import Looker
from pages import Reader
from tellers import TOLD, Teller
from test_access_matrix import BODIES, REGISTERED, address, routes

from tests.access_table import BY_OFFICE, OF_A_CASE, OF_A_CASE_AND_AN_OFFICE, OF_EVERYBODY_HERE
from workflow_app import clock
from workflow_app.cases import inbox, parties
from workflow_app.cases.inbox import Tab
from workflow_app.cases.models import Case, Task, TaskStatus
from workflow_app.db import session, unit_of_work
from workflow_app.errors import NotAllowed, NotFound
from workflow_app.jobs import open_what_is_due
from workflow_app.kit import Part
from workflow_app.people import by_email
from workflow_app.play import Play

ABOVE = ("chief", "administrator")
LEAD = ("supervisor", "deputy")
LED = {"officer": "supervisor", "supervisor": "deputy", "deputy": "chief", "investigator": "deputy"}
NAMES = ("subject", "kind", "what", "harm", "on", "who", "above")


@pytest.fixture(autouse=True)
def _furnished(play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who leads whom, and a folder for files."""
    monkeypatch.chdir(tmp_path)
    with unit_of_work():
        for part, by in LED.items():
            by_email(f"{part}@riverton.example").supervisor_id = by_email(f"{by}@riverton.example").id


def of_the_staff(play: Play, **told: str) -> None:
    officer = Reader(play, "officer")
    told = {name: TOLD[name] for name in NAMES} | {"kind": "violation_review:V16"} | told
    officer.press(officer.look("/report"), "/report", **told)


def by_program(play: Play, **answers: object) -> None:
    told = {"violation_class": "V16", "what_happened": "A kestrel.", "harm": "none", "happened_at": "2026-11-08T21:40"}
    sent = {"process": "violation_review", "answers": {**told, **answers}}
    assert Looker(play, "officer").ask("/api/v1/cases", "POST", **sent).status_code == 201


def chief(play: Play) -> str:
    return str(play.chief.person_id)


WAYS: dict[tuple[str, ...], dict[str, Callable[[Play], object]]] = {
    ABOVE: {
        "by person": lambda play: of_the_staff(play, person=chief(play)),
        "by office": lambda play: of_the_staff(play, above="yes"),
        "as an error": lambda play: of_the_staff(play, subject="error_review", kind="", above="yes"),
        "anonymously": lambda play: Teller(play).tell(above="yes"),
        "by program": lambda play: by_program(play, outside=True),
    },
    ABOVE + LEAD: {
        "past the chain": lambda play: of_the_staff(play, chain="yes"),
        "in confidence, past the chain": lambda play: Teller(play).tell(
            chain="yes", way="confidential", name="D.", email="Officer@riverton.example"
        ),
        "by program, past the chain": lambda play: by_program(play, chain=True),
    },
}
"""Who is kept out of a report, and the ways to make it."""


@pytest.mark.parametrize("kept_out", WAYS, ids=["those above", "those above and the chain"])
def test_whoever_is_kept_out_finds_no_trace_and_those_outside_have_it(play: Play, kept_out: tuple[str, ...]) -> None:
    reports = {way: reported(play, file) for way, file in WAYS[kept_out].items()}
    numbers = [story.case.number for story in reports.values()]
    assert len(set(numbers)) == len(reports)
    play.wait(hours=1)
    for number in numbers:
        Looker(play, "reviewer").ask(f"/cases/{number}")  # what others look at stands in the record
    traces = [*numbers, *(story.case.title for story in reports.values()), "kestrel"]
    for part in kept_out:
        looker = Looker(play, part)
        for way, story in reports.items():
            refused_everywhere(looker, story, (part, way))
        for path in pages_of(play, part):
            answer = looker.ask(path)
            assert [word for word in traces if word in answer.text] == [], (part, path)
        with clock.stopped_at(play.now):
            assert set(inbox.counts(play.person(f"{part}@riverton.example"), play.now).values()) == {0}
    play.wait(business_days=6)
    with clock.stopped_at(play.now):
        open_what_is_due()
    play.settle()
    for mail in [mail for mail in play.postbox.mails if mail.to_address.partition("@")[0] in kept_out]:
        found = f"{mail.subject}{mail.text}{mail.html}"
        assert [word for word in (*numbers, "kestrel") if word in found] == [], (mail.to_address, mail.subject)
    for way, story in reports.items():
        in_the_hands_of_those_outside(story, way)
    for part in ("reviewer", "board"):
        assert play.sent_to(f"{part}@riverton.example").count("copy_reviewer") == len(reports)


def reported(play: Play, file: Callable[[Play], object]) -> Play:
    """The review that follows from a report."""
    file(play)
    return play.latest("violation_review")


def refused_everywhere(looker: Looker, story: Play, who: tuple[str, str]) -> None:
    """Whoever knows its number and its task gets nothing of the case."""
    task = session().scalars(sa.select(Task.id).where(Task.case_id == story.case.id)).first()
    ids = {"number": story.case.number, "task_id": task}
    for rule, method in routes(story, OF_A_CASE | OF_A_CASE_AND_AN_OFFICE):
        if rule.arguments <= ids.keys():
            asked = looker.ask(address(rule, ids), method, **BODIES.get(rule.endpoint, {}))
            assert asked.status_code in {403, 404}, (*who, rule.endpoint)


def in_the_hands_of_those_outside(story: Play, way: str) -> None:
    """They have the case, and its next task; nobody above has one."""
    if "identify" in story.open_steps():
        story.at("identify", by=story.investigator, how="Nobody can be named yet.")
    open_tasks = sa.select(Task).where(Task.case_id == story.case.id, Task.status == TaskStatus.OPEN)
    roles = {task.step: task.role for task in session().scalars(open_tasks)}
    assert roles["assign_outside"] in {"oversight_board", "external_reviewer"}, way
    assert not {"chief_executive", "programme_administrator"} & set(roles.values()), way
    for part in ("reviewer", "board"):
        assert Reader(story, part).look(f"/cases/{story.case.number}").status_code == 200


def pages_of(play: Play, part: str) -> list[str]:
    """Every page that a person may open, searches and counts among them."""
    theirs = {endpoint for endpoint, able in BY_OFFICE.items() if part in able.split()} | OF_EVERYBODY_HERE
    found = [
        address(rule, REGISTERED)
        for rule, method in routes(play, theirs)
        if method == "GET" and not rule.endpoint.startswith(("report.", "api.process"))  # which list every kind
    ]
    return [*found, *(f"/?tab={tab}" for tab in Tab), "/api/v1/tasks?mine=1", "/cases?q=authorised"]


def test_what_is_kept_from_those_above_is_identified_by_the_reviewer_alone(play: Play) -> None:
    Teller(play).tell(above="yes", way="confidential", name="Kim Doe", email="kim@home.example")
    number = play.latest("violation_review").case.number
    path = f"/cases/{number}/reporter"
    reviewer = Reader(play, "reviewer")
    known = reviewer.press(reviewer.look(path), f"{path}/identity", purpose="To protect them.")
    assert "Kim Doe" in known.text
    assert "Who reported this" not in Reader(play, "investigator").look(path).text


def test_those_outside_assign_it_and_nobody_with_a_part_in_it_acts(play: Play) -> None:
    of_the_staff(play, person=chief(play))
    story = play.latest("violation_review")
    known = parties.of(story.case.id)
    assert known[play.officer.person_id or 0].parts == Part.REPORTER
    assert Part.SUBJECT in known[play.chief.person_id or 0].parts
    for step in story.open_steps():
        for part in ("chief", "administrator", "officer"):
            with pytest.raises((NotAllowed, NotFound)):
                story.at(step, by=getattr(play, part))
    story.at("assign_outside", by=play.board, investigator=str(play.counsel.person_id))
    assert story.task("allege").assignee_id == play.counsel.person_id
    assert session().scalar(sa.select(sa.func.count()).select_from(Case)) == 1


LONG = {"violation_class": "V16", "what_happened": "A kestrel.", "harm": "none", "happened_at": "2026-11-08T21:40"}


def test_whoever_is_out_by_their_own_answer_hears_that_it_is_recorded(play: Play) -> None:
    me = {"person": str(play.investigator.person_id), "how": "It was me."}
    play.start("violation_review", by=play.officer, **LONG)
    investigator, action = Reader(play, "investigator"), f"/tasks/{play.task('identify').id}"
    page = investigator.press(investigator.look(f"/cases/{play.case.number}"), action, **me)
    assert (page.request.path, "Recorded: Find out whom it is about." in page.text) == ("/", True)
    play.start("violation_review", by=play.officer, **LONG, evidence="Another.")
    task = play.task("identify")
    headers = {"Authorization": f"Bearer {Looker(play, 'investigator').token}", "If-Match": f'"{task.id[:8]}-1"'}
    done = investigator.open(f"/api/v1/tasks/{task.id}/complete", "POST", json={"answers": me}, headers=headers)
    assert (done.status_code, done.json) == (200, {"number": play.case.number})
