"""Stories of delays, later versions of the scope, conflicts of interest, and roads on which nothing is published."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import pytest

from processes.breach_notification.test_breach_notification import (
    LEARNT,
    NOTICE,
    PROFILE,
    REPORT,
    SCOPE,
    TOLD,
    YES,
    drafted,
    duty,
    numbers,
    public,
    scoped,
    told_everybody,
    updated,
)
from workflow_app.errors import Invalid, NotAllowed, NotFound
from workflow_app.people import conflicts
from workflow_app.play import Play, unvisited
from workflow_app.registers import breaches, notices
from workflow_app.registers.breaches import DutyKind, DutyState

__all__ = ["numbers"]

CALENDAR = PROFILE.calendar


def letter(until: str | None, **more: Any) -> dict[str, Any]:
    asked = {"kind": "letter", "authority": "District attorney, J. Doe", "reference": "DA-17", "dated": "2026-11-09"}
    return asked | {"until": until} | more


def again(play: Play, **more: Any) -> Play:
    """A newer version of the scope."""
    return play.at("rescope", by=play.security, **SCOPE | more)


def midnight(play: Play, days: int) -> datetime:
    return CALENDAR.moment(CALENDAR.local_date(play.now) + timedelta(days=days), time(0))


def local_day(play: Play, kind: DutyKind) -> str:
    return duty(play, kind).due.astimezone(PROFILE.zone).strftime("%m-%d %H:%M")


def test_a_letter_stops_the_clock_shows_both_days_and_ends_by_itself(play: Play) -> None:
    scoped(play, live=True)
    assert [local_day(play, kind) for kind in (DutyKind.STATEMENT, DutyKind.NOTICE)] == ["11-12 08:45", "12-09 17:00"]
    for wrong, says in (
        ("2026-11-08", "This day is over."),
        ("2026-12-10", "at most until 9 Dec 2026"),
        (None, "until which day"),
    ):
        with pytest.raises(Invalid) as refused:
            play.at("delay_letter", by=play.counsel, **letter(wrong))
        assert says in refused.value.fields["until"][0]
    play.at("delay_letter", by=play.counsel, **letter("2026-11-19"))
    assert [local_day(play, kind) for kind in (DutyKind.STATEMENT, DutyKind.NOTICE)] == ["11-22 08:45", "12-19 17:00"]
    assert "before the delay 12 Nov 2026, 08:45 PST" in play.shown("draft")["First public statement due"]
    assert play.task("draft").due_at == CALENDAR.closing(CALENDAR.local_date(play.now) + timedelta(days=10))
    drafted(play)
    with pytest.raises(Invalid) as held:
        play.at("approve", by=play.chief, **YES)
    assert "holds this back until 20 Nov 2026, 00:00 PST" in held.value.fields["outcome"][0]
    assert play.task("approve").due_at == duty(play, DutyKind.STATEMENT).due
    play.wait(days=5).at("delay_letter", by=play.counsel, **letter("2026-11-23"))
    assert local_day(play, DutyKind.STATEMENT) == "11-26 08:45"
    assert play.task("approve").due_at == duty(play, DutyKind.STATEMENT).due
    play.until(midnight(play, 6) + timedelta(minutes=1))
    assert "delay_over" not in play.sent_to("chief@riverton.example"), "it was renewed"
    play.until(midnight(play, 4) + timedelta(minutes=1))
    assert play.sent_to("chief@riverton.example").count("delay_over") == 1
    play.at("approve", by=play.chief, **YES)
    [version] = notices.versions(play.case.number)
    assert version.content["delayed"] is True


def test_a_delay_can_end_early_and_what_had_run_out_is_due_when_it_ends(play: Play) -> None:
    scoped(play).wait(days=31)
    play.at("delay_letter", by=play.counsel, **letter("2026-12-20"))
    assert local_day(play, DutyKind.NOTICE) == "12-21 00:00"
    play.wait(days=1).at("delay_letter", by=play.counsel, **letter("2026-12-11", reference="DA-18"))
    assert duty(play, DutyKind.NOTICE).due == play.now
    assert breaches.held_until(play.case.number, play.now) is None


def test_a_letter_that_comes_after_the_text_was_written_has_it_written_anew(play: Play) -> None:
    drafted(scoped(play)).at("delay_letter", by=play.counsel, **letter("2026-11-09"))
    with pytest.raises(Invalid, match="correct") as changed:
        play.at("approve", by=play.chief, **YES)
    assert "Something has changed" in changed.value.fields["outcome"][0]
    play.at("approve", by=play.chief, outcome="back", remarks="A letter has come.")
    drafted(play).at("approve", by=play.chief, **YES)
    assert notices.versions(play.case.number)[0].content["delayed"] is True


def test_a_regulator_whose_clock_runs_on_is_told_before(play: Play, numbers: Any) -> None:
    numbers({"breach.regulator_after_determination": "10 days", "breach.individuals_extension": "15 days"})
    scoped(play)
    assert local_day(play, DutyKind.REGULATOR) == "11-19 17:00"
    play.at("delay_letter", by=play.counsel, **letter("2026-11-30"))
    assert local_day(play, DutyKind.REGULATOR) == "11-19 17:00"
    play.at("tell_regulator_first", by=play.counsel, **TOLD)
    assert duty(play, DutyKind.REGULATOR).state == DutyState.MET
    play.at("delay_letter", by=play.counsel, **letter(None, kind="cause"))
    assert local_day(play, DutyKind.NOTICE) == "01-14 17:00", "30 days, 15 for good cause, 21 for the letter"
    with pytest.raises(Invalid) as twice:
        play.at("delay_letter", by=play.counsel, **letter(None, kind="cause"))
    assert "allows it once" in twice.value.fields["kind"][0]


def test_good_cause_is_none_where_the_profile_has_no_verified_rule_for_it(play: Play, numbers: Any) -> None:
    numbers({"breach.individuals_extension": "15 days"}, verified=False)
    scoped(play)
    with pytest.raises(Invalid):
        play.at("delay_letter", by=play.counsel, **letter(None, kind="cause"))


def test_good_cause_comes_too_late_when_the_day_is_over(play: Play, numbers: Any) -> None:
    numbers({"breach.individuals_extension": "15 days"})
    scoped(play).wait(days=31)
    with pytest.raises(Invalid) as late:
        play.at("delay_letter", by=play.counsel, **letter(None, kind="cause"))
    assert "before the notice is due" in late.value.fields["kind"][0]


def test_an_unverified_number_picks_no_clock(play: Play, numbers: Any) -> None:
    numbers({"breach.individuals": "3 days", "breach.regulator_from_people": 1}, verified=False)
    scoped(play, persons=800)
    assert duty(play, DutyKind.NOTICE).rule == "within 15 days (no verified rule)"
    assert breaches.find(play.case.number, DutyKind.REGULATOR) is None


def test_a_later_scope_moves_the_clocks_and_the_tasks_that_wait(play: Play) -> None:
    scoped(play, persons=10)
    assert breaches.find(play.case.number, DutyKind.AGENCIES) is None
    again(play, live=True, persons=5000)
    assert play.task("draft").due_at == duty(play, DutyKind.STATEMENT).due
    assert duty(play, DutyKind.AGENCIES).scope_version == 2
    assert any("Draft the notice: now due 12 Nov 2026, 08:45 PST, before 19 Nov" in line for line in play.timeline())
    again(play, live=False, persons=10)
    assert {each.kind for each in breaches.waiting(play.case.number)} == {"notice", "individuals"}
    assert duty(play, DutyKind.STATEMENT).state == DutyState.DROPPED


def test_a_later_scope_asks_for_a_corrected_notice_and_more_letters(play: Play) -> None:
    told_everybody(public(play))
    again(play)
    assert not breaches.waiting(play.case.number), "it says the same"
    play.at("update", by=play.records, what="correct")
    drafted(play, changed="A typing error.").at("approve", by=play.chief, **YES)
    assert "send_letters" not in play.open_steps()
    again(play, persons=4000, period_from="2026-10-01")
    assert duty(play, DutyKind.NOTICE).due == CALENDAR.closing(CALENDAR.local_date(play.now) + timedelta(days=10))
    assert play.task("update").due_at == duty(play, DutyKind.NOTICE).due
    assert "corrected" in play.sent_to("records@riverton.example")
    with pytest.raises(Invalid) as not_yet:
        play.at("update", by=play.records, what="finished", text="That is all.")
    assert "corrected notice first" in not_yet.value.fields["what"][0]
    play.at("update", by=play.records, what="correct")
    with pytest.raises(Invalid) as unsaid:
        play.at("draft", by=play.records, **NOTICE)
    assert list(unsaid.value.fields) == ["changed"]
    drafted(play, dates="Since 1 October", changed="It began earlier.").at("approve", by=play.chief, **YES)
    assert [each.version for each in notices.versions(play.case.number)] == [1, 2, 3]
    told_everybody(play)
    updated(play, "finished", "That is all.")
    again(play, persons=4000, period_from="2026-09-01")
    assert "draft" in play.open_steps(), "it begins anew, though the last word was said"


def test_that_nobody_is_told_can_be_overtaken_by_what_is_known_later(play: Play, numbers: Any) -> None:
    numbers({"breach.no_harm_record_sent": "30 days"})
    scoped(play, harm="unlikely")
    nobody = {"told": "nobody", "reasons": "It was destroyed."}
    play.at("advise_no_harm", by=play.counsel, **nobody).at("decide_no_harm", by=play.chief, **nobody)
    assert "It was destroyed." in play.shown("send_decision")["The decision"]
    with pytest.raises(Invalid):
        play.at("after_action", by=play.security, **LEARNT)
    play.at("send_decision", by=play.counsel, **TOLD)
    again(play, harm="known")
    assert "draft" in play.open_steps()
    assert "Notice" not in [each.words for each in breaches.of_case(play.case.number) if each.state == DutyState.MET]
    with pytest.raises(Invalid):
        play.at("after_action", by=play.security, **LEARNT)


def test_nobody_decides_that_nobody_is_told_when_more_is_known_by_now(play: Play) -> None:
    scoped(play, harm="unlikely")
    nobody = {"told": "nobody", "reasons": "It was destroyed."}
    again(play.at("advise_no_harm", by=play.counsel, **nobody), harm="known")
    with pytest.raises(Invalid) as owed:
        play.at("decide_no_harm", by=play.chief, **nobody)
    assert owed.value.fields["told"] == ["By the newest version of the scope a notice is owed."]
    play.at("decide_no_harm", by=play.chief, told="notify", reasons="Somebody has come to harm.")
    drafted(play)
    again(play, harm="known", persons=7)
    assert play.shown("approve")["Since it was written"] == "a newer version of the scope was entered"


def test_other_steps_do_not_give_an_update_more_time(play: Play) -> None:
    due = public(play).task("update").due_at
    play.wait(days=3).at("delay_letter", by=play.counsel, **letter("2026-11-20"))
    assert play.task("update").due_at == due


def test_the_decision_goes_to_the_regulator_by_itself_where_an_address_is_known(play: Play, numbers: Any) -> None:
    numbers({"breach.no_harm_record_sent": "30 days", "breach.regulator_email": "notices@ag.example"})
    scoped(play, harm="unlikely")
    nobody = {"told": "nobody", "reasons": "It was destroyed."}
    play.at("advise_no_harm", by=play.counsel, **nobody).at("decide_no_harm", by=play.chief, **nobody)
    assert play.sent_to("notices@ag.example") == ["regulator_decision"]
    assert duty(play, DutyKind.REGULATOR).state == DutyState.MET


@pytest.mark.parametrize("part", ["chief", "security"])
def test_whoever_caused_it_has_no_part_in_it(play: Play, part: str) -> None:
    cause = getattr(play, part)
    opener = play.security if part == "chief" else play.administrator
    play.start("breach_notification", by=opener, **REPORT | {"person": str(cause.person_id)})
    assert play.case.hides
    if part == "security":
        assert play.task("scope").role == "programme_administrator"
        play.at("scope", by=play.administrator, **SCOPE)
        drafted(play).at("approve", by=play.chief, **YES)
        return
    assert play.task("acknowledge_chief").role == "deputy_chief"
    drafted(play.at("scope", by=play.security, **SCOPE))
    assert play.task("approve").role == "oversight_board"
    for kept_out in (play.chief, play.administrator, play.deputy):
        with pytest.raises((NotAllowed, NotFound)):
            play.at("approve", by=kept_out, **YES)
    play.at("approve", by=play.board, **YES)
    assert notices.versions(play.case.number)[0].approved_by == play.board.person_id
    assert play.sent_to("chief@riverton.example") == []
    assert conflicts.concerned(cause.person_id or 0)


def test_the_stories_pass_every_element_of_the_model(play: Play) -> None:
    assert unvisited(play.app, "breach_notification") == set()
