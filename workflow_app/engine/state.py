"""The state of a process instance as bytes, and back.

SpiffWorkflow's own serializer writes the model into every state and rebuilds every task on every load. Here the
model stays outside, history stays undecoded bytes, and finished sub-processes are dropped. Four rules keep it
correct, each bought with a failed draft: what a finished task was is never written anew; a difference is only written
against a finished parent; whatever is restored is decoded from bytes, so history and live data share nothing; facts
are handed down only where nobody can ask the task above for them any more.

Only JSON values may stand in task data; forms and handlers are held to that where answers enter.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Raw
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.exceptions import SpiffWorkflowException
from SpiffWorkflow.spiff.serializer.config import SPIFF_CONFIG
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflow_app.engine.model import Model
from workflow_app.engine.types import EngineError, Facts
from workflow_app.engine.workflow import CaseSubWorkflow, CaseWorkflow

FORMAT = 1
"""The number that leads every state. A state with another number is left alone, never overwritten."""

_FINISHED = TaskState.FINISHED_MASK
_NULL = Raw(b"null")
_encoder = msgspec.json.Encoder()
_values = msgspec.json.Decoder()
_registry = BpmnWorkflowSerializer.configure(SPIFF_CONFIG)


class UnknownFormat(EngineError):
    """The stored state was written by a program this one does not understand, or for another model."""


class _TaskRecord(msgspec.Struct, array_like=True, gc=False):  # thousands of them, and none points in a circle
    """One task. `changed`/`removed` are differences to the parent's data unless `whole`."""

    id: str
    parent: int
    state: int
    spec: str
    since: float
    triggered: bool = False
    internal: Raw = _NULL
    changed: Raw = _NULL
    removed: list[str] | None = None
    children: list[int] | None = None
    whole: bool = False


class _WorkflowRecord(msgspec.Struct, array_like=True):
    tasks: list[_TaskRecord]
    last: int
    success: bool
    completed: bool
    correlations: dict[str, Any]
    data: dict[str, Any]
    parent_task: str | None = None


class _Snapshot(msgspec.Struct):
    format: int
    top: _WorkflowRecord
    subs: list[_WorkflowRecord]


class _Written(msgspec.Struct):
    format: int


_snapshots = msgspec.json.Decoder(_Snapshot)
_formats = msgspec.json.Decoder(_Written)


class _RestoredTask(Task):  # type: ignore[misc]  # SpiffWorkflow ships no types
    """A task from a stored state; its data is decoded when first asked for."""

    thread_id = 0

    def __getattr__(self, name: str) -> Any:
        if name == "data":
            value = _data_of(self)
        elif name == "internal_data":
            raw = self._record.internal
            value = {} if _is_null(raw) else _registry.restore(_values.decode(raw))
        else:
            raise AttributeError(name)
        self.__dict__[name] = value
        return value


def _is_null(raw: Raw) -> bool:
    return raw is _NULL or bytes(raw) == b"null"


def _data_of(task: Task) -> dict[str, Any]:
    """A task's data: the nearest whole record above it, with the differences since applied in order."""
    chain, tasks = [], task.workflow.tasks
    while True:
        chain.append(task._record)
        if task._record.whole:
            break
        task = tasks[task._parent]
    data: dict[str, Any] = {}
    for record in reversed(chain):
        if not _is_null(record.changed):
            data.update(_values.decode(record.changed))
        for key in record.removed or ():
            data.pop(key, None)
    return data


def plain(facts: Facts, step: str) -> dict[str, Any]:
    """A copy of facts that comes out of the store as it went in. Raises EngineError for all but JSON values."""
    try:
        copy: dict[str, Any] = _values.decode(_encoder.encode(dict(facts)))
    except (TypeError, ValueError, OverflowError) as error:
        raise EngineError(f"{step}: facts are JSON values ({error})") from error
    if copy != facts:
        raise EngineError(f"{step}: facts are JSON values; these would come back changed")
    return copy


def dump(workflow: CaseWorkflow) -> bytes:
    """The state as bytes; finished sub-processes are left out, since the record of them stands elsewhere."""
    subs = [
        _dump_one(sub, parent)
        for parent, sub in workflow.subprocesses.items()
        if not (sub.completed and workflow.get_task_from_id(parent)._state & _FINISHED)
    ]
    return _encoder.encode(_Snapshot(FORMAT, _dump_one(workflow), subs))


def _dump_one(workflow: Any, parent_task: str | None = None) -> _WorkflowRecord:
    tasks: dict[str, Task] = workflow.tasks
    index = {task_id: number for number, task_id in enumerate(tasks)}
    records: list[_TaskRecord] = []
    new: list[_TaskRecord] = []
    in_order: dict[str, list[str]] = {}
    for task_id, task in tasks.items():
        parent = task.__dict__["_parent"]
        record = _as_stored(task)
        if record is None:
            record = _record(task, tasks.get(parent))
            new.append(record)
        record.parent, record.children = index.get(parent, -1), None
        records.append(record)
        if parent is not None:
            in_order.setdefault(parent, []).append(task_id)
    for record, (task_id, task) in zip(records, tasks.items(), strict=True):
        if task._children != in_order.get(task_id, []):
            record.children = [index[child] for child in task._children if child in index]
    _hand_down(list(tasks.values()), records, new)
    last = workflow.last_task
    return _WorkflowRecord(
        records,
        index.get(last.id, -1) if last is not None else -1,
        workflow.success,
        workflow.completed,
        workflow.correlations,
        workflow.data,
        parent_task,
    )


def _hand_down(tasks: list[Task], records: list[_TaskRecord], new: list[_TaskRecord]) -> None:
    """Leave the facts with the last of several completed tasks in a row, so that a long case keeps them once.

    A task is asked for its facts by what follows it and, at a fork or a join, by the branches; not by a completed
    task that alone follows it. What was finished before has handed down its own.
    """
    for record in new:
        if record.parent < 0 or record.state != TaskState.COMPLETED:
            continue
        above = records[record.parent]
        if above.state == TaskState.COMPLETED and len(tasks[record.parent]._children) == 1:
            _merge(above, record)


def _merge(above: _TaskRecord, below: _TaskRecord) -> None:
    """Write into a record what the one above it says, and take it from there."""
    if _is_null(above.changed) and not above.removed and not (above.whole and not below.whole):
        return
    if not below.whole:
        own = {} if _is_null(below.changed) else _values.decode(below.changed)
        facts = ({} if _is_null(above.changed) else _values.decode(above.changed)) | own
        removed = below.removed or []
        facts = {key: value for key, value in facts.items() if key not in removed}
        gone = sorted({*(above.removed or ()), *removed} - facts.keys())
        below.changed, below.whole = Raw(_encoder.encode(facts)) if facts else _NULL, above.whole
        below.removed = gone if gone and not above.whole else None
    above.changed, above.removed = _NULL, None


def _as_stored(task: Task) -> _TaskRecord | None:
    """The record of a task that was finished when it was restored, and is as it was; None for any other."""
    old: _TaskRecord | None = task.__dict__.get("_record")
    return old if old is not None and old.state & _FINISHED and old.state == task.__dict__["_state"] else None


def _record(task: Task, parent: Task | None) -> _TaskRecord:
    """A new record, whose place among the others is not said yet."""
    own = task.__dict__
    old: _TaskRecord | None = own.get("_record")
    changed, removed, whole = _difference(task, parent, old)
    if old is not None and "internal_data" not in own:
        internal = old.internal
    else:
        internal = Raw(_encoder.encode(_registry.convert(task.internal_data))) if task.internal_data else _NULL
    return _TaskRecord(
        task.id, -1, own["_state"], own["task_spec"].name, own["last_state_change"], own["triggered"],
        internal, changed, removed, None, whole,
    )  # fmt: skip


def _difference(task: Task, parent: Task | None, old: _TaskRecord | None) -> tuple[Raw, list[str] | None, bool]:
    """What a task's data adds to and takes from its parent's, or all of it where the parent may still change."""
    if old is not None and "data" not in task.__dict__:
        return old.changed, old.removed, old.whole
    data = task.data
    if parent is None or not parent._state & _FINISHED:
        return (Raw(_encoder.encode(data)) if data else _NULL), None, True
    base = _data_of(parent) if _as_stored(parent) is not None else parent.data
    changed = {key: value for key, value in data.items() if key not in base or base[key] != value}
    removed = [key for key in base if key not in data]
    return (Raw(_encoder.encode(changed)) if changed else _NULL), removed or None, False


def load(state: bytes, model: Model, script_engine: Any) -> CaseWorkflow:
    """The process instance in memory. Raises UnknownFormat when a state is not of this program or model."""
    try:
        written = _formats.decode(state).format
        if written != FORMAT:
            raise UnknownFormat(f"the stored state has format {written}, this program writes {FORMAT}")
        return _restore(_snapshots.decode(state), model, script_engine)
    except msgspec.MsgspecError as error:
        raise UnknownFormat("the stored state cannot be read") from error
    except (LookupError, SpiffWorkflowException) as error:
        raise UnknownFormat(f"the stored state does not fit {model.process_id}: {error}") from error


def _restore(snapshot: _Snapshot, model: Model, script_engine: Any) -> CaseWorkflow:
    workflow = CaseWorkflow(model.spec, model.subspecs, script_engine=script_engine, deserializing=True)
    _load_one(workflow, snapshot.top, workflow.event_manager)
    for record in snapshot.subs:  # in the order of their making: parents first
        parent = workflow.get_task_from_id(record.parent_task)
        sub = CaseSubWorkflow(model.subspecs[parent.task_spec.spec], parent.id, workflow, deserializing=True)
        _load_one(sub, record, workflow.event_manager)
        workflow.subprocesses[parent.id] = sub
        sub.completed_event.connect(parent.task_spec._on_subworkflow_completed, parent)
    return workflow


def _load_one(workflow: Any, record: _WorkflowRecord, events: Any) -> None:
    specs, tasks = workflow.spec.task_specs, workflow.tasks
    order: list[Task] = []
    for item in record.tasks:
        task = _RestoredTask.__new__(_RestoredTask)
        parent = None
        if item.parent >= 0:
            order[item.parent]._children.append(item.id)
            parent = order[item.parent].id
        task.__dict__ = {
            "id": item.id, "workflow": workflow, "_parent": parent, "_children": [], "_state": item.state,
            "triggered": item.triggered, "task_spec": specs[item.spec],
            "last_state_change": item.since, "_record": item,
        }  # fmt: skip
        tasks[item.id] = task
        order.append(task)
        if item.state == TaskState.WAITING and isinstance(task.task_spec, CatchingEvent):
            events.add_task(task)
    for task, item in zip(order, record.tasks, strict=True):
        if item.children is not None:
            task._children = [order[child].id for child in item.children]
    workflow.task_tree = order[0]
    workflow.last_task = order[record.last] if record.last >= 0 else None
    workflow.success, workflow.completed = record.success, record.completed
    workflow.correlations, workflow.data = record.correlations, record.data
