"""One step of a process: stored state and an answer in, a new state and what follows from it out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn.script_engine.python_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.exceptions import SpiffWorkflowException
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflow_app.engine.expressions import Expressions
from workflow_app.engine.model import Model
from workflow_app.engine.state import UnknownFormat, dump, load
from workflow_app.engine.types import Advance, Facts, OpenStep, TimerDue
from workflow_app.engine.workflow import CaseWorkflow, at_moment

# SpiffWorkflow builds a record of every state change; nobody reads them and they cost a seventh of a step.
logging.getLogger("spiff").setLevel(logging.WARNING)


class EngineError(Exception):
    """The process could not take this step; nothing of it may be stored."""


Handler = Callable[[str, Facts], Facts | None]
"""Called with a service task's id and the facts so far; what it returns stands under that id."""


class Engine:
    """A model at one moment. Make one for each step; it keeps nothing between calls."""

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
        self._scripts = PythonScriptEngine(Expressions(functions or {}, self._service))
        self._passed: list[str] = []
        self._end: str | None = None

    def start(self, facts: Facts) -> Advance:
        """Open an instance with its first facts."""
        workflow = CaseWorkflow(self.model.spec, self.model.subspecs, script_engine=self._scripts)
        workflow.task_tree.data = dict(facts)
        return self._advance(workflow, lambda: None)

    def complete(self, state: bytes, task_id: str, answers: Facts) -> Advance:
        """Complete an open step with routing facts, which then stand under the step's id."""
        workflow = self._load(state)

        def act() -> None:
            task = workflow.get_task_from_id(UUID(task_id))
            if task is None or task._state != TaskState.READY or not task.task_spec.manual:
                raise EngineError(f"step {task_id} is not open")
            task.data[task.task_spec.bpmn_id] = dict(answers)
            task.run()
            self._note(task)

        return self._advance(workflow, act)

    def tick(self, state: bytes) -> Advance:
        """Fire what is due at this moment; calling it with nothing due changes nothing."""
        return self._advance(self._load(state), lambda: None)

    def _load(self, state: bytes) -> CaseWorkflow:
        try:
            return load(state, self.model, self._scripts)
        except (UnknownFormat, KeyError) as error:
            raise EngineError(str(error)) from error

    def _advance(self, workflow: CaseWorkflow, act: Callable[[], None]) -> Advance:
        with at_moment(self.now):
            try:
                act()
                workflow.settle(self._note)
            except (SpiffWorkflowException, RuntimeError, ValueError) as error:
                raise EngineError(_sentence(error)) from error
            return Advance(
                state=dump(workflow),
                open=tuple(_open_steps(workflow)),
                timers=tuple(_timers(workflow)),
                passed=tuple(self._passed),
                completed=workflow.completed,
                end=self._end,
                data=dict(workflow.data) if workflow.completed else {},
            )

    def _service(self, step: str, data: dict[str, Any]) -> None:
        result = self._handle(step, data)
        if result is not None:
            data[step] = dict(result)

    def _note(self, task: Task) -> None:
        """Remember an element that was passed, and the flow by which the process came to it."""
        element = getattr(task.task_spec, "bpmn_id", None)
        if element is None or element not in self.model.elements or task._state != TaskState.COMPLETED:
            return
        for source in _sources(task, self.model):
            if flow := self.model.flows.get((source, element)):
                self._passed.append(flow)
        self._passed.append(element)
        drawn = self.model.elements[element]
        is_end = drawn.kind == "endEvent" and drawn.parent == self.model.process_id
        if is_end and drawn.properties.get("outcome") != "no":
            self._end = element


def facts_at(state: bytes, model: Model, task_id: str) -> Facts:
    """The facts with which a process reached an open step; empty when the step is not there."""
    workflow = load(state, model, PythonScriptEngine(Expressions({}, lambda _step, _data: None)))
    task = workflow.get_task_from_id(UUID(task_id))
    return dict(task.data) if task is not None else {}


def _sources(task: Task, model: Model) -> list[str]:
    """The elements from which the process came to a task; a join comes from all its finished branches."""
    spec = task.task_spec
    if model.elements[spec.bpmn_id].kind == "parallelGateway" and len(spec.inputs) > 1:
        return [source for source, target in model.flows if target == spec.bpmn_id]
    parent = task.parent
    while parent is not None:
        source = getattr(parent.task_spec, "bpmn_id", None)
        if source is not None and source in model.elements:
            return [source]
        parent = parent.parent
    return []


def _open_steps(workflow: CaseWorkflow) -> list[OpenStep]:
    return [
        OpenStep(task.id.hex, task.task_spec.bpmn_id, task.data)
        for task in workflow.all_tasks()
        if task._state == TaskState.READY and task.task_spec.manual
    ]


def _timers(workflow: CaseWorkflow) -> list[TimerDue]:
    timers = []
    for task in workflow.event_manager.tasks.values():
        definition = task.task_spec.event_definition
        if not isinstance(definition, TimerEventDefinition) or task._state != TaskState.WAITING:
            continue
        value = task.internal_data.get("event_value")
        if value is not None:
            due = TimerEventDefinition.parse_time_or_duration(value)
            timers.append(TimerDue(task.id.hex, task.task_spec.bpmn_id, due))
    return timers


def _sentence(error: Exception) -> str:
    """What went wrong, with the notes SpiffWorkflow adds on the way up, in one line."""
    parts = [str(error), *getattr(error, "notes", ())]
    return "; ".join(dict.fromkeys(" ".join(part.split()) for part in parts if part))
