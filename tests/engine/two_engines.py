"""The same case twice: on this program's engine, and on SpiffWorkflow as it comes, kept in memory throughout."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from engine_models import OPENED, functions, model
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.spiff.parser.process import SpiffBpmnParser
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.event import Event
from SpiffWorkflow.util.task import TaskState

from workflow_app.engine import Engine, Model
from workflow_app.engine.expressions import Expressions, Scripts
from workflow_app.engine.model import _Parser
from workflow_app.engine.state import dump, load
from workflow_app.engine.workflow import at_moment

Handle = Callable[[str, Mapping[str, Any]], Mapping[str, Any] | None]
Step = tuple[str, str]
"""An open step as both engines can name it: the element, and its facts as text."""


def text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


class _StockGateways(_Parser):
    """The bindings of this program, with SpiffWorkflow's own gateways."""

    OVERRIDE_PARSER_CLASSES = {  # noqa: RUF012 - the attribute's name and kind are SpiffWorkflow's
        **_Parser.OVERRIDE_PARSER_CLASSES,
        full_tag("parallelGateway"): SpiffBpmnParser.PARSER_CLASSES[full_tag("parallelGateway")],
        full_tag("inclusiveGateway"): SpiffBpmnParser.PARSER_CLASSES[full_tag("inclusiveGateway")],
    }


@cache
def _specs(name: str) -> tuple[Any, dict[str, Any]]:
    """The model as SpiffWorkflow runs it; its joins are wrong in loops, so a model with such keeps ours."""
    found = model(name)
    if name == "looping_branches":
        return found.spec, dict(found.subspecs)
    parser = _StockGateways()
    for file, source in found.sources.items():
        (parser.add_bpmn_str if file.endswith(".bpmn") else parser.add_dmn_str)(source)
    phases = [element for element in found.elements.values() if element.kind == "subProcess"]
    return parser.get_spec(name), parser.get_subprocess_specs(name) if phases else {}


class Plain:
    """SpiffWorkflow's own classes; nothing is ever written down."""

    def __init__(self, model: Model, handle: Handle) -> None:
        self.model, self._handle = model, handle
        self._functions: dict[str, Any] = functions(OPENED)
        self._expressions = Expressions(self._functions, self._service)

    def start(self, facts: Mapping[str, Any], now: datetime) -> None:
        with self._at(now):
            scripts = Scripts(self._expressions)
            self.workflow = BpmnWorkflow(*_specs(self.model.process_id), script_engine=scripts)
            self.workflow.task_tree.data = dict(facts)
            self._settle()

    def complete(self, step: Step, answers: Mapping[str, Any], now: datetime) -> None:
        with self._at(now):
            task = next(task for task in self._open() if _named(task) == step)
            task.data[task.task_spec.bpmn_id] = dict(answers)
            task.run()
            self._settle()

    def tick(self, now: datetime) -> None:
        with self._at(now):
            self._settle()

    def open(self) -> list[Step]:
        return sorted(_named(task) for task in self._open())

    def timers(self) -> list[tuple[str, datetime]]:
        return sorted(
            (task.task_spec.bpmn_id, TimerEventDefinition.get_datetime(task.internal_data["event_value"]))
            for task in self.workflow.event_manager.tasks.values()
            if task.state == TaskState.WAITING
        )

    def _at(self, now: datetime) -> Any:
        self._expressions.scope.update(functions(now))
        return at_moment(now)

    def _service(self, step: str, data: dict[str, Any]) -> None:
        result = self._handle(step, data)
        if result is not None:
            data[step] = dict(result)

    def _all(self) -> Iterator[Task]:
        for workflow in (self.workflow, *self.workflow.subprocesses.values()):
            yield from workflow.tasks.values()

    def _open(self) -> list[Task]:
        return [task for task in self._all() if task.state == TaskState.READY and task.task_spec.manual]

    def _settle(self) -> None:
        self.workflow.refresh_timers()
        self.workflow.do_engine_steps()
        while any(task.state == TaskState.READY and not task.task_spec.manual for task in self._all()):
            self.workflow.do_engine_steps()


class Stored:
    """This program's engine: every step begins with bytes and ends with bytes."""

    def __init__(self, model: Model, handle: Handle) -> None:
        self.model, self._handle = model, handle
        self.passed: list[str] = []

    def start(self, facts: Mapping[str, Any], now: datetime) -> None:
        self._take(self._engine(now).start(facts))

    def complete(self, step: Step, answers: Mapping[str, Any], now: datetime) -> None:
        task = next(one.id for one in self.advance.open if (one.step, text(one.data)) == step)
        self._take(self._engine(now).complete(self.advance.state, task, answers))

    def tick(self, now: datetime) -> None:
        self._take(self._engine(now).tick(self.advance.state))

    def open(self) -> list[Step]:
        return sorted((one.step, text(one.data)) for one in self.advance.open)

    def timers(self) -> list[tuple[str, datetime]]:
        return sorted((one.step, one.due_at) for one in self.advance.timers)

    def reloaded(self, state: bytes | None = None) -> Any:
        scripts = Scripts(Expressions({}, lambda _step, _data: None))
        return load(state or self.advance.state, self.model, scripts)

    def _engine(self, now: datetime) -> Engine:
        return Engine(self.model, now=now, handle=self._handle, functions=functions(now))

    def _take(self, advance: Any) -> None:
        self.advance = advance
        self.passed += advance.passed
        self.workflow = self.reloaded()


def assert_equal(stored: Stored, plain: Plain) -> None:
    """Both engines stand at the same place with the same facts; the stored one reads its own writing."""
    assert stored.open() == plain.open()
    assert stored.timers() == plain.timers()
    assert stored.advance.completed == plain.workflow.completed
    assert stored.advance.data == (plain.workflow.data if plain.workflow.completed else {})
    seen = _picture(stored.workflow)
    assert seen == _picture(plain.workflow)
    assert dump(stored.reloaded()) == stored.advance.state
    stored.workflow = stored.reloaded(dump(stored.workflow))  # written again after all its facts were read
    assert _picture(stored.workflow) == seen


def _named(task: Task) -> Step:
    return (task.task_spec.bpmn_id, text(task.data))


def _picture(workflow: Any) -> list[tuple[str, str, int, str]]:
    """Every task of the process and of its running sub-processes: where, which, how far, with which facts.

    A finished task's facts are left out: the plain engine lets later changes seep into them.
    """
    running = {holder: sub for holder, sub in workflow.subprocesses.items() if not sub.completed}
    rows = []
    for one in (workflow, *running.values()):
        for task in one.tasks.values():
            facts = "" if task.state & TaskState.FINISHED_MASK else text(task.data)
            rows.append((one.spec.name, task.task_spec.name, task.state, facts))
    return sorted(rows)


def fingerprint(model: Model) -> str:
    """A hash over everything a parsed model holds, so that writing to a shared model does not go unseen."""
    digest = hashlib.sha256()
    for spec in (model.spec, *(model.subspecs[name] for name in sorted(model.subspecs))):
        for name in sorted(spec.task_specs):
            digest.update(f"{spec.name} {name} {_frozen(vars(spec.task_specs[name]))}\n".encode())
    return digest.hexdigest()


def _frozen(value: Any) -> Any:
    if isinstance(value, Event):
        return [len(value.hard_subscribers or ()), len(value.weak_subscribers or ())]
    if isinstance(value, dict):
        return sorted((str(key), repr(_frozen(one))) for key, one in value.items() if key != "_wf_spec")
    if isinstance(value, list | tuple):
        return [_frozen(one) for one in value]
    if hasattr(value, "__dict__"):
        return [type(value).__name__, _frozen(vars(value))]
    return repr(value)


def later(now: datetime, moments: list[datetime]) -> datetime:
    """Just past the next of these moments, or a little later when there is none."""
    return min((moment for moment in moments if moment >= now), default=now) + timedelta(minutes=1)
