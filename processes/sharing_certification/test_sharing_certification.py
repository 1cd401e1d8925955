"""An agency certifies: signs, refuses, objects, stays silent, renews in time or too late."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

import pytest

from workflow_app import clock
from workflow_app.agency.profile import load
from workflow_app.db import unit_of_work
from workflow_app.errors import Invalid, NotAllowed
from workflow_app.play import Play, unvisited
from workflow_app.registers import agencies, certificate_texts, certifications, releases
from workflow_app.registers.agencies import AgencyClass, PartnerAgency
from workflow_app.registers.certifications import Certification

LAKE, HEAD = "records@lake.example", "sheriff@lake.example"
ADMINISTRATOR = "administrator@riverton.example"
PREPARED = {"data_scope": "Single detections", "purposes": "Stolen vehicles", "legal_basis": "Penal Code 832"}
PROFILE = load("default")


def lake(play: Play, state: str | None = "CA", kind: AgencyClass = AgencyClass.COUNTY, **more: Any) -> int:
    known = {"contact_email": LAKE, "head_email": HEAD} | more
    with clock.stopped_at(play.now), unit_of_work():
        return agencies.add(name="Lake County Sheriff", now=play.now, state=state, agency_class=kind, **known).id


def begin(play: Play, agency_id: int, **more: Any) -> Play:
    asked = {"agency": str(agency_id), "why": "They ask for detections."}
    return play.start("sharing_certification", by=play.administrator, **asked | more)


def asked(play: Play, **more: Any) -> Play:
    """Lake County is asked to sign."""
    return begin(play, lake(play, **more)).at("prepare", by=play.administrator, **PREPARED)


def signed(answer: str = "signed", **more: Any) -> dict[str, Any]:
    word = {"answer": answer, "signatory": "Ana Ruiz", "title": "Records supervisor", "declared": True}
    if answer == "signed":
        word |= {"statements": list(certificate_texts.NEEDED), "deletion_days": 21}
    return word | more


def certified(play: Play) -> Play:
    return asked(play).by_link("sign", to=LAKE, **signed())


def newest() -> Certification:
    return certifications.of_agency(agency().id)[0]


def agency() -> PartnerAgency:
    return agencies.named("Lake County Sheriff")


def released(play: Play, reference: str = "D-1", days_ago: int = 0) -> date | None:
    """Release a record today; the day by which it is to be deleted."""
    day = play.now.astimezone(PROFILE.zone).date() - timedelta(days=days_ago)
    with clock.stopped_at(play.now), unit_of_work():
        made = releases.release(
            PROFILE, agency_id=agency().id, shared_on=day, now=play.now, record_reference=reference,
            case_number="26-1", created_by="Ruth Okafor",
        )  # fmt: skip
        return made.delete_by


@pytest.fixture
def ruled(play: Play, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """State the profile's rule for a class."""

    def state(recipient_class: str, way: str) -> None:
        house, name = play.app.extensions["alpr"], f"sharing.{recipient_class}"
        stated = {**house.profile.stated_numbers, name: replace(house.profile.number(name), value=way)}
        profile = replace(house.profile, stated_numbers=MappingProxyType(stated))
        monkeypatch.setitem(play.app.extensions, "alpr", replace(house, profile=profile))

    return state


def test_the_text_says_everything_it_has_to_and_is_never_changed() -> None:
    text = certificate_texts.of_version(certificate_texts.NEWEST)
    assert set(text.titles) == set(certificate_texts.NEEDED)
    assert certificate_texts.of_version(1).sha256.startswith("0b082e77412537d3")


def test_a_signed_certificate_holds_for_a_year_to_local_midnight(play: Play) -> None:
    case = asked(play)
    assert case.shown("sign")["Data"] == "Single detections"
    assert case.shown("sign")["Who may let others have the data"] == "nobody but us, in writing, each time"
    case.by_link("sign", to=LAKE, **signed())
    assert case.ended_at == "certified"
    made = newest()
    assert made.state == "valid"
    assert (made.signatory, made.signatory_email, made.title) == ("Ana Ruiz", LAKE, "Records supervisor")
    assert (made.deletion_days, made.text_version) == (21, 1)
    assert made.expires_at is not None
    assert made.expires_at.astimezone(PROFILE.zone).strftime("%Y-%m-%d %H:%M") == "2027-11-09 00:00"
    assert "certified" in play.sent_to(LAKE)
    assert "certified_here" in play.sent_to(ADMINISTRATOR)
    assert released(play) == date(2026, 11, 30)


def test_every_statement_is_declared_and_deletion_comes_in_time(play: Play) -> None:
    asked(play)
    with pytest.raises(Invalid) as untold:
        play.by_link("sign", **signed(statements=["authority"]))
    assert "Not declared: What is shared, Deletion" in untold.value.fields["statements"][0]
    for days in (31, None):
        with pytest.raises(Invalid) as late:
            play.by_link("sign", **signed(deletion_days=days))
        assert list(late.value.fields) == ["deletion_days"]
    with pytest.raises(Invalid) as unsaid:
        play.by_link("sign", **signed("refused"))
    assert unsaid.value.fields["objection"] == ["Please tell us why."]
    play.by_link("sign", **signed())


def test_some_are_never_given_data_and_some_are_not_known(play: Play) -> None:
    with pytest.raises(Invalid) as never:
        begin(play, lake(play, kind=AgencyClass.PRIVATE))
    assert "never shared with this class of recipient (private)" in never.value.fields["agency"][0]
    with clock.stopped_at(play.now), unit_of_work():
        unknown = agencies.add(name="Somebody", now=play.now, contact_email="a@b.example").id
        ours = agencies.add(name="Ours", now=play.now, state="CA", agency_class=AgencyClass.STATE).id
    with pytest.raises(Invalid) as unsaid:
        begin(play, unknown)
    assert list(unsaid.value.fields) == ["recipient_class"]
    with pytest.raises(Invalid) as otherwise:
        begin(play, ours, recipient_class="federal")
    assert "in state" in otherwise.value.fields["recipient_class"][0]
    assert begin(play, unknown, recipient_class="in_state").open_steps() == ["prepare"]
    with pytest.raises(NotAllowed):
        play.start("sharing_certification", by=play.officer, agency=str(ours), why="x")


def test_another_state_needs_the_chief(play: Play) -> None:
    asked(play, state="NV")
    assert play.open_steps() == ["approve_chief"]
    assert "625 ILCS" in play.shown("approve_chief")["Rule"]
    play.at("approve_chief", by=play.chief, approve=True, reasons="They are our neighbours.")
    play.by_link("sign", **signed())
    assert play.ended_at == "certified"


def test_what_the_chief_does_not_approve_is_not_shared(play: Play) -> None:
    asked(play, kind=AgencyClass.FEDERAL)
    play.at("approve_chief", by=play.chief, approve=False, reasons="No.")
    assert play.ended_at == "not_approved"
    assert play.sent_to(ADMINISTRATOR)[-1] == "not_approved"
    assert play.sent_to(LAKE) == []


def test_the_records_officer_approves_where_the_profile_says_so(play: Play, ruled: Any) -> None:
    ruled("in_state", "certificate, approved by the records officer")
    asked(play)
    play.at("approve_records", by=play.records, approve=True, reasons="Fine.")
    assert play.open_steps() == ["sign"]


def test_an_agency_without_an_address_gets_one_first(play: Play) -> None:
    asked(play, contact_email=None)
    play.at("enter_contact", by=play.administrator, name="Ana Ruiz", email=LAKE)
    play.by_link("sign", to=LAKE, **signed())
    assert play.ended_at == "certified"


def test_a_refusal_ends_sharing_with_proof_and_a_signature_takes_it_up_again(play: Play) -> None:
    asked(play).by_link("sign", **signed("refused", objection="Our law forbids it."))
    assert agency().is_suspended
    assert "suspended" in play.sent_to(LAKE)
    play.at("switch_off_after", by=play.administrator, done=True, proof="Change 12")
    assert play.ended_at == "not_certified"
    with pytest.raises(Invalid, match="correct"):
        released(play)
    begin(play, agency().id).at("prepare", by=play.administrator, **PREPARED).by_link("sign", **signed())
    assert not agency().is_suspended
    assert "Sharing is taken up again." in play.timeline()


def test_silence_is_chased_and_ends_sharing(play: Play) -> None:
    asked(play).wait(business_days=8)
    assert play.open_steps() == ["phone_agency", "sign"]
    with pytest.raises(Invalid):
        play.at("phone_agency", by=play.administrator, result="other_contact")
    new = {"result": "other_contact", "name": "Ben", "email": "desk@lake.example"}
    play.at("phone_agency", by=play.administrator, **new)
    assert agency().contact_email == "desk@lake.example"
    play.wait(business_days=3)
    assert play.sent_to(HEAD) == ["agency_head"]
    play.wait(business_days=5)
    assert agency().is_suspended
    play.at("switch_off", by=play.administrator, done=True, proof="Change 12")
    play.at("settle", by=play.administrator, reason="They do not want it any more.")
    assert play.ended_at == "given_up"
    assert newest().state == "suspended"


def test_a_late_signature_still_counts(play: Play) -> None:
    asked(play, head_email=None).wait(business_days=16)
    assert agency().is_suspended
    play.by_link("sign", **signed())
    assert play.ended_at == "certified"
    assert not agency().is_suspended


def test_an_objection_is_reviewed_and_the_certificate_asked_for_again_or_prepared_anew(play: Play) -> None:
    asked(play).by_link("sign", **signed("dispute", objection="The scope is too narrow."))
    play.at("review_dispute", by=play.administrator, change=False, reasons="It has to be.")
    assert play.shown("sign")["Our answer to your objection"] == "It has to be."
    play.by_link("sign", **signed("dispute", objection="We cannot."))
    play.at("review_dispute", by=play.administrator, change=True, reasons="Then otherwise.")
    hub = {"data_scope": "Daily lists", "recipients_added_by": "The hub's board, without further review"}
    play.at("prepare", by=play.administrator, **PREPARED | hub)
    assert play.shown("sign")["Data"] == "Daily lists"
    play.by_link("sign", **signed())
    assert newest().data_scope == "Daily lists"
    assert newest().recipients_added_by == "The hub's board, without further review"


def test_the_stories_pass_every_element_of_the_model(play: Play) -> None:
    assert unvisited(play.app, "sharing_certification") == set()
