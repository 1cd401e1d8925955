"""Faults of SpiffWorkflow 3.2.0 that reach every instance, put right once; importing this module does it.

- Timers read the machine's clock, though a step happens at one moment.
- Walks over a case stop at depth 1000 without a word: an end then no longer sees work that is still open.
- Questions about ancestors recurse, so that a case of many rounds ends in Python's recursion limit.
- Every change of a task's state gathers a log record, facts of the case included, whether or not anybody logs.
- Task ids are UUID objects, whose hash is computed in Python; a step looks ids up ten thousand times.
"""

from __future__ import annotations

import logging
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, tzinfo
from typing import Any

import SpiffWorkflow.task as spiff_task
from SpiffWorkflow.bpmn.specs.event_definitions import timer as spiff_timer
from SpiffWorkflow.bpmn.util.task import BpmnTaskIterator
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskIterator, TaskState
from SpiffWorkflow.workflow import Workflow

_moment: ContextVar[datetime] = ContextVar("moment_of_the_step")


class _StepClock(datetime):
    """Stands in the place of `datetime` in SpiffWorkflow's timer module."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return _moment.get().astimezone(tz)


@contextmanager
def at_moment(now: datetime) -> Iterator[None]:
    """Run the engine at one aware moment."""
    token = _moment.set(now)
    try:
        yield
    finally:
        _moment.reset(token)


def _set_state(task: Task, value: int) -> None:
    if value != task._state:
        task._state = value
        task.last_state_change = time.time()


def _no_extras(_thing: Any, _more: Any = None) -> dict[str, Any]:
    return {}


def _is_descendant_of(task: Task, other: Task) -> bool:
    """Whether `other` is above a task. Nothing finished stands below anything unfinished, which ends most walks."""
    unfinished = not other._state & TaskState.FINISHED_MASK
    above = task.parent
    while above is not None and above is not other:
        if unfinished and above._state & TaskState.FINISHED_MASK:
            return False
        above = above.parent
    return above is not None


def _find_ancestor(task: Task, spec_name: str) -> Task | None:
    above = task.parent
    while above is not None and above.task_spec.name != spec_name:
        above = above.parent
    return above


def _new_id() -> str:
    return secrets.token_hex(16)


logging.getLogger("spiff").setLevel(logging.WARNING)  # it tells of every instance it makes
spiff_timer.datetime = _StepClock
spiff_task.uuid4 = _new_id
Task._set_state = _set_state
Task.collect_log_extras = Workflow.collect_log_extras = _no_extras
Task.is_descendant_of = _is_descendant_of
Task.find_ancestor = _find_ancestor
for _walk in (TaskIterator, BpmnTaskIterator):
    _walk.__init__.__defaults__ = tuple(sys.maxsize if one == 1000 else one for one in _walk.__init__.__defaults__)
