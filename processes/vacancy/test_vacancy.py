"""An office that decides does not stand empty in silence."""

from __future__ import annotations

from workflow_app import clock
from workflow_app.access import Role
from workflow_app.db import session, unit_of_work
from workflow_app.people import PersonRole, by_email, offices
from workflow_app.play import Play, unvisited


def vacate(play: Play, part: str, role: Role) -> None:
    with clock.stopped_at(play.now), unit_of_work():
        who = by_email(f"{part}@riverton.example").id
        assert offices.end(who, role, reason="Retired.", case_number="AP-2026-000001", now=play.now)


def test_chief_and_board_hear_after_five_business_days_once_and_it_closes_when_filled(play: Play) -> None:
    vacate(play, "security", Role.SECURITY_OFFICER)
    play.days(7)
    assert play.opened("vacancy") == []
    play.days(3)
    [case] = play.opened("vacancy")
    assert case.case.title == "The office of security officer is vacant"
    assert play.sent_to("chief@riverton.example") == play.sent_to("board@riverton.example") == ["vacant"]
    assert case.case.closed_at is None
    with clock.stopped_at(play.now), unit_of_work():
        session().add(PersonRole(person_id=by_email("records@riverton.example").id, name="security_officer"))
    play.days(2)
    assert case.ended_at == "filled_again"
    assert len(play.opened("vacancy")) == 1


def test_a_second_vacancy_is_told_of_anew_and_without_a_chief_the_deputy_hears(play: Play) -> None:
    vacate(play, "chief", Role.CHIEF_EXECUTIVE)
    play.days(10)
    assert play.sent_to("deputy@riverton.example") == ["vacant"]
    with clock.stopped_at(play.now), unit_of_work():
        who = by_email("deputy@riverton.example").id
        offices.begin(
            who, Role.CHIEF_EXECUTIVE, named_by=None, until=None, conflicts="", case_number="AP-2026-000002",
            now=play.now,
        )  # fmt: skip
    play.days(2)
    vacate(play, "deputy", Role.CHIEF_EXECUTIVE)
    play.days(14)
    assert len(play.opened("vacancy")) == 2


def test_who_has_left_holds_nothing_and_other_offices_may_wait(play: Play) -> None:
    with clock.stopped_at(play.now), unit_of_work():
        gone = by_email("reviewer@riverton.example")
        gone.active, gone.left_at = False, play.now
        by_email("records@riverton.example").roles = []
    play.days(10)
    assert [case.case.title for case in play.opened("vacancy")] == ["The office of external reviewer is vacant"]


def test_the_stories_pass_every_element_of_the_model(play: Play) -> None:
    assert unvisited(play.app, "vacancy") == set()
