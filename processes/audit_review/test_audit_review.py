"""The record of each week is looked at by somebody, never about their own acts, and signed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from workflow_app import audit, clock
from workflow_app.access import SYSTEM, Actor, Role
from workflow_app.db import session, unit_of_work
from workflow_app.errors import DomainError, Invalid
from workflow_app.people import PersonRole, by_email, lending_out
from workflow_app.people.accounts import create_person
from workflow_app.play import Play, unvisited

AUDITOR = "auditor@riverton.example"
NOTHING = {"outcome": "nothing", "signed": True}


@pytest.fixture
def audited(play: Play) -> Play:
    """An agency with an auditor, and a Wednesday with something on record."""
    play.wait(days=2)
    with clock.stopped_at(play.now), unit_of_work():
        create_person(email=AUDITOR, name="Ines Castro", roles=[Role.AUDITOR], now=play.now)
        refused = audit.entry(SYSTEM, play.now, "sign_in.refused", "Sign-in refused")
        audit.append_to("register:sign-in", [refused] * 3)
        lending_out.name_substitute(
            play.chief, play.chief.person_id or 0, by_email("deputy@riverton.example").id, since=play.now,
            until=play.now + timedelta(days=1),
        )  # fmt: skip
    return play


def look_at_a_protected_case(play: Play, who: Actor) -> None:
    with clock.stopped_at(play.now), unit_of_work():
        read = audit.entry(who, play.now, "record.read", "The page of case ER-2026-000999")
        audit.append_to(who.key, [read])


def test_on_monday_the_auditor_sees_the_week_in_figures_and_signs_that_nothing_stands_out(audited: Play) -> None:
    play = audited
    play.days(4)
    assert play.opened("audit_review") == []
    play.days(2)
    [case] = play.opened("audit_review")
    assert case.case.title == "Record of 9 to 15 November 2026"
    assert play.sent_to(AUDITOR)[0] == "review"
    shown = case.shown("review")
    assert shown["Days"].path == "/record?first=2026-11-09&last=2026-11-15"  # type: ignore[attr-defined]
    assert (shown["Sign-ins refused"], shown["Substitutes and delegations"]) == ("3", "1")
    assert "action=sign_in.refused" in shown["Sign-ins refused"].path  # type: ignore[attr-defined]
    assert shown["Nightly check"] == "not done"
    with pytest.raises(Invalid):
        case.at("review", by=play.person(AUDITOR), outcome="noted", signed=True)
    case.at("review", by=play.person(AUDITOR), **NOTHING)
    assert case.ended_at == "signed"
    play.days(1)
    assert len(play.opened("audit_review")) == 1


def test_no_day_is_left_out_when_the_service_slept_on_a_monday(audited: Play) -> None:
    play = audited
    play.days(6)
    play.wait(days=15)
    play.days(1)
    titles = [each.case.title for each in play.opened("audit_review")]
    assert titles == ["Record of 9 to 15 November 2026", "Record of 16 to 29 November 2026"]


def test_late_is_told_to_security_officer_and_chief(audited: Play) -> None:
    play = audited
    play.days(6).wait(business_days=5)
    assert "late" in play.sent_to("security@riverton.example")
    assert "late" in play.sent_to("chief@riverton.example")
    assert play.latest("audit_review").open_steps() == ["review"]


def test_the_auditors_own_acts_are_signed_by_the_security_officer(audited: Play) -> None:
    play, auditor = audited, audited.person(AUDITOR)
    look_at_a_protected_case(play, auditor)
    case = play.days(6).latest("audit_review")
    case.at("review", by=auditor, **NOTHING)
    assert case.open_steps() == ["countersign"]
    shown = case.shown("countersign")
    assert (shown["Reviewed by"], shown["Own acts in these days"]) == ("Ines Castro", "1")
    with clock.stopped_at(play.now), unit_of_work():
        session().add(PersonRole(person_id=auditor.person_id or 0, name=Role.SECURITY_OFFICER))
    with pytest.raises(DomainError, match="somebody else"):
        case.at("countersign", by=play.person(AUDITOR), **NOTHING)
    case.at("countersign", by=play.security, **NOTHING)
    assert case.ended_at == "signed"


def test_without_an_auditor_the_security_officer_reviews_and_the_chief_looks_at_theirs(play: Play) -> None:
    look_at_a_protected_case(play, play.security)
    case = play.days(7).latest("audit_review")
    assert play.sent_to("security@riverton.example") == ["review"]
    case.wait(business_days=5)
    assert "late" in play.sent_to("chief@riverton.example")
    case.at("review_instead", by=play.security, outcome="noted", findings="Quiet.", signed=True)
    case.at("countersign_chief", by=play.chief, **NOTHING)
    assert case.ended_at == "signed"


def test_what_was_found_opens_a_violation_review_beside_it(audited: Play) -> None:
    play, auditor = audited, audited.person(AUDITOR)
    case = play.days(6).latest("audit_review")
    about = str(play.officer.person_id)
    found: dict[str, Any] = {"outcome": "violation", "violation_class": "V21", "person": about, "signed": True}
    for wrong in ({}, {"findings": "Exports.", "outcome": "noted"}, {"findings": "Exports.", "violation_class": ""}):
        with pytest.raises(Invalid):
            case.at("review", by=auditor, **(found | wrong))
    case.at("review", by=auditor, findings="Exports at night that nobody asked for.", **found)
    [opened] = case.linked()
    assert (opened.case.process_id, opened.case.title) == (
        "violation_review", "Found in the record of 9 to 15 November 2026",
    )  # fmt: skip
    assert case.ended_at == "signed"


def test_the_stories_pass_every_element_of_the_model(play: Play) -> None:
    assert unvisited(play.app, "audit_review") == set()
