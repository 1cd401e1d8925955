"""Cases that go on and on: they neither stall nor overflow, and finished phases leave the state."""

from __future__ import annotations

from itertools import pairwise

from engine_models import OPENED, engine, functions, model
from SpiffWorkflow.util.task import TaskState
from test_engine_steps import complete, waiting

from workflow_app.engine import Advance
from workflow_app.engine.expressions import Expressions, Scripts
from workflow_app.engine.repairs import at_moment
from workflow_app.engine.state import dump
from workflow_app.engine.workflow import CaseWorkflow

ANSWERS = {"approve": {"back": True}, "judge": {"again": True}, "left": {"one": True}, "right": {"two": True}}


def after(rounds: int, name: str, last: str) -> Advance:
    """The case after many rounds, each ended by the step `last`.

    It goes round in memory, which the differential test shows to be the same and is quicker, and is stored then.
    """
    process = model(name)
    scripts = Scripts(Expressions(functions(OPENED), lambda _step, _data: None))
    workflow = CaseWorkflow(process.spec, process.subspecs, script_engine=scripts)
    done = 0
    with at_moment(OPENED):
        workflow.settle(lambda _task: None)
        while done < rounds:
            task = next(one for one in workflow.all_tasks() if one._state == TaskState.READY and one.task_spec.manual)
            task.data[task.task_spec.bpmn_id] = ANSWERS.get(task.task_spec.bpmn_id, {})
            task.run()
            workflow.settle(lambda _task: None)
            done += task.task_spec.bpmn_id == last
        return engine(name).tick(dump(workflow))


def test_a_case_of_seven_hundred_rounds_goes_on() -> None:
    case = after(700, "way_back", "approve")
    assert waiting(case) == ["draft"]
    case = complete("way_back", case, "draft")
    case = complete("way_back", case, "approve", back=False)
    assert (case.completed, case.end, case.open) == (True, "closed", ())


def test_joins_still_wait_for_their_branches_after_many_rounds() -> None:
    case = after(110, "looping_branches", "judge")
    assert waiting(case) == ["left", "right"]
    for step, answers in (("right", {"two": True}), ("left", {"one": True}), ("extra_one", {})):
        case = complete("looping_branches", case, step, **answers)
        assert len(case.open) == 1 + (step == "left")
    case = complete("looping_branches", case, "extra_two")
    assert complete("looping_branches", case, "judge", again=False).end == "closed"


def test_phases_and_their_timers_still_work_after_many_rounds() -> None:
    case = after(200, "rounds", "judge")
    assert waiting(case) == ["answer"]
    assert sorted(timer.step for timer in case.timers) == ["answer_late", "round_over"]
    case = complete("rounds", case, "answer")
    assert waiting(case) == ["judge"]
    assert complete("rounds", case, "judge", again=False).end == "closed"


def test_a_finished_phase_leaves_the_state() -> None:
    case = engine("rounds").start({})
    sizes = []
    for _ in range(12):
        case = complete("rounds", case, "answer", said="x" * 2000)
        sizes.append(len(case.state))
        assert b'"answer_in"' not in case.state
        case = complete("rounds", case, "judge", again=True)
    assert max(later - earlier for earlier, later in pairwise(sizes)) < 3500


def test_two_hundred_finished_tasks_are_stored_once_and_read_back_the_same() -> None:
    case = engine("way_back").start({"start": {"note": "kept"}})
    for number in range(100):
        case = complete("way_back", case, "draft", round=number)
        case = complete("way_back", case, "approve", back=True)
    assert case.open[0].data == {"start": {"note": "kept"}, "draft": {"round": 99}, "approve": {"back": True}}
    assert engine("way_back").tick(case.state).state == case.state
    assert case.state.count(b'"kept"') == 1


def test_what_is_said_again_in_every_round_stands_in_the_state_once() -> None:
    case = engine("way_back").start({})
    sizes = []
    for number in range(12):
        case = complete("way_back", case, "draft", said=f"{number}" + "x" * 2000)
        case = complete("way_back", case, "approve", back=True)
        sizes.append(len(case.state))
        assert case.open[0].data["draft"] == {"said": f"{number}" + "x" * 2000}
    assert max(later - earlier for earlier, later in pairwise(sizes)) < 1000
