"""A case ends on the version it began with; the installation check knows what open cases still need."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from tests.cases import specimens
from tests.cases.house import House, build
from workflow_app import check
from workflow_app.cases.commands import open_case
from workflow_app.cases.models import ProcessVersion
from workflow_app.kit import Process


def test_an_open_case_ends_on_its_own_version_and_the_next_begins_on_the_new(house: House, tmp_path: Path) -> None:
    old = house.open("four_hands")
    later = successor(house, tmp_path, lambda text: text.replace('name="All looked"', 'name="Everybody looked"'))
    new = later.open("four_hands")
    assert house.case(old).version != later.case(new).version
    for case_id, end in ((old, "Closed: All looked"), (new, "Closed: Everybody looked")):
        for side in ("north", "east", "south", "west"):
            later.complete("officer", later.task(case_id, side), seen="a heron")
        assert later.timeline(case_id)[-1].summary == end
    assert later.count(ProcessVersion, ProcessVersion.process_id == "four_hands") == 2
    later.close()


def test_a_version_is_stored_once_by_whoever_opens_its_first_case(house: House) -> None:
    officer = house.actor("officer")
    outcomes = house.together(*[lambda: open_case(officer, "four_hands", {}).number] * 4)
    assert len(set(outcomes)) == 4
    stored = house.one(sa.select(ProcessVersion))
    assert stored.sources == {"four_hands.bpmn": (specimens.four_hands.folder / "four_hands.bpmn").read_text()}


def test_a_fitting_installation_has_no_problems(house: House) -> None:
    house.open("four_hands")
    assert problems(house) == []


def test_a_form_that_an_open_case_still_needs_must_not_disappear(house: House, tmp_path: Path) -> None:
    house.open("four_hands")
    house.complete("officer", house.task(1, "south"), seen="a heron")
    version = house.case(1).version
    later = successor(house, tmp_path, lambda text: text.replace("north", "up"), bound={"up", "east", "south", "west"})
    assert [problem.split(": ", 1)[1] for problem in problems(later)] == [
        'north: no form is bound: @process.form("north") is missing'
    ]
    assert problems(later)[0].startswith("four_hands.bpmn:")
    assert f"(version {version[:12]})" in problems(later)[0]
    for side in ("north", "east", "west"):
        house.complete("officer", house.task(1, side), seen="a heron")
    assert problems(later) == []
    later.close()


def test_a_handler_that_an_open_case_still_needs_must_not_disappear(house: House) -> None:
    house.open("fragile", fault="none")
    work = specimens.fragile.handlers.pop("work")
    try:
        found = problems(house)
    finally:
        specimens.fragile.handlers["work"] = work
    assert {problem.split(": ", 1)[1] for problem in found} == {
        'work: no handler is bound: @process.handles("work") is missing'
    }
    assert len(found) == 2, "the shipped model and the one of the open case"


def test_a_process_with_open_cases_must_stay_listed(house: House) -> None:
    house.open("verdict")
    rest = [process for process in specimens.ALL if process.id != "verdict"]
    smaller = House(house.url, *build(house.url, processes=rest))
    assert problems(smaller) == ["verdict: open cases run on a process that is no longer listed"]
    smaller.close()


def problems(house: House) -> list[str]:
    """What the check says, in a context of its own."""
    with house.inside():
        return sorted(str(problem) for problem in check.installation(house.app))


def successor(house: House, folder: Path, change: Callable[[str], str], bound: set[str] | None = None) -> House:
    """The same database under the next release, in which one model has changed."""
    before = specimens.four_hands
    copy = folder / "release" / before.id
    shutil.copytree(before.folder, copy, dirs_exist_ok=True)
    model = copy / f"{before.id}.bpmn"
    model.write_text(change(model.read_text()))
    process = Process(
        id=before.id, prefix=before.prefix, title=before.title, purpose=before.purpose, serves=(),
        lanes=before.lanes, opened_by=before.opened_by, folder=copy,
    )  # fmt: skip
    process.form(*(bound or before.forms))(before.forms["south"])
    others = [other for other in specimens.ALL if other.id != before.id]
    app, postbox = build(house.url, processes=[process, *others])
    return House(house.url, app, postbox)
