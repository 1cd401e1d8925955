"""A review of a violation is hidden from whom it is about, and one about the chief or the administrator from both."""

from __future__ import annotations

from datetime import datetime

import pytest

from processes.violation_review.flags import group_of
from processes.violation_review.test_conflicts_and_clocks import about
from processes.violation_review.test_violation_review import active, assigned, opened, report
from workflow_app import clock
from workflow_app.access import Actor
from workflow_app.agency.profile import load
from workflow_app.cases import inbox, search, tasklist
from workflow_app.cases.grouping import open_or_join
from workflow_app.cases.inbox import Tab
from workflow_app.db import unit_of_work
from workflow_app.errors import NotFound
from workflow_app.play import Play

__all__ = ["active"]


def knows_of(play: Play, who: Actor) -> bool:
    """Whether somebody can find anything of the story's case, by any road."""
    number = play.case.number
    with clock.stopped_at(play.now):
        listed = [case.number for case in search.find(who).items]
        searched = [case.number for case in search.find(who, q=number).items]
        waiting = [case.number for _task, case in tasklist.find(who, now=play.now).items]
        counted = inbox.counts(who, play.now)[Tab.TODO]
        try:
            search.visible_case(who, number)
        except NotFound:
            assert (listed, searched, waiting, counted) == ([], [], [], 0)
            return False
        assert (listed, searched) == ([number], [number])
        return True


@pytest.mark.parametrize("whom", ["chief", "administrator"])
def test_a_report_about_the_chief_or_the_administrator_is_hidden_from_both(play: Play, whom: str) -> None:
    about(play, getattr(play, whom))
    for part in ("chief", "administrator"):
        assert not knows_of(play, getattr(play, part))
    for part in ("reviewer", "board", "investigator"):
        assert knows_of(play, getattr(play, part))


def test_the_person_finds_the_question_put_to_them_and_not_the_review(play: Play) -> None:
    assigned(opened(play, "V05").at("consider", by=play.administrator, suspend=False, reasons="No harm."))
    heard = play.child("hear")
    with clock.stopped_at(play.now):
        assert [case.number for case in search.find(play.officer).items] == [heard.case.number]
        assert inbox.counts(play.officer, play.now)[Tab.TODO] == 1
        with pytest.raises(NotFound):
            search.visible_case(play.officer, play.case.number)
        with pytest.raises(NotFound):
            search.visible_case(play.records, heard.case.number)  # who reported it does not read the answer


def test_whoever_is_named_only_later_is_out_of_it_from_then_on(play: Play) -> None:
    about(play, play.officer, person=None)
    assert knows_of(play, play.chief)
    play.at("identify", by=play.investigator, person=str(play.chief.person_id), how="The log names them.")
    assert not knows_of(play, play.chief)
    assert not knows_of(play, play.administrator)
    assert "assign_outside" in play.open_steps()


def test_nothing_is_hidden_from_whoever_is_no_part_of_it(play: Play) -> None:
    opened(play, "V01")
    assert knows_of(play, play.chief)
    assert not knows_of(play, play.officer)


def test_findings_of_a_log_about_one_person_and_month_are_one_case(play: Play) -> None:
    def flag(at: str, row: int) -> int:
        key = group_of("V01", play.officer.person_id, datetime.fromisoformat(at), load("default"))
        raw = report("V01", play.officer.person_id, happened_at=at)
        with clock.stopped_at(play.now), unit_of_work():
            return open_or_join("violation_review", key, raw, found=f"row {row} of the export").id

    first = flag("2026-11-01T08:00+00:00", 1)
    assert flag("2026-11-01T06:00+00:00", 2) != first, "in Los Angeles that was still October"
    assert flag("2026-11-08T12:00+00:00", 3) == first
    assert not knows_of(play.latest("violation_review"), play.officer)
