"""Stories of a vendor's investigation: a good one, a contested one, a fix that does not hold, and silence."""

from typing import Any

import pytest

from workflow_app.errors import Invalid, NotAllowed
from workflow_app.play import Play, unvisited

VENDOR = "support@platewise.example"
REQUEST = {"device": "ALPR-17", "detection_id": "D-20931", "what": "Every 8 is read as B since Friday."}


def asked(play: Play) -> Play:
    """The vendor has been sent the evidence pack."""
    play.start("vendor_investigation", by=play.administrator, **REQUEST)
    return play.at("send_pack", by=play.administrator, questions="Why is an 8 read as a B?", checked=True)


def finding(cause: str, **more: Any) -> dict[str, Any]:
    """What the vendor says it found."""
    return {"cause": cause, "explanation": "A filter was too strong.", "name": "Robin Vale"} | more


def test_the_vendor_acknowledges_reports_and_fixes(play: Play) -> None:
    asked(play)
    assert play.sent_to(VENDOR) == ["request"]
    play.by_link("acknowledge", to=VENDOR, name="Robin Vale", received=True)
    play.wait(business_days=2)
    with pytest.raises(Invalid) as unnamed:
        play.by_link("first_answer", kind="finding", explanation="Done.", name="Robin Vale")
    assert unnamed.value.fields["cause"] == ["Please say what you found."]
    play.by_link("first_answer", kind="interim", explanation="We can see it too.", name="Robin Vale")
    play.by_link("give_finding", **finding("fixed"))
    assert "finding_arrived" in play.sent_to("administrator@riverton.example")
    play.at("judge_finding", by=play.administrator, verdict="fixed", reasons="It explains what we saw.")
    with pytest.raises(Invalid) as impossible:
        play.at("verify_fix", by=play.administrator, tested=50, wrong=51, fixed=True, remarks="Friday's reads.")
    assert impossible.value.fields["wrong"] == ["More samples were wrong than were tested."]
    play.at("verify_fix", by=play.administrator, tested=50, wrong=0, fixed=True, remarks="Friday's reads.")
    assert play.ended_at == "vendor_fault_fixed"


def test_a_contested_finding_goes_back_with_the_image(play: Play) -> None:
    asked(play).by_link("acknowledge", name="Robin Vale", received=True)
    play.by_link("first_answer", **finding("no_fault", kind="finding"))
    with pytest.raises(Invalid):
        play.at("judge_finding", by=play.administrator, verdict="contest", reasons="The image is clear.")
    contest = {"verdict": "contest", "reasons": "The image is clear.", "image_reference": "EV-9"}
    play.at("judge_finding", by=play.administrator, **contest)
    assert play.sent_to(VENDOR)[-1] == "answer_again"
    play.by_link("answer_again", **finding("not_fixable"))
    play.at("judge_finding", by=play.administrator, verdict="not_fixable", reasons="The model is out of support.")
    assert play.ended_at == "vendor_fault_not_fixable"


def test_a_fix_that_does_not_hold_goes_back(play: Play) -> None:
    asked(play).by_link("acknowledge", name="Robin Vale", received=True)
    play.by_link("first_answer", **finding("fixed", kind="finding"))
    play.at("judge_finding", by=play.administrator, verdict="fixed", reasons="It explains what we saw.")
    play.at("verify_fix", by=play.administrator, tested=50, wrong=7, fixed=False, remarks="Seven are still wrong.")
    play.by_link("answer_again", **finding("no_fault"))
    play.at("judge_finding", by=play.administrator, verdict="no_fault", reasons="The lens was scratched.")
    assert play.ended_at == "no_vendor_fault"


def test_a_silent_vendor_is_chased_and_the_chief_decides_how_to_go_on(play: Play) -> None:
    asked(play).wait(business_days=11)
    assert "reminder" in play.sent_to(VENDOR)
    assert "vendor_late" in play.sent_to("administrator@riverton.example")
    assert play.open_steps() == ["acknowledge"]
    play.wait(business_days=5)
    assert play.open_steps() == ["decide_without_finding"]
    with pytest.raises(NotAllowed):
        play.at("decide_without_finding", by=play.administrator, go_on="close", reasons="They never answer.")
    play.at("decide_without_finding", by=play.chief, go_on="wait", reasons="Their office was closed.")
    assert play.open_steps() == ["answer_again"]
    play.wait(business_days=16)
    play.at("decide_without_finding", by=play.chief, go_on="close", reasons="They never answer.")
    assert play.ended_at == "closed_without_finding"


def test_only_the_administrator_opens_one_by_hand(play: Play) -> None:
    with pytest.raises(NotAllowed):
        play.start("vendor_investigation", by=play.officer, **REQUEST)


def test_the_stories_pass_every_element_of_the_model(play: Play) -> None:
    assert unvisited(play.app, "vendor_investigation") == set()
