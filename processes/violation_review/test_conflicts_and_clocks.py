"""Stories of conflicts of interest, of time, of proceedings elsewhere, and of the external reviewer's word."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from processes.violation_review.test_violation_review import (
    GIVEN,
    PROOF,
    SUSTAINED,
    active,
    assigned,
    considered,
    decision,
    investigated,
    opened,
    report,
)
from workflow_app.access import Actor
from workflow_app.errors import Invalid
from workflow_app.play import Play, unvisited

__all__ = ["active"]


def about(play: Play, whom: Actor, kind: str = "V16", **more: Any) -> Play:
    return play.start("violation_review", by=play.officer, **report(kind, whom.person_id, **more))


@pytest.mark.parametrize("whom", ["chief", "administrator"])
def test_a_report_about_the_chief_or_the_administrator_passes_both_by(play: Play, whom: str) -> None:
    about(play, getattr(play, whom))
    assert play.case.hides
    for part in ("chief", "administrator"):
        assert play.sent_to(f"{part}@riverton.example") == []
    for part in ("reviewer", "board"):
        assert "copy_reviewer" in play.sent_to(f"{part}@riverton.example")
    assert "assign_outside" in play.open_steps()
    play.at("confirm_suspended", by=play.security, **PROOF)
    play.at("refer", by=play.investigator, referred_to="Attorney general", criminal=True)
    play.at("assign_outside", by=play.board, investigator=str(play.counsel.person_id))
    play.at("allege", by=play.counsel, allegation="A favour for a friend.", unnamed=True)
    play.child("hear").at("answer", by=getattr(play, whom), answer="It was no favour.")
    play.at("investigate", by=play.counsel, **SUSTAINED)
    assert play.open_steps() == ["decide_outside"]
    play.at("decide_outside", by=play.board, outcome="pause", reasons="The attorney general looks into it.")
    play.at("watch", by=play.investigator, over=True, standing="No charges.")
    play.wait(days=31)
    assert "decision_late" in play.sent_to("reviewer@riverton.example")
    play.at("decide_outside", by=play.board, **decision("transfer"))
    appeal = play.child("tell_subject")
    appeal.at("appeal", by=getattr(play, whom), appeals=True, grounds="It was no favour.")
    play.at("review_decision", by=play.reviewer, view="disagree", statement="The investigation took too long.")
    play.wait(business_days=11)
    assert "answer_late" in play.sent_to("board@riverton.example")
    assert play.sent_to("deputy@riverton.example").count("decision_late") == 2
    play.at("decide_appeal_outside", by=play.reviewer, outcome="lift", reasons="Indeed it was not.")
    play.at("answer_reviewer", by=play.board, answer="It did.")
    assert play.ended_at == "no_violation"
    other = {"chief": "administrator", "administrator": "chief"}[whom]
    assert play.sent_to(f"{other}@riverton.example") == []
    assert set(play.sent_to(f"{whom}@riverton.example")) == {"answer", "decided", "appeal_decided"}
    written = [mail.subject for mail in play.postbox.mails]
    assert not [text for text in written if "Alvarez" in text or "Nair" in text or "Reyes" in text]


def test_whoever_is_named_only_later_is_passed_by_from_then_on(play: Play) -> None:
    about(play, play.officer, person=None)
    play.at("identify", by=play.investigator, person=str(play.chief.person_id), how="The log names them.")
    assert "assign_outside" in play.open_steps()


def test_who_cannot_be_named_is_neither_heard_nor_told(play: Play) -> None:
    about(play, play.officer, kind="V14", person=None)
    play.at("identify", by=play.investigator, how="Two desks use the same screen.")
    assigned(play)
    play.at("investigate", by=play.investigator, finding="not_sustained", summary="It cannot be said who it was.")
    play.at("decide", by=play.chief, outcome="none", reasons="Nobody can be named.")
    play.wait(business_days=6)
    assert play.ended_at == "no_violation"


def test_the_chief_who_reported_it_does_not_decide(play: Play) -> None:
    play.start("violation_review", by=play.chief, **report("V05", play.officer.person_id))
    play.at("consider", by=play.administrator, suspend=False, reasons="No harm.")
    investigated(play)
    assert play.task("decide").role == "deputy_chief"
    play.at("decide", by=play.deputy, **decision("reprimand"))
    play.child("tell_subject").at("appeal", by=play.officer, **GIVEN)
    assert play.ended_at == "sanctioned"


def test_the_investigator_is_nobody_who_has_a_part_in_it(play: Play) -> None:
    play.start("violation_review", by=play.investigator, **report("V01", play.officer.person_id))
    assert play.task("assign").role == "deputy_chief"
    with pytest.raises(Invalid):
        play.at("assign", by=play.deputy, investigator=str(play.investigator.person_id))
    play.at("assign", by=play.deputy, investigator=str(play.counsel.person_id))
    assert play.task("allege").assignee_id == play.counsel.person_id
    play.at("allege", by=play.counsel, allegation="Searches without a case number.", unnamed=True)


def test_the_time_to_decide_is_extended_once_and_silence_decides_nothing(play: Play) -> None:
    considered(play)
    due = play.task("decide").due_at
    assert due is not None
    assert due - play.now > timedelta(days=25)
    play.until(due + timedelta(hours=1))
    assert play.open_steps() == ["decide"]
    assert "decision_late" in play.sent_to("deputy@riverton.example")
    play.at("decide", by=play.chief, outcome="extend", reasons="The vendor's log is not here yet.")
    with pytest.raises(Invalid):
        play.at("decide_later", by=play.chief, outcome="extend", reasons="Still not here.")
    play.wait(business_days=11)
    assert play.sent_to("reviewer@riverton.example").count("decision_late") == 2
    play.at("decide_later", by=play.chief, **decision("reprimand"))
    assert play.open_steps() == ["tell_subject"]


def test_criminal_proceedings_pause_the_decision_in_sight(play: Play) -> None:
    considered(play).at("decide", by=play.chief, outcome="pause", reasons="The prosecutor has it.")
    assert play.open_steps() == ["watch"]
    play.at("watch", by=play.investigator, over=False, standing="Charged.")
    assert play.task("watch").due_at is not None
    play.at("watch", by=play.investigator, over=True, standing="Convicted.")
    assert play.shown("decide_later")["Proceedings"] == "Convicted."


def test_a_minor_case_may_wait_for_proceedings_too(play: Play) -> None:
    investigated(opened(play, "V01")).at("settle", by=play.administrator, outcome="pause", reasons="Another case.")
    play.at("watch", by=play.investigator, over=True, standing="Over.")
    play.wait(business_days=16)
    assert play.open_steps() == ["settle"]
    assert "decision_late" in play.sent_to("deputy@riverton.example")


def test_a_reviewer_who_disagrees_is_answered_in_five_days_and_both_stay(play: Play) -> None:
    investigated(opened(play, "V20").at("suspend_access", by=play.administrator, **PROOF))
    play.at("decide", by=play.chief, **decision("reprimand"))
    with pytest.raises(Invalid):
        play.at("review_decision", by=play.reviewer, view="disagree")
    play.at("review_decision", by=play.reviewer, view="disagree", statement="Far too mild.")
    assert play.shown("answer_reviewer")["External reviewer"] == "Far too mild."
    due = play.task("answer_reviewer").due_at
    assert due is not None
    assert timedelta(days=5) <= due - play.now < timedelta(days=9)  # five business days with a holiday between
    play.at("answer_reviewer", by=play.chief, answer="It was the first time.")
    play.child("tell_subject").at("appeal", by=play.officer, **GIVEN)
    assert play.ended_at == "sanctioned"


@pytest.mark.parametrize(
    ("kind", "more", "severity"),
    [
        ("V21", {}, "S1"), ("V15", {}, "S2"), ("V15", {"harm": "person"}, "S1"), ("V20", {"harm": "force"}, "S1"),
        ("V19", {}, "S3"), ("V19", {"aggravated": True}, "S2"), ("V01", {"aggravated": True}, "S3"), ("V13", {}, "S4"),
    ],
)  # fmt: skip
def test_severity_follows_from_kind_and_harm(play: Play, kind: str, more: dict[str, Any], severity: str) -> None:
    assert opened(play, kind, **more).case.severity == severity


def test_the_stories_pass_every_element_of_the_model(play: Play) -> None:
    assert unvisited(play.app, "violation_review") == set()
    assert unvisited(play.app, "violation_answer") == set()
