"""Stories of a notice: confirmed, disputed, and met with silence."""

from typing import Any

import pytest

from workflow_app.db import unit_of_work
from workflow_app.errors import Invalid, NotAllowed
from workflow_app.play import Play, unvisited
from workflow_app.registers import agencies

LAKE, HEAD = "records@lake.example", "sheriff@lake.example"
ADMINISTRATOR = "administrator@riverton.example"


def noticed(play: Play, *, contact: str | None = LAKE, head: str | None = HEAD, **more: Any) -> Play:
    """A notice to Lake County."""
    with unit_of_work():
        lake = agencies.add(name="Lake County Sheriff", now=play.now, contact_email=contact, head_email=head)
    answers = {
        "agency": str(lake.id),
        "record_reference": "D-20931",
        "what_was_wrong": "One character of the plate was misread.",
        "what_to_do": "delete",
        "live": False,
    }
    return play.start("erroneous_data_notice", by=play.administrator, **answers | more)


def signed(answer: str, **more: Any) -> dict[str, Any]:
    """The agency's word."""
    return {"answer": answer, "signatory": "Ana Ruiz", "title": "Records supervisor", "declared": True} | more


def suspended(play: Play) -> bool:
    """Whether sharing with Lake County is suspended."""
    return agencies.named("Lake County Sheriff").is_suspended


def test_an_agency_deletes_its_copy_and_confirms(play: Play) -> None:
    noticed(play)
    assert play.sent_to(LAKE) == ["notice"]
    play.by_link("confirm", to=LAKE, **signed("deleted"))
    assert play.ended_at == "confirmed_deleted"
    assert play.sent_to(LAKE) == ["notice", "receipt", "receipt_copy"]
    assert play.sent_to(ADMINISTRATOR) == ["notice_settled"]
    assert "Lake County Sheriff has deleted its copy." in play.timeline()


def test_an_agency_without_an_address_gets_one_first(play: Play) -> None:
    noticed(play, contact=None, live=True)
    assert play.open_steps() == ["enter_contact"]
    assert play.sent_to(ADMINISTRATOR) == ["contact_missing"]
    play.at("enter_contact", by=play.administrator, name="Ana Ruiz", email=LAKE, source="Called their front desk.")
    play.by_link("confirm", to=LAKE, **signed("corrected"))
    assert play.ended_at == "confirmed_corrected"


def test_an_agency_that_never_held_the_data_says_so(play: Play) -> None:
    noticed(play).by_link("confirm", **signed("not_held"))
    assert play.ended_at == "not_held"


def test_a_silent_agency_is_chased_until_it_answers(play: Play) -> None:
    noticed(play).wait(business_days=6)
    assert play.sent_to(LAKE) == ["notice", "notice_reminder", "notice_reminder", "notice_reminder"]
    play.wait(business_days=2)
    assert play.open_steps() == ["confirm", "phone_agency"]
    play.wait(business_days=3)
    assert play.sent_to(HEAD) == ["agency_head"]
    play.wait(business_days=4)
    assert play.open_steps() == ["confirm", "phone_agency", "settle_silence"]
    assert suspended(play)
    assert "agency_suspended" in play.sent_to(LAKE)
    play.by_link("confirm", to=LAKE, **signed("deleted"))
    assert play.ended_at == "confirmed_deleted"
    assert play.open_steps() == []
    assert not suspended(play)


def test_a_call_finds_the_right_person_and_a_letter_settles_the_matter(play: Play) -> None:
    noticed(play, head=None).wait(business_days=8)
    with pytest.raises(Invalid) as unnamed:
        play.at("phone_agency", by=play.administrator, result="other_contact")
    assert unnamed.value.fields["email"] == ["Please give the new contact."]
    new = {"result": "other_contact", "name": "Ben Okoro", "email": "desk@lake.example"}
    play.at("phone_agency", by=play.administrator, **new)
    assert agencies.named("Lake County Sheriff").contact_email == "desk@lake.example"
    play.wait(business_days=8)
    settled = {"result": "unconfirmed", "reason": "They say they will not answer."}
    play.at("settle_silence", by=play.administrator, **settled)
    assert play.ended_at == "closed_unconfirmed"
    assert suspended(play)


def test_a_call_without_a_new_address_changes_nothing(play: Play) -> None:
    noticed(play).wait(business_days=8)
    play.at("phone_agency", by=play.administrator, result="will_confirm", remarks="By Friday.")
    assert play.open_steps() == ["confirm"]
    assert agencies.named("Lake County Sheriff").contact_email == LAKE


def test_a_dispute_is_reviewed_and_the_agency_asked_once_more(play: Play) -> None:
    noticed(play)
    with pytest.raises(Invalid) as unexplained:
        play.by_link("confirm", **signed("dispute"))
    assert unexplained.value.fields["reason"] == ["Please tell us why you think the data is right."]
    play.by_link("confirm", **signed("dispute", reason="Our own image shows the same."))
    assert play.sent_to(ADMINISTRATOR) == ["disputed"]
    play.at("review_dispute", by=play.administrator, agency_right=False, reasons="Your image is of another car.")
    assert play.sent_to(LAKE) == ["notice", "receipt_copy", "notice"]
    play.by_link("confirm", **signed("dispute", reason="It is the same car: see the dent."))
    play.at("review_dispute", by=play.administrator, agency_right=True, reasons="You are right.")
    assert play.ended_at == "dispute_upheld"


def test_only_the_administrator_opens_one_by_hand(play: Play) -> None:
    with pytest.raises(NotAllowed):
        play.start("erroneous_data_notice", by=play.officer, agency="1")


def test_the_stories_pass_every_element_of_the_model(play: Play) -> None:
    assert unvisited(play.app, "erroneous_data_notice") == set()
