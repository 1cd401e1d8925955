"""Offices begin when they are accepted, on their day, and end on their day or by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from workflow_app.access import Role
from workflow_app.audit import timeline
from workflow_app.errors import Invalid, NotAllowed
from workflow_app.people import by_email, offices
from workflow_app.people.lending_out import STREAM
from workflow_app.play import Play, unvisited

ACCEPTED = {"accepted": True, "conflicts": "none", "true": True}


def name(play: Play, part: str, office: Role, *, by: str = "chief", **more: Any) -> Play:
    who = by_email(f"{part}@riverton.example").id
    day = play.now.date().isoformat()
    start = {"what": "begin", "office": office.value, "person": str(who), "first_day": day, "reason": "As agreed."}
    return play.start("appointment", by=getattr(play, by), **start | more)


def roles(play: Play, part: str) -> frozenset[Role]:
    return play.person(f"{part}@riverton.example").roles


def test_an_office_begins_with_its_acceptance_and_stands_in_the_register(play: Play) -> None:
    name(play, "officer", Role.SECURITY_OFFICER)
    assert play.sent_to("officer@riverton.example") == ["accept"]
    assert Role.SECURITY_OFFICER not in roles(play, "officer")
    play.at("accept", by=play.officer, **ACCEPTED)
    assert play.ended_at == "holds"
    assert Role.SECURITY_OFFICER in roles(play, "officer")
    row = next(each.appointment for each in offices.held() if each.person.name == "Dana Reyes")
    assert row is not None
    assert (row.named_by, row.until, row.case_number) == (play.chief.person_id, None, play.case.number)
    assert [event.kind for event in timeline(STREAM)] == ["office.begun"]
    assert play.sent_to("chief@riverton.example")[-1] == "begun"


def test_who_declines_holds_nothing_and_whoever_named_them_hears(play: Play) -> None:
    name(play, "officer", Role.SECURITY_OFFICER)
    play.at("accept", by=play.officer, **ACCEPTED | {"accepted": False})
    assert play.ended_at == "declined"
    assert Role.SECURITY_OFFICER not in roles(play, "officer")
    assert play.sent_to("chief@riverton.example") == ["declined"]


def test_silence_accepts_nothing(play: Play) -> None:
    name(play, "officer", Role.SECURITY_OFFICER)
    play.wait(days=32)
    assert play.ended_at == "declined"


def test_an_office_begins_on_its_first_day_and_ends_by_itself_at_midnight(play: Play) -> None:
    first, last = play.now.date() + timedelta(days=7), play.now.date() + timedelta(days=20)
    name(play, "officer", Role.RECORDS_OFFICER, first_day=first.isoformat(), last_day=last.isoformat())
    play.at("accept", by=play.officer, **ACCEPTED)
    assert Role.RECORDS_OFFICER not in roles(play, "officer")
    play.wait(days=8)
    assert Role.RECORDS_OFFICER in roles(play, "officer")
    row = next(each.appointment for each in offices.held() if each.person.name == "Dana Reyes")
    assert row is not None
    assert row.until is not None
    play.until(row.until - timedelta(seconds=1))
    assert Role.RECORDS_OFFICER in roles(play, "officer")
    play.until(row.until + timedelta(seconds=1))
    assert Role.RECORDS_OFFICER not in roles(play, "officer")
    assert play.ended_at == "term_over"
    assert Role.STAFF in roles(play, "officer")


def test_an_office_ends_by_hand_and_its_term_finds_it_ended(play: Play) -> None:
    last = play.now.date() + timedelta(days=20)
    name(play, "officer", Role.RECORDS_OFFICER, last_day=last.isoformat())
    play.at("accept", by=play.officer, **ACCEPTED)
    term = play.latest("appointment")
    name(play, "officer", Role.RECORDS_OFFICER, what="end", reason="Moved to patrol.")
    assert play.ended_at == "ended_by_hand"
    assert Role.RECORDS_OFFICER not in roles(play, "officer")
    term.wait(days=22)
    assert term.ended_at == "term_over"
    assert "The office had ended before." in term.timeline()


def test_an_office_entered_with_the_account_is_valid_and_can_be_ended(play: Play) -> None:
    assert {each.appointment for each in offices.held()} == {None}
    name(play, "security", Role.SECURITY_OFFICER, what="end", reason="Retires.")
    assert roles(play, "security") == {Role.STAFF}
    assert offices.vacant_since(Role.SECURITY_OFFICER) == play.now


def test_the_board_appoints_the_external_reviewer_for_a_term_with_a_word_about_conflicts(play: Play) -> None:
    with pytest.raises(Invalid) as refused:
        name(play, "trainer", Role.EXTERNAL_REVIEWER, by="board")
    assert list(refused.value.fields) == ["last_day"]
    last = (play.now.date() + timedelta(days=365)).isoformat()
    with pytest.raises(Invalid) as refused:
        name(play, "trainer", Role.EXTERNAL_REVIEWER, last_day=last)
    assert refused.value.fields == {"office": ["The oversight board appoints to this office and ends it."]}
    name(play, "trainer", Role.EXTERNAL_REVIEWER, by="board", last_day=last)
    with pytest.raises(Invalid) as refused:
        play.at("accept", by=play.trainer, **ACCEPTED | {"conflicts": ""})
    assert list(refused.value.fields) == ["conflicts"]
    play.at("accept", by=play.trainer, **ACCEPTED | {"conflicts": "My brother works for the vendor."})
    assert Role.EXTERNAL_REVIEWER in roles(play, "trainer")
    row = next(each.appointment for each in offices.held() if each.person.name == "Abe Lindqvist" and each.appointment)
    assert row is not None
    assert row.conflicts == "My brother works for the vendor."
    assert "begun" in play.sent_to("board@riverton.example")


@pytest.mark.parametrize(
    ("part", "more", "field"),
    [
        ("chief", {}, "person"),  # nobody names themselves
        ("security", {}, "person"),  # holds it already
        ("officer", {"what": "end"}, "person"),  # does not hold it
        ("officer", {"first_day": None}, "first_day"),
        ("officer", {"last_day": "2026-11-01"}, "last_day"),
        ("officer", {"first_day": "2026-10-01", "last_day": "2026-11-01"}, "last_day"),
        ("officer", {"first_day": "tomorrow"}, "first_day"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(play: Play, part: str, more: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        name(play, part, Role.SECURITY_OFFICER, **more)
    assert list(refused.value.fields) == [field]


def test_only_chief_and_board_name_and_only_the_person_accepts(play: Play) -> None:
    with pytest.raises(NotAllowed):
        name(play, "officer", Role.SECURITY_OFFICER, by="administrator")
    name(play, "officer", Role.SECURITY_OFFICER)
    with pytest.raises(NotAllowed):
        play.at("accept", by=play.chief, **ACCEPTED)


def test_the_stories_pass_every_element_of_the_model(play: Play) -> None:
    assert unvisited(play.app, "appointment") == set()
