"""Disagreeing and publishing: once and whole, whoever acts at the same instant and whatever dies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa

from tests.faults.conftest import furnished, moments, quick_path
from tests.faults.world import Moments, World
from tests.forks import KILLED
from workflow_app.audit import Event
from workflow_app.cases import commands, commenting, disputing, standing
from workflow_app.cases.models import Case, CaseLink, CaseStatus
from workflow_app.db import session, unit_of_work
from workflow_app.errors import Conflict
from workflow_app.kit import Opening
from workflow_app.registers import statements
from workflow_app.registers.statements import YearStatement
from workflow_app.reports import disagreements, rest_of_week, year_figures

__all__ = ["furnished", "moments", "quick_path"]
REPORT = {
    "error_class": "E01", "what_happened": "An 8 for a B.", "harm": "none", "live": False, "device": "ALPR-17",
    "happened_at": "2026-11-08T21:40", "detection_id": "NL-1",
}  # fmt: skip


def decided(world: World) -> int:
    """An error review of little weight that has ended."""
    case_id = world.open("error_review", **REPORT)
    world.complete("administrator", world.task(case_id, "triage"), route="not_alpr")
    world.complete("administrator", world.task(case_id, "decide"), outcome="unfounded", reasons="Another system.")
    world.settle()
    return case_id


def disputing_it(world: World, case_id: int) -> Callable[[], str]:
    """The reviewer disagrees, unless it was done before."""
    reviewer, number = world.actor("reviewer"), world.case(case_id).number

    def do() -> str:
        try:
            with unit_of_work():
                disputing.dispute(reviewer, number, "The image shows a B.")
        except Conflict:
            return "Conflict"
        return "done"

    return do


def test_of_two_disagreements_at_once_one_opens_a_case_and_a_comment_meets_them_whole(moments: Moments) -> None:
    world = moments.world
    case_id = decided(world)
    dispute, reviewer, number = disputing_it(world, case_id), world.actor("reviewer"), world.case(case_id).number

    def comment() -> str:
        with unit_of_work():
            commenting.comment(reviewer, number, "I do not agree.")
        return "said"

    assert sorted(world.workers(dispute, dispute, comment)) == ["Conflict", "done", "said"]
    assert world.count(CaseLink, CaseLink.from_id == case_id) == 1
    kinds = [event.kind for event in world.timeline(case_id)]
    assert (kinds.count("case.disputed"), kinds.count("case.commented")) == (1, 1)


def test_lists_and_figures_are_the_same_on_either_database(moments: Moments) -> None:
    world = moments.world
    grave, rest = world.open("error_review", **{**REPORT, "harm": "arrest"}), decided(world)
    world.do(lambda: disputing.dispute(world.actor("reviewer"), world.case(rest).number, "The image shows a B."))
    reader, today, profile = world.actor("reviewer"), world.now.date(), world.app.extensions["alpr"].profile
    with world.inside():
        listed = rest_of_week.of_days(today, today, profile, reader=reader.person_id or 0)
        assert next((each.case.id, each.opened, each.closed) for each in listed) == (rest, True, True)
        assert grave not in {each.case.id for each in listed}
        assert session().scalars(sa.select(Case.id).where(rest_of_week.copied())).all() == [grave]
        [disputed] = disagreements.between(world.now - timedelta(days=1), world.now + timedelta(days=1), actor=reader)
        assert (disputed.case.id, disputed.state) == (rest, "")
        [row] = year_figures.of_year(world.now.year, profile)
        assert (row["opened"], row["closed"], row["late"], row["disputed"]) == (3, 1, 0, 1)


def test_whatever_dies_a_disagreement_is_recorded_with_the_case_that_answers_it_or_not_at_all(moments: Moments) -> None:
    world = moments.world
    case_id = decided(world)
    dispute = disputing_it(world, case_id)
    moments.keep()
    for fatal, instant in moments.counted(dispute).items():
        world.close()
        moments.bring_back()
        assert moments.killed(dispute, fatal) == KILLED
        whole = 0 if instant == "before commit" else 1
        opened = Case.process_id == "error_review", Case.status == CaseStatus.OPEN
        assert (world.count(Case, *opened), world.count(Event, Event.kind == "case.disputed")) == (whole, whole)
        assert world.violations() == []
        world.close()
        assert moments.apart(dispute) == ("Conflict" if whole else "done")
        assert world.count(Case, *opened) == 1
        world.check_record()


def test_whatever_dies_a_statement_is_public_once_with_its_answer_or_not_yet(moments: Moments) -> None:
    world = moments.world
    opening = Opening(key="2025", title="Statement about the year 2025", facts={"year": 2025})

    def opened() -> int:
        made = standing.open_once("oversight_statement", opening)
        assert made is not None
        return made.id

    case_id = world.do(opened)
    written = {"statement": "All was well.", "name": "office", "final": True}
    world.complete("reviewer", world.task(case_id, "write"), **written)
    chief, task = world.actor("chief"), world.task(case_id, "answer")

    def answer() -> str:
        try:
            with unit_of_work():
                commands.complete_task(chief, task, {"outcome": "answer", "answer": "It was."})
        except Conflict:
            return "Conflict"
        return "done"

    world.settle()
    moments.keep()
    for fatal, instant in moments.counted(answer).items():
        world.close()
        moments.bring_back()
        assert moments.killed(answer, fatal) == KILLED
        published = world.all(sa.select(YearStatement.year).where(YearStatement.published_at.is_not(None)))
        assert published == ([] if instant == "before commit" else [2025])
        world.close()
        assert moments.apart(answer) == ("Conflict" if published else "done")
        with world.inside():
            assert statements.of_year(2025).answer == "It was."
    world.close()
    moments.bring_back()
    assert sorted(world.workers(answer, answer)) == ["Conflict", "done"]
    assert world.count(Event, Event.kind == "statement.published") == 1
