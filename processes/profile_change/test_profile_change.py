"""A deadline or number is changed by decision: what holds for which cases, beside the law, and who was first."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_app.agency.deadlines import describe
from workflow_app.agency.profile import Profile, load
from workflow_app.audit import timeline
from workflow_app.errors import Conflict, Invalid, NotAllowed
from workflow_app.play import Play, unvisited
from workflow_app.registers.profile_changes import STREAM, history

TRIAGE = "deadlines.error_review.triage"
CHANGE = {
    "entry": TRIAGE, "value": "3 business days", "citation": "City Council, resolution 12.", "as_of": "2026-11-09",
    "compared": True, "open_cases": False, "reason": "Two were not enough over the holidays.",
}  # fmt: skip
YES = {"approve": True, "reasons": "Agreed."}
REPORT = {
    "error_class": "E01", "what_happened": "Misread.", "harm": "none", "live": False, "device": "ALPR-17",
    "detection_id": "PW-1", "happened_at": "2026-11-08T10:00",
}  # fmt: skip


def propose(play: Play, **changed: Any) -> Play:
    play.start("profile_change", by=play.administrator, **CHANGE | changed)
    return play.latest("profile_change")


def profile(play: Play) -> Profile:
    found: Profile = play.app.extensions["alpr"].profile
    return found


def triage(play: Play) -> str:
    return describe(profile(play).deadline("error_review.triage").usual)


def due_days(case: Play, step: str) -> int:
    due = case.task(step).due_at
    assert due is not None
    return profile(case).calendar.business_days_between(case.now, due)


def test_from_the_decision_on_new_cases_have_the_new_time_and_open_ones_keep_theirs(play: Play) -> None:
    before = play.start("error_review", by=play.officer, **REPORT).latest("error_review")
    play.wait(minutes=1)
    proposal = propose(play)
    assert triage(play) == "2 business days"
    assert play.sent_to("chief@riverton.example")[-1] == "decide"
    assert proposal.shown("decide") == {
        "Deadline or number": "Error review: triage",
        "In force now": "2 business days, urgent: 4 hours (Default of this product; no outside authority.)",
        "Proposed": "3 business days, urgent: 4 hours",
        "Rests on": "City Council, resolution 12. As of 2026-11-09.",
        "Beside the law": "Not laxer than anything cited here.",
        "Holds for": "new cases",
        "Reason": "Two were not enough over the holidays.",
    }
    proposal.at("decide", by=play.chief, **YES)
    assert proposal.ended_at == "in_force"
    assert triage(play) == "3 business days"
    assert due_days(before, "triage") == 2
    after = play.start("error_review", by=play.officer, **REPORT).latest("error_review")
    assert due_days(after, "triage") == 3
    assert all("in_force" in play.sent_to(f"{part}@riverton.example") for part in ("administrator", "reviewer"))
    [row] = history(TRIAGE)
    assert (row.proposed_by, row.decided_by, row.case_number) == ("Priya Nair", "Marta Alvarez", proposal.case.number)
    assert row.before["usual"] == "2 business days"
    [event] = timeline(STREAM)
    assert event.summary.startswith("Error review: triage: 2 business days, urgent: 4 hours became 3 business days")
    assert load("default").deadline("error_review.triage").citation.startswith("Default"), "the file is left alone"


def test_steps_of_open_cases_follow_where_that_was_decided_and_a_day_that_is_set_stays(play: Play) -> None:
    old = play.start("error_review", by=play.officer, **REPORT).latest("error_review")
    play.wait(minutes=1)
    propose(play, entry="deadlines.error_review.test", value="7 business days").at("decide", by=play.chief, **YES)
    propose(play, open_cases=True, value="4 business days").at("decide", by=play.chief, **YES)
    assert due_days(old, "triage") == 2, "a day that is set already never moves"
    old.at("triage", by=play.administrator, route="test")
    assert due_days(old, "test_read") == 5, "not decided for open cases"
    propose(play, entry="deadlines.error_review.test", value="8 business days", open_cases=True)
    play.latest("profile_change").at("decide", by=play.chief, **YES)
    later = play.start("error_review", by=play.officer, **REPORT).latest("error_review")
    later.at("triage", by=play.administrator, route="test")
    assert due_days(later, "test_read") == 8


def test_declined_changes_nothing_and_who_proposed_it_hears_why(play: Play) -> None:
    proposal = propose(play)
    proposal.at("decide", by=play.chief, approve=False, reasons="Two are enough.")
    assert proposal.ended_at == "declined"
    assert play.sent_to("administrator@riverton.example")[-1] == "declined"
    assert (triage(play), history(TRIAGE), timeline(STREAM)) == ("2 business days", [], [])


def test_the_second_of_two_proposals_is_shown_what_is_in_force_and_can_only_be_declined(play: Play) -> None:
    first, second = propose(play), propose(play, value="9 business days")
    first.at("decide", by=play.chief, **YES)
    shown = second.shown("decide")
    assert shown["In force now"].startswith("3 business days")
    assert shown["Decided meanwhile"].startswith("Since this was proposed, Marta Alvarez has decided otherwise")
    with pytest.raises(Conflict, match=f"in {first.case.number}: 3 business days, urgent: 4 hours"):
        second.at("decide", by=play.chief, **YES)
    assert second.open_steps() == ["decide"]
    second.at("decide", by=play.chief, approve=False, reasons="Overtaken.")
    assert triage(play) == "3 business days"
    with pytest.raises(Invalid) as refused:
        propose(play)
    assert refused.value.fields == {"value": ["This is how it stands already."]}
    assert propose(play, as_of="2026-11-08").open_steps() == ["decide"], "compared on another day"


def test_what_allows_more_than_the_law_is_shown_as_laxer_than_cited(play: Play) -> None:
    key = "numbers.account_recertification.disabled_days"
    proposal = propose(play, entry=key, value="120", citation="Chief's order 7.")
    laxer = (
        "Laxer than cited: FBI CJIS Security Policy 5.9.4, AC-2(3): disabled when inactive for 90 calendar days says"
    )
    assert proposal.shown("decide")["Beside the law"].startswith(laxer)
    proposal.at("decide", by=play.chief, **YES)
    assert profile(play).number("account_recertification.disabled_days").whole() == 120
    assert any(laxer in sentence for sentence in proposal.timeline())
    stricter = propose(play, entry=key, value="60", citation="Chief's order 8.")
    assert stricter.shown("decide")["Beside the law"] == "Not laxer than anything cited here."


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"entry": "deadlines.error_review.lunch"}, "entry"),
        ({"entry": "error_review.triage"}, "entry"),
        ({"entry": "numbers.offices.in_person", "value": "account_approval.sign_rules"}, "entry"),
        ({"value": "soon"}, "value"),
        ({"value": "0 days"}, "value"),
        ({"urgent": "at once"}, "urgent"),
        ({"entry": "deadlines.error_review.test", "urgent": "4 hours"}, "urgent"),
        ({"entry": "numbers.mail.kept_days", "value": "20000"}, "value"),
        ({"entry": "numbers.mail.kept_days", "value": "many"}, "value"),
        ({"entry": "numbers.reminders.digest_at", "value": "25:00"}, "value"),
        ({"entry": "numbers.sharing.certificate_required_from", "value": "2027-02-30"}, "value"),
        ({"as_of": "2026-11-10"}, "as_of"),
        ({"compared": False}, "compared"),
        ({"citation": " "}, "citation"),
    ],
)  # fmt: skip
def test_what_cannot_stand_in_a_profile_is_refused_beside_its_field(
    play: Play, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        propose(play, **wrong)
    assert list(refused.value.fields) == [field]


def test_only_the_administrator_proposes_and_only_the_chief_decides(play: Play) -> None:
    with pytest.raises(NotAllowed):
        play.start("profile_change", by=play.chief, **CHANGE)
    proposal = propose(play)
    with pytest.raises(NotAllowed):
        proposal.at("decide", by=play.administrator, **YES)
    assert triage(play) == "2 business days"


def test_the_stories_pass_every_element_of_the_model(play: Play) -> None:
    assert unvisited(play.app, "profile_change") == set()
