"""Stories of a violation review, from the report to the end of a sanction."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from workflow_app import clock
from workflow_app.db import unit_of_work
from workflow_app.errors import Invalid, NotAllowed
from workflow_app.people import by_email
from workflow_app.play import Play
from workflow_app.registers import alpr_access, training
from workflow_app.registers.alpr_access import AccessState

AA = "AA-2026-000001"
PROOF = {"done": True, "proof": "Change 7"}
SUSTAINED = {"finding": "sustained", "summary": "The vendor's log shows it."}
GIVEN = {"appeals": False}


@pytest.fixture(autouse=True)
def active(play: Play) -> None:
    """Dana Reyes is led by Joon Kim, and has access and a certificate for a year."""
    with clock.stopped_at(play.now), unit_of_work():
        officer = by_email("officer@riverton.example")
        officer.supervisor_id = by_email("supervisor@riverton.example").id
        until = play.now + timedelta(days=365)
        alpr_access.request(officer.id, case_number=AA, now=play.now)
        alpr_access.activate(officer.id, vendor_user_id="dreyes", until=until, case_number=AA, now=play.now)


def report(kind: str, whom: int | None, **more: Any) -> dict[str, Any]:
    """A report in which nobody is known to have come to harm."""
    told = {
        "violation_class": kind,
        "what_happened": "Seen on the screen of the next desk.",
        "harm": "none",
        "happened_at": "2026-11-08T21:40",
        "person": str(whom) if whom else None,
        "evidence": "Log of 8 November",
    }
    return told | more


def opened(play: Play, kind: str, **more: Any) -> Play:
    """Reported by Ruth Okafor about Dana Reyes."""
    return play.start("violation_review", by=play.records, **report(kind, play.officer.person_id, **more))


def assigned(play: Play) -> Play:
    """Ivo Brandt investigates, and has written down what is alleged."""
    me = str(play.investigator.person_id)
    play.at("assign", by=play.investigator, investigator=me)
    return play.at("allege", by=play.investigator, allegation="A search for a private reason.", unnamed=True)


def investigated(play: Play) -> Play:
    """The person has answered, and it was found to be so."""
    assigned(play)
    play.child("hear").at("answer", by=play.officer, answer="I was asked to.")
    return play.at("investigate", by=play.investigator, **SUSTAINED)


def considered(play: Play, kind: str = "V05", **more: Any) -> Play:
    """An S3 up to the decision, the access suspended meanwhile."""
    opened(play, kind, **more).at("consider", by=play.administrator, suspend=True, reasons="Until it is clear.")
    return investigated(play)


def state(play: Play) -> AccessState | None:
    return alpr_access.state_of(play.officer.person_id or 0)


def decision(*chosen: str, **more: Any) -> dict[str, Any]:
    return {"outcome": "sanction", "sanctions": list(chosen), "reasons": "The log shows it."} | more


def test_the_gravest_are_stopped_at_once_referred_and_decided_by_the_chief(play: Play) -> None:
    opened(play, "V16")
    assert play.case.severity == "S1"
    assert state(play) is AccessState.SUSPENDED
    assert play.open_steps() == ["assign", "confirm_suspended", "refer"]
    assert play.task("confirm_suspended").due_at == play.now + timedelta(minutes=30)
    assert "copy_reviewer" in play.sent_to("reviewer@riverton.example")
    assert "evidence_hold" in play.sent_to("security@riverton.example")
    assert play.sent_to("records@riverton.example") == ["acknowledge", "evidence_hold"]
    play.at("confirm_suspended", by=play.administrator, **PROOF)
    play.at("refer", by=play.investigator, referred_to="District attorney", criminal=True)
    investigated(play)
    with pytest.raises(Invalid):
        play.at("decide", by=play.chief, **decision("coaching"))
    with pytest.raises(Invalid) as nothing:
        play.at("decide", by=play.chief, **decision())
    assert nothing.value.fields["sanctions"] == ["Please choose at least one."]
    play.at("decide", by=play.chief, **decision("dismissal", "referral"))
    assert state(play) is AccessState.ENDED
    play.child("tell_subject").at("appeal", by=play.officer, **GIVEN)
    play.at("review_decision", by=play.reviewer, view="comment", statement="Well done.")
    assert play.ended_at == "sanctioned"
    assert play.sent_to("records@riverton.example")[-2:] == ["outcome", "evidence_released"]


def test_the_person_sees_what_is_alleged_and_nothing_else(play: Play) -> None:
    assigned(opened(play, "V05").at("consider", by=play.administrator, suspend=False, reasons="No harm."))
    heard = play.child("hear")
    assert heard.shown("answer") == {
        "What is alleged": "A search for a private reason.",
        "Measures until it is decided": "None so far.",
    }
    assert play.sent_to("officer@riverton.example") == ["answer"]
    told = [text for mail in play.postbox.mails for text in (mail.subject, mail.text, mail.html)]
    subjects = [mail.subject for mail in play.postbox.mails]
    assert not [text for text in subjects if "Reyes" in text or "Okafor" in text]
    [to_the_officer] = [mail for mail in play.postbox.mails if mail.to_address == "officer@riverton.example"]
    assert "Okafor" not in to_the_officer.text + to_the_officer.html
    assert told
    assert not [line for line in heard.timeline() if "Okafor" in line or play.case.number in line]
    with pytest.raises(NotAllowed):
        heard.at("answer", by=play.investigator, answer="For them.")
    play.wait(business_days=11)
    assert heard.ended_at == "not_answered"
    assert play.shown("investigate")["The person's answer"] == "None was given in time"


def test_a_grave_case_that_nobody_stops_in_time_is_stopped_by_the_service(play: Play) -> None:
    opened(play, "V14")
    assert (play.case.severity, state(play)) == ("S2", AccessState.ACTIVE)
    play.wait(business_days=1, hours=1)
    assert state(play) is AccessState.SUSPENDED
    investigated(play)
    play.at("decide", by=play.chief, **decision("access_end"))
    assert state(play) is AccessState.ENDED


def test_done_in_time_it_is_in_the_register_too(play: Play) -> None:
    opened(play, "V17").at("suspend_access", by=play.administrator, **PROOF)
    assert state(play) is AccessState.SUSPENDED


def test_access_is_lost_for_days_and_comes_back_by_itself_and_retraining_is_the_course(play: Play) -> None:
    considered(play)
    with pytest.raises(Invalid) as unsaid:
        play.at("decide", by=play.chief, **decision("access_loss"))
    assert unsaid.value.fields["days"] == ["Please say for how many days."]
    play.at("decide", by=play.chief, **decision("access_loss", "retraining", days=30))
    assert play.child("tell_subject").shown("appeal")["What was decided"] == "Loss of access for 30 days, Retraining"
    play.wait(business_days=11)
    assert play.children("tell_subject")[0].ended_at == "not_appealed"
    trained = play.child("train")
    assert (state(play), trained.open_steps()) == (AccessState.SUSPENDED, ["test"])
    pass_the_test(trained, play)
    play.wait(days=31)
    assert (play.ended_at, state(play)) == ("sanctioned", AccessState.ACTIVE)
    assert training.valid_until(play.officer.person_id or 0, play.now) is not None


def pass_the_test(trained: Play, play: Play) -> None:
    from workflow_app.registers import courses

    answers = [f"{place}:{question['right']}" for place, question in enumerate(courses.current().questions, 1)]
    trained.at("test", by=play.officer, read=True, answers=answers)
    trained.at("sign", by=play.officer, sanctions=True, reporting=True)


def test_what_is_no_violation_gives_the_access_back(play: Play) -> None:
    considered(play)
    with pytest.raises(Invalid):
        play.at("decide", by=play.chief, outcome="none", sanctions=["reprimand"], reasons="No.")
    play.at("decide", by=play.chief, outcome="none", reasons="It cannot be shown.")
    assert state(play) is AccessState.ACTIVE
    play.child("tell_subject").at("appeal", by=play.officer, **GIVEN)
    assert play.ended_at == "no_violation"


def test_an_appeal_goes_to_somebody_who_has_not_decided(play: Play) -> None:
    considered(play)
    play.at("decide", by=play.chief, **decision("access_loss", days=60))
    with pytest.raises(Invalid):
        play.child("tell_subject").at("appeal", by=play.officer, appeals=True)
    play.child("tell_subject").at("appeal", by=play.officer, appeals=True, grounds="I had a case number.")
    assert play.open_steps() == ["decide_appeal"]
    with pytest.raises(NotAllowed):
        play.at("decide_appeal", by=play.chief, outcome="uphold", reasons="I was right.")
    play.wait(business_days=11)
    assert "decision_late" in play.sent_to("reviewer@riverton.example")
    play.at("decide_appeal", by=play.board, outcome="change", sanctions=["reprimand"], reasons="Too hard.")
    assert (play.ended_at, state(play)) == ("sanctioned", AccessState.ACTIVE)


def test_an_appeal_may_be_in_vain(play: Play) -> None:
    considered(play)
    play.at("decide", by=play.chief, **decision("reprimand"))
    play.child("tell_subject").at("appeal", by=play.officer, appeals=True, grounds="I had a case number.")
    play.at("decide_appeal", by=play.board, outcome="uphold", reasons="There was none.")
    assert play.ended_at == "sanctioned"
    assert "The decision stands." in play.timeline()


def test_whoever_appealed_reads_what_became_of_it(play: Play) -> None:
    considered(play)
    play.at("decide", by=play.chief, **decision("access_loss", days=60))
    play.child("tell_subject").at("appeal", by=play.officer, appeals=True, grounds="I had a case number.")
    assert play.shown("decide_appeal")["Grounds of the appeal"] == "I had a case number.", "the board cannot open it"
    play.at("decide_appeal", by=play.board, outcome="change", sanctions=["reprimand"], reasons="Too hard.")
    assert play.sent_to("officer@riverton.example")[-1] == "appeal_decided"
    told = play.child("tell_appealed")
    assert told.ended_at == "told"
    assert read_in(told) == ("Decided anew: Written reprimand", "Too hard.")
    assert not [line for line in told.timeline() if "Okafor" in line or play.case.number in line]


def test_of_somebody_who_has_left_internal_affairs_hear_it_for_a_letter(play: Play) -> None:
    considered(play)
    play.at("decide", by=play.chief, **decision("reprimand"))
    play.child("tell_subject").at("appeal", by=play.officer, appeals=True, grounds="I had a case number.")
    with clock.stopped_at(play.now), unit_of_work():
        by_email("officer@riverton.example").active = False
    play.at("decide_appeal", by=play.board, outcome="uphold", reasons="There was none.")
    assert "by_letter" in play.sent_to("investigator@riverton.example")
    assert read_in(play.child("tell_appealed"))[0] == "The decision stands: Written reprimand"


def read_in(told: Play) -> tuple[str, str]:
    given = told.answered("start")
    return given["decision"], given["reasons"]


def test_what_the_investigation_finds_is_rated_and_measured_as_that(play: Play) -> None:
    opened(play, "V00").at("consider", by=play.administrator, suspend=False, reasons="Nobody knows what it is.")
    assert play.case.severity == "S3"
    assigned(play)
    play.child("hear").at("answer", by=play.officer, answer="It was for a friend.")
    play.at("investigate", by=play.investigator, **SUSTAINED, kind="V16")
    assert (play.case.severity, play.case.grave, state(play)) == ("S1", True, AccessState.SUSPENDED)
    assert play.open_steps() == ["confirm_suspended", "decide", "refer"]
    assert "copy_reviewer" in play.sent_to("reviewer@riverton.example")
    assert "By what was found it is S1, not S3." in play.timeline()
    assert play.sent_to("records@riverton.example").count("acknowledge") == 1
    assert play.shown("decide")["Kind"] == "Personal use, stalking, a favour or sale"
    assert play.shown("decide")["The person's answer"] == "It was for a friend."
    play.at("decide", by=play.chief, **decision("dismissal"))


def test_what_turns_out_milder_is_decided_as_that_without_further_measures(play: Play) -> None:
    opened(play, "V20").at("suspend_access", by=play.administrator, **PROOF)
    assigned(play)
    play.child("hear").at("answer", by=play.officer, answer="I wrote the number down later.")
    play.at("investigate", by=play.investigator, **SUSTAINED, kind="V01")
    assert (play.case.severity, play.open_steps()) == ("S4", ["settle"])
    play.at("settle", by=play.administrator, **decision("coaching"))
    assert state(play) is AccessState.ACTIVE


def test_what_was_not_found_changes_no_grade(play: Play) -> None:
    opened(play, "V05").at("consider", by=play.administrator, suspend=False, reasons="No harm.")
    assigned(play)
    play.child("hear").at("answer", by=play.officer, answer="No.")
    play.at(
        "investigate", by=play.investigator, finding="unfounded", summary="It was not so.", kind="V16", harm="force"
    )
    assert (play.case.severity, state(play)) == ("S3", AccessState.ACTIVE)


def test_the_third_minor_defect_of_a_person_within_a_year_weighs_more(play: Play) -> None:
    for severity in ("S4", "S4", "S3"):
        assert opened(play, "V01").case.severity == severity
    assert (
        play.start("violation_review", by=play.records, **report("V01", play.trainer.person_id)).case.severity == "S4"
    )
    play.wait(days=366)
    assert opened(play, "V04").case.severity == "S4"
    assert play.case.grave is False


def test_a_defect_of_record_keeping_ends_with_coaching(play: Play) -> None:
    opened(play, "V01")
    investigated(play)
    play.at("settle", by=play.administrator, **decision("coaching"))
    play.child("tell_subject").at("appeal", by=play.officer, **GIVEN)
    assert play.ended_at == "coached"
