"""What one step tells the outside: where the case waits, what it passed, how it ended, what went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest
from engine_models import OPENED, changed, engine, model

from workflow_app.engine import Advance, EngineError, facts_at, parse


def complete(name: str, case: Advance, step: str, now: datetime = OPENED, **answers: Any) -> Advance:
    task = next(one.id for one in case.open if one.step == step)
    return engine(name, now).complete(case.state, task, answers)


def waiting(case: Advance) -> list[str]:
    return sorted(one.step for one in case.open)


def test_a_step_names_elements_and_flows_in_the_order_they_were_passed() -> None:
    case = engine("plain_line").start({})
    assert case.passed == ("opened",)
    case = complete("plain_line", case, "report")
    assert case.passed == (
        "opened_to_report", "report", "report_to_file_report", "file_report",
    )  # fmt: skip
    case = complete("plain_line", case, "sign")
    assert case.passed == ("file_report_to_sign", "sign", "sign_to_closed", "closed")
    assert (case.completed, case.end, case.open, case.timers) == (True, "closed", (), ())


def test_a_join_is_reached_by_every_branch() -> None:
    case = engine("parallel_branches").start({})
    for step in ("check_left", "check_right", "inform"):
        if step not in waiting(case):
            case = complete("parallel_branches", case, "repair")
        case = complete("parallel_branches", case, step)
    assert case.passed[:2] == ("fork_to_inform", "inform")
    assert set(case.passed[2:-1]) == {"archive_to_join", "inner_join_to_join", "inform_to_join"}
    assert case.passed[-1] == "join"


def test_an_inclusive_join_is_reached_by_the_branches_that_were_chosen() -> None:
    case = complete("inclusive_choice", engine("inclusive_choice").start({}), "assess", press=True, court=True)
    assert waiting(case) == ["inform_court", "inform_press"]
    case = complete("inclusive_choice", case, "inform_court")
    assert waiting(case) == ["inform_press"]
    case = complete("inclusive_choice", case, "inform_press")
    assert case.passed[2:] == ("inform_court_to_all_told", "inform_press_to_all_told", "all_told")


def test_in_every_round_of_a_loop_a_join_waits_for_its_branches() -> None:
    case = engine("looping_branches").start({})
    for number in range(3):
        case = complete("looping_branches", case, "left", one=True, round=number)
        assert waiting(case) == ["right"]
        case = complete("looping_branches", case, "right", two=True, round=number)
        assert waiting(case) == ["extra_one", "extra_two"]
        case = complete("looping_branches", case, "extra_two")
        assert waiting(case) == ["extra_one"]
        case = complete("looping_branches", case, "extra_one")
        assert waiting(case) == ["judge"]
        case = complete("looping_branches", case, "judge", again=True)


def test_behind_a_join_each_fact_is_the_one_given_last() -> None:
    case = engine("looping_branches").start({})
    for step, answers in (
        ("left", {"one": False, "note": "first round"}), ("right", {"two": False, "list": ["a", "b"]}),
        ("judge", {"again": True}),
        ("right", {"two": False, "list": ["b"]}), ("left", {"one": False}),
    ):  # fmt: skip
        case = complete("looping_branches", case, step, **answers)
    facts = case.open[0].data
    assert (facts["left"], facts["right"]) == ({"one": False}, {"two": False, "list": ["b"]})


def test_a_child_case_is_one_waiting_step_however_many_there_are() -> None:
    case = engine("child_cases").start({})
    assert waiting(case) == ["ask_vendor"]
    case = complete("child_cases", case, "ask_vendor", outcome="fixed")
    assert waiting(case) == ["tell_agencies"]
    case = complete("child_cases", case, "tell_agencies", told=500)
    assert (case.end, case.data["tell_agencies"]) == ("told", {"told": 500})


@pytest.mark.parametrize(
    ("harm", "times", "level", "step"),
    [("arrest", 0, "S1", "decide_grave"), ("stop", 2, "S2", "decide_grave"), ("stop", 1, "S4", "decide_minor")],
)
def test_the_first_rule_that_matches_decides(harm: str, times: int, level: str, step: str) -> None:
    case = engine("decision_table").start({"start": {"harm": harm, "times": times}})
    assert waiting(case) == [step]
    assert case.open[0].data["level"] == level


def test_a_handlers_answer_stands_under_its_id_and_steers() -> None:
    def handle(step: str, facts: Mapping[str, Any]) -> Mapping[str, Any] | None:
        return {"sent": facts["decide"]["outcome"] == "partly"} if step == "tell" else None

    case = complete("exclusive_ways", engine("exclusive_ways").start({}), "decide", outcome="partly")
    explain = case.open[0].id
    case = engine("exclusive_ways", handle=handle).complete(case.state, explain, {})
    assert (case.end, case.data["tell"]) == ("corrected", {"sent": True})


@pytest.mark.parametrize("fault", [ValueError("no such thing"), RuntimeError("broken"), KeyError("name"), OSError()])
def test_what_a_handler_raises_reaches_the_caller_as_it_is(fault: Exception) -> None:
    def handle(_step: str, _facts: Mapping[str, Any]) -> None:
        raise fault

    case = engine("plain_line").start({})
    with pytest.raises(type(fault)) as raised:
        engine("plain_line", handle=handle).complete(case.state, case.open[0].id, {})
    assert raised.value is fault


def test_an_error_names_the_element_and_the_expression() -> None:
    case = engine("exclusive_ways").start({})
    with pytest.raises(
        EngineError, match=r"^decided: the expression 'decide\[\"outcome\"\] .* \(KeyError: 'outcome'\)"
    ):
        complete("exclusive_ways", case, "decide")
    with pytest.raises(EngineError, match=r"^grade: the expression .*start\[\"harm\"\].* \(NameError"):
        engine("decision_table").start({})


def test_an_unknown_name_in_an_expression_is_an_error_not_a_way() -> None:
    sources = changed("exclusive_ways", ('decide["outcome"] == "confirmed"', "nobody_said"))
    process = parse("exclusive_ways", sources)
    case = engine(process).start({})
    with pytest.raises(EngineError, match="nobody_said"):
        engine(process).complete(case.state, case.open[0].id, {})


def test_a_process_that_never_waits_is_stopped() -> None:
    def turn(_step: str, _facts: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"on": True}

    with pytest.raises(EngineError, match=r"spinning ran [0-9]+ tasks in one step and is still not waiting"):
        engine("spinning", handle=turn).start({})


@pytest.mark.parametrize("task", ["", "nothing", "00" * 16])
def test_a_step_that_is_not_open_cannot_be_completed(task: str) -> None:
    case = engine("plain_line").start({})
    with pytest.raises(EngineError, match="is not open"):
        engine("plain_line").complete(case.state, task, {})
    assert facts_at(case.state, model("plain_line"), task) == {}


def test_a_step_can_be_completed_once() -> None:
    case = engine("plain_line").start({})
    after = complete("plain_line", case, "report")
    with pytest.raises(EngineError, match="is not open"):
        engine("plain_line").complete(after.state, case.open[0].id, {})


def test_an_end_of_a_side_way_never_decides() -> None:
    case = engine("stop_everything").start({})
    case = complete("stop_everything", case, "wait_for_word", word="go on")
    assert (case.completed, case.end) == (False, None)
    case = complete("stop_everything", case, "dig")
    assert (case.completed, case.end) == (True, "worked")


def test_the_end_that_decided_is_remembered_while_a_side_way_is_open() -> None:
    case = engine("stop_everything").start({})
    case = complete("stop_everything", case, "dig")
    assert (case.completed, case.end) == (False, None)
    case = complete("stop_everything", case, "wait_for_word", word="go on")
    assert (case.completed, case.end) == (True, "worked")


def test_a_terminating_end_withdraws_everything_else() -> None:
    case = engine("stop_everything").start({})
    case = complete("stop_everything", case, "wait_for_word", word="withdraw")
    assert (case.completed, case.end, case.open, case.timers) == (True, "withdrawn", (), ())


def test_a_terminating_end_inside_a_phase_ends_the_phase_only() -> None:
    case = complete("stop_the_phase", engine("stop_the_phase").start({}), "abandon", why="found")
    assert waiting(case) == ["report"]
    assert case.open[0].data["abandon"] == {"why": "found"}


def test_two_cases_share_a_model_and_nothing_else() -> None:
    first, second = engine("way_back").start({"start": {"a": 1}}), engine("way_back").start({"start": {"b": 2}})
    assert first.open[0].id != second.open[0].id
    assert (first.open[0].data, second.open[0].data) == ({"start": {"a": 1}}, {"start": {"b": 2}})
