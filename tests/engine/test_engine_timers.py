"""Moments at which a process moves by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from engine_models import OPENED, engine
from test_engine_steps import complete, waiting

from workflow_app.engine import Advance, EngineError

INSTANT = timedelta(microseconds=1)


def due(case: Advance) -> dict[str, datetime]:
    return {timer.step: timer.due_at for timer in case.timers}


def day(number: float) -> datetime:
    return OPENED + timedelta(days=number)


def test_due_moments_come_from_deadlines_and_spans() -> None:
    case = engine("task_timers").start({"start": {"urgent": True}})
    assert due(case) == {"deputy_time": day(5), "last_moment": day(6)}
    later = engine("task_timers", day(2)).start({"start": {"urgent": False}})
    assert due(later) == {"deputy_time": day(8), "last_moment": day(6)}
    pause = complete("waiting_time", engine("waiting_time").start({}), "send", now=day(1))
    assert due(pause) == {"cool_down": day(3.5)}


def test_due_moments_and_ids_stay_while_the_case_is_stored_and_loaded() -> None:
    case = engine("task_timers").start({"start": {"urgent": True}})
    for number in range(1, 5):
        again = engine("task_timers", day(number)).tick(case.state)
        assert again.timers == case.timers
        assert again.open == case.open
        assert again.passed == ()
        case = again


def test_a_timer_fires_past_its_moment_and_not_at_it() -> None:
    case = engine("task_timers").start({"start": {"urgent": True}})
    for moment in (day(5) - INSTANT, day(5)):
        assert engine("task_timers", moment).tick(case.state).passed == ()
    fired = engine("task_timers", day(5) + INSTANT).tick(case.state)
    assert fired.passed == ("deputy_time", )  # fmt: skip
    assert waiting(fired) == ["decide", "deputy_helps"]
    assert due(fired) == {"last_moment": day(6)}


def test_a_timer_fires_once() -> None:
    case = engine("task_timers").start({"start": {"urgent": True}})
    fired = engine("task_timers", day(5.5)).tick(case.state)
    again = engine("task_timers", day(5.6)).tick(fired.state)
    assert (again.passed, again.open, again.state) == ((), fired.open, fired.state)


def test_an_interrupting_timer_withdraws_the_task() -> None:
    case = engine("task_timers", day(1)).start({"start": {"urgent": False}})
    fired = engine("task_timers", day(6) + INSTANT).tick(case.state)
    assert fired.passed == ("last_moment",)
    assert (waiting(fired), fired.timers) == (["chief_decides"], ())
    with pytest.raises(EngineError, match="is not open"):
        engine("task_timers", day(7)).complete(fired.state, case.open[0].id, {})
    assert complete("task_timers", fired, "chief_decides").end == "decided_late"


def test_a_task_done_in_time_takes_its_timers_with_it() -> None:
    case = engine("task_timers").start({"start": {"urgent": False}})
    done = complete("task_timers", case, "decide", now=day(1))
    assert (done.completed, done.end, done.timers) == (True, "decided", ())


def test_after_a_long_silence_everything_due_happens_in_one_step() -> None:
    case = engine("task_timers").start({"start": {"urgent": True}})
    fired = engine("task_timers", day(30)).tick(case.state)
    assert waiting(fired) == ["chief_decides", "deputy_helps"]


def test_a_pause_ends_by_itself_and_the_next_begins_from_there() -> None:
    case = complete("waiting_time", engine("waiting_time").start({}), "send")
    assert case.open == ()
    woken = engine("waiting_time", day(3)).tick(case.state)
    assert woken.passed == ("send_to_cool_down", "cool_down", "cool_down_to_wake", "wake")
    assert due(woken) == {"until_day": day(3 + len("until_day"))}
    assert waiting(engine("waiting_time", day(13)).tick(woken.state)) == ["look_again"]


def test_timers_stand_on_child_cases() -> None:
    case = engine("child_cases").start({})
    reminded = engine("child_cases", day(6.5)).tick(case.state)
    assert waiting(reminded) == ["ask_vendor"]
    assert "remind" in reminded.passed
    case = complete("child_cases", reminded, "ask_vendor")
    silent = engine("child_cases", day(31)).tick(case.state)
    assert waiting(silent) == ["settle_silence"]


def test_timers_stand_on_phases_within_phases() -> None:
    case = complete("nested_phases", engine("nested_phases").start({}), "prepare")
    assert due(case) == {
        "inquiry_late": day(7), "inquiry_stopped": day(15), "people_late": day(2), "people_silent": day(3),
    }  # fmt: skip
    nudged = engine("nested_phases", day(2.5)).tick(case.state)
    assert (waiting(nudged), "nudge" in nudged.passed) == (["first_answer", "second_answer"], True)
    alone = engine("nested_phases", day(3.1)).tick(nudged.state)
    assert waiting(alone) == ["decide_alone"]
    both = engine("nested_phases", day(8)).tick(alone.state)
    assert waiting(both) == ["decide_alone", "oversee"]
    stopped = engine("nested_phases", day(16)).tick(both.state)
    assert waiting(stopped) == ["close_down", "oversee"]
    assert stopped.timers == ()


@pytest.mark.parametrize(
    "said", [None, 3, "tomorrow", "2026-11-09T09:00:00", "2026-11-09", "P3D", "", ["2026-11-09T09:00:00+00:00"]]
)
def test_a_moment_without_meaning_is_an_error_that_names_its_expression(said: Any) -> None:
    case = engine("waits_on_answer").start({})
    with pytest.raises(EngineError, match=r"^day_reached: the expression 'set_date\[\"day\"\]' gives .* a moment"):
        complete("waits_on_answer", case, "set_date", day=said)


@pytest.mark.parametrize("said", [None, 3, "three days", "PT", "P", "-P3D", "R3/PT1H", "2026-11-09T09:00:00+00:00"])
def test_a_span_without_meaning_is_an_error_that_names_its_expression(said: Any) -> None:
    case = engine("waits_for_span").start({})
    with pytest.raises(EngineError, match=r"^pause: the expression 'set_span\[\"span\"\]' gives .* a duration"):
        complete("waits_for_span", case, "set_span", span=said)


def test_a_moment_may_be_said_with_any_offset() -> None:
    case = complete("waits_on_answer", engine("waits_on_answer").start({}), "set_date", day="2026-11-09T09:00:00-05:00")
    assert due(case) == {"day_reached": datetime(2026, 11, 9, 14, 0, tzinfo=UTC)}
    assert engine("waits_on_answer", datetime(2026, 11, 9, 14, 1, tzinfo=UTC)).tick(case.state).end == "expired"


def test_a_moment_in_the_past_fires_at_once() -> None:
    case = complete("waits_on_answer", engine("waits_on_answer").start({}), "set_date", day="2020-01-01T00:00:00+00:00")
    assert (case.completed, case.end) == (True, "expired")
