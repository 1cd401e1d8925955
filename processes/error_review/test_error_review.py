"""Stories of an error review, from the report to the last confirmation."""

from typing import Any

import pytest

from workflow_app.db import unit_of_work
from workflow_app.errors import Invalid, NotAllowed
from workflow_app.play import Play
from workflow_app.registers import agencies, hotlists, shares
from workflow_app.registers.agencies import PartnerAgency

LAKE = "records@lake.example"
TESTED: dict[str, Any] = {
    "against_image": "differs",
    "against_source": "not_involved",
    "finding": "The image shows an 8, not a B.",
}
CORRECTED: dict[str, Any] = {
    "where": ["vendor"],
    "what": "The read was changed to what the image shows.",
    "reference": "T-77",
    "corrected_at": "2026-11-09T08:30",
    "what_was_wrong": "One character of the plate was misread.",
    "what_to_do": "delete",
}
DELETED: dict[str, Any] = {
    "answer": "deleted",
    "signatory": "Ana Ruiz",
    "title": "Records supervisor",
    "declared": True,
}


def report(**more: Any) -> dict[str, Any]:
    """A report in which nobody came to harm."""
    return {
        "error_class": "E01",
        "what_happened": "The reader took an 8 for a B.",
        "harm": "none",
        "live": False,
        "device": "ALPR-17",
        "happened_at": "2026-11-08T21:40",
        "detection_id": "D-20931",
        "read_plate": "7BBB123",
        "true_plate": "7B8B123",
    } | more


def to_the_decision(play: Play, **more: Any) -> Play:
    """A case that has been triaged and tested."""
    play.start("error_review", by=play.officer, **report(**more))
    return play.at("triage", by=play.administrator, route="test").at("test_read", by=play.administrator, **TESTED)


def an_agency(play: Play, name: str, email: str | None) -> PartnerAgency:
    """An agency that the record of the report was shared with."""
    with unit_of_work():
        agency = agencies.add(name=name, now=play.now, contact_name="Ana Ruiz", contact_email=email)
    with unit_of_work():
        day = play.now.date()
        shares.record_share(
            record_reference="D-20931",
            agency_id=agency.id,
            shared_on=day,
            case_number="24-118",
            created_by="test",
            now=play.now,
        )
    return agency


def test_a_misread_is_corrected_and_everybody_told(play: Play) -> None:
    an_agency(play, "Lake County Sheriff", LAKE)
    to_the_decision(play)
    assert play.sent_to("officer@riverton.example") == ["acknowledge"]
    assert "evidence_hold" in play.sent_to("records@riverton.example")
    play.at("decide", by=play.administrator, outcome="confirmed", reasons="The image is clear.")
    play.at("correct", by=play.administrator, **CORRECTED)
    play.at("confirm_recipients", by=play.administrator, checked=True)
    assert play.open_steps() == ["tell_agencies"]
    play.child("tell_agencies").by_link("confirm", to=LAKE, **DELETED)
    assert play.ended_at == "corrected"
    assert play.sent_to("records@riverton.example")[-1] == "evidence_released"
    assert play.sent_to("officer@riverton.example") == ["acknowledge", "outcome"]
    assert play.sent_to(LAKE) == ["notice", "receipt", "receipt_copy"]
    assert play.case.title == "Character misread, ALPR-17"
    written = [text for mail in play.postbox.mails for text in (mail.subject, mail.text, mail.html)]
    assert not [text for text in written if "7BBB123" in text or "7B8B123" in text]


@pytest.mark.parametrize(("harm", "by"), [("none", "12 Nov 2026, 17:00 PST"), ("stop", "9 Nov 2026, 13:00 PST")])
def test_the_reporter_hears_by_when_somebody_looks_at_it(play: Play, harm: str, by: str) -> None:
    play.start("error_review", by=play.officer, **report(harm=harm))
    [mail] = [each for each in play.postbox.mails if each.to_address == "officer@riverton.example"]
    assert f"It is looked at by {by}." in mail.text
    assert f"It is looked at by {by}." in mail.html


def test_subscribers_and_owner_of_the_hot_list_are_told_too_and_one_may_be_left_out_with_a_reason(play: Play) -> None:
    lake = an_agency(play, "Lake County Sheriff", LAKE)
    with unit_of_work():
        for name in ("Bay City Police", "Ferry Police", "Hill Town Police"):
            agencies.add(name=name, now=play.now, contact_name="Desk", contact_email=f"{name.split()[0]}@x.example")
        hotlists.subscribe("County list", agencies.named("Bay City Police").id)
        hotlists.set_owner("County list", agencies.named("Ferry Police").id)
    to_the_decision(play, hot_list="County list")
    play.at("decide", by=play.administrator, outcome="partly", reasons="Two reads, one of them wrong.")
    play.at("correct", by=play.administrator, **CORRECTED)
    shown = play.shown("confirm_recipients")
    assert shown["Will be told"] == "3 agencies: Bay City Police, Ferry Police, Lake County Sheriff"
    with pytest.raises(Invalid, match="marked"):
        play.at("confirm_recipients", by=play.administrator, checked=True, left_out=[str(lake.id)])
    with pytest.raises(Invalid) as unknown:
        play.at("confirm_recipients", by=play.administrator, checked=True, added="Nowhere Police")
    assert unknown.value.fields["added"] == ["Nowhere Police: No agency in the register has this name or id."]
    play.at(
        "confirm_recipients",
        by=play.administrator,
        checked=True,
        left_out=[str(lake.id)],
        reason="Told by phone while the reader was still running; their record is gone.",
        added="Hill Town Police\n",
    )
    assert "Who is told: Bay City Police, Ferry Police, Hill Town Police." in play.timeline()
    told = [child.case.title for child in play.children("tell_agencies")]
    assert told == ["Notice to Bay City Police", "Notice to Ferry Police", "Notice to Hill Town Police"]
    for child in play.children("tell_agencies"):
        child.by_link("confirm", **DELETED)
    assert play.ended_at == "partly_corrected"


def test_that_nobody_is_told_takes_a_reason(play: Play) -> None:
    to_the_decision(play, hot_list="A list that nobody entered")
    play.at("decide", by=play.administrator, outcome="confirmed", reasons="The image is clear.")
    play.at("correct", by=play.administrator, **CORRECTED)
    play.at("confirm_nobody", by=play.administrator, reason="The record never left this agency.")
    assert play.ended_at == "corrected"


def test_a_duplicate_goes_straight_to_the_decision(play: Play) -> None:
    first = play.start("error_review", by=play.records, **report()).latest("error_review")
    play.start("error_review", by=play.officer, **report())
    with pytest.raises(Invalid) as unnamed:
        play.at("triage", by=play.administrator, route="duplicate")
    assert unnamed.value.fields["duplicate_of"] == ["Please name the case in which it was reported before."]
    play.at("triage", by=play.administrator, route="duplicate", duplicate_of="ER-2026-000001")
    decision = {"outcome": "duplicate", "reasons": "Same passage."}
    for wrong in ("ER-2026-000999", "VR-2026-000001", "the one of Monday", play.case.number):
        with pytest.raises(Invalid) as unknown:
            play.at("decide", by=play.administrator, **decision, duplicate_of=wrong)
        assert unknown.value.fields["duplicate_of"] == ["There is no other error review with this number."]
    play.at("decide", by=play.administrator, **decision, duplicate_of=f" {first.case.number.lower()}")
    assert play.ended_at == "duplicate"
    assert [each.case.number for each in play.linked()] == [first.case.number]


def test_a_report_that_nobody_looks_at_reaches_deputy_and_chief(play: Play) -> None:
    play.start("error_review", by=play.officer, **report()).wait(business_days=2, hours=1)
    assert play.open_steps() == ["triage"]
    assert "triage_late" in play.sent_to("deputy@riverton.example")
    assert "triage_late" in play.sent_to("chief@riverton.example")


def test_the_time_to_decide_is_extended_once_and_silence_decides_nothing(play: Play) -> None:
    to_the_decision(play)
    play.wait(business_days=11)
    assert play.sent_to("deputy@riverton.example").count("decision_late") == 1
    play.at("decide", by=play.administrator, outcome="extend", reasons="The vendor's logs are not here yet.")
    with pytest.raises(Invalid):
        play.at("decide_extended", by=play.administrator, outcome="extend", reasons="Still not here.")
    play.wait(business_days=11)
    assert play.open_steps() == ["decide_extended"]
    assert play.sent_to("deputy@riverton.example").count("decision_late") == 2
    play.at("decide_extended", by=play.administrator, outcome="cannot_determine", reasons="The logs are gone.")
    assert play.ended_at == "not_determined"


def test_the_vendor_is_asked_before_the_decision(play: Play) -> None:
    to_the_decision(play).at("decide", by=play.administrator, outcome="vendor", reasons="Only they have the logs.")
    vendor = play.child("ask_vendor").at("send_pack", by=play.administrator, questions="Why?", checked=True)
    vendor.by_link("acknowledge", name="Robin Vale", received=True)
    finding = {"kind": "finding", "cause": "no_fault", "explanation": "The plate was dirty.", "name": "Robin Vale"}
    vendor.by_link("first_answer", **finding)
    assert play.open_steps() == ["ask_vendor"]
    vendor.at("judge_finding", by=play.administrator, verdict="no_fault", reasons="We see the dirt as well.")
    asked = vendor.case.number
    assert play.task("decide_extended").name == "Decide now that more is known"
    assert play.shown("decide_extended")["Vendor's investigation"] == f"No fault of the vendor ({asked})"
    play.at("decide_extended", by=play.administrator, outcome="unfounded", reasons="The read was as good as it gets.")
    assert play.ended_at == "unfounded"


def test_nobody_decides_about_their_own_report(play: Play) -> None:
    play.start("error_review", by=play.administrator, **report())
    play.at("triage", by=play.administrator, route="not_alpr", remarks="It was a typing error of mine.")
    decision = {"outcome": "unfounded", "reasons": "The record is right."}
    with pytest.raises(NotAllowed):
        play.at("decide", by=play.administrator, **decision)
    play.at("decide", by=play.deputy, **decision)
    assert play.ended_at == "unfounded"


def test_a_checksum_is_one_or_is_refused(play: Play) -> None:
    with pytest.raises(Invalid) as wrong:
        play.start("error_review", by=play.officer, **report(evidence_sha256="abc"))
    assert wrong.value.fields["evidence_sha256"] == ["A checksum has 64 characters, 0 to 9 and a to f."]


def test_what_is_reported_has_happened_already(play: Play) -> None:
    with pytest.raises(Invalid) as ahead:
        play.start("error_review", by=play.officer, **report(happened_at="2027-11-08T21:40"))
    assert ahead.value.fields["happened_at"] == ["This lies in the future."]
    play.start("error_review", by=play.officer, **report(happened_at="2026-11-09T09:04"))  # a clock is a little ahead
