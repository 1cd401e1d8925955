"""A violation was decided, the external reviewer disagrees, and the agency has to answer in five business days."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_app.errors import Conflict, Invalid, NotAllowed, NotFound
from workflow_app.play import Play, unvisited

REASONS = "Eleven searches in a week are no slip."


def report(kind: str, whom: int | None) -> dict[str, Any]:
    """Somebody is said to have broken the policy."""
    return {
        "violation_class": kind, "what_happened": "Seen on the screen of the next desk.", "harm": "none",
        "happened_at": "2026-11-08T21:40", "person": str(whom), "evidence": "Log of 8 November",
    }  # fmt: skip


def decision(*chosen: str) -> dict[str, Any]:
    return {"outcome": "sanction", "sanctions": list(chosen), "reasons": "The log shows it."}


def opened(play: Play) -> Play:
    """Ruth Okafor reports that searches of Dana Reyes carry no case number."""
    return play.start("violation_review", by=play.records, **report("V01", play.officer.person_id))


def coached(play: Play) -> Play:
    """An S4 that ended with coaching."""
    opened(play).at("assign", by=play.investigator, investigator=str(play.investigator.person_id))
    play.at("allege", by=play.investigator, allegation="Searches without a case number.", unnamed=True)
    play.child("hear").at("answer", by=play.officer, answer="I was in a hurry.")
    play.at("investigate", by=play.investigator, finding="sustained", summary="The vendor's log shows it.")
    play.at("settle", by=play.administrator, **decision("coaching"))
    play.child("tell_subject").at("appeal", by=play.officer, appeals=False)
    assert play.ended_at == "coached"
    return play


def dispute(play: Play, reasons: str = REASONS, by: Any = None) -> Play:
    """The reviewer disagrees; the story of the case in which that is answered."""
    return play.disputed(reasons, by=by or play.reviewer)


def test_the_chief_answers_that_the_decision_stands_and_both_stay_on_record(play: Play) -> None:
    answered = dispute(coached(play))
    assert (answered.case.title, answered.open_steps()) == ("Disputed: No case number", ["answer"])
    shown = answered.shown("answer")
    assert shown == {"Decided": "Coaching", "Reasons": "The log shows it.", "External reviewer": REASONS}
    assert f"The external reviewer disagrees with the decision: {REASONS}" in play.timeline()
    assert [each.case.number for each in play.linked()] == [answered.case.number]
    with pytest.raises(Conflict, match="already"):
        dispute(play)
    play.wait(business_days=6)
    for part in ("reviewer", "board"):
        assert "late" in play.sent_to(f"{part}@riverton.example")
    answered.at("answer", by=play.chief, outcome="stands", answer="It was the first time.")
    assert answered.ended_at == "stands"
    assert play.sent_to("reviewer@riverton.example")[-1] == "answered"


def test_or_that_it_is_looked_at_again_in_a_review_of_its_own(play: Play) -> None:
    answered = dispute(coached(play))
    answered.at("answer", by=play.chief, outcome="again", answer="You are right.")
    assert answered.ended_at == "reopened"
    [again] = answered.linked()
    assert (again.case.process_id, again.case.title) == ("violation_review", "Looked at again: No case number")
    with pytest.raises(NotFound):
        again.at("assign", by=play.officer, investigator=str(play.investigator.person_id))
    again.at("assign", by=play.investigator, investigator=str(play.investigator.person_id))


def test_about_the_chief_the_board_answers_and_who_has_decided_does_not_disagree(play: Play) -> None:
    play.start("violation_review", by=play.officer, **report("V05", play.chief.person_id))
    play.at("consider", by=play.security, suspend=False, reasons="No harm.")
    play.at("assign_outside", by=play.board, investigator=str(play.counsel.person_id))
    play.at("allege", by=play.counsel, allegation="A private search.", unnamed=True)
    play.child("hear").at("answer", by=play.chief, answer="No.")
    play.at("investigate", by=play.counsel, finding="sustained", summary="The log.")
    play.at("decide_outside", by=play.board, **decision("reprimand"))
    appeal = {"appeals": True, "grounds": "It was none."}
    play.child("tell_subject").at("appeal", by=play.chief, **appeal)
    play.at("decide_appeal_outside", by=play.reviewer, outcome="uphold", reasons="It was one.")
    with pytest.raises(NotAllowed, match="yourself"):
        dispute(play)


def test_a_conflict_goes_to_the_board(play: Play) -> None:
    play.start("violation_review", by=play.officer, **report("V05", play.chief.person_id))
    play.at("consider", by=play.security, suspend=False, reasons="No harm.")
    play.at("assign_outside", by=play.board, investigator=str(play.counsel.person_id))
    play.at("allege", by=play.counsel, allegation="A private search.", unnamed=True)
    play.child("hear").at("answer", by=play.chief, answer="No.")
    play.at("investigate", by=play.counsel, finding="not_sustained", summary="The log.")
    play.at("decide_outside", by=play.board, outcome="none", reasons="It cannot be shown.")
    play.child("tell_subject").at("appeal", by=play.chief, appeals=False)
    answered = dispute(play)
    assert answered.open_steps() == ["answer_outside"]
    play.wait(business_days=6)
    assert "late" in play.sent_to("board@riverton.example")
    answered.at("answer_outside", by=play.board, outcome="stands", answer="We had the log.")
    assert "answered" in play.sent_to("reviewer@riverton.example")
    assert not {"late", "disputed"} & set(play.sent_to("chief@riverton.example"))


def test_what_is_no_decision_cannot_be_disputed_and_reasons_are_needed(play: Play) -> None:
    opened(play)
    with pytest.raises(Conflict, match="not decided"):
        dispute(play)
    for nobody in (play.administrator, play.chief, play.officer):
        with pytest.raises(NotAllowed):
            dispute(play, by=nobody)
    coached(play)
    with pytest.raises(Invalid):
        dispute(play, reasons=" ")
    answered = dispute(play)
    with pytest.raises(Conflict, match="no decision"):
        dispute(answered)


def test_the_stories_pass_every_element_of_the_model(play: Play) -> None:
    assert unvisited(play.app, "disagreement") == set()
