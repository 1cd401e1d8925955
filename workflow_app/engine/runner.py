"""One step of a process: stored state and an answer in, a new state and what follows from it out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.exceptions import SpiffWorkflowException, TaskNotFoundException
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflow_app.engine.expressions import Expressions, Scripts
from workflow_app.engine.joins import arrivals
from workflow_app.engine.model import Model
from workflow_app.engine.repairs import at_moment
from workflow_app.engine.state import dump, load, plain
from workflow_app.engine.types import Advance, EngineError, Facts, OpenStep, TimerDue
from workflow_app.engine.workflow import CaseWorkflow

__all__ = ["Engine", "EngineError", "Handler", "facts_at"]

Handler = Callable[[str, Facts], Facts | None]
"""Called with a service task's id and the facts so far; what it returns stands under that id."""


class Engine:
    """A model at one moment. Make one for each step; it keeps nothing between calls.

    Every verb raises EngineError when the process cannot take the step. What a handler raises comes out as it is.
    """

    def __init__(
        self,
        model: Model,
        *,
        now: datetime,
        handle: Handler,
        functions: Mapping[str, Callable[..., Any]] | None = None,
    ) -> None:
        self.model = model
        self.now = now
        self._handle = handle
        self._scripts = Scripts(Expressions(functions or {}, self._service))
        self._passed: list[str] = []
        self._end: str | None = None
        self._fault: Exception | None = None

    def start(self, facts: Facts) -> Advance:
        """Open an instance with its first facts."""
        workflow = CaseWorkflow(self.model.spec, self.model.subspecs, script_engine=self._scripts)
        workflow.task_tree.data = plain(facts, "start")
        return self._advance(workflow, lambda: None)

    def complete(self, state: bytes, task_id: str, answers: Facts) -> Advance:
        """Complete an open step with routing facts, which then stand under the step's id."""
        workflow = load(state, self.model, self._scripts)

        def act() -> None:
            task = _find(workflow, task_id)
            if task is None or not _is_open(task):
                raise EngineError(f"step {task_id} is not open")
            step = task.task_spec.bpmn_id
            task.data[step] = plain(answers, step)
            task.run()
            self._note(task)

        return self._advance(workflow, act)

    def tick(self, state: bytes) -> Advance:
        """Fire what is due at this moment; calling it with nothing due changes nothing."""
        return self._advance(load(state, self.model, self._scripts), lambda: None)

    def _advance(self, workflow: CaseWorkflow, act: Callable[[], None]) -> Advance:
        with at_moment(self.now):
            try:
                act()
                workflow.settle(self._note)
            except Exception as error:  # SpiffWorkflow raises whatever it meets; all of it means the same here
                if error is self._fault or isinstance(error, EngineError):
                    raise
                raise EngineError(_sentence(error)) from error
            return Advance(
                state=dump(workflow),
                open=tuple(_open_steps(workflow)),
                timers=tuple(_timers(workflow)),
                passed=tuple(self._passed),
                completed=workflow.completed,
                end=self._deciding_end(workflow) if workflow.completed else None,
                data=dict(workflow.data) if workflow.completed else {},
            )

    def _service(self, step: str, data: dict[str, Any]) -> None:
        try:
            result = self._handle(step, data)
        except Exception as error:
            self._fault = error
            raise
        if result is not None:
            data[step] = plain(result, step)

    def _note(self, task: Task) -> None:
        """Remember an element that was passed, and the flows by which the process came to it."""
        element = getattr(task.task_spec, "bpmn_id", None)
        if element is None or element not in self.model.elements or task._state != TaskState.COMPLETED:
            return
        for arrival in arrivals(task):
            if flow := self.model.flows.get((self._source(arrival), element)):
                self._passed.append(flow)
        self._passed.append(element)
        if self._decides(element):
            self._end = element

    def _source(self, task: Task) -> str:
        """The element from which the process came to a task; between them stand steps that nobody drew."""
        above = task.parent
        while above is not None and above.task_spec.bpmn_id not in self.model.elements:
            above = above.parent
        return above.task_spec.bpmn_id if above is not None else ""

    def _decides(self, element: str | None) -> bool:
        """Whether reaching this element is an outcome of the case, not only the end of a side way."""
        drawn = self.model.elements.get(element or "")
        if drawn is None or drawn.kind != "endEvent" or drawn.parent != self.model.process_id:
            return False
        return drawn.properties.get("outcome") != "no"

    def _deciding_end(self, workflow: CaseWorkflow) -> str | None:
        """The end reached last; an earlier step may have reached it, while a side way was still open."""
        if self._end is not None:
            return self._end
        done = (task for task in workflow.tasks.values() if task._state == TaskState.COMPLETED)
        ends = [task for task in done if self._decides(task.task_spec.bpmn_id)]
        last = max(ends, key=lambda task: float(task.last_state_change), default=None)
        return last.task_spec.bpmn_id if last is not None else None


def facts_at(state: bytes, model: Model, task_id: str) -> Facts:
    """The facts with which a process reached an open step, empty when it is not there; with '' those of its end."""
    workflow = load(state, model, Scripts(Expressions({}, lambda _step, _data: None)))
    if not task_id:
        return dict(workflow.data)
    task = _find(workflow, task_id)
    return dict(task.data) if task is not None else {}


def _find(workflow: CaseWorkflow, task_id: str) -> Task | None:
    try:
        return workflow.get_task_from_id(task_id)
    except TaskNotFoundException:
        return None


def _is_open(task: Task) -> bool:
    return bool(task._state == TaskState.READY and task.task_spec.manual)


def _open_steps(workflow: CaseWorkflow) -> Iterator[OpenStep]:
    for task in workflow.all_tasks():
        if _is_open(task):
            yield OpenStep(task.id, task.task_spec.bpmn_id, task.data)


def _timers(workflow: CaseWorkflow) -> Iterator[TimerDue]:
    for task in workflow.event_manager.tasks.values():
        if task._state == TaskState.WAITING and isinstance(task.task_spec.event_definition, TimerEventDefinition):
            due = datetime.fromisoformat(task.internal_data["event_value"])
            yield TimerDue(task.id, task.task_spec.bpmn_id, due)


def _sentence(error: Exception) -> str:
    """What went wrong and where, with the notes SpiffWorkflow adds on the way up, in one line."""
    if not isinstance(error, SpiffWorkflowException):
        return f"{type(error).__name__}: {error}"
    spec = getattr(error, "task_spec", None)
    parts = [str(error.args[0]), *error.notes]
    sentence = "; ".join(dict.fromkeys(" ".join(part.split()) for part in parts if part))
    return f"{getattr(spec, 'bpmn_id', None) or spec.name}: {sentence}" if spec is not None else sentence
