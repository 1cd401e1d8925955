"""What was released is deleted and confirmed; who stays silent is cut off."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from workflow_app import clock
from workflow_app.agency.profile import load
from workflow_app.db import unit_of_work
from workflow_app.errors import Invalid
from workflow_app.play import Play, unvisited
from workflow_app.registers import agencies, certifications, releases, shares
from workflow_app.registers.agencies import AgencyClass, PartnerAgency
from workflow_app.registers.sharing_rules import RecipientClass

LAKE, HEAD = "records@lake.example", "sheriff@lake.example"
ADMINISTRATOR = "administrator@riverton.example"
PROFILE = load("default")


@pytest.fixture(autouse=True)
def certified(play: Play) -> None:
    """Lake County has certified to delete within fourteen days, and is given two records today."""
    with clock.stopped_at(play.now), unit_of_work():
        lake = agencies.add(
            name="Lake County Sheriff", now=play.now, state="CA", agency_class=AgencyClass.COUNTY,
            contact_email=LAKE, head_email=HEAD,
        ).id  # fmt: skip
        certifications.ask(
            lake, recipient_class=RecipientClass.IN_STATE, data_scope="x", purposes="y", legal_basis="z",
            case_number="SC-2026-000001", now=play.now,
        )  # fmt: skip
        certifications.sign(
            "SC-2026-000001", signatory="Ana Ruiz", title="Records", deletion_days=14,
            expires_at=play.now + timedelta(days=500), now=play.now,
        )  # fmt: skip
        for reference in ("D-1", "D-2"):
            releases.release(
                PROFILE, agency_id=lake, shared_on=date(2026, 11, 9), now=play.now, record_reference=reference,
                case_number="26-1", created_by="Ruth Okafor", purpose="Stolen vehicle",
            )  # fmt: skip


def lake() -> PartnerAgency:
    return agencies.named("Lake County Sheriff")


def due(play: Play) -> Play:
    return play.days(14).latest("release_deletion")


def signed(answer: str, **more: Any) -> dict[str, Any]:
    return {"answer": answer, "signatory": "Ana Ruiz", "title": "Records supervisor", "declared": True} | more


def test_on_the_day_one_request_names_every_record_and_the_answer_stands_in_the_register(play: Play) -> None:
    case = due(play)
    assert case.shown("confirm")["Records"] == "D-1, D-2"
    case.by_link("confirm", to=LAKE, **signed("deleted"))
    assert case.ended_at == "deleted"
    assert {row.deleted_word for row in shares.list_shares().items} == {"Ana Ruiz, Records supervisor"}
    assert all(row.deleted_at for row in shares.list_shares().items)
    assert case.days(3).opened("release_deletion")[-1].case.id == case.case.id, "nothing is asked twice"


def test_what_is_entered_late_is_asked_of_in_a_case_of_its_own(play: Play) -> None:
    first = due(play)
    with clock.stopped_at(play.now), unit_of_work():
        releases.release(
            PROFILE, agency_id=lake().id, shared_on=date(2026, 11, 9), now=play.now, record_reference="D-3",
            case_number="26-1", created_by="Ruth Okafor",
        )  # fmt: skip
    second = first.days(1).latest("release_deletion")
    assert second.case.id != first.case.id
    assert second.shown("confirm")["Records"] == "D-3"


def test_silence_is_reminded_of_three_times_told_to_the_head_and_ends_sharing(play: Play) -> None:
    case = due(play).wait(days=4)
    assert case.sent_to(LAKE).count("reminder") == 1
    case.wait(days=4)
    assert case.sent_to(LAKE).count("reminder") == 2
    assert case.sent_to(HEAD) == ["agency_head"]
    assert not lake().is_suspended
    case.wait(days=3)
    assert lake().is_suspended
    assert certifications.of_agency(lake().id)[0].state == "suspended"
    assert "suspended" in case.sent_to(LAKE)
    assert "late" in case.sent_to(ADMINISTRATOR)
    (violation,) = case.linked()
    assert violation.case.process_id == "violation_review"
    assert violation.case.title == "Data kept longer than allowed by Lake County Sheriff"
    violation.at("identify", by=play.investigator, how="It is an agency, not a person here.")
    assert violation.case.severity == "S2", "more than a week too long"
    case.by_link("confirm", to=LAKE, **signed("deleted"))
    assert case.ended_at == "deleted"
    assert "resumed" in case.sent_to(LAKE)
    assert not lake().is_suspended
    assert certifications.of_agency(lake().id)[0].state == "valid"


@pytest.mark.parametrize(("result", "end"), [("deleted", "deleted"), ("unconfirmed", "unconfirmed")])
def test_the_administrator_settles_what_is_never_confirmed(play: Play, result: str, end: str) -> None:
    case = due(play).wait(days=11)
    case.at("settle", by=play.administrator, result=result, reason="Letter of 5 December.")
    assert case.ended_at == end
    assert lake().is_suspended == (result == "unconfirmed")


def test_what_has_to_be_kept_is_decided_on(play: Play) -> None:
    case = due(play)
    with pytest.raises(Invalid):
        case.by_link("confirm", **signed("kept"))
    case.by_link("confirm", **signed("kept", reason="D-2 is evidence."))
    case.at("judge_kept", by=play.administrator, accept=False, reasons="Which prosecution?")
    assert case.shown("confirm")["Our answer"] == "Which prosecution?"
    case.by_link("confirm", **signed("kept", reason="D-2 is evidence in 26-771."))
    case.at("judge_kept", by=play.administrator, accept=True, reasons="Fine.")
    assert case.ended_at == "kept"
    assert case.sent_to(LAKE)[-1] == "may_keep"
    assert "Fine." in case.postbox.mails[-1].text
    assert not any(row.deleted_at for row in shares.list_shares().items), "it was not deleted"


def test_sharing_that_the_delay_ended_is_taken_up_again_when_it_may_be_kept(play: Play) -> None:
    case = due(play).wait(days=11)
    case.by_link("confirm", **signed("kept", reason="D-2 is evidence in 26-771."))
    assert lake().is_suspended
    case.at("judge_kept", by=play.administrator, accept=True, reasons="Fine.")
    assert not lake().is_suspended
    assert certifications.of_agency(lake().id)[0].state == "valid"
    assert "is taken up again" in case.postbox.mails[-1].text


def test_an_agency_without_addresses_gets_one_first(play: Play) -> None:
    with clock.stopped_at(play.now), unit_of_work():
        found = agencies.get(lake().id)
        found.contact_email = found.head_email = None
    case = due(play)
    case.at("enter_contact", by=play.administrator, name="Ben", email="desk@lake.example")
    case.wait(days=8)
    assert "nobody was written to" in " ".join(case.timeline())
    case.by_link("confirm", to="desk@lake.example", **signed("deleted"))


def test_a_new_certificate_does_not_undo_a_broken_promise(play: Play) -> None:
    due(play).wait(days=11)
    with clock.stopped_at(play.now), unit_of_work():
        certifications.ask(
            lake().id, recipient_class=RecipientClass.IN_STATE, data_scope="x", purposes="y", legal_basis="z",
            case_number="SC-2026-000009", now=play.now,
        )  # fmt: skip
        certifications.sign(
            "SC-2026-000009", signatory="A", title="B", deletion_days=14, expires_at=play.now + timedelta(days=9),
            now=play.now,
        )  # fmt: skip
    assert lake().is_suspended


def test_the_stories_pass_every_element_of_the_model(play: Play) -> None:
    assert unvisited(play.app, "release_deletion") == set()
