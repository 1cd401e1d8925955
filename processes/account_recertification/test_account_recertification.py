"""Access is looked at again: every year, when it is not used, and when somebody leaves or moves."""

from __future__ import annotations

from datetime import timedelta

import pytest

from processes.account_recertification.process import process
from workflow_app import clock
from workflow_app.access import Role
from workflow_app.db import session, unit_of_work
from workflow_app.errors import Invalid, NotAllowed
from workflow_app.people import Person, by_email, issue_token, person_of_token
from workflow_app.play import Play, unvisited
from workflow_app.registers import alpr_access
from workflow_app.registers.alpr_access import AccessState

CASE = "AA-2026-000001"


@pytest.fixture(autouse=True)
def active(play: Play) -> None:
    """Dana Reyes is led by Joon Kim and has access from today."""
    with clock.stopped_at(play.now), unit_of_work():
        officer = by_email("officer@riverton.example")
        officer.supervisor_id = by_email("supervisor@riverton.example").id
        alpr_access.request(officer.id, case_number=CASE, now=play.now)
        until = play.now + timedelta(days=365)
        alpr_access.activate(officer.id, vendor_user_id="dreyes", until=until, case_number=CASE, now=play.now)


def used(play: Play) -> None:
    """Dana Reyes uses the access today."""
    with clock.stopped_at(play.now), unit_of_work():
        alpr_access.note_use(play.officer.person_id or 0, play.now)


def state(play: Play) -> AccessState | None:
    return alpr_access.state_of(play.officer.person_id or 0)


def yearly(play: Play) -> Play:
    """Eleven months later, with the access in use."""
    play.wait(days=334)
    used(play)
    return play.days(3).latest("account_recertification")


def idle(play: Play) -> Play:
    """Two months without use."""
    play.wait(days=59)
    return play.days(3).latest("account_recertification")


def test_the_supervisor_confirms_and_the_chief_gets_the_list(play: Play) -> None:
    case = yearly(play)
    assert case.open_steps() == ["recertify"]
    with pytest.raises(NotAllowed):
        case.at("recertify", by=play.chief, needed=True, statement="Yes")
    case.at("recertify", by=play.supervisor, needed=True, statement="Still on auto theft.")
    assert case.ended_at == "recertified"
    assert "recertified" in case.sent_to("chief@riverton.example")
    access = alpr_access.of(play.officer.person_id or 0)
    assert access is not None
    assert access.until is not None
    assert (access.until - play.now).days in (364, 365)
    used(play)
    assert case.days(20).latest("account_recertification").case.id == case.case.id, "asked once for each term"


def test_without_a_word_the_access_is_suspended_when_the_approval_runs_out(play: Play) -> None:
    case = yearly(play).wait(days=40)
    assert state(play) is AccessState.SUSPENDED
    assert case.open_steps() == ["recertify", "switch_off"]
    case.at("switch_off", by=play.administrator, done=True, proof="Change 7")
    case.at("recertify", by=play.supervisor, needed=True, statement="Late, but yes.")
    assert state(play) is AccessState.ACTIVE


def test_an_approval_that_ran_out_while_nothing_ran_is_suspended_all_the_same(play: Play) -> None:
    past, officer = play.now - timedelta(days=40), play.officer.person_id or 0
    with unit_of_work():
        alpr_access.extend(officer, until=past, lifts="", case_number=CASE, now=play.now)
    case = play.days(1).latest("account_recertification")
    assert (case.open_steps(), state(play)) == (["recertify", "switch_off"], AccessState.SUSPENDED)


def test_a_suspension_for_another_reason_stays(play: Play) -> None:
    case = yearly(play)
    with clock.stopped_at(play.now), unit_of_work():
        alpr_access.suspend(play.officer.person_id or 0, reason="The training ran out.", case_number=CASE, now=play.now)
    case.at("recertify", by=play.supervisor, needed=True, statement="Yes.")
    assert state(play) is AccessState.SUSPENDED


def test_what_has_ended_meanwhile_is_not_suspended_as_well(play: Play) -> None:
    case = yearly(play)
    with clock.stopped_at(play.now), unit_of_work():
        alpr_access.end(play.officer.person_id or 0, reason="Moved.", case_number=CASE, now=play.now)
    case.wait(days=40)
    assert case.open_steps() == ["recertify"]
    assert state(play) is AccessState.ENDED


def test_a_need_that_is_gone_ends_the_access(play: Play) -> None:
    case = yearly(play).at("recertify", by=play.supervisor, needed=False, statement="Moved to records.")
    assert state(play) is AccessState.ENDED
    assert case.open_steps() == ["switch_off"]
    case.at("switch_off", by=play.administrator, done=True, proof="Change 8")
    assert case.ended_at == "switched_off"


def test_unused_access_is_warned_of_twice_and_ends_after_ninety_days(play: Play) -> None:
    started = play.now
    case = idle(play)
    assert case.open_steps() == ["use_it"]
    assert "idle" in case.sent_to("officer@riverton.example")
    case.until(started + timedelta(days=83, hours=12))
    assert "idle_again" in case.sent_to("supervisor@riverton.example")
    assert state(play) is AccessState.ACTIVE
    case.until(started + timedelta(days=90, hours=12))
    assert state(play) is AccessState.ENDED
    assert case.open_steps() == ["switch_off"]
    assert "ended" in case.sent_to("officer@riverton.example")


def test_who_uses_it_again_keeps_it(play: Play) -> None:
    case = idle(play)
    with pytest.raises(Invalid):
        case.at("use_it", by=play.officer, needed=True)
    case.at("use_it", by=play.officer, needed=True, last_used=(play.now - timedelta(days=1)).isoformat())
    assert (case.ended_at, state(play)) == ("in_use", AccessState.ACTIVE)
    assert case.days(20).latest("account_recertification").case.id == case.case.id


def test_saying_that_it_is_needed_without_using_it_does_not_keep_it(play: Play) -> None:
    case = idle(play)
    long_ago = (play.now - timedelta(days=62)).isoformat()
    with pytest.raises(Invalid) as refused:
        case.at("use_it", by=play.officer, needed=True, last_used=long_ago)
    assert "your access ends then" in refused.value.fields["last_used"][0]
    play.days(31)
    assert state(play) is AccessState.ENDED


def test_a_use_that_the_vendors_log_knows_of_counts(play: Play) -> None:
    case = idle(play).wait(days=10)
    used(play)
    case.wait(days=30)
    assert (case.ended_at, state(play)) == ("in_use", AccessState.ACTIVE)


def test_who_does_not_need_it_gives_it_back(play: Play) -> None:
    case = idle(play).at("use_it", by=play.officer, needed=False)
    assert state(play) is AccessState.ENDED
    assert case.open_steps() == ["switch_off"]


def test_what_is_found_late_leaves_a_week_to_answer(play: Play) -> None:
    play.wait(days=200)
    case = play.days(1).latest("account_recertification")
    due = case.task("use_it").due_at
    case.days(5)
    assert state(play) is AccessState.ACTIVE
    assert due is not None
    assert due > play.now, "nobody is told of a day on which it is too late"
    case.until(due + timedelta(seconds=1))
    assert state(play) is AccessState.ACTIVE
    case.days(4)
    assert state(play) is AccessState.ENDED


def change(play: Play, what: str) -> Play:
    officer = str(play.officer.person_id)
    return play.start("account_recertification", by=play.supervisor, person=officer, what=what, reason="As told.")


def test_a_leaver_is_out_at_once_and_what_they_had_is_free(play: Play) -> None:
    with unit_of_work():
        token = issue_token(by_email("officer@riverton.example"), name="import", now=play.now)
        by_email("officer@riverton.example").unit = "Patrol"
    report = play.start("training_sign_off", by=play.officer, own=True)
    taken = report.task("test").id
    change(play, "left")
    play.settle()
    assert state(play) is AccessState.ENDED
    left = by_email("officer@riverton.example")
    assert (left.active, left.left_at) == (False, play.now)
    assert person_of_token(token, play.now) is None
    task = report._with(report.latest("training_sign_off").case.id).task("test")
    assert (task.id, task.assignee_id, task.named) == (taken, None, False)
    play.at("switch_off", by=play.administrator, done=True, proof="Change 9")


def test_moving_ends_the_need_and_a_risk_is_a_matter_of_minutes(play: Play) -> None:
    change(play, "moved")
    assert by_email("officer@riverton.example").active
    task = play.task("switch_off")
    assert not task.urgent
    play.at("switch_off", by=play.administrator, done=True, proof="Change 10")
    with clock.stopped_at(play.now), unit_of_work():
        alpr_access.request(play.officer.person_id or 0, case_number=CASE, now=play.now)
        until = play.now + timedelta(days=365)
        alpr_access.activate(
            play.officer.person_id or 0, vendor_user_id="dreyes", until=until, case_number=CASE, now=play.now
        )
    change(play, "at_once")
    task = play.task("switch_off")
    assert task.urgent
    assert task.due_at == play.now + timedelta(minutes=30)


def test_who_never_had_access_leaves_nothing_to_switch_off(play: Play) -> None:
    records = str(play.records.person_id)
    play.start("account_recertification", by=play.administrator, person=records, what="left", reason="Retired.")
    assert play.ended_at == "ended"
    assert not session().get_one(Person, int(records)).active


def test_not_everybody_says_that_somebody_has_left(play: Play) -> None:
    assert Role.STAFF not in process.opened_by
    with pytest.raises(NotAllowed):
        play.start("account_recertification", by=play.officer, person="1", what="left", reason="A prank.")


def test_the_stories_pass_every_element_of_the_model(play: Play) -> None:
    assert unvisited(play.app, "account_recertification") == set()
