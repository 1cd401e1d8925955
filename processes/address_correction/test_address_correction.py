"""Stories of an address that mail does not reach: put right, tried again, reached otherwise, given up."""

from typing import Any

import pytest

from workflow_app.audit import timeline
from workflow_app.db import unit_of_work
from workflow_app.errors import Invalid
from workflow_app.people import by_email
from workflow_app.play import Play, unvisited
from workflow_app.registers import agencies, vendors

BAD, GOOD, HEAD = "rcords@lake.example", "records@lake.example", "sheriff@lake.example"
ADMINISTRATOR = "administrator@riverton.example"
FOUND: dict[str, Any] = {"result": "corrected", "email": GOOD, "source": "Called their front desk."}
SIGNED = {"answer": "deleted", "signatory": "Ana Ruiz", "title": "Records supervisor", "declared": True}
NOTICE = {
    "record_reference": "D-20931", "what_was_wrong": "One character of the plate was misread.",
    "what_to_do": "delete", "live": False,
}  # fmt: skip


def noticed(
    play: Play, *, contact: str | None = BAD, head: str | None = HEAD, name: str = "Lake County Sheriff"
) -> Play:
    """A notice to an agency whose contact's address has a typing error."""
    with unit_of_work():
        lake = agencies.add(name=name, now=play.now, contact_email=contact, contact_name="Ana Ruiz", head_email=head)
    return play.start("erroneous_data_notice", by=play.administrator, agency=str(lake.id), **NOTICE)


def correction(play: Play) -> Play:
    """The latest case about an address."""
    return play.opened("address_correction")[-1]


def missed(play: Play) -> str:
    """How many e-mails the latest case about an address is about."""
    return correction(play).shown("correct_address")["E-mails missed so far"]


def test_a_returned_notice_is_sent_to_the_right_address_and_confirmed(play: Play) -> None:
    play.postbox.unknown.add(BAD)
    notice = noticed(play)
    found = correction(play)
    assert found.case.title == "An address of Lake County Sheriff does not work"
    assert found.task("correct_address").urgent
    assert [each.case.id for each in notice.linked()] == [found.case.id]
    assert play.sent_to(ADMINISTRATOR) == ["address_fails"]
    assert found.shown("correct_address")["Address"] == BAD
    found.at("correct_address", by=play.administrator, **FOUND)
    assert found.ended_at == "corrected"
    assert agencies.named("Lake County Sheriff").contact_email == GOOD
    assert play.sent_to(GOOD) == ["notice"]
    notice.by_link("confirm", to=GOOD, **SIGNED)
    assert notice.ended_at == "confirmed_deleted"
    assert any("link sent again to Lake County Sheriff" in line for line in notice.timeline())
    assert "The contact of Lake County Sheriff: corrected." in found.timeline()
    assert [event.kind for event in timeline("register:agencies")] == ["agency.contact_changed"]


def test_what_comes_later_waits_and_leaves_with_the_correction(play: Play) -> None:
    play.postbox.unknown.add(BAD)
    noticed(play)
    noticed(play, name="Lake County Jail")
    assert missed(play) == "2"
    assert "waits until its address is put right" in play.timeline()[-1]
    found = correction(play)
    for notice in play.opened("erroneous_data_notice"):
        assert [linked.case.id for linked in notice.linked()] == [found.case.id]
    found.at("correct_address", by=play.administrator, **FOUND)
    assert play.sent_to(GOOD) == ["notice", "notice"]
    assert agencies.named("Lake County Jail").contact_email == GOOD


def test_a_reminder_to_a_failing_address_waits_and_the_link_is_sent_once(play: Play) -> None:
    play.postbox.unknown.add(BAD)
    notice = noticed(play)
    play.wait(business_days=3)
    assert missed(play) == "2"
    correction(play).at("correct_address", by=play.administrator, **FOUND)
    assert play.sent_to(GOOD) == ["notice"]
    notice.by_link("confirm", to=GOOD, **SIGNED)


def test_an_address_that_is_right_is_tried_once_more(play: Play) -> None:
    play.postbox.unknown.add(BAD)
    notice = noticed(play)
    play.postbox.unknown.clear()
    found = correction(play).at("correct_address", by=play.administrator, result="right")
    assert found.ended_at == "tried_again"
    assert play.sent_to(BAD) == ["notice"]
    notice.by_link("confirm", to=BAD, **SIGNED)


def test_an_address_that_fails_again_opens_one_more_case(play: Play) -> None:
    play.postbox.unknown.add(BAD)
    noticed(play)
    first = correction(play).at("correct_address", by=play.administrator, result="right")
    assert first.ended_at == "tried_again"
    assert len(play.opened("address_correction")) == 2
    assert correction(play).open_steps() == ["correct_address"]


def test_somebody_reached_by_phone_is_not_written_to(play: Play) -> None:
    play.postbox.unknown.add(BAD)
    notice = noticed(play)
    given = {"result": "otherwise", "how": "By phone, Ana Ruiz", "when": (play.now).isoformat()}
    found = correction(play).at("correct_address", by=play.administrator, **given)
    assert found.ended_at == "reached_otherwise"
    assert play.sent_to(GOOD) == []
    assert any("By phone, Ana Ruiz" in line for line in notice.timeline())
    play.wait(business_days=4)
    assert len(play.opened("address_correction")) == 1


def test_where_nobody_is_reached_the_next_notice_calls_again(play: Play) -> None:
    play.postbox.unknown.add(BAD)
    noticed(play)
    found = correction(play).at("correct_address", by=play.administrator, result="unreachable", reason="Disbanded.")
    assert found.ended_at == "unreachable"
    noticed(play, name="Lake County Jail")
    assert len(play.opened("address_correction")) == 2
    assert missed(play) == "1"


def test_nobody_correcting_it_in_time_is_told_to_the_deputy_chief(play: Play) -> None:
    play.postbox.unknown.add(BAD)
    noticed(play)
    found = correction(play)
    play.wait(business_days=2)
    assert play.sent_to("deputy@riverton.example") == ["still_waiting"]
    assert found.open_steps() == ["correct_address"]
    found.at("correct_address", by=play.administrator, **FOUND)
    assert found.ended_at == "corrected"


def test_a_correction_says_what_it_takes_beside_the_field(play: Play) -> None:
    play.postbox.unknown.update({BAD, "other@lake.example"})
    noticed(play)
    found = correction(play)
    for given, field, sentence in (
        ({"result": "corrected"}, "email", "Please give the right address."),
        ({**FOUND, "source": ""}, "source", "Please say how you know."),
        (
            {**FOUND, "email": "records at lake"},
            "email",
            "Please give an e-mail address, such as records@agency.example.",
        ),
        ({**FOUND, "email": BAD.upper()}, "email", "Mail does not reach this address."),
        ({"result": "otherwise", "how": "By phone"}, "when", "Please say when."),
        ({"result": "unreachable"}, "reason", "Please say why."),
    ):
        with pytest.raises(Invalid) as refused:
            found.at("correct_address", by=play.administrator, **given)
        assert refused.value.fields[field][0].startswith(sentence)
    noticed(play, name="Lake County Jail", contact="other@lake.example")
    with pytest.raises(Invalid) as refused:
        found.at("correct_address", by=play.administrator, **{**FOUND, "email": "other@lake.example"})
    assert refused.value.fields["email"] == ["Mail to this address does not arrive either."]
    assert len(play.opened("address_correction")) == 2


def test_an_account_s_address_is_a_case_of_its_own_and_names_no_other(play: Play) -> None:
    play.postbox.unknown.add("officer@riverton.example")
    report = {
        "error_class": "E01", "what_happened": "The reader took an 8 for a B.", "harm": "none", "live": False,
        "device": "ALPR-17", "happened_at": play.now.isoformat(), "detection_id": "D-1",
    }  # fmt: skip
    play.start("error_review", by=play.officer, **report)
    found = correction(play)
    assert found.case.title == "The address of an account does not work"
    assert play.linked() == []
    told = " ".join([*found.timeline(), *found.shown("correct_address").values(), str(found.case.title)])
    assert play.case.number not in told
    with pytest.raises(Invalid) as taken:
        found.at("correct_address", by=play.administrator, **{**FOUND, "email": ADMINISTRATOR})
    assert taken.value.fields["email"] == ["This address belongs to another account."]
    found.at("correct_address", by=play.administrator, **{**FOUND, "email": "d.reyes@riverton.example"})
    assert by_email("d.reyes@riverton.example").name == "Dana Reyes"
    assert play.sent_to("d.reyes@riverton.example") == ["acknowledge"]
    assert "account_address" in play.sent_to("security@riverton.example")
    assert not any("Reyes" in line or "d.reyes" in line for line in play.timeline()[-1:])


def test_the_vendor_s_contact_is_corrected(play: Play) -> None:
    play.postbox.unknown.add("support@platewise.example")
    start = {"device": "ALPR-17", "detection_id": "NL-88213-07", "what": "The second character is misread."}
    play.start("vendor_investigation", by=play.administrator, evidence="EV-1", **start)
    play.at("send_pack", by=play.administrator, questions="Why?", checked=True)
    found = correction(play)
    assert found.case.title == "An address of Platewise Inc. does not work"
    given = {**FOUND, "email": "help@platewise.example", "name": "Kim Moore"}
    found.at("correct_address", by=play.administrator, **given)
    assert (vendors.contact().name, vendors.contact().email) == ("Kim Moore", "help@platewise.example")
    play.by_link("acknowledge", to="help@platewise.example", name="Kim Moore", ticket="T-1", received=True)


def test_an_agency_that_has_no_contact_any_more_is_reached_all_the_same(play: Play) -> None:
    play.postbox.unknown.add(BAD)
    notice = noticed(play)
    with unit_of_work():
        agencies.set_contact(agencies.named("Lake County Sheriff").id, "Ben Okoro", "desk@lake.example", play.now)
    correction(play).at("correct_address", by=play.administrator, **{**FOUND, "email": "desk@lake.example"})
    assert "The address stands in no register any more." in correction(play).timeline()
    notice.by_link("confirm", to="desk@lake.example", **SIGNED)


def test_the_head_of_an_agency_has_an_address_too(play: Play) -> None:
    play.postbox.unknown.add(HEAD)
    noticed(play, contact=GOOD)
    play.wait(business_days=11)
    correction(play).at("correct_address", by=play.administrator, **{**FOUND, "email": "chief@lake.example"})
    assert agencies.named("Lake County Sheriff").head_email == "chief@lake.example"
    assert play.sent_to("chief@lake.example") == ["agency_head"]


def test_two_failing_addresses_are_two_cases(play: Play) -> None:
    play.postbox.unknown.update({BAD, "rcords@millbrook.example"})
    noticed(play)
    noticed(play, name="Millbrook Police", contact="rcords@millbrook.example")
    assert len(play.opened("address_correction")) == 2


def test_the_stories_pass_every_element_of_the_model(play: Play) -> None:
    assert unvisited(play.app, "address_correction") == set()
