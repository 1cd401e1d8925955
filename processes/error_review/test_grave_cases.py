"""Stories of grave errors: somebody was stopped, detained or met with force."""

from datetime import timedelta
from typing import Any

import pytest

from processes.error_review.test_error_review import CORRECTED, DELETED, LAKE, an_agency, to_the_decision
from workflow_app.errors import DomainError
from workflow_app.play import Play, unvisited


def decided(play: Play, **answers: Any) -> Play:
    """A grave case that the chief has decided at the first sight of it."""
    to_the_decision(play, harm="stop", live=True)
    return play.at("decide_grave", by=play.chief, reasons="The image is clear.", **answers)


def test_the_chief_decides_and_the_reviewer_is_copied_at_once(play: Play) -> None:
    an_agency(play, "Lake County Sheriff", LAKE)
    to_the_decision(play, harm="arrest", live=True)
    assert play.case.severity == "S1"
    assert play.sent_to("reviewer@riverton.example") == ["copy_reviewer"]
    assert play.open_steps() == ["decide_grave"]
    with pytest.raises(DomainError):
        play.at("decide_grave", by=play.administrator, outcome="unfounded", reasons="Nothing to see.")
    play.at("decide_grave", by=play.chief, outcome="confirmed", reasons="The image is clear.")
    assert play.open_steps() == ["correct", "review_decision"]
    play.at("review_decision", by=play.reviewer, view="agree")
    assert play.task("correct").due_at == play.now + timedelta(hours=12), "an active alert cannot wait for days"
    play.at("correct", by=play.administrator, **CORRECTED)
    assert play.task("confirm_recipients").due_at == play.now + timedelta(hours=12)
    play.at("confirm_recipients", by=play.administrator, checked=True)
    play.child("tell_agencies").by_link("confirm", **DELETED)
    assert play.ended_at == "corrected"


def test_a_grave_report_is_triaged_within_four_hours(play: Play) -> None:
    to_the_decision(play, harm="detention")
    assert "Triage the report: waiting for programme administrator, due 9 Nov 2026, 13:00 PST" in play.timeline()


def test_a_reviewer_who_disagrees_has_the_case_decided_again(play: Play) -> None:
    decided(play, outcome="unfounded")
    with pytest.raises(DomainError):
        play.at("review_decision", by=play.reviewer, view="disagree")
    play.at("review_decision", by=play.reviewer, view="disagree", statement="The image shows a B.")
    assert play.ended_at == "unfounded"
    assert "reviewer_disagrees" in play.sent_to("chief@riverton.example")
    assert "evidence_released" not in play.sent_to("records@riverton.example")
    [again] = play.linked()
    assert again.case.title == "Decided again: Character misread, ALPR-17"
    assert again.open_steps() == ["decide_grave"]
    beside = again.shown("decide_grave")
    assert beside["Image"] == "The record differs from the image"
    assert beside["Source list"] == "No list was involved"
    assert beside["Finding"] == "The image shows an 8, not a B."
    assert beside["Case decided again"] == play.case.number
    play.wait(business_days=6)
    for part in ("reviewer", "board"):  # a disagreement has to be answered in five business days
        assert play.sent_to(f"{part}@riverton.example")[-1] == "decision_late"
    again.at("decide_grave", by=play.chief, outcome="confirmed", reasons="The reviewer is right.")
    again.at("correct", by=play.administrator, **CORRECTED)
    again.at("confirm_nobody", by=play.administrator, reason="The record was never shared.")
    again.at("review_decision", by=play.reviewer, view="comment", statement="Well done.")
    assert again.ended_at == "corrected"
    [released] = [mail for mail in play.postbox.mails if "held any more" in mail.subject and "Ruth" in mail.text]
    assert again.case.number in released.text
    assert f"You were asked in: {play.case.number}" in released.text


def test_a_decision_that_is_not_grave_may_be_disputed_when_the_case_has_ended(play: Play) -> None:
    to_the_decision(play, harm="none", live=False)
    play.at("decide", by=play.administrator, outcome="unfounded", reasons="The image is clear.")
    assert play.ended_at == "unfounded"
    again = play.disputed("The image shows a B.", by=play.reviewer)
    assert (again.case.severity, again.case.opened_by) == ("S4", play.officer.person_id)
    assert again.open_steps() == ["decide_grave"]
    assert again.shown("decide_grave")["External reviewer"] == "The image shows a B."
    assert play.sent_to("records@riverton.example")[-2:] == ["evidence_released", "evidence_hold"]
    assert "The external reviewer disagrees with the decision: The image shows a B." in play.timeline()
    with pytest.raises(DomainError, match="already"):
        play.disputed("Still a B.", by=play.reviewer)
    again.at("decide_grave", by=play.chief, outcome="unfounded", reasons="It is an 8.")
    again.at("review_decision", by=play.reviewer, view="agree")
    assert again.ended_at == "unfounded"


def test_a_broken_rule_is_a_violation_review_of_its_own(play: Play) -> None:
    decided(play, outcome="unfounded", rule_broken="V20")
    [review] = play.linked()
    assert (review.case.process_id, review.case.opened_by) == ("violation_review", None)
    assert review.case.title == "Action on an alert that was not verified"
    review.at("identify", by=play.investigator, how="The shift log does not say.")
    assert review.case.severity == "S1"
    assert "Action on an alert" not in " ".join(play.timeline())


def test_a_silent_reviewer_lets_the_decision_stand(play: Play) -> None:
    decided(play, outcome="cannot_determine")
    assert play.open_steps() == ["review_decision"]
    play.wait(business_days=6)
    assert play.ended_at == "not_determined"


def test_a_silent_chief_is_known_to_the_deputy_and_still_decides(play: Play) -> None:
    to_the_decision(play, harm="force")
    play.wait(business_days=11)
    assert "decision_late" in play.sent_to("deputy@riverton.example")
    play.at("decide_grave", by=play.chief, outcome="extend", reasons="I was away.")
    play.wait(business_days=11)
    assert play.sent_to("deputy@riverton.example").count("decision_late") == 2
    play.at("decide_grave_extended", by=play.chief, outcome="unfounded", reasons="The image matches.")
    play.at("review_decision", by=play.reviewer, view="agree")
    assert play.ended_at == "unfounded"


def test_the_stories_pass_every_element_of_the_model(play: Play) -> None:
    assert unvisited(play.app, "error_review") == set()
